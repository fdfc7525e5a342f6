"""Values in people's words: dates, amounts and durations in the reader's language and the installation's zone.

Every one of them writes a dash for None. The words are those of the Unicode locale data (CLDR) in the package babel.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal, cast, get_args
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from babel.core import Locale
    from babel.dates import DateTimePattern

NOTHING = "–"
_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP = 1_000
_Named = Literal["short", "medium", "long", "full"]
Length = str
"""`short`, `medium`, `long` or `full`, or a pattern of CLDR as `EEE d MMM`."""


@dataclass(frozen=True)
class Formats:
    """One language's formats; `zone` is the installation's, `now` its clock."""

    locale: str
    zone: ZoneInfo
    now: Callable[[], dt.datetime] = field(repr=False)

    @cached_property
    def _known(self) -> Locale:
        from babel.core import Locale

        return Locale.parse(self.locale)  # once: by its name it would be looked up for every value

    @cached_property
    def _group(self) -> str:
        from babel.numbers import get_group_symbol

        return str(get_group_symbol(self._known))

    @cached_property
    def _written(self) -> Callable[[dt.datetime, str, str], str]:
        pattern_of = cache(self._pattern)

        @lru_cache(4_096)
        def write(at: dt.datetime, kind: str, length: str) -> str:
            return pattern_of(kind, length).apply(at, self._known)

        return write

    @cached_property
    def _away(self) -> Callable[[int], str]:
        from babel.dates import format_timedelta

        @lru_cache(4_096)
        def write(seconds: int) -> str:
            span = dt.timedelta(seconds=seconds)
            return str(format_timedelta(span, locale=self._known, format="short", add_direction=True, threshold=0.95))

        return write

    def _pattern(self, kind: str, length: Length) -> DateTimePattern:
        """Of a day (`d`), a time (`t`) or both (`dt`); one pattern for both is written in half the time of two."""
        from babel.dates import get_date_format, get_datetime_format, get_time_format, parse_pattern

        if length not in get_args(_Named):
            return parse_pattern(length)
        named = cast(_Named, length)
        day, time = (one(named, self._known).pattern for one in (get_date_format, get_time_format))
        if kind != "dt":
            return parse_pattern(day if kind == "d" else time)
        frame = get_datetime_format(named, locale=self._known)
        return parse_pattern(str(frame).replace("{0}", time).replace("{1}", day))

    def date(self, value: dt.datetime | dt.date | None, length: Length = "medium") -> str:
        """The day: `23 de nov. de 2026`."""
        if value is None:
            return NOTHING
        day = value.astimezone(self.zone).date() if isinstance(value, dt.datetime) else value
        return self._written(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC), "d", length)

    def time(self, at: dt.datetime | None, length: Length = "short") -> str:
        """The time of day: `14:05`."""
        return NOTHING if at is None else self._written(self._here(at), "t", length)

    def datetime(self, at: dt.datetime | None, length: Length = "short") -> str:
        """Day and time: `23/11/2026 14:05`."""
        return NOTHING if at is None else self._written(self._here(at), "dt", length)

    def day(self, value: dt.datetime | dt.date | None) -> str:
        """The day as a heading has it: `seg., 23 de nov.`."""
        return self.date(value, "EEE, d 'de' MMM" if self.locale.startswith("pt") else "EEE, MMM d")

    def there(self, at: dt.datetime | None, zone: str = "UTC") -> str:
        """Day and time on the clock of another zone: `seg., 23 de nov., 09:30`."""
        if at is None:
            return NOTHING
        clock = at.astimezone(ZoneInfo(zone)).replace(microsecond=0, tzinfo=None)  # equal to no instant of this zone
        return f"{self.day(clock.date())}, {self._written(clock, 't', 'short')}"

    def relative(self, at: dt.datetime | None) -> str:
        """From now: `há 5 min`, `em 2 h`."""
        if at is None:
            return NOTHING
        seconds = (at - self.now()).total_seconds()
        if abs(seconds) < 1:
            return self._away(-1)
        return self._away(round(seconds) if abs(seconds) < 3_600 else round(seconds / 60) * 60)

    def duration(self, span: dt.timedelta | None) -> str:
        """How long, in the two largest units: `2 h 5 min`."""
        if span is None:
            return NOTHING
        seconds = round(span.total_seconds())
        if abs(seconds) < 60:
            return f"{seconds} s"
        days, rest = divmod(round(seconds / 60), 24 * 60)
        parts = {"h": rest // 60, "min": 0 if days else rest % 60}
        return " ".join(
            [*([self._days(days)] if days else []), *(f"{count} {unit}" for unit, count in parts.items() if count)]
        )

    def number(self, value: float | Decimal | None, digits: int | None = None) -> str:
        """Grouped as the language does: `1.234,5`."""
        from babel.numbers import format_decimal

        if value is None:
            return NOTHING
        if isinstance(value, int) and not digits:
            return f"{value:,}".replace(",", self._group)
        if digits is None:
            return str(format_decimal(value, locale=self._known))
        return str(format_decimal(round(float(value), digits), f"#,##0.{'0' * digits}".rstrip("."), locale=self._known))

    def percent(self, share: float | None, digits: int = 0) -> str:
        """A share of 1: `12,5 %` of 0.125 with one digit."""
        from babel.numbers import format_percent

        if share is None:
            return NOTHING
        return str(format_percent(share, f"#,##0.{'0' * digits}".rstrip(".") + "%", locale=self._known))

    def currency(self, amount: float | Decimal | None, code: str = "BRL") -> str:
        """An amount of money: `R$ 1.234,50`."""
        from babel.numbers import format_currency

        return NOTHING if amount is None else str(format_currency(amount, code, locale=self._known))

    def bytes(self, count: int | None) -> str:
        """A size in decimal units: `3,4 MB`."""
        if count is None:
            return NOTHING
        size, unit = float(count), 0
        while size >= _STEP and unit < len(_UNITS) - 1:
            size, unit = size / _STEP, unit + 1
        return f"{self.number(size, 1 if unit and size < 100 else 0)} {_UNITS[unit]}"

    def city(self, zone: str | None) -> str:
        """The place that a time zone is named for: `São Paulo` of `America/Sao_Paulo`."""
        if zone is None:
            return NOTHING
        known = self._known.time_zones.get(zone, {}).get("city")
        return str(known or zone.rpartition("/")[2].replace("_", " "))

    def filters(self) -> dict[str, Callable[..., Any]]:
        """All of them by the name that templates know them by."""
        days = ("date", "time", "datetime", "day", "there", "relative", "duration", "city")
        return {name: getattr(self, name) for name in (*days, "number", "percent", "currency", "bytes")}

    def _here(self, at: dt.datetime) -> dt.datetime:
        return at.replace(microsecond=0).astimezone(self.zone)

    def _days(self, count: int) -> str:
        from babel.units import format_unit

        return str(format_unit(count, "duration-day", "short", locale=self._known))
