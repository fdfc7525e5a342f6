from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from disparo.adapters.channels.sandbox.channel import SandboxChannel
from disparo.adapters.channels.sandbox.outbox import MemoryOutbox
from disparo.adapters.channels.sandbox.script import Rates, Script
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.adapters.liquid import LiquidRenderer
from disparo.domain.campaign import Campaign, CampaignEvent, OnFailure, Step, When
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.errors import InputError
from disparo.domain.instants import from_ms
from disparo.domain.message import MessageId
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours, DailyHours
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.sender import Sender
from disparo.domain.suppression import Suppression
from disparo.domain.template import Template
from disparo.domain.waiting import parse_wait
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.ports.store import Store
from disparo.simulation.forecast import Forecast, forecast
from disparo.simulation.virtual_time import VirtualClock, run_virtually, until_idle
from disparo.worker import Worker

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
FRIDAY = datetime(2026, 11, 6, tzinfo=SAO_PAULO)
DAY_AND_NIGHT = BusinessHours(default=DailyHours(frozenset(range(1, 8)), 0, 24 * 60, None), public_holidays=False)
WHATSAPP = Step(Channel.WHATSAPP, Template("a", "Oi {{ nome }}"), parse_wait("0m"))


@pytest.fixture
def database() -> Iterator[Database]:
    opened = Database(None)
    yield opened
    opened.close()


@pytest.fixture
def store(database: Database) -> Store:
    return open_store(database)


def at(day: int, clock: str) -> datetime:
    """An instant of November 2026 on São Paulo's clock; the 6th is a Friday."""
    return datetime.fromisoformat(f"2026-11-{day:02}T{clock}").replace(tzinfo=SAO_PAULO).astimezone(UTC)


def drafts(count: int, first: int = 0, place: str = "America/Sao_Paulo") -> list[ContactDraft]:
    return [
        ContactDraft(
            source=f"x.csv:{number}",
            place=Place(place),
            phone=f"+55419{80000000 + number}",
            phone_key=f"55419{80000000 + number}",
            email=f"p{number}@example.com",
            email_key=f"p{number}@example.com",
            variables={"nome": f"Pessoa {number}"},
        )
        for number in range(first, first + count)
    ]


def draft_campaign(store: Store, contacts: int | Sequence[ContactDraft], *steps: Step, **more: object) -> Campaign:
    people = drafts(contacts) if isinstance(contacts, int) else contacts
    name = str(more.pop("name", "campanha"))
    campaign = Campaign(
        "",
        name,
        name,
        steps or (WHATSAPP,),
        hours=more.pop("hours", BusinessHours()),  # type: ignore[arg-type]
        place=Place("America/Sao_Paulo"),
        created_at=at(1, "00:00:00"),
        **more,  # type: ignore[arg-type]
    )

    async def keep() -> Campaign:
        await store.contacts.fold(name, people)
        return await store.campaigns.add(campaign)

    return asyncio.run(keep())


def senders(limits: Limits = Limits(), **others: Limits) -> list[Sender]:  # noqa: B008
    """WhatsApp's with these limits, and those of the other channels."""
    return [Sender(one, one, limits if one is Channel.WHATSAPP else others.get(one, Limits())) for one in Channel]


def holdups(foreseen: Forecast) -> dict[tuple[str, str], timedelta]:
    return {(one.channel.value, one.reason): one.lasting for one in foreseen.holdups}


def test_250_messages_from_friday_half_past_five_end_on_monday_morning(store: Store) -> None:
    # A permit's window is a second longer than the limit's: 61 s and 3,601 s.
    # Friday 17:30:00, then 10 every 61 s: the 100th at 17:30:00 + 9 x 61 s = 17:39:09. The 101st waits for the hour
    # of the first, 18:30:01, when it is closed. Monday from 08:00:00 another 100, to 08:09:09. The 201st at
    # 08:00:00 + 3,601 s = 09:00:01, and the 241st to 250th four bursts later: 09:00:01 + 4 x 61 s = 09:04:05.
    campaign = draft_campaign(store, 250)
    foreseen = forecast(store, campaign, senders(Limits(burst=10, hourly=100)), at(6, "17:30:00"))
    [step] = foreseen.steps
    assert (step.messages, step.first_at, step.last_at) == (250, at(6, "17:30:00"), at(9, "09:04:05"))
    assert [(day.begins_at.day, day.total, day.open) for day in foreseen.days] == [
        (6, 100, True),
        (7, 0, False),
        (8, 0, False),
        (9, 150, True),
    ]
    sent = {(hour.begins_at.day, hour.begins_at.hour): hour.total for hour in foreseen.hours if hour.total}
    assert sent == {(6, 17): 100, (9, 8): 100, (9, 9): 50}
    # Open: 30 min on Friday and 64 min 05 s on Monday. Waiting for the minute: 9 x 61 s twice and 4 x 61 s. Waiting for
    # the hour: from 17:39:09 to 18:00:00 and from 08:09:09 to 09:00:01. Closed: from Friday 18:00 to Monday 08:00.
    assert foreseen.open_time == timedelta(minutes=94, seconds=5)
    assert holdups(foreseen) == {
        ("whatsapp", "whatsapp:burst"): timedelta(seconds=22 * 61),
        ("whatsapp", "whatsapp:hourly"): timedelta(minutes=20, seconds=51) + timedelta(minutes=50, seconds=52),
    }
    assert foreseen.held_closed == timedelta(hours=62)
    assert foreseen.holdups[0].limit == 100


def test_a_lunch_break_and_the_hour_before_it_are_told_exactly(store: Store) -> None:
    # 11:55:00 to 11:59:04 five bursts (50). Lunch. 13:00:00 to 13:04:04 five more: 100 in this hour. The first hour's
    # are old enough by 13:05:05, five bursts to 13:09:09 (150). The 151st waits for 13:00:00 + 3,601 s = 14:00:01, and
    # ten bursts end at 14:00:01 + 9 x 61 s = 14:09:10.
    campaign = draft_campaign(store, 250)
    foreseen = forecast(store, campaign, senders(Limits(burst=10, hourly=100)), at(6, "11:55:00"))
    assert foreseen.ends_at == at(6, "14:09:10")
    assert {hour.begins_at.hour: (hour.total, hour.open) for hour in foreseen.hours} == {
        11: (50, True),
        12: (0, False),
        13: (100, True),
        14: (100, True),
    }


def test_hours_alone_hold_nobody_back_while_they_are_open(store: Store) -> None:
    campaign = draft_campaign(store, 30)
    foreseen = forecast(store, campaign, senders(), at(6, "19:00:00"))
    assert foreseen.ends_at == at(9, "08:00:00")
    assert (foreseen.holdups, foreseen.held_closed, foreseen.open_time) == ((), timedelta(hours=61), timedelta())


def test_a_limit_alone_is_all_that_holds(store: Store) -> None:
    campaign = draft_campaign(store, 40, hours=DAY_AND_NIGHT)
    foreseen = forecast(store, campaign, senders(Limits(burst=10)), at(6, "19:00:00"))
    assert holdups(foreseen) == {("whatsapp", "whatsapp:burst"): timedelta(seconds=3 * 61)}
    assert foreseen.share(foreseen.holdups[0].lasting) == 1.0
    assert foreseen.held_closed == timedelta()


def test_the_campaigns_own_limit_is_told_apart_from_the_senders(store: Store) -> None:
    campaign = draft_campaign(store, 40, hours=DAY_AND_NIGHT, limits={Channel.WHATSAPP: Limits(burst=5)})
    foreseen = forecast(store, campaign, senders(Limits(burst=10)), at(6, "19:00:00"))
    assert holdups(foreseen) == {("whatsapp", "campaign:burst"): timedelta(seconds=7 * 61)}
    assert foreseen.holdups[0].limit == 5


def test_a_backlog_larger_than_the_deadline_expires_and_says_so(store: Store) -> None:
    campaign = draft_campaign(store, 40, hours=DAY_AND_NIGHT, deadline=timedelta(minutes=2))
    foreseen = forecast(store, campaign, senders(Limits(burst=10)), at(6, "19:00:00"))
    assert (foreseen.messages, foreseen.expired, foreseen.ends_at) == (20, 20, at(6, "19:02:00"))
    assert foreseen.steps[0].unsent == {"deadline": 20}
    assert holdups(foreseen) == {("whatsapp", "whatsapp:burst"): timedelta(minutes=2)}


def test_waits_between_steps_are_no_holdup(store: Store) -> None:
    email = Step(Channel.EMAIL, Template("b", "Oi", subject="Oi"), parse_wait("2h"))
    campaign = draft_campaign(store, 10, WHATSAPP, email, hours=DAY_AND_NIGHT)
    foreseen = forecast(store, campaign, senders(), at(6, "10:00:00"))
    assert (foreseen.holdups, foreseen.waiting) == ((), foreseen.open_time)
    assert timedelta(hours=2) <= foreseen.open_time < timedelta(hours=2, seconds=1)


def test_other_zones_wait_for_their_own_opening(store: Store) -> None:
    people = [*drafts(5), *drafts(5, 5, "America/Manaus")]
    foreseen = forecast(store, draft_campaign(store, people), senders(), at(6, "08:00:00"))
    assert foreseen.ends_at == at(6, "09:00:00")
    assert holdups(foreseen) == {("whatsapp", "closed"): timedelta(hours=1)}


def test_a_running_campaign_takes_its_part_of_a_shared_limit(store: Store) -> None:
    start = at(6, "19:00:00")
    other = draft_campaign(store, 40, hours=DAY_AND_NIGHT, name="outra")
    asyncio.run(store.campaigns.apply(other.id, CampaignEvent.START, start))
    campaign = draft_campaign(store, 20, hours=DAY_AND_NIGHT)
    foreseen = forecast(store, campaign, senders(Limits(burst=10)), start)
    assert foreseen.other_campaigns == ["outra"]
    # Ten at a time in turn, the older one first: 19:00:00 theirs, 61 s later ours, then theirs, 183 s after the start
    # ours again. Up to then half of the sender's messages were theirs.
    assert foreseen.ends_at == start + timedelta(seconds=3 * 61)
    assert holdups(foreseen) == {
        ("whatsapp", "other_campaigns"): timedelta(seconds=3 * 61) / 2,
        ("whatsapp", "whatsapp:burst"): timedelta(seconds=3 * 61) / 2,
    }


def test_what_one_campaign_leaves_of_a_minute_another_uses_at_once(store: Store) -> None:
    start = at(6, "19:00:00")
    other = draft_campaign(store, 3, hours=DAY_AND_NIGHT, name="outra")
    asyncio.run(store.campaigns.apply(other.id, CampaignEvent.START, start))
    foreseen = forecast(store, draft_campaign(store, 7, hours=DAY_AND_NIGHT), senders(Limits(burst=10)), start)
    assert foreseen.steps[0].last_at == start


def test_permits_that_were_given_before_count(store: Store, database: Database) -> None:
    first = draft_campaign(store, 10, hours=DAY_AND_NIGHT, name="antes")
    really_run(store, first, senders(Limits(burst=10)), at(6, "19:00:00"))
    campaign = draft_campaign(store, 10, hours=DAY_AND_NIGHT)
    foreseen = forecast(store, campaign, senders(Limits(burst=10)), at(6, "19:00:30"))
    assert foreseen.steps[0].first_at == at(6, "19:01:01")


def test_nothing_of_the_store_is_changed(store: Store) -> None:
    campaign = draft_campaign(store, 10)
    forecast(store, campaign, senders(Limits(burst=10)), at(6, "10:00:00"))
    assert asyncio.run(store.campaigns.get(campaign.id)) == campaign
    assert asyncio.run(store.campaigns.tally(campaign.id)) == []
    assert asyncio.run(store.ledger.book("whatsapp", 1, senders(Limits(burst=10))[0])).given == 0


def test_who_cannot_be_reached_is_told_with_the_reason(store: Store) -> None:
    people = [*drafts(3), ContactDraft("x.csv:9", None, email="so@example.com", email_key="so@example.com")]
    campaign = draft_campaign(store, people)
    out = Suppression(people[0].phone_key or "", None, "opted_out", "", at(1, "00:00:00"))
    asyncio.run(store.suppressions.add([out]))
    foreseen = forecast(store, campaign, senders(), at(6, "10:00:00"))
    assert foreseen.steps[0].messages == 2
    assert foreseen.steps[0].unsent == {"no_phone": 1, "opted_out": 1}


def test_a_campaign_that_has_ended_is_refused(store: Store) -> None:
    campaign = draft_campaign(store, 1)
    really_run(store, campaign, senders(), at(6, "10:00:00"))
    with pytest.raises(InputError, match="já terminou"):
        forecast(store, asyncio.run(store.campaigns.get(campaign.id)), senders(), at(6, "11:00:00"))


def test_failures_are_played_when_they_are_asked_for(store: Store) -> None:
    campaign = draft_campaign(store, 50)
    script = Script(1, Rates(recipient=0.5))
    foreseen = forecast(store, campaign, senders(), at(6, "10:00:00"), failures=script)
    assert 0 < foreseen.messages < 50
    assert foreseen.steps[0].unsent == {"address_unknown": 50 - foreseen.messages}


SEQUENCE = (
    Step(Channel.WHATSAPP, Template("a", "Oi {{ nome }}"), parse_wait("0m"), OnFailure.NEXT),
    Step(Channel.SMS, Template("b", "Oi {{ nome }}"), parse_wait("0m"), when=When.PREVIOUS_FAILED),
    Step(Channel.EMAIL, Template("c", "Oi {{ nome }}", subject="Oi"), parse_wait("1bd")),
    Step(Channel.WHATSAPP, Template("d", "Tchau {{ nome }}"), parse_wait("3h")),
)


def test_what_was_foreseen_is_what_happens(store: Store) -> None:
    people = [*drafts(120), *drafts(60, 120, "America/Manaus")]
    campaign = draft_campaign(store, people, *SEQUENCE, limits={Channel.EMAIL: Limits(hourly=70)})
    using = senders(Limits(burst=10, hourly=60), email=Limits(burst=25))
    foreseen = forecast(store, campaign, using, at(6, "16:40:00"))
    assert foreseen.messages == 3 * 180
    assert_same(foreseen, really_run(store, campaign, using, at(6, "16:40:00")))


def test_half_way_the_rest_is_foreseen_as_it_then_happens(store: Store) -> None:
    campaign = draft_campaign(store, 150, *SEQUENCE)
    using = senders(Limits(burst=10, hourly=60), email=Limits(burst=25))
    before = really_run(store, campaign, using, at(6, "16:40:00"), until=at(6, "20:00:00"))
    assert 0 < len(before) < 3 * 150
    foreseen = forecast(store, asyncio.run(store.campaigns.get(campaign.id)), using, at(6, "20:00:00"))
    assert foreseen.messages == 3 * 150 - len(before)
    assert_same(foreseen, really_run(store, campaign, using, at(6, "20:00:00"), start=False))


def assert_same(foreseen: Forecast, happened: Sequence[tuple[datetime, int, str]]) -> None:
    for step in foreseen.steps:
        moments = sorted(moment for moment, number, _ in happened if number == step.number)
        assert step.messages == len(moments)
        assert (step.first_at, step.last_at) == ((moments[0], moments[-1]) if moments else (None, None))
    by_hour = Counter((moment.replace(minute=0, second=0, microsecond=0), channel) for moment, _, channel in happened)
    assert by_hour == {
        (hour.begins_at.astimezone(UTC), channel): count
        for hour in foreseen.hours
        for channel, count in hour.messages.items()
    }


def really_run(
    store: Store,
    campaign: Campaign,
    using: Sequence[Sender],
    begins_at: datetime,
    *,
    until: datetime | None = None,
    start: bool = True,
) -> list[tuple[datetime, int, str]]:
    """Run the campaign in its own store with its own texts; when each message went, of which step and channel."""
    outbox = MemoryOutbox()

    async def work() -> None:
        clock = VirtualClock(begins_at)
        script = Script(latency_s=(0.0, 0.0), rates=Rates(read=0.0))
        routes = {one.name: Route(one, SandboxChannel(one.channel, outbox, script, clock.now)) for one in using}
        if start:
            await store.campaigns.apply(campaign.id, CampaignEvent.START, begins_at)
        worker = Worker(Engine.build(store, LiquidRenderer(), routes, lambda: 0.5), clock, name="w", poll=None)
        working = asyncio.create_task(worker.run())
        if until is None:
            await until_idle()
        else:
            await clock.wait(asyncio.Event(), until)
        worker.stop()
        await working

    run_virtually(work())
    return [(from_ms(one.at_ms), MessageId.parse(one.id).step, one.channel) for one in outbox.entries]
