"""Our message as a request to the WhatsApp Cloud API (POST `/{phone-number-id}/messages`)."""

from __future__ import annotations

import re
from typing import Any, Final

from disparo.domain.whatsapp_content import Approved, ApprovedButton, ButtonKind, Choices
from disparo.ports.channel import Outgoing

_ADDRESS: Final = re.compile(r"\+?([1-9][0-9]{6,14})")
_LINK: Final = re.compile(r"https?://")


def recipient(address: str) -> str | None:
    """A number (E.164) as the Cloud API is given it, its digits; None when it is no number."""
    found = _ADDRESS.fullmatch(address)
    return None if found is None else found[1]


def free_text(message: Outgoing, to: str) -> dict[str, Any]:
    """The body of a text, under which its choices stand when it has some; taken while the window is open only."""
    content = message.content
    if content.choices is None or not content.choices.options:
        text = {"body": content.text, "preview_url": bool(_LINK.search(content.text))}
        return {**_envelope(message, to), "type": "text", "text": text}
    interactive = {"body": {"text": content.text}, **_choices(content.choices)}
    return {**_envelope(message, to), "type": "interactive", "interactive": interactive}


def template(message: Outgoing, to: str, approved: Approved) -> dict[str, Any]:
    """The body of an approved template, which is always taken."""
    components = [part for part in (_header(approved), _body(approved)) if part is not None]
    components += [_button(one) for one in approved.buttons]
    body: dict[str, Any] = {"name": approved.name, "language": {"code": approved.language}}
    if components:
        body["components"] = components
    return {**_envelope(message, to), "type": "template", "template": body}


def _envelope(message: Outgoing, to: str) -> dict[str, Any]:
    """What every request has. Our id comes back in each status; Meta's reference allows it 256 bytes, a schema 512."""
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": to,
        "biz_opaque_callback_data": str(message.id),
    }


def _choices(choices: Choices) -> dict[str, Any]:
    if choices.label is None:
        buttons = [{"type": "reply", "reply": {"id": one.id, "title": one.title}} for one in choices.options]
        return {"type": "button", "action": {"buttons": buttons}}
    rows = [
        {"id": one.id, "title": one.title, **({"description": one.description} if one.description else {})}
        for one in choices.options
    ]
    return {"type": "list", "action": {"button": choices.label, "sections": [{"rows": rows}]}}


def _header(approved: Approved) -> dict[str, Any] | None:
    if (media := approved.header_media) is not None:
        parameter = {"type": media.kind.value, media.kind.value: {"link": media.link}}
        return {"type": "header", "parameters": [parameter]}
    return _texts("header", approved.header, approved.header_names)


def _body(approved: Approved) -> dict[str, Any] | None:
    return _texts("body", approved.body, approved.body_names)


def _texts(part: str, texts: tuple[str, ...], names: tuple[str, ...]) -> dict[str, Any] | None:
    if not texts:
        return None
    parameters: list[dict[str, str]] = [{"type": "text", "text": text} for text in texts]
    for parameter, name in zip(parameters, names, strict=bool(names)):
        parameter["parameter_name"] = name
    return {"type": part, "parameters": parameters}


def _button(button: ApprovedButton) -> dict[str, Any]:
    is_link = button.kind is ButtonKind.URL
    parameter = {"type": "text", "text": button.value} if is_link else {"type": "payload", "payload": button.value}
    return {"type": "button", "sub_type": button.kind.value, "index": str(button.index), "parameters": [parameter]}
