"""A scrape as Prometheus reads it: by its own parser."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, datetime, timedelta

from prometheus_client.parser import text_string_to_metric_families

from disparo.adapters.prometheus import MEDIA_TYPE, exposition
from disparo.domain.alarm import AlarmName, AlarmStanding, AlarmState, Unit
from disparo.domain.contact import Channel
from disparo.domain.figure import Counted, Series, count_time
from disparo.domain.scrape import CampaignScrape, Scrape

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
WHATSAPP, EMAIL = Channel.WHATSAPP, Channel.EMAIL
NASTY = 'Ação "de\nfim" \\ {ano}'


def read(scrape: Scrape) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Samples by name and labels."""
    families = text_string_to_metric_families(exposition(scrape).decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def labelled(name: str, **labels: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    return name, tuple(sorted(labels.items()))


def scrape_of(**values: object) -> Scrape:
    empty = {"campaigns": [], "ever": {}, "recent": {}, "breakers": {}, "alarms": [], "last_beat": None}
    return Scrape(**{**empty, **values})


def test_an_empty_installation_says_what_there_could_be() -> None:
    text = exposition(scrape_of()).decode()
    assert "# TYPE disparo_messages_sent_total counter" in text
    assert "# TYPE disparo_dispatch_seconds histogram" in text
    assert read(scrape_of()) == {}
    assert MEDIA_TYPE.startswith("text/plain; version=0.0.4")


def test_messages_are_told_by_channel_and_campaign() -> None:
    campaign = CampaignScrape(
        "boas-vindas",
        {(WHATSAPP, "sent"): 7, (WHATSAPP, "failed"): 1, (WHATSAPP, "dead"): 2, (EMAIL, "opted_out"): 1},
        {(WHATSAPP, "due"): 5, (WHATSAPP, "sending"): 1, (WHATSAPP, "delivered"): 9},
        {(WHATSAPP, True): 2, (WHATSAPP, False): 1},
    )
    found = read(scrape_of(campaigns=[campaign]))
    own = {"channel": "whatsapp", "campaign": "boas-vindas"}
    assert found[labelled("disparo_messages_sent_total", **own)] == 7
    assert found[labelled("disparo_messages_failed_total", **own)] == 3
    assert found[labelled("disparo_queue_depth", **own)] == 5
    assert found[labelled("disparo_messages_open", **own, state="sending")] == 1
    assert found[labelled("disparo_lanes", **own, state="open")] == 2
    assert found[labelled("disparo_lanes", **own, state="closed")] == 1
    assert found[labelled("disparo_opt_outs_total", channel="email", campaign="boas-vindas")] == 1
    assert labelled("disparo_messages_open", **own, state="delivered") not in found, "its end is no gauge that grows"


def test_dispatch_times_are_a_histogram_that_adds_up() -> None:
    ever: Counter[Series] = Counter()
    for took_s in (0.04, 0.2, 0.2, 4, 100):
        count_time(ever, "sms", "camp", timedelta(seconds=took_s))
    found = read(scrape_of(ever=ever))
    own = {"channel": "sms", "campaign": "camp"}
    below = {
        float(dict(labels)["le"]): value
        for (name, labels), value in found.items()
        if name == "disparo_dispatch_seconds_bucket"
    }
    assert below == {0.05: 1, 0.1: 1, 0.25: 3, 0.5: 3, 1: 3, 2.5: 3, 5: 4, 10: 4, 30: 4, math.inf: 5}
    assert found[labelled("disparo_dispatch_seconds_count", **own)] == 5
    assert round(found[labelled("disparo_dispatch_seconds_sum", **own)], 3) == 104.44


def test_limits_errors_meetings_and_ratios() -> None:
    ever = {
        Series("whatsapp", "", Counted.LIMITED): 4,
        Series("whatsapp", "camp", Counted.ERRORS): 2,
        Series("", "camp", Counted.AGREED): 3,
        Series("", "camp", Counted.NOT_AGREED): 1,
        Series("", "", Counted.NO_SHOW): 1,
    }
    recent = {Series("whatsapp", "camp", Counted.SENT): 9, Series("whatsapp", "camp", Counted.FAILED): 1}
    found = read(scrape_of(ever=ever, recent=recent))
    assert found[labelled("disparo_rate_limit_hits_total", channel="whatsapp", campaign="")] == 4
    assert found[labelled("disparo_send_errors_total", channel="whatsapp", campaign="camp")] == 2
    assert found[labelled("disparo_proposals_ended_total", campaign="camp", outcome="agreed")] == 3
    assert found[labelled("disparo_meetings_ended_total", campaign="", outcome="no_show")] == 1
    assert found[labelled("disparo_confirmation_ratio", campaign="camp")] == 0.75
    assert found[labelled("disparo_no_show_ratio", campaign="")] == 1
    assert labelled("disparo_no_show_ratio", campaign="camp") not in found, "of nothing there is no ratio"
    assert found[labelled("disparo_messages_failed_ratio", channel="whatsapp", campaign="camp")] == 0.1


def test_health_is_told() -> None:
    def standing(name: AlarmName, state: AlarmState) -> AlarmStanding:
        return AlarmStanding(name, state, NOW, NOW, 1.0, 0.0, Unit.COUNT)

    alarms = [
        standing(AlarmName.DLQ_MESSAGES, AlarmState.ALARM),
        standing(AlarmName.NO_TICK, AlarmState.OK),
        standing(AlarmName.HIGH_LATENCY, AlarmState.INSUFFICIENT),
    ]
    found = read(scrape_of(alarms=alarms, breakers={("principal", WHATSAPP): True}, last_beat=NOW))
    assert found[labelled("disparo_alarm", alarm="dlq_messages")] == 1
    assert found[labelled("disparo_alarm", alarm="no_tick")] == 0
    assert labelled("disparo_alarm", alarm="high_latency") not in found
    assert found[labelled("disparo_breaker_open", sender="principal", channel="whatsapp")] == 1
    assert found[labelled("disparo_worker_last_tick_timestamp_seconds")] == NOW.timestamp()


def test_a_name_can_be_anything() -> None:
    campaign = CampaignScrape(NASTY, {(WHATSAPP, "sent"): 1}, {}, {})
    found = read(scrape_of(campaigns=[campaign]))
    assert found[labelled("disparo_messages_sent_total", channel="whatsapp", campaign=NASTY)] == 1


def test_counters_of_more_campaigns_are_more_lines_and_never_more_names() -> None:
    def lines(count: int) -> set[str]:
        many = [CampaignScrape(f"c{at}", {(WHATSAPP, "sent"): 1}, {}, {}) for at in range(count)]
        return {name for name, _ in read(scrape_of(campaigns=many))}

    assert lines(21) == lines(1)
