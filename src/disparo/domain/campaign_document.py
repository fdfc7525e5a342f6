"""The document of a campaign: what a person writes as TOML and what stores keep as JSON.

`docs/campaign-file.md` tells every key. Both forms are read: TOML has instants of its own, JSON writes them
as text. Faults are told to the person who wrote the file, in Portuguese.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from disparo.domain.campaign import Campaign, CampaignKind, When
from disparo.domain.contact import Channel
from disparo.domain.document_table import DocumentTable, read_label
from disparo.domain.durations import duration_text, parse_duration
from disparo.domain.errors import InputError
from disparo.domain.place import Place
from disparo.domain.place_document import parse_region, parse_zone_name
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.policies.hours_document import HoursError, parse_business_hours
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.step_document import read_steps, step_document
from disparo.domain.waiting import Wait, WaitUnit

CAMPAIGN_KEYS = (
    *("name", "list", "audience", "deadline", "start_at", "timezone", "region"),
    *("variables", "limits", "hours", "steps", "senders"),
)
_INTERNAL_KEYS = ("kind",)
"""Those that only the program itself writes."""
LIMIT_KEYS = ("burst", "hourly", "daily")

DEFAULT_DEADLINE = timedelta(days=30)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SENDER = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_VARIABLE = re.compile(r"[^\W\d][\w-]*")
_MOST_PER_WINDOW = 1_000_000_000


def parse_campaign(document: Mapping[str, object], *, created_at: datetime) -> Campaign:
    """Read a draft, whose id is "" until a store gives it one.

    Raises InputError with one line per fault, each with place (steps count from 1), value and what to write;
    of `hours` only the first fault is told. Whether a template's Liquid is right is the renderer's to say.
    """
    faults: list[str] = []
    root = DocumentTable(document, (*CAMPAIGN_KEYS, *_INTERNAL_KEYS), faults)
    name, hours = _name(root), _hours(root)
    campaign = Campaign(
        id="",
        name=name,
        list_name=_list_name(root),
        steps=read_steps(root, name),
        hours=hours,
        place=Place(root.read("timezone", parse_zone_name) or hours.zone, root.read("region", parse_region)),
        created_at=created_at,
        limits=_limits(root),
        variables=_variables(root),
        deadline=root.read("deadline", _deadline) or DEFAULT_DEADLINE,
        start_at=_start_at(root),
        kind=root.choice("kind", CampaignKind) or CampaignKind.CAMPAIGN,
        senders=_senders(root),
    )
    if not faults:
        _check_waits_fit(campaign, root)
    if faults:
        raise InputError("\n".join(faults))
    return campaign


@lru_cache(maxsize=1_024)
def kept_campaign(definition: str, created_at: datetime) -> Campaign:
    """A draft from the JSON text that a store keeps of it: one value for one text, as stores are asked all the time."""
    return parse_campaign(json.loads(definition), created_at=created_at)


def campaign_document(campaign: Campaign) -> dict[str, Any]:
    """The definition as JSON values, every default written out; `parse_campaign` reads back the same one.

    Id, state and the instants of the campaign's life are not in it. Raises ValueError for a deadline that is
    not of whole minutes (one that was read always is).
    """
    document: dict[str, Any] = {
        "name": campaign.name,
        "list": campaign.list_name,
        "deadline": duration_text(campaign.deadline),
        "timezone": campaign.place.zone,
        "variables": dict(campaign.variables),
        "limits": {
            channel.value: {window: limit for window, limit, _ in limits.windows()}
            for channel, limits in campaign.limits.items()
        },
        "hours": campaign.hours.to_document(),
        "steps": [step_document(step) for step in campaign.steps],
    }
    if campaign.place.region is not None:
        document["region"] = campaign.place.region
    if campaign.start_at is not None:
        document["start_at"] = campaign.start_at.astimezone(UTC).isoformat()
    if campaign.senders:
        document["senders"] = list(campaign.senders)
    if campaign.kind is not CampaignKind.CAMPAIGN:
        document["kind"] = campaign.kind.value
    return document


def audience_file(document: Mapping[str, object]) -> str | None:
    """The contact file to import under its stem before the campaign starts, relative to the campaign file.

    None when the document names a list instead. Ask after `parse_campaign` has found no fault.
    """
    audience = document.get("audience")
    return audience if isinstance(audience, str) else None


def _name(root: DocumentTable) -> str:
    name = root.text("name")
    if "name" not in root:
        root.refuse("name", 'escreva o nome da campanha, como name = "reativacao-novembro"')
    elif name and not _NAME.fullmatch(name):
        root.refuse("name", "use até 64 letras sem acento e algarismos; depois do primeiro, também . _ -")
    elif name and name.isdigit():
        root.refuse("name", "só de algarismos se confunde com um id; ponha uma letra")
    return name or ""


def _list_name(root: DocumentTable) -> str:
    name, file = read_label(root, "list"), read_label(root, "audience")
    if "list" in root and "audience" in root:
        root.refuse("audience", "escreva list ou audience, não os dois")
    elif "list" not in root and "audience" not in root:
        root.refuse("list", 'escreva uma lista, como list = "contatos", ou um arquivo: audience = "contatos.csv"')
    stem = PurePath(file).stem if file else None
    if stem == "":
        root.refuse("audience", 'escreva o nome de um arquivo, como "contatos.csv"')
    return name or stem or ""


def _hours(root: DocumentTable) -> BusinessHours:
    try:
        return parse_business_hours(root.table("hours"))
    except HoursError as error:
        root.faults.append(f"hours.{error}")
        return BusinessHours()


def _deadline(text: str) -> timedelta:
    deadline = parse_duration(text)
    if not deadline:
        raise InputError(f'"{text}": escreva minutos, horas ou dias corridos, mais que zero, como "15d"')
    return deadline


def _least(wait: Wait) -> timedelta:
    """How long a wait lasts at least; a business day ends on the next date at the earliest."""
    unit = WaitUnit.DAYS if wait.unit is WaitUnit.BUSINESS_DAYS else wait.unit
    return timedelta(**{unit.value: wait.amount})


def _start_at(root: DocumentTable) -> datetime | None:
    at = root.raw("start_at")
    try:
        at = datetime.fromisoformat(at) if isinstance(at, str) else at
        if isinstance(at, datetime) and at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        at = None
    if isinstance(at, datetime):
        root.refuse("start_at", "não diz o fuso; acrescente -03:00 (Brasília) ou o do lugar")
    elif "start_at" in root:
        root.refuse("start_at", "escreva data, hora e fuso, como 2026-11-23T08:00:00-03:00")
    return None


def _limits(root: DocumentTable) -> dict[Channel, Limits]:
    tables = DocumentTable(root.table("limits"), list(Channel), root.faults, "limits.")
    limits: dict[Channel, Limits] = {}
    for channel in Channel:
        if channel in tables:
            table = DocumentTable(tables.table(channel), LIMIT_KEYS, root.faults, f"limits.{channel}.")
            limits[channel] = Limits(*(table.whole(key, 1, _MOST_PER_WINDOW) for key in LIMIT_KEYS))
    return limits


def _variables(root: DocumentTable) -> dict[str, str]:
    values = root.table("variables")
    table = DocumentTable(values, values, root.faults, "variables.")
    for name, value in values.items():
        if not _VARIABLE.fullmatch(name):
            table.refuse(name, "comece por letra, siga com letras, algarismos, _ ou -; outro nome um modelo não lê")
        elif not isinstance(value, str):
            table.refuse(name, "ponha o valor entre aspas")
    return {name: value for name, value in values.items() if isinstance(value, str)}


def _senders(root: DocumentTable) -> tuple[str, ...]:
    names = root.raw("senders") if "senders" in root else []
    if isinstance(names, list) and all(isinstance(name, str) and _SENDER.fullmatch(name) for name in names):
        return tuple(dict.fromkeys(names))
    root.refuse("senders", 'escreva os nomes dos remetentes, como senders = ["principal"]')
    return ()


def _check_waits_fit(campaign: Campaign, root: DocumentTable) -> None:
    """A fallback follows at once, whatever its wait says (`sequence.advance`), so that one does not count."""
    waits = [step.wait for step in campaign.steps if step.when is When.ALWAYS]
    if sum(map(_least, waits), timedelta()) < campaign.deadline:
        return
    total = " + ".join(str(wait) for wait in waits if wait.amount)
    assumed = "" if "deadline" in root else ", o prazo de quem não escreve outro"
    advice = f"não passa das esperas dos passos ({total}), e o último nunca sairia; aumente o prazo"
    root.note(f'deadline = "{duration_text(campaign.deadline)}"{assumed}', advice)
