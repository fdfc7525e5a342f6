"""The numbers of the document over a window, and what a monitoring system reads."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from disparo.domain.campaign import CampaignEvent
from disparo.domain.contact import Channel
from disparo.domain.errors import NotFoundError
from disparo.domain.figure import Counted, Series, count_time, figure_of, part
from disparo.domain.hourly import HourlyEvent
from disparo.domain.numbers import Source, Window
from disparo.domain.policies.retry import FailureClass
from disparo.domain.scrape import OTHERS, Scrape
from disparo.usecases import scraping
from disparo.usecases.alarms import alarms
from disparo.usecases.numbers import NumbersWanted, numbers
from disparo.usecases.scraping import ENDED_LATELY, Scraper
from tests.unit.usecases.conftest import House

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SENT = Series("whatsapp", "1", Counted.SENT)
EMAIL_STEP = {"channel": "email", "text": "Oi", "subject": "Oi", "wait": "1d"}


async def add(house: House, minutes_ago: float, **counted: int) -> None:
    counts = {Series("whatsapp", "1", Counted(name)): count for name, count in counted.items()}
    await house.store.numbers.add(counts, house.now - minutes_ago * MINUTE)


@pytest.mark.parametrize(("window", "sent"), [(Window.FIVE_MINUTES, 11), (Window.HOUR, 111), (Window.DAY, 1111)])
def test_a_window_has_its_last_minutes_the_present_one_included(house, window, sent) -> None:
    async def story() -> None:
        house.now += timedelta(seconds=59)
        for minutes_ago, count in ((0, 1), (4, 10), (59, 100), (1439, 1000), (1440, 10_000)):
            await add(house, minutes_ago, sent=count)
        found = await numbers(house.store, NumbersWanted(window), house.now)
        assert (found.all.figure.sent, found.source, found.to_at) == (sent, Source.MINUTES, house.now)
        assert found.to_at - found.from_at <= window.length

    asyncio.run(story())


def test_numbers_are_told_apart_by_channel_and_campaign(house) -> None:
    async def story() -> None:
        campaign = await house.begin(3)
        counts: Counter[Series] = Counter({SENT: 4, Series("sms", "", Counted.LIMITED): 2})
        count_time(counts, "whatsapp", campaign.id, timedelta(seconds=1))
        await house.store.numbers.add(counts, house.now)
        found = await numbers(house.store, NumbersWanted(Window.FIVE_MINUTES), house.now)
        assert found.by_channel[Channel.WHATSAPP].figure.sent == 4
        assert found.by_channel[Channel.WHATSAPP].queue_depth == 3
        assert found.by_channel[Channel.SMS].figure.limited == 2
        [one] = found.by_campaign
        assert (one.campaign, one.reading.figure.sent, one.reading.queue_depth) == ("camp", 4, 3)
        only_sms = await numbers(house.store, NumbersWanted(channel=Channel.SMS), house.now)
        assert (only_sms.all.figure.sent, only_sms.all.figure.limited, only_sms.all.queue_depth) == (0, 2, 0)
        assert list(only_sms.by_channel) == [Channel.SMS]
        own = await numbers(house.store, NumbersWanted(campaign_id=campaign.id), house.now)
        assert (own.all.figure.sent, own.all.figure.limited) == (4, 0)
        with pytest.raises(NotFoundError):
            await numbers(house.store, NumbersWanted(campaign_id="99"), house.now)

    asyncio.run(story())


def test_a_paused_campaign_has_no_queue(house) -> None:
    async def story() -> None:
        campaign = await house.begin(3)
        await house.store.campaigns.apply(campaign.id, CampaignEvent.PAUSE, house.now)
        found = await numbers(house.store, NumbersWanted(), house.now)
        assert found.all.queue_depth == 0

    asyncio.run(story())


def test_a_campaign_that_has_ended_is_there_while_something_of_it_was_counted(house) -> None:
    async def story() -> None:
        campaign = await house.begin(1)
        await house.send()
        await house.tidy()
        await house.store.numbers.add({SENT: 1, Series("", "77", Counted.HELD): 1}, house.now)
        found = await numbers(house.store, NumbersWanted(Window.DAY), house.now)
        assert [(one.campaign_id, str(one.state)) for one in found.by_campaign] == [(campaign.id, "completed")]
        assert found.all.figure.held == 1, "of a campaign that nobody knows any more it is still in the sums"

    asyncio.run(story())


def test_where_nobody_counts_by_the_minute_the_ledgers_hours_stand_in(house) -> None:
    async def story() -> None:
        await house.begin(3)
        house.provider.failures = [FailureClass.RECIPIENT]
        await house.send()
        await house.store.numbers.add({Series("", "1", Counted.HELD): 1}, house.now)  # functions count this
        found = await numbers(house.store, NumbersWanted(Window.HOUR), house.now)
        assert found.source is Source.HOURS
        assert (found.all.figure.sent, found.all.figure.failed, found.all.figure.held) == (2, 1, 1)
        assert found.from_at.minute == 0
        five = await numbers(house.store, NumbersWanted(Window.FIVE_MINUTES), house.now)
        assert (five.source, five.all.figure.sent) == (Source.MINUTES, 0)

    asyncio.run(story())


async def scraped(house: House, scraper: Scraper | None = None) -> Scrape:
    return await (scraper or Scraper(house.store)).scrape(list(house.senders.values()), house.now)


def test_a_scrape_has_what_happened_and_what_stands(house) -> None:
    async def story() -> None:
        await house.begin(4, steps=[{"channel": "whatsapp", "text": "Oi"}, EMAIL_STEP])
        house.provider.failures = [FailureClass.PERMANENT]
        await house.send(count=2)
        await house.store.numbers.beat("w1", house.now)
        found = await scraped(house)
        [one] = found.campaigns
        whatsapp = Channel.WHATSAPP
        assert one.label == "camp"
        assert one.happened[whatsapp, HourlyEvent.SENT] == one.happened[whatsapp, HourlyEvent.FAILED] == 1
        assert (one.standing[whatsapp, "due"], one.standing[Channel.EMAIL, "waiting"]) == (2, 2)
        assert one.lanes[whatsapp, True] == 1
        assert found.breakers == {("whatsapp", whatsapp): False, ("email", Channel.EMAIL): False}
        assert found.last_beat == house.now

    asyncio.run(story())


def test_what_happened_never_falls_from_scrape_to_scrape_and_is_never_counted_twice(house) -> None:
    async def story() -> None:
        scraper, seen = Scraper(house.store), []
        await house.begin(8, hours={"lunchBreak": False})
        for _ in range(8):
            await house.send(count=1)
            found = await scraped(house, scraper)
            seen.append(found.campaigns[0].happened[Channel.WHATSAPP, HourlyEvent.SENT])
            house.now += timedelta(minutes=25)
        assert seen == [1, 2, 3, 4, 5, 6, 7, 8]
        assert (await scraped(house)).campaigns == (await scraped(house, scraper)).campaigns

    asyncio.run(story())


def test_too_many_campaigns_are_one(house, monkeypatch) -> None:
    async def story() -> None:
        monkeypatch.setattr(scraping, "MOST_CAMPAIGNS", 2)
        await house.people(2)
        for number in range(4):
            campaign = await house.create(name=f"c{number}")
            await house.store.campaigns.apply(campaign.id, CampaignEvent.START, house.now)
            await house.launch()
            await house.store.numbers.add({Series("whatsapp", campaign.id, Counted.SENT): 1}, house.now)
        found = await scraped(house)
        assert [one.label for one in found.campaigns] == ["c3", "c2", OTHERS]
        assert found.campaigns[-1].standing[Channel.WHATSAPP, "due"] == 4
        assert figure_of(part(found.ever, campaign_id=OTHERS)).sent == 2

    asyncio.run(story())


def test_a_campaign_that_ended_is_shown_for_two_weeks(house) -> None:
    async def story() -> None:
        await house.begin(1)
        await house.send()
        await house.tidy()
        await house.store.numbers.add({Series("", "1", Counted.HELD): 1}, house.now)
        house.now += ENDED_LATELY - HOUR
        found = await scraped(house)
        assert [one.label for one in found.campaigns] == ["camp"]
        assert figure_of(found.ever).held == 1
        house.now += 2 * HOUR
        found = await scraped(house)
        assert (list(found.campaigns), found.ever) == ([], {})

    asyncio.run(story())


def test_alarms_that_nobody_looks_at_are_stale(house) -> None:
    async def story() -> None:
        found = await alarms(house.store, house.now)
        assert (found.standings, found.checked_at, found.stale) == ([], None, True)

    asyncio.run(story())
