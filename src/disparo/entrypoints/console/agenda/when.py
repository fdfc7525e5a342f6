"""Days in addresses, and instants in the installation's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from disparo.domain.errors import InputError
from disparo.domain.written_moment import YEARS, parse_moment
from disparo.entrypoints.console.formats import Formats
from disparo.entrypoints.console.shell import Console


def zone_of(console: Console) -> ZoneInfo:
    """The zone in which the console tells times."""
    return ZoneInfo(console.house.settings.business_hours_timezone)


def day_of(text: str | None, today: date) -> date:
    """The day that an address names; today for none, and for what is no day."""
    try:
        found = date.fromisoformat(text) if text else today
    except ValueError:
        return today
    return found if found.year in YEARS else today


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The beginning of a day, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def span_of(days: list[date], zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the first day's beginning to the last one's end."""
    return midnight(days[0], zone), midnight(days[-1] + timedelta(days=1), zone)


def instant_of(text: str, zone: ZoneInfo) -> datetime | None:
    """An instant as addresses and forms have it; without an offset of this zone. None for what is none."""
    try:
        return parse_moment(text, zone.key) if text else None
    except InputError:
        return None


def span_words(start_at: datetime, end_at: datetime, zone: ZoneInfo, formats: Formats) -> str:
    """From when to when on the clock of a zone: whole days by their dates, the last one included."""
    start, end = start_at.astimezone(zone), end_at.astimezone(zone)
    if start.time() == end.time() == time():
        first, last = start.date(), end.date() - timedelta(days=1)
        return formats.date(first) if first == last else f"{formats.date(first)} – {formats.date(last)}"
    until = f"{end:%H:%M}" if start.date() == end.date() else formats.there(end_at, zone.key)
    return f"{formats.there(start_at, zone.key)} – {until}"


def written(at: datetime) -> str:
    """An instant as addresses and forms have it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
