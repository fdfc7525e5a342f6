"""What people write to a number, and what they choose in WhatsApp's own settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from disparo.adapters.channels.whatsapp.fields import (
    PROVIDER,
    TEXT_LIMIT,
    id_in,
    id_or_none,
    instant_in,
    object_in,
    objects_in,
    phone_in,
    text_in,
)
from disparo.adapters.channels.whatsapp.notices import digest, notice
from disparo.domain.contact import Channel
from disparo.domain.receipt import Notice, Reply
from disparo.domain.whatsapp_content import BUTTON_ID_LIMIT

STAND_INS: Final = {
    "image": "[imagem]",
    "video": "[vídeo]",
    "audio": "[áudio]",
    "document": "[documento]",
    "sticker": "[figurinha]",
    "location": "[localização]",
    "contacts": "[contato]",
    "order": "[pedido]",
    "unsupported": "[mensagem que o WhatsApp não mostra à empresa]",
}
"""What is read in the inbox for a message without a text, in the operator's language."""

OTHER: Final = "[mensagem de outro tipo]"
OTHER_ANSWER: Final = "[formulário respondido]"
STOPPED: Final = "[pediu ao WhatsApp para não receber mais ofertas]"


@dataclass(frozen=True, slots=True)
class _Said:
    """The words of a message, the button or row they come from, and the provider's id of what they answer."""

    text: str
    choice: str | None = None
    answers: str | None = None


def read_message(event: Mapping[str, Any], value: Mapping[str, Any]) -> Reply | Notice:
    """What a person wrote; a notice of what nobody wrote: a new number, a reaction taken back.

    ValueError for what is no message, or from nobody.
    """
    event_id, at, kind = id_in(event, "id"), instant_in(event, "timestamp"), id_in(event, "type")
    address, user_id = phone_in(event, "from"), id_or_none(event, "from_user_id") or _user_id(event, value)
    if address is None and user_id is None:
        raise ValueError("from")
    said = None if kind == "system" else _said(event, kind)
    if said is None:
        what = id_or_none(object_in(event, "system"), "type") or "taken_back"
        return notice(f"{kind}:{what}", event_id, at, event)
    return Reply(
        PROVIDER,
        event_id,
        None,
        said.text,
        at,
        Channel.WHATSAPP,
        address,
        user_id,
        said.answers or id_or_none(object_in(event, "context"), "id"),
        sender_of(value),
        said.choice,
    )


def read_preference(event: Mapping[str, Any], value: Mapping[str, Any]) -> Reply | Notice:
    """Somebody's wish about marketing messages: `stop` is an opt-out, which WhatsApp has confirmed to them itself.

    ValueError for what is no such wish, or nobody's.
    """
    wish, at = id_in(event, "value"), instant_in(event, "timestamp")
    address, user_id = phone_in(event, "wa_id"), id_or_none(event, "user_id") or _user_id(event, value)
    sender = sender_of(value)
    event_id = digest("user_preferences", sender, address, user_id, wish, at.isoformat())
    if wish != "stop":
        return notice("user_preferences", event_id, at, event)
    if address is None and user_id is None:
        raise ValueError("wa_id")
    return Reply(
        PROVIDER,
        event_id,
        None,
        STOPPED,
        at,
        Channel.WHATSAPP,
        address,
        user_id,
        sender=sender,
        opted_out=True,
        answered=True,
    )


def sender_of(value: Mapping[str, Any]) -> str | None:
    """Our number that an event came to, as Meta names it."""
    return id_or_none(object_in(value, "metadata"), "phone_number_id")


def _user_id(event: Mapping[str, Any], value: Mapping[str, Any]) -> str | None:
    """The business-scoped id in the contact beside a message, whose number is told there when it is told at all."""
    number = event.get("from", event.get("wa_id"))
    contacts = [one for one in objects_in(value, "contacts") if isinstance(one, dict)]
    beside = [one for one in contacts if one.get("wa_id") == number]
    return id_or_none(beside[0], "user_id") if len(beside) == 1 else None


def _said(event: Mapping[str, Any], kind: str) -> _Said | None:
    content = object_in(event, kind)
    match kind:
        case "text":
            return _Said(text_in(content, "body"))
        case "button":
            return _Said(text_in(content, "text"), _choice(content, "payload"))
        case "interactive":
            return _answer(content)
        case "reaction":
            emoji = text_in(content, "emoji")
            return _Said(emoji, answers=id_or_none(content, "message_id")) if emoji else None
        case _:
            return _Said(_stand_in(content, kind))


def _answer(interactive: Mapping[str, Any]) -> _Said:
    for kind in ("button_reply", "list_reply"):
        if reply := object_in(interactive, kind):
            return _Said(text_in(reply, "title"), _choice(reply, "id"))
    return _Said(OTHER_ANSWER)


def _choice(event: Mapping[str, Any], key: str) -> str | None:
    """An id that we gave, which may hold spaces; None when there is none or it is too long to be ours."""
    value = text_in(event, key)
    return value if 0 < len(value) <= BUTTON_ID_LIMIT else None


def _stand_in(content: Mapping[str, Any], kind: str) -> str:
    stand_in = STAND_INS.get(kind, OTHER)
    words = [text_in(content, key) for key in ("caption", "name", "address")] if kind != "contacts" else []
    return " ".join([stand_in, *(one for one in words if one)])[:TEXT_LIMIT]
