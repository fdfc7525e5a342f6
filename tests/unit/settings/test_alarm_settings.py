"""Settings of the alarms: the document's figures unless somebody wants others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from disparo.domain.alarm import AlarmName, Unit
from disparo.settings import Settings

MINUTE = timedelta(minutes=1)


def rules(**settings: object):
    return {rule.name: rule for rule in Settings.model_validate(settings).alarm_rules()}


def test_the_documents_alarms_have_the_documents_figures() -> None:
    found = rules()
    assert set(found) == set(AlarmName)
    errors, latency, dead = (found[name] for name in ("high_error_rate", "high_latency", "dlq_messages"))
    assert (errors.threshold, errors.periods, errors.period) == (10, 2, 300 * timedelta(seconds=1))
    assert (latency.threshold, latency.unit, latency.periods) == (10, Unit.SECONDS, 2)
    assert (dead.threshold, dead.periods) == (0, 1)


def test_figures_can_be_others() -> None:
    found = rules(
        alarm_errors=50,
        alarm_latency_ms=2_500,
        alarm_period_s=60,
        alarm_periods=5,
        alarm_dead_letters=100,
        alarm_breaker_minutes=1,
        alarm_calendar_minutes=60,
        alarm_no_tick_minutes=10,
    )
    assert found[AlarmName.HIGH_ERROR_RATE].threshold == 50
    assert found[AlarmName.HIGH_LATENCY].threshold == 2.5
    assert (found[AlarmName.FAILED_RATE].periods, found[AlarmName.FAILED_RATE].period) == (5, MINUTE)
    assert found[AlarmName.DLQ_MESSAGES].threshold == 100
    assert found[AlarmName.BREAKER_OPEN].lasting == MINUTE
    assert found[AlarmName.CALENDAR_UNREADABLE].periods == 6
    assert found[AlarmName.NO_TICK].threshold == 600


@pytest.mark.parametrize("name", ["alarm_email", "alarm_webhook_url"])
@pytest.mark.parametrize("nobody", ["", "  ", None])
def test_nobody_is_told_where_terraform_says_nobody(name, nobody) -> None:
    assert getattr(Settings.model_validate({name: nobody}), name) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("alarm_email", "plantao"),
        ("alarm_email", "a@b, c@d"),
        ("alarm_email", 7),
        ("alarm_webhook_url", "exemplo.com.br/alarmes"),
        ("alarm_webhook_url", "ftp://exemplo.com.br/"),
        ("alarm_webhook_url", "https://usuario:senha@exemplo.com.br/"),
        ("alarm_webhook_url", "https://exemplo.com.br/com espaço"),
        ("alarm_period_s", 59),
        ("alarm_periods", 0),
        ("alarm_errors", -1),
        ("alarm_failed_percent", 101),
        ("alarm_disk_percent", 0),
        ("alarm_dead_letters", "1.000"),
    ],
)
def test_what_cannot_be_is_refused(name, value) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({name: value})


def test_a_webhook_may_have_a_query() -> None:
    url = "https://hooks.exemplo.com.br/services/T0/B0/x?canal=alarmes"
    assert Settings.model_validate({"alarm_webhook_url": url}).alarm_webhook_url == url
