from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from disparo.domain.campaign import Campaign
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours, decide
from disparo.domain.policies.lane_opening import lane_decision

SAO_PAULO = Place("America/Sao_Paulo", "BR-SP")
MONDAY = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
CAMPAIGN = Campaign("1", "camp", "lista", (), BusinessHours(), SAO_PAULO, MONDAY)


def test_without_a_start_the_hours_decide() -> None:
    assert lane_decision(CAMPAIGN, SAO_PAULO, MONDAY) == decide(CAMPAIGN.hours, SAO_PAULO, MONDAY)


def test_before_its_start_a_lane_is_closed_until_the_first_open_instant_from_there() -> None:
    at_three = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    at_lunch = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
    for start_at, opens_at in ((at_three, at_three), (at_lunch, at_lunch.replace(hour=16, minute=0))):
        decision = lane_decision(replace(CAMPAIGN, start_at=start_at), SAO_PAULO, MONDAY)
        assert (decision.open, decision.reason, decision.changes_at) == (False, "before_start", opens_at)


def test_from_its_start_on_the_hours_decide() -> None:
    assert lane_decision(replace(CAMPAIGN, start_at=MONDAY), SAO_PAULO, MONDAY).open
