"""The document of a host: a `[[hosts]]` table of the agenda's file, and the JSON that stores keep.

`docs/agenda.md` tells every key. Both forms are read: TOML has dates and instants of its own, JSON writes them as text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from disparo.domain.agenda.host import Block, CalendarKind, CalendarRef, DayLimits, Host
from disparo.domain.document_table import DocumentTable, read_label
from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.errors import InputError
from disparo.domain.phone_number import PhoneError, parse_phone
from disparo.domain.place import Place
from disparo.domain.place_document import parse_region, parse_zone_name
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.policies.hours_document import HoursError, parse_business_hours
from disparo.domain.written_moment import ADVICE, parse_moment

HOST_KEYS = (
    *("id", "name", "timezone", "region", "email", "phone", "hours", "calendar", "limits", "blocks"),
    *("active", "language", "feed_link"),
)
LANGUAGES = ("pt", "en")
MOST_PER_DAY, MOST_PER_WEEK = 96, 672
"""A meeting every quarter of an hour, day and night."""

MOST_FEED_LINKS = 9_999

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def parse_host(document: Mapping[str, object]) -> Host:
    """Read one host, at revision 0. InputError with one line per fault; of `hours` only the first fault is told."""
    faults: list[str] = []
    host = read_host(document, faults, "")
    if host is None:
        raise InputError("\n".join(faults))
    return host


def read_host(values: Mapping[str, object], faults: list[str], place: str) -> Host | None:
    """The host that a table at this place tells; None, with its faults noted, when it is wrong."""
    known = len(faults)
    table = DocumentTable(values, HOST_KEYS, faults, place)
    hours = read_hours(table, "hours", place) or BusinessHours()
    where = Place(table.read("timezone", parse_zone_name) or hours.zone, table.read("region", parse_region))
    host = Host(
        id=read_id(table),
        name=read_label(table, "name") or "",
        place=where,
        hours=hours,
        email=table.read("email", _email),
        phone=table.read("phone", lambda text: _phone(text, where)),
        calendar=_calendar(table, place),
        limits=_limits(table, place),
        blocks=_blocks(table, where.zone, place),
        active=table.flag("active", True),
        language=table.read("language", _language) or LANGUAGES[0],
        feed_link=table.whole("feed_link", 0, MOST_FEED_LINKS) or 0,
    )
    if "name" not in table:
        table.refuse("name", 'escreva o nome da pessoa, como name = "Ana Souza"')
    return host if len(faults) == known else None


def host_document(host: Host) -> dict[str, Any]:
    """A host as JSON values, every default written out; `parse_host` reads back the same one, at revision 0."""
    document: dict[str, Any] = {
        "id": host.id,
        "name": host.name,
        "timezone": host.place.zone,
        "hours": host.hours.to_document(),
        "calendar": _calendar_document(host.calendar),
        "limits": {
            key: most
            for key, most in (("per_day", host.limits.per_day), ("per_week", host.limits.per_week))
            if most is not None
        },
        "blocks": [_block_document(block) for block in host.blocks],
        "active": host.active,
        "language": host.language,
    }
    texts = {"region": host.place.region, "email": host.email, "phone": host.phone}
    renewed = {"feed_link": host.feed_link} if host.feed_link else {}
    return document | {key: text for key, text in texts.items() if text is not None} | renewed


def read_id(table: DocumentTable) -> str:
    """The short name of a host or type; "" when it is missing or wrong."""
    text = table.text("id")
    if text is None or not _ID.fullmatch(text):
        if text is not None or "id" not in table:
            table.refuse("id", "escreva até 40 letras minúsculas sem acento e algarismos; no meio, também _ -")
        return ""
    return text


def read_hours(
    table: DocumentTable, key: str, place: str, usual: Mapping[str, object] | None = None
) -> BusinessHours | None:
    """Hours under this key; what they do not say is as in `usual`. None when there are none or they are wrong."""
    if key not in table:
        return None
    try:
        return parse_business_hours({**(usual or {}), **table.table(key)})
    except HoursError as error:
        table.faults.append(f"{place}{key}.{error}")
        return None


def parse_block(start: object, end: object, zone: str, label: str = "") -> Block:
    """A time that is blocked, from dates or instants of this zone (see `parse_moment`); both dates belong to it.

    InputError for an end that is no moment, and for a block that ends before it begins.
    """
    start_at, end_at = parse_moment(start, zone), parse_moment(end, zone, last=True)
    if end_at <= start_at:
        raise InputError("termina antes de começar; troque o começo e o fim")
    return Block(start_at, end_at, label)


def _email(text: str) -> str:
    try:
        return parse_email(text).address
    except EmailError:
        raise InputError(f'"{text[:60]}" não é um e-mail; escreva um, como "ana@example.com"') from None


def _phone(text: str, place: Place) -> str:
    country = (place.region or "BR").partition("-")[0]
    try:
        return parse_phone(text, country).e164
    except PhoneError:
        raise InputError(f'"{text[:40]}" não é um telefone; escreva com país e DDD, como "+55 41 99999-0000"') from None


def _language(text: str) -> str:
    if text not in LANGUAGES:
        raise InputError(f'"{text}": escreva "pt" ou "en"')
    return text


def _calendar(host: DocumentTable, place: str) -> CalendarRef:
    table = DocumentTable(host.table("calendar"), ("kind", "secret", "name"), host.faults, f"{place}calendar.")
    kind = table.choice("kind", CalendarKind) or CalendarKind.LOCAL
    secret, name = read_label(table, "secret"), read_label(table, "name")
    if kind is not CalendarKind.LOCAL and "secret" not in table:
        table.refuse("secret", f"um calendário {kind} precisa do nome de um segredo, com as credenciais")
    if kind is CalendarKind.LOCAL:
        for key in [key for key in ("secret", "name") if key in table]:
            table.refuse(key, 'o calendário local não leva esta chave; retire-a, ou escreva kind = "google"')
    return CalendarRef(kind, secret, name or "")


def _calendar_document(calendar: CalendarRef) -> dict[str, str]:
    parts = {"kind": calendar.kind.value, "secret": calendar.secret, "name": calendar.name}
    return {key: text for key, text in parts.items() if text}


def _limits(host: DocumentTable, place: str) -> DayLimits:
    table = DocumentTable(host.table("limits"), ("per_day", "per_week"), host.faults, f"{place}limits.")
    return DayLimits(table.whole("per_day", 1, MOST_PER_DAY), table.whole("per_week", 1, MOST_PER_WEEK))


def _blocks(host: DocumentTable, zone: str, place: str) -> tuple[Block, ...]:
    blocks = []
    for number, values in host.tables("blocks"):
        table = DocumentTable(values, ("start_at", "end_at", "label"), host.faults, f"{place}blocks[{number}].")
        label = read_label(table, "label") or ""
        for key in [key for key in ("start_at", "end_at") if key not in table]:
            table.refuse(key, ADVICE)
        if "start_at" in table and "end_at" in table:
            try:
                blocks.append(parse_block(table.raw("start_at"), table.raw("end_at"), zone, label))
            except InputError as error:
                host.note(f"blocks[{number}]", str(error))
    return tuple(blocks)


def _block_document(block: Block) -> dict[str, str]:
    ends = {"start_at": block.start_at.astimezone(UTC).isoformat(), "end_at": block.end_at.astimezone(UTC).isoformat()}
    return {**ends, "label": block.label} if block.label else ends
