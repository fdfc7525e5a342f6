"""An example of each event, as an endpoint gets its `data`; docs and pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from disparo.domain.webhook import EventType

_T = EventType
_CONTACT = {"name": "Ana Souza", "phone": "+5541988887777", "email": "ana@exemplo.com.br"}
_SLOT = {"start_at": "2026-11-24T13:00:00.000+00:00", "end_at": "2026-11-24T13:30:00.000+00:00", "hosts": ["ana"]}


def _message(reason: str = "") -> dict[str, Any]:
    return {
        "message_id": "3.1.57",
        "campaign_id": "3",
        "contact_id": "57",
        "step": 1,
        "attempt": 1,
        "reason": reason,
    }


def _meeting(by: str, *, slot: bool = True, version: int = 2, reason: str = "") -> dict[str, Any]:
    return {
        "meeting_id": "12",
        "uid": "5f0c9b0f4c1f4e8c9a0b1c2d3e4f5a6b@disparo",
        "type": "demonstracao",
        "contact_id": "57",
        "campaign_id": "3",
        "version": version,
        "by": by,
        "reason": reason,
        "slot": _SLOT if slot else None,
        "offers": [],
    }


def _campaign(state: str, event: str, revision: int) -> dict[str, Any]:
    return {"campaign_id": "3", "campaign": "renegociacao", "state": state, "event": event, "revision": revision}


EXAMPLES: Mapping[EventType, Mapping[str, Any]] = {
    _T.MESSAGE_ACCEPTED: _message(),
    _T.MESSAGE_DELIVERED: _message(),
    _T.MESSAGE_READ: _message(),
    _T.MESSAGE_FAILED: _message("number_unknown"),
    _T.MESSAGE_DEAD: _message("retries_used_up"),
    _T.MESSAGE_IN_DOUBT: _message("no_answer"),
    _T.REPLY_RECEIVED: {
        "reply_id": "9b2f0e6c1d8a4b7e95f3c2a1d0e8b7c6",
        "channel": "whatsapp",
        "intent": "yes",
        "contact_id": "57",
        "message_id": "3.1.57",
        "campaign_id": "3",
        "text": "Sim, pode ser amanhã",
        "contact": _CONTACT,
    },
    _T.CONTACT_OPTED_OUT: {"contact_id": "57", "via": "reply", "channel": "whatsapp", "message_id": "3.1.57"},
    _T.MEETING_PROPOSED: {**_meeting("system", slot=False, version=1), "offers": [_SLOT]},
    _T.MEETING_AGREED: _meeting("contact"),
    _T.MEETING_MOVED: _meeting("contact", version=4),
    _T.MEETING_CANCELLED: _meeting("host", version=5, reason="host_ill"),
    _T.MEETING_DECLINED: _meeting("contact", slot=False),
    _T.MEETING_HELD: _meeting("host", version=3),
    _T.MEETING_NO_SHOW: _meeting("host", version=3),
    _T.MEETING_EXPIRED: _meeting("system", slot=False),
    _T.CAMPAIGN_STARTED: _campaign("running", "start", 1),
    _T.CAMPAIGN_PAUSED: _campaign("paused", "pause", 2),
    _T.CAMPAIGN_RESUMED: _campaign("running", "resume", 3),
    _T.CAMPAIGN_COMPLETED: _campaign("completed", "complete", 4),
    _T.CAMPAIGN_CANCELLED: _campaign("cancelled", "cancel", 2),
    _T.IMPORT_COMPLETED: {
        "import_id": "20261123130000000-4f1c0a9b",
        "list": "clientes",
        "rows": 1200,
        "created": 1150,
        "completed": 20,
        "unchanged": 10,
        "duplicates": 12,
        "rejected": 8,
    },
    _T.IMPORT_FAILED: {
        "import_id": "20261123130000000-4f1c0a9b",
        "list": "clientes",
        "rows": 0,
        "created": 0,
        "completed": 0,
        "unchanged": 0,
        "duplicates": 0,
        "rejected": 0,
    },
    _T.ALARM_CHANGED: {
        "id": "4f1c0a9b2d7e",
        "alarm": "failed_rate",
        "state": "alarm",
        "was": "ok",
        "value": 7.5,
        "threshold": 5.0,
        "unit": "%",
        "about": ["whatsapp"],
        "words": {"en": {"title": "Failed messages", "state": "alarm"}},
    },
    _T.WEBHOOK_TESTED: {"endpoint_id": "wh_4f1c0a9b2d7e"},
}
"""By type; `text` and `contact` are there only where the endpoint asked for personal data."""
