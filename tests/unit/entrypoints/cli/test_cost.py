from __future__ import annotations

import pytest

from disparo.domain.cloud_cost import Item
from disparo.usecases.cost import DOCUMENT


def test_the_bill_is_told_item_by_item_beside_the_document(call) -> None:
    done = call("cost")
    rows = {row[0]: row for row in done.rows if len(row) == 5}
    assert done.code == 0
    assert list(rows) == [*Item, "total"]
    assert rows["lambda"][2] == "5-10"
    assert rows["total"][2] == "14-30"
    assert rows["cloudwatch"][3] == "absent"
    assert float(rows["total"][1]) == pytest.approx(sum(float(rows[item][1]) for item in Item), abs=0.05)
    assert all(row[4].endswith(".") for row in rows.values())


def test_json_has_every_charge_its_price_and_every_assumption(call) -> None:
    found = call("cost", "--json", "--environment", "prod", "--region", "sa-east-1").json
    assert found["environment"] == "prod"
    assert found["region"] == "sa-east-1"
    assert found["total_usd"] == pytest.approx(sum(charge["usd"] for charge in found["charges"]), abs=0.001)
    document = {one["item"]: one["document_usd"] for one in found["items"] if one["document_usd"]}
    assert document == {item: list(between) for item, between in DOCUMENT["prod"].items()} | {"total": [112, 217]}
    assert all(one["why"] for one in found["items"])
    assert {"price_usd", "per", "unit", "price_page", "price_checked", "quantity"} <= found["charges"][0].keys()
    assert found["assumptions"]["write_units_per_message"] > 0
    assert found["providers"] is None


def test_settings_decide_what_is_set_up(call, tmp_path) -> None:
    (tmp_path / "disparo.toml").write_text(
        'environment = "prod"\nlambda_memory_send = 1024\nprovisioned_concurrent_executions = 0\n'
        'dynamodb_billing_mode = "PROVISIONED"\n',
        encoding="utf-8",
    )
    found = call("cost", "--json").json
    parts = {(charge["item"], charge["part"]): charge["quantity"] for charge in found["charges"]}
    assert found["environment"] == "prod"
    assert ("dynamodb", "write_capacity") in parts
    assert not [part for _, part in parts if part.endswith("_provisioned")]
    as_prod = call("cost", "--json", "--environment", "prod").json
    assert as_prod["total_usd"] == found["total_usd"]


def test_ready_instances_are_on_the_functions_that_are_named(call) -> None:
    def ready(*options: str) -> set[str]:
        charges = call("cost", "--json", "--environment", "prod", *options).json["charges"]
        return {charge["part"] for charge in charges if charge["part"].endswith("_provisioned")}

    assert ready() == {"api_provisioned"}
    assert ready("--provisioned-on", "none") == set()
    assert ready("--provisioned-on", "api", "--provisioned-on", "send") == {"api_provisioned", "send_provisioned"}
    assert len(ready("--provisioned-on", "all")) == 4


def test_people_read_amounts_as_they_are_written_in_brazil(call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    out = call("cost", "--environment", "prod", "--messages-per-day", "100000", "--provisioned-on", "all").out
    assert "R$" not in out
    assert "US$\xa0" in out
    assert "100.000 mensagens por dia" in out
    assert "112 a 217" in out
    assert "Secrets Manager" in out
    assert "não está lá" in out


def test_details_tell_the_quantity_of_each_charge(call) -> None:
    rows = [row for row in call("cost", "--details").rows if len(row) == 5 and row[3] == "write unit"]
    assert len(rows) == 1
    assert float(rows[0][2]) > 3_000_000


def test_the_free_tier_makes_it_cheaper(call) -> None:
    assert call("cost", "--json", "--free-tier").json["total_usd"] < call("cost", "--json").json["total_usd"]


def test_prices_of_providers_are_added_by_channel(call) -> None:
    options = ("--price", "whatsapp=0,0625", "--price", "sms=0.02", "--share", "whatsapp=80", "--share", "sms=20")
    found = call("cost", "--json", *options).json["providers"]
    assert [one["channel"] for one in found["channels"]] == ["whatsapp", "sms"]
    assert found["total"] == pytest.approx(10_000 * 730 / 24 * (0.8 * 0.0625 + 0.2 * 0.02), rel=0.001)
    assert "Nos provedores: WhatsApp 304.167 a 0,0625 = 19.010,42 USD" in call("cost", "--price", "whatsapp=0.0625").out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--messages-per-day", "-1"), "--messages-per-day -1: escreva um número a partir de 0"),
        (("--price", "pombo=1"), "--price pombo: não existe; escreva um destes"),
        (("--price", "sms"), "--price sms: escreva canal=número"),
        (("--price", "sms=-1"), "escreva canal=número"),
        (("--price", "sms=inf"), "escreva canal=número"),
        (("--price", "sms=1", "--price", "sms=2"), "o canal sms já foi dado"),
        (("--price", "sms=1", "--price", "email=2"), "diga a parte de cada um"),
        (("--share", "sms=50"), "as partes somam 50 %"),
    ],
)
def test_wrong_options_are_told_in_one_line(call, options: tuple[str, ...], said: str) -> None:
    done = call("cost", *options)
    assert done.code == 2
    assert said in done.err
    assert len(done.err.splitlines()) == 1


def test_a_forecast_tells_what_its_messages_cost(drafted) -> None:
    at = ("--at", "2026-11-23T08:00")
    plain = drafted("forecast", "teste", "--json", *at).json
    assert plain["provider_cost"] is None
    found = drafted("forecast", "teste", "--json", *at, "--price", "whatsapp=0.5", "--currency", "BRL").json
    channels = {one["channel"]: one for one in found["provider_cost"]["channels"]}
    sent = sum(step["messages"] for step in plain["steps"] if step["channel"] == "whatsapp")
    assert sent > 0
    assert channels["whatsapp"]["amount"] == found["provider_cost"]["total"] == sent * 0.5
    assert found["provider_cost"]["currency"] == "BRL"
    assert "Total: " in drafted("forecast", "teste", *at, "--price", "whatsapp=0.5", "--currency", "BRL").out
    assert "provedores" not in drafted("forecast", "teste", *at).out
