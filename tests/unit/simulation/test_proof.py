from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from disparo.adapters.channels.sandbox.outbox import Entry
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.domain.campaign import Campaign, CampaignEvent, CampaignState, Step
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.instants import to_ms
from disparo.domain.message import MessageEvent, MessageId
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.settlement import Settlement
from disparo.domain.suppression import Suppression
from disparo.domain.template import Template
from disparo.domain.waiting import parse_wait
from disparo.engine.lane_book import LaneBook
from disparo.engine.launch import Launch
from disparo.ports.store import Store
from disparo.simulation.proof import Proof, above, in_hours, prove

TUESDAY = datetime(2026, 11, 10, 13, 0, tzinfo=UTC)
"""10:00 in São Paulo, 09:00 in Manaus."""
DOCUMENT = BusinessHours().to_document()


async def sent_campaign(store: Store) -> Campaign:
    """Two contacts, one step, both sent as the ledger has it."""
    people = [
        ContactDraft(f"x:{n}", Place("America/Sao_Paulo"), phone=f"+554199000000{n}", phone_key=f"55419900000{n}")
        for n in (1, 2)
    ]
    await store.contacts.fold("l", people)
    step = Step(Channel.WHATSAPP, Template("a", "Oi"), parse_wait("0m"))
    draft = Campaign("", "c", "l", (step,), BusinessHours(), Place("America/Sao_Paulo"), TUESDAY)
    added = await store.campaigns.add(draft)
    campaign = await store.campaigns.apply(added.id, CampaignEvent.START, TUESDAY)
    assert campaign.state is CampaignState.RUNNING
    await Launch(store.ledger, LaneBook(store.ledger, store.campaigns)).run(TUESDAY)
    ids = [MessageId(campaign.id, 1, contact) for contact in ("1", "2")]
    await store.ledger.settle([Settlement(one, MessageEvent.ACCEPT) for one in ids], TUESDAY)
    return campaign


def entry(contact: int, after: timedelta = timedelta(0), text: str = "Oi") -> Entry:
    return Entry(f"1.1.{contact}", to_ms(TUESDAY + after), "whatsapp", f"+554199000000{contact}", text)


GOOD = (entry(1), entry(2, timedelta(seconds=30)))


def judge(log: Sequence[Entry], *, opted_out_after: timedelta | None = None) -> Proof:
    async def run() -> Proof:
        store = open_store(database)
        campaign = await sent_campaign(store)
        if opted_out_after is not None:
            one = Suppression("554199000002", None, "opted_out", "", TUESDAY + opted_out_after)
            await store.suppressions.add([one])
        return await prove(store, campaign, log, {Channel.WHATSAPP: [Limits(burst=2)]})

    database = Database(None)
    try:
        return asyncio.run(run())
    finally:
        database.close()


def test_a_campaign_that_kept_its_promises_is_proven() -> None:
    assert judge(GOOD) == Proof(2, 0, 0, 0, 0, 0)
    assert judge(GOOD).holds


@pytest.mark.parametrize(
    ("log", "broken"),
    [
        (GOOD[:1], "lost"),
        ((*GOOD, entry(1, timedelta(hours=1))), "repeated"),
        ((GOOD[0], entry(2, timedelta(hours=2))), "outside_hours"),
        ((GOOD[0], entry(2, timedelta(hours=9))), "outside_hours"),
        ((GOOD[0], entry(2, timedelta(days=10))), "outside_hours"),
        ((*GOOD, entry(1, timedelta(seconds=59), "Oi de novo")), "above_limit"),
    ],
)
def test_each_broken_promise_is_found(log: Sequence[Entry], broken: str) -> None:
    proof = judge(log)
    assert getattr(proof, broken) == 1
    assert not proof.holds


def test_a_message_after_an_opt_out_is_found() -> None:
    assert judge(GOOD, opted_out_after=timedelta(seconds=40)).after_opt_out == 0
    assert judge(GOOD, opted_out_after=timedelta(seconds=20)).after_opt_out == 1


@pytest.mark.parametrize(
    ("moment", "place", "open_then"),
    [
        ("2026-11-10T08:00:00-03:00", Place("America/Sao_Paulo"), True),
        ("2026-11-10T07:59:59-03:00", Place("America/Sao_Paulo"), False),
        ("2026-11-10T12:00:00-03:00", Place("America/Sao_Paulo"), False),
        ("2026-11-10T12:30:00-03:00", Place("America/Manaus"), True),
        ("2026-11-10T17:59:59-03:00", Place("America/Sao_Paulo"), True),
        ("2026-11-10T18:00:00-03:00", Place("America/Sao_Paulo"), False),
        ("2026-11-14T10:00:00-03:00", Place("America/Sao_Paulo"), False),
        ("2026-11-20T10:00:00-03:00", Place("America/Sao_Paulo"), False),
        ("2026-11-30T10:00:00-03:00", Place("America/Sao_Paulo", "BR-DF"), False),
        ("2026-11-30T10:00:00-03:00", Place("America/Sao_Paulo", "BR-SP"), True),
    ],
)
def test_hours_are_those_of_the_contacts_wall_clock(moment: str, place: Place, open_then: bool) -> None:
    assert in_hours(DOCUMENT, place, datetime.fromisoformat(moment)) is open_then


def test_limits_are_counted_in_every_window() -> None:
    assert above(Limits(burst=2), [0, 30_000, 60_000]) == 0
    assert above(Limits(burst=2), [0, 30_000, 59_999]) == 1
    assert above(Limits(hourly=1), [0, 3_600_000, 7_199_999]) == 1
