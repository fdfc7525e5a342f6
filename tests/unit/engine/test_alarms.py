"""The engine's alarms over the real store: what they look at, what is kept, and who is told."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from disparo.domain.alarm import EVERY, AlarmChange, AlarmName, AlarmRule, AlarmState, Look, Unit
from disparo.domain.campaign import CampaignEvent
from disparo.domain.contact import Channel
from disparo.domain.figure import Counted, Series, count_time
from disparo.domain.policies.retry import FailureClass
from disparo.engine.alarm_looks import LEAST_ENDED, AlarmLooks
from disparo.engine.alarms import GIVE_UP, LONGEST_PAUSE, AlarmWatch
from disparo.settings.alarms import AlarmSettings
from tests.unit.usecases.conftest import MONDAY, House

MINUTE = timedelta(minutes=1)
RULES = {rule.name: rule for rule in AlarmSettings().alarm_rules()}


@dataclass
class Way:
    """Somebody who is told, or cannot be."""

    name: str = "webhook"
    reason: str | None = None
    told: list[AlarmChange] = field(default_factory=list)
    asked: int = 0

    async def tell(self, change: AlarmChange, now) -> str | None:
        self.asked += 1
        if self.reason is None:
            self.told.append(change)
        return self.reason


def looks_of(house: House, disk: float | None = 50.0, *, counts: bool = True) -> AlarmLooks:
    return AlarmLooks(house.store, lambda: list(house.senders.values()), lambda: disk, counts)


def watch_of(
    house: House, ways: Sequence[Way] = (), rules: Sequence[AlarmRule] | None = None, looks: AlarmLooks | None = None
) -> AlarmWatch:
    own = list(RULES.values()) if rules is None else rules
    return AlarmWatch(house.store, looks or looks_of(house), own, ways, holder="w1")


async def state_of(house: House, name: AlarmName) -> AlarmState:
    [found] = [one for one in await house.store.alarms.standings() if one.name is name]
    return found.state


async def seen(house: House, name: AlarmName, **looks) -> Look:
    return await looks_of(house, **looks).at(RULES[name], house.now)


async def count(house: House, minutes_ago: int, **counted: int) -> None:
    counts = {Series("whatsapp", "1", Counted(name)): value for name, value in counted.items()}
    await house.store.numbers.add(counts, house.now - minutes_ago * MINUTE)


def test_errors_are_summed_over_each_of_the_last_two_whole_periods(house) -> None:
    async def story() -> None:
        house.now += timedelta(seconds=30)
        for minutes_ago, errors in ((0, 1_000), (1, 6), (5, 5), (6, 2), (10, 3), (11, 1_000)):
            await count(house, minutes_ago, errors=errors)
        assert list((await seen(house, AlarmName.HIGH_ERROR_RATE)).values) == [11.0, 5.0]

    asyncio.run(story())


def test_latency_is_the_mean_of_each_period_in_seconds(house) -> None:
    async def story() -> None:
        counts: Counter[Series] = Counter()
        for took_s in (10, 20):
            count_time(counts, "sms", "1", timedelta(seconds=took_s))
        await house.store.numbers.add(counts, house.now - 2 * MINUTE)
        assert list((await seen(house, AlarmName.HIGH_LATENCY)).values) == [15.0, None]

    asyncio.run(story())


def test_a_rate_of_few_messages_says_nothing(house) -> None:
    async def story() -> None:
        await count(house, 2, failed=LEAST_ENDED - 1)
        assert list((await seen(house, AlarmName.FAILED_RATE)).values) == [None, None]
        await count(house, 2, sent=1)
        assert list((await seen(house, AlarmName.FAILED_RATE)).values) == [90.0, None]

    asyncio.run(story())


def test_where_nobody_counts_by_the_minute_it_is_not_known(house) -> None:
    async def story() -> None:
        for name in (AlarmName.HIGH_ERROR_RATE, AlarmName.HIGH_LATENCY, AlarmName.FAILED_RATE):
            assert not (await seen(house, name, counts=False)).values
        assert (await seen(house, AlarmName.CALENDAR_UNREADABLE, counts=False)).values

    asyncio.run(story())


def test_a_dead_letter_is_seen_while_its_campaign_lives_and_for_two_weeks(house) -> None:
    async def story() -> None:
        await house.begin(2)
        house.provider.failures = [FailureClass.PERMANENT, FailureClass.RECIPIENT]
        await house.send()
        assert list((await seen(house, AlarmName.DLQ_MESSAGES)).values) == [1.0], "a wrong number is nobody's fault"
        await house.tidy()
        assert (await house.store.campaigns.get("camp")).state == "completed"
        house.now += timedelta(days=13)
        assert list((await seen(house, AlarmName.DLQ_MESSAGES)).values) == [1.0]
        house.now += timedelta(days=2)
        assert list((await seen(house, AlarmName.DLQ_MESSAGES)).values) == [0.0]

    asyncio.run(story())


def test_an_open_breaker_names_its_sender(house) -> None:
    async def story() -> None:
        house.configure(threshold=1)
        await house.begin(1)
        house.provider.failures = [FailureClass.TRANSIENT]
        assert await seen(house, AlarmName.BREAKER_OPEN) == Look([0.0], ())
        await house.send()
        assert await seen(house, AlarmName.BREAKER_OPEN) == Look([1.0], ("whatsapp",))

    asyncio.run(story())


def test_a_silent_worker_is_seen_only_while_something_could_be_sent(house) -> None:
    async def silence() -> float:
        [found] = (await seen(house, AlarmName.NO_TICK)).values
        return found

    async def story() -> None:
        assert await silence() == 0
        await house.begin(2)
        house.now += 5 * MINUTE
        assert await silence() == 300, "since the campaign began, as no worker was ever seen"
        await house.store.numbers.beat("w1", house.now - MINUTE)
        assert await silence() == 60
        night = house.now
        house.now += timedelta(hours=12)
        assert await silence() == 0, "hours are closed"
        house.now = night + timedelta(hours=1)
        assert await silence() == 3_660
        await house.store.campaigns.apply("1", CampaignEvent.PAUSE, house.now)
        assert await silence() == 0
        await house.store.campaigns.apply("1", CampaignEvent.RESUME, house.now)
        await house.send()
        assert await silence() == 0, "nothing is due"

    asyncio.run(story())


def test_a_disk_that_is_not_ours_is_not_known(house) -> None:
    async def story() -> None:
        assert (await seen(house, AlarmName.DISK_NEARLY_FULL, disk=91.0)).values == [91.0]
        assert not (await seen(house, AlarmName.DISK_NEARLY_FULL, disk=None)).values

    asyncio.run(story())


def test_every_alarm_of_the_document_goes_off_and_comes_back(house) -> None:
    async def story() -> None:
        way = Way()
        watch = watch_of(house, [way])
        await watch.run(house.now)
        assert {one.state for one in await house.store.alarms.standings()} == {AlarmState.OK}
        assert way.told == [], "that all is well is no news"
        for minutes_ago in (3, 8):
            slow = {Series("sms", "1", Counted.DISPATCHES): 1, Series("sms", "1", Counted.DISPATCH_MS): 20_000}
            await house.store.numbers.add(
                {**slow, Series("sms", "1", Counted.ERRORS): 11}, house.now - minutes_ago * MINUTE
            )
        await house.begin(1)
        house.provider.failures = [FailureClass.PERMANENT]
        await house.send()
        await watch.run(house.now + MINUTE)
        document = [AlarmName.HIGH_ERROR_RATE, AlarmName.HIGH_LATENCY, AlarmName.DLQ_MESSAGES]
        assert [one.standing.name for one in way.told] == sorted(document)
        assert all([await state_of(house, name) is AlarmState.ALARM for name in document])
        await watch.run(house.now + 2 * MINUTE)
        assert len(way.told) == 3, "once for each change"
        for minute in range(3, 20):
            await watch.run(house.now + minute * MINUTE)
        assert {(one.standing.name, one.standing.state) for one in way.told[3:]} == {
            (AlarmName.HIGH_ERROR_RATE, AlarmState.OK),
            (AlarmName.HIGH_LATENCY, AlarmState.OK),
        }
        assert await state_of(house, AlarmName.DLQ_MESSAGES) is AlarmState.ALARM

    asyncio.run(story())


DISK = AlarmRule(AlarmName.DISK_NEARLY_FULL, 90, Unit.PERCENT)


def full(house: House) -> AlarmLooks:
    return looks_of(house, disk=95.0)


def test_alarms_are_looked_at_once_a_minute_by_one_of_several(house) -> None:
    async def story() -> None:
        first = watch_of(house, rules=[DISK])
        second = AlarmWatch(house.store, full(house), [DISK], [], holder="w2")
        assert await first.run(house.now) == house.now + EVERY
        assert await first.run(house.now + EVERY / 2) == house.now + EVERY
        await second.run(house.now + EVERY / 4)
        assert await state_of(house, AlarmName.DISK_NEARLY_FULL) is AlarmState.OK, "the role is the first one's"
        await second.run(house.now + 2 * EVERY)
        assert await state_of(house, AlarmName.DISK_NEARLY_FULL) is AlarmState.ALARM

    asyncio.run(story())


def test_who_cannot_be_told_is_told_later_and_ever_more_rarely(house, caplog) -> None:
    async def story() -> None:
        way = Way(reason="answered_500")
        watch = watch_of(house, [way], [DISK], full(house))
        asked_at = []
        with caplog.at_level(logging.WARNING):
            for minute in range(120):
                before = way.asked
                await watch.run(house.now + minute * MINUTE)
                if way.asked > before:
                    asked_at.append(minute)
        assert asked_at == [0, 1, 3, 7, 15, 31, 61, 91]
        assert "alarm_not_told" in caplog.text
        way.reason = None
        await watch.run(house.now + 121 * MINUTE)
        assert [one.standing.since for one in way.told] == [MONDAY]
        [change] = await house.store.alarms.changes(None, 10)
        assert set(change.told) == {"webhook"}

    asyncio.run(story())


def test_it_is_given_up_after_a_day(house) -> None:
    async def story() -> None:
        way = Way(reason="not_connected")
        await watch_of(house, [way], [DISK], full(house)).run(house.now)
        way.reason = None
        await watch_of(house, [way], [DISK], full(house)).run(house.now + GIVE_UP + LONGEST_PAUSE)
        assert way.told == []

    asyncio.run(story())


def test_a_kill_before_it_was_written_down_tells_the_same_again(house) -> None:
    class KilledError(Exception):
        pass

    async def story() -> None:
        way = Way()

        async def dies(*_: object) -> None:
            raise KilledError

        book = house.store.alarms
        told, book.told = book.told, dies
        await watch_of(house, [way], [DISK], full(house)).run(house.now)
        book.told = told
        await watch_of(house, [way], [DISK], full(house)).run(house.now + 2 * MINUTE)
        assert [one.id for one in way.told] == [way.told[0].id] * 2

    asyncio.run(story())


def test_a_way_that_was_not_there_at_the_time_is_not_told_of_old_news(house) -> None:
    async def story() -> None:
        await watch_of(house, [Way()], [DISK], full(house)).run(house.now)
        mail = Way("email")
        await watch_of(house, [mail], [DISK], full(house)).run(house.now + 2 * MINUTE)
        assert mail.told == []

    asyncio.run(story())


def test_what_cannot_be_looked_at_keeps_none_of_the_others(house, caplog) -> None:
    async def story() -> None:
        def broken() -> float:
            raise OSError("no disk")

        looks = replace(looks_of(house), disk=broken)
        with caplog.at_level(logging.ERROR):
            await watch_of(house, looks=looks).run(house.now)
        assert await state_of(house, AlarmName.DISK_NEARLY_FULL) is AlarmState.INSUFFICIENT
        assert await state_of(house, AlarmName.DLQ_MESSAGES) is AlarmState.OK

    asyncio.run(story())


def test_a_store_that_breaks_does_not_end_the_worker(house, caplog) -> None:
    async def story() -> None:
        async def breaks(*_: object) -> bool:
            raise OSError("gone")

        house.store.ledger.hold_role = breaks
        with caplog.at_level(logging.ERROR):
            assert await watch_of(house).run(house.now) == house.now + EVERY
        assert "alarms_failed" in caplog.text

    asyncio.run(story())


@pytest.mark.parametrize("channel", Channel)
def test_a_campaign_of_another_channel_opens_no_lane_of_this_one(house, channel) -> None:
    async def story() -> None:
        await house.people(1)
        text = {"text": "Oi"} if channel is not Channel.EMAIL else {"text": "Oi", "subject": "Oi"}
        campaign = await house.create(steps=[{"channel": str(channel), **text}])
        await house.store.campaigns.apply(campaign.id, CampaignEvent.START, house.now)
        await house.launch()
        house.now += MINUTE
        assert (await seen(house, AlarmName.NO_TICK)).values == [60.0]

    asyncio.run(story())
