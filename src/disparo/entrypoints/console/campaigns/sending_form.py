"""Hours, limits, beginning and deadline of a campaign as a form, and the form as parts of its document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from disparo.domain.contact import Channel
from disparo.domain.durations import parse_duration
from disparo.domain.errors import DisparoError, InputError
from disparo.entrypoints.console.formats import Formats
from disparo.entrypoints.console.forms import Form

WINDOWS = ("burst", "hourly", "daily")
ZONES = (
    "America/Sao_Paulo",
    "America/Bahia",
    "America/Fortaleza",
    "America/Recife",
    "America/Belem",
    "America/Manaus",
    "America/Cuiaba",
    "America/Campo_Grande",
    "America/Porto_Velho",
    "America/Boa_Vista",
    "America/Rio_Branco",
    "America/Noronha",
    "Europe/Lisbon",
    "UTC",
)
"""Those that are offered; the one that a campaign has is offered as well."""


def zone_options(chosen: str, formats: Formats) -> list[tuple[str, str]]:
    """The time zones that are offered, and the chosen one: each by the place that it is named for."""
    return sorted(((one, formats.city(one)) for one in {*ZONES, chosen} - {""}), key=lambda option: option[1])


def sending_form(document: Mapping[str, Any], usual: Mapping[str, Any]) -> Form:
    """What a document says of sending; `usual` are the hours of the settings."""
    hours = document.get("hours") or usual
    lunch = hours.get("lunchBreak") or {}
    zone = hours.get("timezone", "America/Sao_Paulo")
    values: dict[str, object] = {
        "zone": zone,
        "days": hours.get("workingDays", [1, 2, 3, 4, 5]),
        "start": hours.get("startTime", "08:00"),
        "end": hours.get("endTime", "18:00"),
        "lunch_start": lunch.get("start", ""),
        "lunch_end": lunch.get("end", ""),
        "start_at": _local(document.get("start_at"), zone),
        "deadline": _days(document.get("deadline", "30d")),
        "senders": document.get("senders", ()),
    }
    for channel, limits in (document.get("limits") or {}).items():
        values |= {f"{channel}_{window}": limits.get(window) for window in WINDOWS}
    return Form.of(values)


def sending_parts(
    form: Form, document: Mapping[str, Any], usual: Mapping[str, Any], channels: Sequence[Channel]
) -> dict[str, Any]:
    """The parts of a document that a form says; None for what holds without it. InputError for what is no number."""
    hours = {**(document.get("hours") or usual)}
    hours |= {
        "timezone": form.get("zone"),
        "workingDays": sorted({int(day) for day in form.all("days") if day.isdecimal()}),
        "startTime": form.get("start"),
        "endTime": form.get("end"),
    }
    lunch = {"start": form.get("lunch_start"), "end": form.get("lunch_end")}
    hours["lunchBreak"] = lunch if any(lunch.values()) else None
    parts: dict[str, Any] = {
        "hours": hours,
        "limits": _limits(form, document, channels) or None,
        "start_at": _instant(form.get("start_at"), form.get("zone")),
        "senders": list(form.all("senders")) or None,
    }
    if days := form.get("deadline"):
        parts["deadline"] = f"{days}d" if days.isdecimal() else days
    return parts


def sending_failed(form: Form, error: DisparoError) -> Form:
    """The form with what is wrong at the fields that it is about."""
    # Boxes of which none is ticked are not sent, and are there all the same.
    return replace(form, values={"days": (), **form.values}).failed(error, _FIELDS)


_FIELDS: Mapping[str, str] = {
    "hours.workingDays": "days",
    "hours.startTime": "start",
    "hours.endTime": "end",
    "hours.timezone": "zone",
    "hours.lunchBreak": "lunch_start",
    "hours.lunchBreak.start": "lunch_start",
    "hours.lunchBreak.end": "lunch_end",
}
"""From a place in the words of an error to the field that it is about."""


def _limits(form: Form, document: Mapping[str, Any], channels: Sequence[Channel]) -> dict[str, dict[str, int]]:
    limits = {key: value for key, value in (document.get("limits") or {}).items() if key not in set(channels)}
    for channel in channels:
        windows = {}
        for window in WINDOWS:
            if not (text := form.get(f"{channel}_{window}")):
                continue
            if not text.isascii() or not text.isdecimal() or not 0 < int(text[:12]) <= 1_000_000_000:
                raise InputError(f"{channel}_{window}: escreva um número inteiro maior que zero, ou deixe em branco")
            windows[window] = int(text)
        if windows:
            limits[channel.value] = windows
    return limits


def _days(deadline: object) -> str:
    """Whole days as a number; what is not of whole days as it is written."""
    try:
        days, rest = divmod(parse_duration(str(deadline)).total_seconds(), 86_400)
    except InputError:
        return str(deadline)
    return str(int(days)) if not rest else str(deadline)


def _local(start_at: object, zone: str) -> str:
    try:
        at = datetime.fromisoformat(str(start_at)) if start_at else None
        return "" if at is None else f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"
    except (ValueError, ZoneInfoNotFoundError):
        return ""


def _instant(text: str, zone: str) -> str | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text[:16]).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        raise InputError("start_at: escreva data e hora do início") from None
