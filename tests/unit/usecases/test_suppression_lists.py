from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from disparo.domain.campaign import CampaignEvent
from disparo.domain.campaign_document import parse_campaign
from disparo.domain.contact import Channel
from disparo.domain.contact_row import RowProblem
from disparo.domain.suppression import hashed_key
from disparo.ports.row_source import UnreadableRow
from disparo.ports.store import Store
from disparo.usecases import people, suppression_lists
from disparo.usecases.suppression_lists import ListTerms, import_list
from tests.contract.families import opened_twice
from tests.contract.suppressions_suite import (
    ANA,
    ANA_MAIL,
    BIA,
    BIA_MAIL,
    DUE,
    GONE,
    NOW,
    STEPS,
    WAITS,
    import_two,
    start,
    states,
)

LATER = NOW + timedelta(days=1)


@dataclass
class Listed:
    """A list in memory."""

    lines: Sequence[list[str] | UnreadableRow]
    name: str = "nao_me_ligue.csv"

    def rows(self) -> Iterator[tuple[int, list[str] | UnreadableRow]]:
        yield from enumerate(self.lines, 1)

    def fraction_read(self) -> float:
        return 0.5


@dataclass
class Problems:
    """What was rejected."""

    found: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, problem: RowProblem, cells: Sequence[str]) -> None:
        self.found.append((problem.line, problem.reason, cells[0] if cells else ""))


@pytest.fixture(params=["embedded-memory", "dynamo-memory"])
def told(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Callable[[Store], Awaitable[None]]], None]:
    """Tells a story on an empty store."""

    def tell(story: Callable[[Store], Awaitable[None]]) -> None:
        async def run() -> None:
            with opened_twice(request.param, tmp_path) as (store, _):
                await story(store)

        asyncio.run(run())

    return tell


Told = Callable[[Callable[[Store], Awaitable[None]]], None]


def test_a_list_suppresses_every_address_and_tells_where_it_stood(told: Told) -> None:
    async def story(store: Store) -> None:
        source, problems = (
            Listed([["Telefone", "Desde"], [ANA, "hoje"], ["", "ontem"], ["12", ""], [BIA_MAIL]]),
            Problems(),
        )
        report = await import_list(store, source, ListTerms(), NOW, rejected=problems)
        assert (report.rows, report.addresses, report.rejected, report.cancelled) == (4, 2, 2, 0)
        assert report.by_reason == {"no_address": 1, "phone_too_short": 1}
        assert problems.found == [(3, "no_address", ""), (4, "phone_too_short", "12")]
        kept = await store.suppressions.page("", 9)
        assert [(one.key, one.channel, one.reason, one.source) for one in kept] == [
            (ANA, None, "do_not_call", "nao_me_ligue.csv:2"),
            (BIA_MAIL, None, "do_not_call", "nao_me_ligue.csv:5"),
        ]

    told(story)


def test_a_list_without_a_header_loses_no_line_and_may_be_of_one_channel(told: Told) -> None:
    async def story(store: Store) -> None:
        source = Listed([UnreadableRow("unclosed_quote", '"11'), [ANA], [BIA]])
        report = await import_list(store, source, ListTerms(channel=Channel.SMS), NOW)
        assert (report.rows, report.addresses, report.by_reason) == (3, 2, {"unclosed_quote": 1})
        assert {one.channel for one in await store.suppressions.page("", 9)} == {Channel.SMS}

    told(story)


@pytest.mark.parametrize("terms", [ListTerms(), ListTerms(hashed=True)])
def test_what_waits_is_cancelled_and_the_same_list_again_changes_nothing(told: Told, terms: ListTerms) -> None:
    async def story(store: Store) -> None:
        ana, bia = await import_two(store)
        campaign = await start(store, "promo")
        assert (await import_list(store, Listed([[ANA]]), terms, NOW)).cancelled == 3
        assert await states(store, campaign, ana) == [GONE, GONE, GONE]
        assert await states(store, campaign, bia) == [DUE, WAITS, WAITS]
        before = await store.suppressions.page("", 9)
        assert (await import_list(store, Listed([[ANA]]), terms, LATER)).cancelled == 0
        assert await store.suppressions.page("", 9) == before

    told(story)


def test_a_hashed_list_keeps_no_address_in_clear_and_holds_for_those_who_come_later(told: Told) -> None:
    async def story(store: Store) -> None:
        source = Listed([[ANA], [BIA_MAIL.upper()], [hashed_key("+5541988880000")[7:]]])
        await import_list(store, source, ListTerms(hashed=True), NOW)
        keys = [one.key for one in await store.suppressions.page("", 9)]
        assert keys == sorted(map(hashed_key, (ANA, BIA_MAIL, "+5541988880000")))
        ana, bia = await import_two(store)
        draft = parse_campaign({"name": "promo", "list": "clientes", "steps": STEPS}, created_at=NOW)
        campaign = await store.campaigns.apply((await store.campaigns.add(draft)).id, CampaignEvent.START, NOW)
        page = await store.ledger.launch_page(campaign, 10)
        found = {
            contact.id: [one.key for one in each]
            for contact, each in zip(page.contacts, page.suppressions, strict=True)
        }
        assert found == {ana: [ANA], bia: [BIA_MAIL]}

    told(story)


def test_what_a_list_forbids_can_be_lifted_by_hand(told: Told) -> None:
    async def story(store: Store) -> None:
        await import_list(store, Listed([[ANA], [BIA]]), ListTerms(hashed=True), NOW)
        assert await people.unsuppress(store, ANA)
        assert await people.unsuppress(store, hashed_key(BIA))
        assert not await people.unsuppress(store, BIA)
        assert await store.suppressions.page("", 9) == []

    told(story)


def test_batches_are_small_and_progress_is_told(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suppression_lists, "BATCH", 2)
    monkeypatch.setattr(suppression_lists, "_PAGE", 1)

    async def story(store: Store) -> None:
        await import_two(store)
        await start(store, "promo")
        heard: list[tuple[int, float]] = []
        lines = [[f"p{number}@x.com"] for number in range(4)]
        source = Listed([*lines, [hashed_key(ANA_MAIL)], [BIA]])
        report = await import_list(store, source, ListTerms(), NOW, on_progress=lambda *at: heard.append(at))
        assert heard == [(2, 0.5), (4, 0.5), (6, 0.5)]
        assert (report.addresses, report.cancelled) == (6, 6)

    told(story)
