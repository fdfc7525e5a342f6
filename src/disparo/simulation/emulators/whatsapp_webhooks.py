"""The events that WhatsApp posts, in the shape of its webhooks v23 to v25 (business-scoped ids included).

Sources: Meta, webhook reference for messages, statuses and user preferences (November 2025), business-scoped user ids
(February 2026).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from disparo.simulation.emulators.whatsapp_errors import ERRORS
from disparo.simulation.emulators.whatsapp_requests import Choice

Change: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """Someone as WhatsApp knows them; without a number (`wa_id`) for whoever shows none."""

    wa_id: str | None
    user_id: str
    name: str = "Pessoa de teste"

    def named(self) -> dict[str, Any]:
        """The entry of `contacts`."""
        profile = {"name": self.name} if self.wa_id else {"name": self.name, "username": f"@{self.user_id[-6:]}"}
        return {"profile": profile, **self._known("wa_id", "user_id")}

    def sender(self) -> dict[str, str]:
        """Who wrote a message."""
        return self._known("from", "from_user_id")

    def recipient(self) -> dict[str, str]:
        """Whom a status is about."""
        return self._known("recipient_id", "recipient_user_id")

    def _known(self, number: str, user: str) -> dict[str, str]:
        return {**({number: self.wa_id} if self.wa_id else {}), user: self.user_id}


class ChangeMaker:
    """Makes one number's changes."""

    def __init__(self, phone_number_id: str, display_number: str) -> None:
        self._shared: dict[str, Any] = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": display_number, "phone_number_id": phone_number_id},
        }
        self._display_number = display_number

    def status(
        self, wamid: str, status: str, at_s: int, person: Person, opaque: str | None, failed_with: int | None = None
    ) -> Change:
        """A message's new status."""
        value: dict[str, Any] = {"id": wamid, "status": status, "timestamp": str(at_s), **person.recipient()}
        if opaque is not None:
            value["biz_opaque_callback_data"] = opaque
        if failed_with is not None:
            title = ERRORS.get(failed_with, (400, "Unknown error"))[1]
            told = {"code": failed_with, "title": title, "message": title, "error_data": {"details": title}}
            value["errors"] = [told]
        elif status in ("sent", "delivered"):
            value["pricing"] = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "marketing"}
        return self._change("messages", {"statuses": [value]})

    def inbound(self, wamid: str, at_s: int, person: Person, content: Mapping[str, Any], answers: str | None) -> Change:
        """A message from a person, which answers one of ours or none."""
        message: dict[str, Any] = {**person.sender(), "id": wamid, "timestamp": str(at_s), **content}
        if answers is not None:
            message["context"] = {"from": self._display_number, "id": answers}
        return self._change("messages", {"contacts": [person.named()], "messages": [message]})

    def preference(self, at_s: int, person: Person, value: str) -> Change:
        """A person stops marketing messages, or resumes them."""
        told = {
            **{name: text for name, text in person.named().items() if name != "profile"},
            "detail": f"User requested to {value} marketing messages",
            "category": "marketing_messages",
            "value": value,
            "timestamp": at_s,
        }
        return self._change("user_preferences", {"contacts": [person.named()], "user_preferences": [told]})

    def _change(self, field: str, value: Mapping[str, Any]) -> Change:
        return {"field": field, "value": {**self._shared, **value}}


def text_content(text: str) -> dict[str, Any]:
    """What a person wrote."""
    return {"type": "text", "text": {"body": text}}


def choice_content(choice: Choice) -> dict[str, Any]:
    """What a person tapped."""
    if choice.kind == "button":
        return {"type": "button", "button": {"payload": choice.id, "text": choice.title}}
    reply = {"id": choice.id, "title": choice.title}
    return {"type": "interactive", "interactive": {"type": choice.kind, choice.kind: reply}}


def webhook(business_account_id: str, changes: Sequence[Change]) -> dict[str, Any]:
    """The body of one request."""
    return {"object": "whatsapp_business_account", "entry": [{"id": business_account_id, "changes": list(changes)}]}
