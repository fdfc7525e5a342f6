from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from disparo.domain.aws_prices import ALWAYS_FREE, PRICES, Region
from disparo.domain.cloud_cost import (
    HOURS,
    WRITE_UNITS_PER_MESSAGE,
    Assumptions,
    Capacity,
    Function,
    Installation,
    Item,
    estimate,
)

US, SA = Region.US_EAST_1, Region.SA_EAST_1
DEV = Installation({Function.API: 512, Function.SEND: 1024, Function.SCHEDULE: 512, Function.INGEST: 512})
PROD = Installation({Function.API: 1024, Function.SEND: 2048, Function.SCHEDULE: 1024, Function.INGEST: 1024})
SMALL = Installation(dict.fromkeys(Function, 512))
READY = dict.fromkeys(Function, 5)
TEN_THOUSAND = 10_000


def total(installation: Installation, region: Region = US, *, free_tier: bool = False) -> float:
    return estimate(installation, TEN_THOUSAND, region, free_tier=free_tier).total


def test_dev_costs_less_than_prod_and_both_are_of_the_documents_order() -> None:
    assert 14 <= total(DEV) <= 30  # the document's whole range for DEV
    assert total(DEV) < total(PROD) < 112
    assert total(PROD) == pytest.approx(24, abs=2)


def test_instances_kept_ready_for_the_api_are_most_of_prods_bill() -> None:
    ready = replace(PROD, provisioned={Function.API: 5})
    assert 51 <= total(ready) <= 81
    assert 51 <= total(replace(ready, arch="x86_64")) <= 81
    assert estimate(ready, TEN_THOUSAND, US).of(Item.LAMBDA) > total(ready) / 2


def test_with_instances_kept_ready_for_all_functions_it_comes_to_the_documents_prod() -> None:
    assert total(replace(SMALL, provisioned=READY, arch="x86_64")) == pytest.approx(133, rel=0.05)
    assert total(replace(SMALL, provisioned=READY)) == pytest.approx(112, rel=0.1)
    assert total(replace(PROD, provisioned=READY)) == pytest.approx(217, rel=0.15)


def test_a_message_costs_its_write_units_at_the_price_of_the_region() -> None:
    def writes(messages: int, region: Region) -> float:
        found = estimate(DEV, messages, region)
        return sum(charge.usd for charge in found.charges if charge.price == "dynamodb_writes")

    for region, usd in ((US, 0.625), (SA, 0.9375)):
        monthly = (writes(20_000, region) - writes(10_000, region)) / (HOURS / 24)
        assert monthly == pytest.approx(10_000 * WRITE_UNITS_PER_MESSAGE * usd / 1e6)


def test_at_least_half_of_the_queues_requests_are_idle_polling() -> None:
    charges = estimate(PROD, TEN_THOUSAND, US).charges
    queue = {charge.part: charge.quantity for charge in charges if charge.item is Item.SQS}
    assert queue["idle_polling"] >= queue["messages"]
    assert queue["idle_polling"] == 2 * 5 * HOURS * 3600 / 20


def test_nothing_sent_still_costs_what_stands_there() -> None:
    idle = estimate(DEV, 0, US)
    assert idle.of(Item.SECRETS_MANAGER) > 0
    assert idle.of(Item.SQS) > 0
    assert idle.of(Item.DATA_TRANSFER) == 0
    assert idle.total < total(DEV)


def test_capacity_that_stands_ready_is_paid_also_when_nothing_is_sent() -> None:
    provisioned = replace(PROD, capacity=Capacity(reads=5, writes=5))
    idle = estimate(provisioned, 0, US).of(Item.DYNAMODB)
    assert idle == pytest.approx(8 * 5 * (0.00065 + 0.00013) * HOURS)
    assert estimate(PROD, 0, US).of(Item.DYNAMODB) < idle
    busy = estimate(provisioned, 1_000_000, US)
    capacity = next(charge.quantity for charge in busy.charges if charge.part == "write_capacity")
    assert capacity > 7 * 5 * HOURS


def test_each_replica_pays_for_writes_and_storage_again() -> None:
    one, two = (
        {
            charge.part: charge.quantity
            for charge in estimate(i, TEN_THOUSAND, US).charges
            if charge.item is Item.DYNAMODB
        }
        for i in (PROD, replace(PROD, replicas=1))
    )
    assert two["writes"] == 2 * one["writes"]
    assert two["storage"] == 2 * one["storage"]
    assert two["reads"] == one["reads"]


def test_the_free_tier_is_taken_off_once_and_never_pays_back() -> None:
    free = estimate(DEV, TEN_THOUSAND, US, free_tier=True)
    full = estimate(DEV, TEN_THOUSAND, US)
    assert free.total < full.total
    assert all(0 <= less.usd <= more.usd for less, more in zip(free.charges, full.charges, strict=True))
    for name, quantity in ALWAYS_FREE.items():
        saved = sum(
            more.usd - less.usd for less, more in zip(free.charges, full.charges, strict=True) if more.price == name
        )
        assert saved <= PRICES[name].of(US, quantity) + 1e-9, name


def test_the_free_tier_does_not_pay_for_instances_kept_ready() -> None:
    ready = replace(PROD, provisioned=READY)
    full, free = (estimate(ready, TEN_THOUSAND, US, free_tier=one) for one in (False, True))
    time = [charge.usd for charge in full.charges if charge.part.endswith(("_time", "_provisioned"))]
    assert time == [charge.usd for charge in free.charges if charge.part.endswith(("_time", "_provisioned"))]


def test_sao_paulo_costs_more_and_no_item_less() -> None:
    us, sa = (estimate(PROD, TEN_THOUSAND, region) for region in (US, SA))
    assert sa.total > us.total
    assert all(sa.of(item) >= us.of(item) for item in Item)


def test_the_page_tells_the_totals_of_this_model() -> None:
    page = (Path(__file__).parents[3] / "docs" / "cost.md").read_text(encoding="utf-8")
    told = {row[0].strip(): row[1].strip() for line in page.splitlines() if len(row := line.strip("|").split("|")) == 2}
    for label, installation in {
        "DEV": DEV,
        "PROD, no instances kept ready": PROD,
        "PROD, 5 instances kept ready for `api` (the default)": replace(PROD, provisioned={Function.API: 5}),
        "PROD, 5 for each of the four functions, all at 512 MB": replace(SMALL, provisioned=READY),
        "PROD, 5 for each of the four functions, at the document's memory": replace(PROD, provisioned=READY),
    }.items():
        assert float(told[label]) == pytest.approx(total(installation), abs=1), label


def test_every_price_is_used_by_some_installation() -> None:
    used = {
        charge.price
        for arch in ("arm64", "x86_64")
        for provisioned in ({}, READY)
        for capacity in (None, Capacity(5, 5))
        for charge in estimate(
            Installation(PROD.memory_mb, provisioned, arch, capacity), TEN_THOUSAND, US, assumed=Assumptions()
        ).charges
    }
    assert used == set(PRICES)
    assert set(ALWAYS_FREE) <= used
