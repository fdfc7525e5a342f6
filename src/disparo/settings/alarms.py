"""Settings of the alarms: their thresholds, and who is told.

The first three, their periods and their figures are the source document's, "Alarmes Recomendados".
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from disparo.domain.alarm import AlarmName, AlarmRule, Unit
from disparo.domain.email_address import EmailError, parse_email
from disparo.settings.kinds import Number, Whole

_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s#]*)?")

CALENDAR_PERIOD = timedelta(minutes=10)
"""Calendars are looked at every five minutes; shorter periods would have one without a look now and then."""


def _nobody(value: object) -> object:
    """An empty text is what Terraform writes for nobody."""
    return None if isinstance(value, str) and not value.strip() else value


def _address(value: object) -> object:
    value = _nobody(value)
    if isinstance(value, str):
        try:
            return parse_email(value).address
        except EmailError:
            raise ValueError("escreva um endereço de e-mail como plantao@exemplo.com.br") from None
    return value


def _webhook(value: object) -> object:
    value = _nobody(value)
    if isinstance(value, str) and not _URL.fullmatch(value):
        raise ValueError("escreva um endereço como https://exemplo.com.br/alarmes")
    return value


class AlarmSettings(BaseModel):
    """When somebody is told that something is wrong, and by which way."""

    alarm_webhook_url: Annotated[Annotated[str, Field(max_length=2_000)] | None, BeforeValidator(_webhook)] = Field(
        default=None, description="Address that is told of alarms by a POST of JSON."
    )
    alarm_email: Annotated[str | None, BeforeValidator(_address)] = Field(
        default=None, description="Mailbox that is told of alarms, by the installation's own e-mail sender."
    )
    alarm_period_s: Whole = Field(default=300, ge=60, le=3_600, description="Length of a period, in s.")
    alarm_periods: Whole = Field(
        default=2, ge=1, le=12, description="Periods in a row that must be above a threshold: errors, latency, rate."
    )
    alarm_errors: Number = Field(default=10, ge=0, le=1e9, description="Errors in a period, above which is an alarm.")
    alarm_latency_ms: Whole = Field(
        default=10_000, ge=1, le=3_600_000, description="Mean dispatch time of a period in ms, above which is an alarm."
    )
    alarm_dead_letters: Whole = Field(
        default=0, ge=0, le=1_000_000_000, description="Dead letters, above which is an alarm."
    )
    alarm_failed_percent: Number = Field(
        default=20, ge=0, le=100, description="Failed messages of a period in %, above which is an alarm."
    )
    alarm_breaker_minutes: Number = Field(
        default=10, ge=0, le=1_440, description="How long a sender's breaker may be open, in minutes."
    )
    alarm_calendar_minutes: Whole = Field(
        default=30, ge=10, le=1_440, description="How long a host's calendar may be unreadable, in minutes."
    )
    alarm_no_tick_minutes: Number = Field(
        default=3, ge=1, le=1_440, description="How long no worker may be at work while messages could go, in minutes."
    )
    alarm_disk_percent: Number = Field(
        default=90, ge=1, le=100, description="Use of the disk of the data in %, above which is an alarm."
    )

    def alarm_rules(self) -> tuple[AlarmRule, ...]:
        """The alarms as these settings want them."""
        period = timedelta(seconds=self.alarm_period_s)
        periods = self.alarm_periods
        looks = max(1, round(timedelta(minutes=self.alarm_calendar_minutes) / CALENDAR_PERIOD))
        return (
            AlarmRule(AlarmName.HIGH_ERROR_RATE, self.alarm_errors, Unit.COUNT, periods, period),
            AlarmRule(AlarmName.HIGH_LATENCY, self.alarm_latency_ms / 1_000, Unit.SECONDS, periods, period),
            AlarmRule(AlarmName.DLQ_MESSAGES, self.alarm_dead_letters, Unit.COUNT),
            AlarmRule(AlarmName.FAILED_RATE, self.alarm_failed_percent, Unit.PERCENT, periods, period),
            AlarmRule(AlarmName.BREAKER_OPEN, 0, Unit.COUNT, lasting=timedelta(minutes=self.alarm_breaker_minutes)),
            AlarmRule(AlarmName.CALENDAR_UNREADABLE, 0, Unit.COUNT, looks, CALENDAR_PERIOD),
            AlarmRule(AlarmName.NO_TICK, self.alarm_no_tick_minutes * 60, Unit.SECONDS),
            AlarmRule(AlarmName.DISK_NEARLY_FULL, self.alarm_disk_percent, Unit.PERCENT),
        )
