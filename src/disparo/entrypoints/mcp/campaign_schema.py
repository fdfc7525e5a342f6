"""The JSON Schema of a campaign's document, as a program writes it (`docs/campaign-file.md` tells each key)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from disparo.domain.campaign import MOST_STEPS, OnFailure, When
from disparo.domain.contact import Channel

_CHANNELS = [channel.value for channel in Channel]


def _text(about: str, longest: int = 200, **more: Any) -> dict[str, Any]:
    return {"type": "string", "maxLength": longest, "description": about, **more}


def _object(properties: Mapping[str, Any], required: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


_LIMIT = {"type": "integer", "minimum": 1}
_CLOCK = r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"
_DAY: dict[str, Any] = {
    "workingDays": {
        "type": "array",
        "items": {"type": "integer", "minimum": 1, "maximum": 7},
        "description": "1 is Monday, 7 Sunday.",
    },
    "startTime": _text("When it opens.", 5, pattern=_CLOCK),
    "endTime": _text("When it closes; before the start it is on the next day.", 5, pattern=_CLOCK),
    "lunchBreak": {
        "anyOf": [
            _object({"start": _text("", 5, pattern=_CLOCK), "end": _text("", 5, pattern=_CLOCK)}, ("start", "end")),
            {"type": ["null", "boolean"]},
        ],
        "description": "Closed in between.",
    },
}
_HOURS = _object(
    {
        "timezone": _text("IANA zone of contacts of whom none is known.", 60),
        **_DAY,
        "holidays": {
            "type": "array",
            "items": {"type": "string", "maxLength": 10},
            "description": "Dates, 2026-12-24.",
        },
        "timezones": {"type": "object", "additionalProperties": _object(_DAY), "description": "Others in these zones."},
        "country": _text("Whose public holidays are kept, as BR.", 60),
        "state": _text("As PR.", 60),
        "city": _text("As Curitiba.", 100),
        "publicHolidays": {"type": "boolean"},
        "optionalHolidays": {"type": "boolean"},
        "regionalHolidays": {"type": "boolean"},
    },
    description="When contacts may be messaged; without it, the hours of the settings.",
)
_TEXTS = {"anyOf": [{"type": "array", "items": _text("", 1_024)}, {"type": "object"}]}
_APPROVED = _object(
    {
        "name": _text("As Meta approved it: small letters, digits, _.", 512, pattern="^[a-z0-9_]+$"),
        "language": _text("As pt_BR.", 6),
        "header": _TEXTS,
        "body": {**_TEXTS, "description": "What fills the blanks of its body, in order or by name; Liquid."},
        "header_media": {"type": "object"},
        "buttons": {"type": "array", "items": {"type": "object"}, "maxItems": 10},
    },
    ("name", "language"),
    description="WhatsApp only: the approved template for whoever has not written within 24 hours. A campaign that "
    "speaks first needs one with a real number.",
)
_CHOICE = _object(
    {"id": _text("What it means, as confirm or decline.", 200), "title": _text("", 24), "description": _text("", 72)},
    ("id", "title"),
)
_STEP = _object(
    {
        "channel": {"enum": _CHANNELS},
        "wait": _text("After the step before: 30m, 48h, 3d, 2bd (business days).", 20, default="0m"),
        "when": {"enum": [one.value for one in When], "default": When.ALWAYS.value},
        "on_failure": {"enum": [one.value for one in OnFailure], "default": OnFailure.STOP.value},
        "stop_on_reply": {"type": "boolean", "default": True},
        "meeting": _text("Type of meeting that whoever says yes is offered times of.", 40),
        "name": _text("What the template is called.", 100),
        "subject": _text("Of e-mail, which needs one; Liquid.", 998),
        "text": _text("The message; Liquid, as Olá, {{ nome | primeiro_nome }}!", 65_536),
        "html": _text("The HTML part of an e-mail; Liquid.", 65_536),
        "approved": _APPROVED,
        "choices": {"type": "array", "items": _CHOICE, "maxItems": 10, "description": "WhatsApp only: answers."},
        "choices_label": _text("WhatsApp only: makes a list of the choices.", 20),
    },
    ("channel", "text"),
)

CAMPAIGN_SCHEMA: Mapping[str, Any] = _object(
    {
        "name": _text("Letters without accents, digits, . _ -", 64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"),
        "list": _text("The list of contacts."),
        "deadline": _text("After it unsent messages expire: 12h, 30d.", 20, default="30d"),
        "start_at": _text("Not before this instant, with its offset.", 40, format="date-time"),
        "timezone": _text("IANA zone of contacts of whom none is known.", 60),
        "region": _text("Their country and state, as BR-PR.", 20),
        "variables": {"type": "object", "additionalProperties": _text("", 5_000)},
        "limits": {
            "type": "object",
            "propertyNames": {"enum": _CHANNELS},
            "additionalProperties": _object({"burst": _LIMIT, "hourly": _LIMIT, "daily": _LIMIT}),
            "description": "In any rolling minute, hour, day; those of senders hold besides.",
        },
        "hours": _HOURS,
        "steps": {"type": "array", "items": _STEP, "minItems": 1, "maxItems": MOST_STEPS},
        "senders": {"type": "array", "items": _text("", 40), "description": "Only by these senders."},
    },
    ("name", "list", "steps"),
    **{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "campaign"},
)
