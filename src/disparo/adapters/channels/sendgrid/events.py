"""What SendGrid's events mean for a message (Twilio SendGrid, "Event Webhook Reference")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from disparo.domain.receipt import ReceiptKind, SuppressionCause

_K, _C = ReceiptKind, SuppressionCause


@dataclass(frozen=True, slots=True)
class Meaning:
    """The part of a receipt that an event's name and reason decide."""

    kind: ReceiptKind
    reason: str = ""
    suppress: SuppressionCause | None = None


EVENTS: Mapping[str, Meaning] = {
    "processed": Meaning(_K.ACCEPTED),
    "delivered": Meaning(_K.DELIVERED),
    "open": Meaning(_K.READ),
    "click": Meaning(_K.READ),
    "deferred": Meaning(_K.NOTED, "deferred"),  # SendGrid goes on trying, up to 72 hours
    "bounce": Meaning(_K.FAILED, "bounced", _C.BOUNCED),
    "dropped": Meaning(_K.FAILED, "dropped"),
    "spamreport": Meaning(_K.NOTED, "complained", _C.COMPLAINED),
    "unsubscribe": Meaning(_K.NOTED, "opted_out", _C.OPTED_OUT),
    "group_unsubscribe": Meaning(_K.NOTED, "opted_out", _C.OPTED_OUT),
    "group_resubscribe": Meaning(_K.NOTED, "resubscribed"),
}
"""By the event's name."""

BOUNCES: Mapping[str, Meaning] = {
    "blocked": Meaning(_K.FAILED, "blocked"),  # of the moment or of our reputation, not of the address
    "expired": Meaning(_K.FAILED, "came_too_late"),
}
"""Of `bounce`, by its `type`; all others are hard bounces."""

DROPS: Mapping[str, Meaning] = {
    "bounced address": Meaning(_K.FAILED, "bounced_before", _C.BOUNCED),
    "unsubscribed address": Meaning(_K.FAILED, "opted_out", _C.OPTED_OUT),
    "spam reporting address": Meaning(_K.FAILED, "complained", _C.COMPLAINED),
    "invalid smtpapi header": Meaning(_K.FAILED, "message_refused"),
    "invalid": Meaning(_K.FAILED, "address_refused"),
    "spam content": Meaning(_K.FAILED, "content_flagged"),
    "recipient list over package quota": Meaning(_K.FAILED, "quota_reached"),
}
"""Of `dropped`, by how its `reason` begins, in this order."""

OPENED_BY_MACHINE = Meaning(_K.NOTED, "opened_by_machine")
UNKNOWN = Meaning(_K.NOTED, "unknown_event")


def meaning_of(event: Mapping[str, Any]) -> Meaning:
    """What an event says of its message; of one that is not known that it happened."""
    name = event.get("event")
    usual = EVENTS.get(name, UNKNOWN) if isinstance(name, str) else UNKNOWN
    match name:
        case "open" if event.get("sg_machine_open") is True:
            return OPENED_BY_MACHINE
        case "bounce":
            return BOUNCES.get(str(event.get("type")), usual)
        case "dropped":
            reason = str(event.get("reason", ""))[:200].lower()
            return next((one for begin, one in DROPS.items() if reason.startswith(begin)), usual)
        case _:
            return usual
