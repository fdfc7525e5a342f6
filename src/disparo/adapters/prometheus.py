"""A scrape in Prometheus' text format, by its own client library.

Names follow Prometheus' rules (https://prometheus.io/docs/practices/naming/); docs/metrics.md says which metric of the
source document each one is. Series are bounded: at most twenty campaigns and the others together, three channels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from disparo.domain.alarm import AlarmState
from disparo.domain.figure import BOUNDS_MS, Counted, Counts, Figure, figure_of, part
from disparo.domain.hourly import HourlyEvent
from disparo.domain.message import SETTLED, MessageState
from disparo.domain.scrape import CampaignScrape, Scrape

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4

SENT, FAILED = "disparo_messages_sent", "disparo_messages_failed"

_BY = ("channel", "campaign")

_EVENTS = {
    "disparo_messages_delivered": ("Messages that their provider delivered.", (HourlyEvent.DELIVERED,)),
    "disparo_messages_read": ("Messages that their contact read.", (HourlyEvent.READ,)),
    "disparo_messages_bounced": ("Messages that a provider took and refused later.", (HourlyEvent.BOUNCED,)),
    "disparo_replies": ("Messages that were replied to.", ("replied",)),
    "disparo_opt_outs": ("Messages answered with an opt-out.", ("opted_out",)),
    SENT: ("MessagesSent: messages that their provider took.", (HourlyEvent.SENT,)),
    FAILED: ("Messages that were refused or given up.", (HourlyEvent.FAILED, HourlyEvent.DEAD)),
}

_OPEN = tuple(str(state) for state in MessageState if state not in SETTLED)


def exposition(scrape: Scrape) -> bytes:
    """The text that Prometheus reads."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Scraped(scrape))
    return generate_latest(registry)


class _Scraped(Collector):
    """What was read already, as metrics."""

    def __init__(self, scrape: Scrape) -> None:
        self._scrape = scrape

    def collect(self) -> Iterable[Metric]:
        """See `Collector.collect`."""
        scrape = self._scrape
        yield from _messages(scrape.campaigns)
        yield _lanes(scrape.campaigns)
        yield from _limits_and_errors(scrape.ever)
        yield _dispatch_time(scrape.ever)
        yield from _meetings(scrape.ever)
        yield from _rates(scrape.recent, scrape.ever)
        yield from _health(scrape)


def _messages(campaigns: Iterable[CampaignScrape]) -> Iterator[Metric]:
    counters = {name: CounterMetricFamily(name, text, labels=_BY) for name, (text, _) in _EVENTS.items()}
    depth = GaugeMetricFamily(
        "disparo_queue_depth", "QueueDepth: messages that are due, hours open or not.", labels=_BY
    )
    standing = GaugeMetricFamily("disparo_messages_open", "Messages that are not at their end.", labels=(*_BY, "state"))
    for one in campaigns:
        channels = {channel for channel, _ in (*one.happened, *one.standing)}
        for channel in sorted(channels):
            labels = (str(channel), one.label)
            for name, (_, events) in _EVENTS.items():
                counters[name].add_metric(labels, sum(one.happened.get((channel, event), 0) for event in events))
            depth.add_metric(labels, one.standing.get((channel, MessageState.DUE), 0))
            for state in _OPEN:
                standing.add_metric((*labels, state), one.standing.get((channel, state), 0))
    yield from counters.values()
    yield depth
    yield standing


def _lanes(campaigns: Iterable[CampaignScrape]) -> Metric:
    lanes = GaugeMetricFamily(
        "disparo_lanes", "Places whose messages open and close together, of running campaigns.", labels=(*_BY, "state")
    )
    for one in campaigns:
        for channel in sorted({channel for channel, _ in one.lanes}):
            for is_open, state in ((True, "open"), (False, "closed")):
                lanes.add_metric((str(channel), one.label, state), one.lanes.get((channel, is_open), 0))
    return lanes


def _limits_and_errors(ever: Counts) -> Iterator[Metric]:
    yield _counter("disparo_rate_limit_hits", "RateLimitHit: claims that a limit held up.", ever, Counted.LIMITED)
    yield _counter("disparo_send_errors", "Attempts that failed because of us or a provider.", ever, Counted.ERRORS)


def _counter(name: str, text: str, ever: Counts, counted: Counted) -> Metric:
    family = CounterMetricFamily(name, text, labels=_BY)
    for series, count in sorted(ever.items()):
        if series.name == counted:
            family.add_metric((series.channel, series.campaign_id), count)
    return family


def _dispatch_time(ever: Counts) -> Metric:
    family = HistogramMetricFamily(
        "disparo_dispatch_seconds", "AverageDispatchTime: from a message's moment to its provider's answer.", labels=_BY
    )
    for channel, campaign in sorted({(one.channel, one.campaign_id) for one in ever if one.name == Counted.DISPATCHES}):
        times = figure_of(part(ever, channel=channel, campaign_id=campaign)).times
        buckets, below = [], 0
        for bound_ms, count in zip(BOUNDS_MS, times.classes, strict=True):
            below += count
            buckets.append((f"{bound_ms / 1000:g}", float(below)))
        buckets.append(("+Inf", float(times.count)))
        family.add_metric((channel, campaign), buckets=buckets, sum_value=times.total_ms / 1000)
    return family


def _meetings(ever: Counts) -> Iterator[Metric]:
    for name, text, outcomes in (
        ("disparo_proposals_ended", "Proposals of times that ended.", (Counted.AGREED, Counted.NOT_AGREED)),
        ("disparo_meetings_ended", "Meetings with an outcome.", (Counted.HELD, Counted.NO_SHOW)),
    ):
        family = CounterMetricFamily(name, text, labels=("campaign", "outcome"))
        for series, count in sorted(ever.items()):
            if series.name in outcomes:
                family.add_metric((series.campaign_id, series.name), count)
        yield family


def _rates(recent: Counts, ever: Counts) -> Iterator[Metric]:
    """Ratios, from 0 to 1; a series is missing while there is nothing of which it would be one."""
    failed = GaugeMetricFamily(
        "disparo_messages_failed_ratio", "MessagesFailedRate over the last five minutes, from 0 to 1.", labels=_BY
    )
    for channel, campaign in sorted({(one.channel, one.campaign_id) for one in recent if one.channel}):
        figure = figure_of(part(recent, channel=channel, campaign_id=campaign))
        _add_share(failed, (channel, campaign), figure.failed_rate)
    yield failed
    campaigns = {one: figure_of(part(ever, campaign_id=one)) for one in sorted({one.campaign_id for one in ever})}
    confirmed = "ConfirmationRate since proposals are counted, from 0 to 1."
    yield _share_of_each("disparo_confirmation_ratio", confirmed, campaigns, "confirmation_rate")
    missed = "NoShowRate since outcomes are counted, from 0 to 1."
    yield _share_of_each("disparo_no_show_ratio", missed, campaigns, "no_show_rate")


def _share_of_each(name: str, text: str, campaigns: Mapping[str, Figure], rate: str) -> Metric:
    family = GaugeMetricFamily(name, text, labels=("campaign",))
    for campaign, figure in campaigns.items():
        _add_share(family, (campaign,), getattr(figure, rate))
    return family


def _add_share(family: GaugeMetricFamily, labels: tuple[str, ...], percent: float | None) -> None:
    if percent is not None:
        family.add_metric(labels, percent / 100)


def _health(scrape: Scrape) -> Iterator[Metric]:
    breakers = GaugeMetricFamily(
        "disparo_breaker_open", "Whether a sender's provider is being left alone.", labels=("sender", "channel")
    )
    for (sender, channel), stopped in scrape.breakers.items():
        breakers.add_metric((sender, str(channel)), stopped)
    yield breakers
    alarms = GaugeMetricFamily(
        "disparo_alarm", "Whether an alarm is on; missing while that is not known.", labels=("alarm",)
    )
    for one in scrape.alarms:
        if one.state is not AlarmState.INSUFFICIENT:
            alarms.add_metric((str(one.name),), one.state is AlarmState.ALARM)
    yield alarms
    beat = GaugeMetricFamily(
        "disparo_worker_last_tick_timestamp_seconds", "When a worker last said that it is at work."
    )
    if scrape.last_beat is not None:
        beat.add_metric((), scrape.last_beat.timestamp())
    yield beat
