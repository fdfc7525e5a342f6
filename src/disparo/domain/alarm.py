"""Alarms: a value, a threshold, and for how long it has to be above it.

The first three are the source document's ("Alarmes Recomendados"), with its figures as defaults of settings; what each
value is made of here is told in docs/metrics.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from disparo.domain.instants import to_ms

EVERY = timedelta(minutes=1)
"""How often alarms are looked at."""

STALE_AFTER = timedelta(minutes=3)
"""Who was not looked at for so long is not to be believed."""

HISTORY_KEPT = timedelta(days=90)


class AlarmName(StrEnum):
    """The alarms, the document's first, by their names there."""

    HIGH_ERROR_RATE = "high_error_rate"
    HIGH_LATENCY = "high_latency"
    DLQ_MESSAGES = "dlq_messages"
    FAILED_RATE = "failed_rate"
    BREAKER_OPEN = "breaker_open"
    CALENDAR_UNREADABLE = "calendar_unreadable"
    NO_TICK = "no_tick"
    DISK_NEARLY_FULL = "disk_nearly_full"


class AlarmState(StrEnum):
    """Where an alarm stands; the names are CloudWatch's."""

    OK = "ok"
    ALARM = "alarm"
    INSUFFICIENT = "insufficient"
    """What it looks at is not known here."""


class Unit(StrEnum):
    """What a value counts."""

    COUNT = "count"
    SECONDS = "s"
    PERCENT = "%"


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """When an alarm goes off: every one of its last `periods` is above the threshold, for as long as `lasting`.

    A value that is looked at and not summed up has one period and no length.
    """

    name: AlarmName
    threshold: float
    unit: Unit
    periods: int = 1
    period: timedelta = timedelta(0)
    lasting: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Look:
    """What was found: the value of each period, the latest first; None where there was nothing to measure.

    No values at all: it cannot be known here. `about` says whom it is about: ids, never names.
    """

    values: Sequence[float | None] = ()
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlarmStanding:
    """Where an alarm stands since `since`, by its latest value; `checked_at` is when that was looked at."""

    name: AlarmName
    state: AlarmState
    since: datetime
    checked_at: datetime
    value: float | None
    threshold: float
    unit: Unit
    about: tuple[str, ...] = ()
    above_since: datetime | None = None
    """Since when its value has been above the threshold without a break."""


@dataclass(frozen=True, slots=True)
class AlarmChange:
    """An alarm went from one state to another; `standing` is as it was then.

    `waiting` are the ways by which somebody is still to be told, `told` those by which they were, and when.
    """

    was: AlarmState
    standing: AlarmStanding
    waiting: frozenset[str] = frozenset()
    told: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Sorts by when it happened, and is the same each time it is told."""
        return f"{to_ms(self.standing.since):013}-{self.standing.name}"


def judged(rule: AlarmRule, look: Look, before: AlarmStanding | None, now: datetime) -> AlarmStanding:
    """Where an alarm stands after a look. Nothing to measure in a period is no breach, as it is on CloudWatch here."""
    values = look.values[: rule.periods]
    above = len(values) == rule.periods and all(value is not None and value > rule.threshold for value in values)
    above_since = _above_since(before, now) if above else None
    if not values:
        state = AlarmState.INSUFFICIENT
    elif above_since is not None and now - above_since >= rule.lasting:
        state = AlarmState.ALARM
    else:
        state = AlarmState.OK
    same = before is not None and before.state is state
    return AlarmStanding(
        rule.name,
        state,
        before.since if same and before is not None else now,
        now,
        values[0] if values else None,
        rule.threshold,
        rule.unit,
        look.about if above else (),
        above_since,
    )


def _above_since(before: AlarmStanding | None, now: datetime) -> datetime:
    if before is None or before.above_since is None or before.above_since > now:
        return now
    # Nobody looked for a while: what was above then need not have been above since.
    return before.above_since if now - before.checked_at <= STALE_AFTER else now


def change_of(before: AlarmStanding | None, standing: AlarmStanding, ways: Sequence[str]) -> AlarmChange | None:
    """What is to be remembered of a look: a change of state; None when there is none.

    Somebody is told when an alarm goes off and when it is no longer so. That all is well at the first look is no news.
    """
    was = AlarmState.OK if before is None else before.state
    if standing.state is was or (before is None and standing.state is not AlarmState.ALARM):
        return None
    news = AlarmState.ALARM in (was, standing.state)
    return AlarmChange(was, standing, frozenset(ways) if news else frozenset())


def told_by(change: AlarmChange, way: str, at: datetime) -> AlarmChange:
    """The change once somebody was told by one way."""
    return replace(change, waiting=change.waiting - {way}, told={**change.told, way: at})
