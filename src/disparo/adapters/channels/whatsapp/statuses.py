"""Status events: what became of a message that was taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from disparo.adapters.channels.whatsapp.detail import detail_of
from disparo.adapters.channels.whatsapp.errors import OPTED_OUT, UNDELIVERABLE, code_of, meaning_of
from disparo.adapters.channels.whatsapp.fields import PROVIDER, id_in, id_or_none, instant_in, objects_in, text_in
from disparo.adapters.channels.whatsapp.notices import notice
from disparo.domain.receipt import Notice, Receipt, ReceiptKind, SuppressionCause

_KINDS: Final = {
    "sent": ReceiptKind.ACCEPTED,
    "delivered": ReceiptKind.DELIVERED,
    "read": ReceiptKind.READ,
    "played": ReceiptKind.READ,
    "failed": ReceiptKind.FAILED,
}
_SUPPRESS: Final = {OPTED_OUT: SuppressionCause.OPTED_OUT, UNDELIVERABLE: SuppressionCause.BOUNCED}
_NOTED: Final = frozenset({"deleted", "warning", "pending", "held_for_quality_assessment", "paused"})
_NO_CODE: Final = -1


def read_status(event: Mapping[str, Any]) -> Receipt | Notice:
    """The receipt of a status with our id, else a notice of it; ValueError for what is no status.

    A message has each status once, so that the provider's id and the status together name the event.
    """
    provider_id, status, at = id_in(event, "id"), id_in(event, "status"), instant_in(event, "timestamp")
    event_id = f"{provider_id}:{status}"
    message_id = id_or_none(event, "biz_opaque_callback_data")
    if message_id is None:
        return notice("status", event_id, at, event)
    kind = _KINDS.get(status, ReceiptKind.NOTED)
    reason, detail, suppress = "", "", None
    if kind is ReceiptKind.FAILED:
        reason, detail, suppress = _failure(event)
    elif kind is ReceiptKind.NOTED:
        reason, detail = status if status in _NOTED else "unknown_status", text_in(event, "status")
    return Receipt(
        PROVIDER,
        event_id,
        message_id,
        kind,
        at,
        provider_id,
        detail,
        reason,
        suppress,
        id_or_none(event, "recipient_user_id"),
    )


def _failure(event: Mapping[str, Any]) -> tuple[str, str, SuppressionCause | None]:
    """Our reason, Meta's words, and whether the address is to be left alone."""
    errors = [one for one in objects_in(event, "errors") if isinstance(one, dict)]
    error = next((one for one in errors if code_of(one) is not None), None)
    if error is None:
        return "refused_later", "", None
    code = code_of(error)
    assert code is not None
    return meaning_of(code, 0).reason, detail_of(error), _SUPPRESS.get(code)
