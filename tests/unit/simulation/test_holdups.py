from __future__ import annotations

from datetime import UTC, datetime, timedelta

from disparo.domain.campaign import Campaign
from disparo.domain.contact import Channel
from disparo.domain.intervals import Interval
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from disparo.simulation.holdups import SENDING, SenderTimeline, Waiting, holdups, idle_ms

CAMPAIGN = Campaign("3", "c", "l", (), BusinessHours(), Place("America/Sao_Paulo"), datetime(2026, 11, 1, tzinfo=UTC))
OPEN = [Interval(0, 10_000)]


def timeline(*changes: tuple[int, str]) -> SenderTimeline:
    made = SenderTimeline()
    for at_ms, reason in changes:
        made.say(at_ms, reason)
    return made


def held(line: SenderTimeline, *backlog: Interval, others_share: float = 0.0) -> dict[str, int]:
    waiting = Waiting(Channel.SMS, backlog, line, {"sms:burst": 5}, others_share)
    found = holdups(CAMPAIGN, [waiting], OPEN)
    return {one.reason: one.lasting // timedelta(milliseconds=1) for one in found}


def test_time_counts_only_while_messages_are_due_and_hours_are_open() -> None:
    line = timeline((0, "sms:burst"))
    assert held(line, Interval(-500, 1_000), Interval(4_000, 4_500), Interval(9_900, 12_000)) == {"sms:burst": 1_600}


def test_each_reason_holds_until_the_next() -> None:
    line = timeline((0, "sms:burst"), (1_000, "sms:hourly"), (3_000, "breaker_open"), (3_500, "breaker_probing"))
    assert held(line, Interval(0, 4_000)) == {"sms:hourly": 2_000, "sms:burst": 1_000, "breaker": 1_000}


def test_sending_is_no_holdup_and_an_empty_sender_means_closed_lanes() -> None:
    line = timeline((0, SENDING), (1_000, ""), (2_000, "nothing_open"))
    assert held(line, Interval(0, 3_000)) == {"closed": 2_000}


def test_limits_of_this_campaign_and_of_others_are_told_apart() -> None:
    line = timeline((0, "sms/3:hourly"), (1_000, "sms/4:hourly"))
    assert held(line, Interval(0, 3_000)) == {"other_campaigns": 2_000, "campaign:hourly": 1_000}


def test_a_shared_limit_is_split_by_what_the_others_sent() -> None:
    assert held(timeline((0, "sms:burst")), Interval(0, 4_000), others_share=0.25) == {
        "sms:burst": 3_000,
        "other_campaigns": 1_000,
    }


def test_open_time_without_anything_due_is_idle() -> None:
    assert idle_ms([[Interval(0, 1_000)], [Interval(500, 2_000)]], OPEN) == 8_000
