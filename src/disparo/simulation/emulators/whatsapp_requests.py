"""What WhatsApp's Cloud API takes as a message: text, template, interactive buttons and list, and nothing beside.

Limits from Meta's pages on text messages, interactive reply buttons and interactive lists (November 2025), its OpenAPI
description v23.0, and its error codes: 100 for a parameter that is unknown, 131008 for one that is missing, 131009 for
one whose value is wrong, 132018 for a template parameter with line breaks. A list's body may have 1,024 characters in
the description and 4,096 on the page: the smaller holds here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OPAQUE_BYTES = 256

_NUMBER = re.compile(r"\+?[1-9][0-9]{6,14}")
_USER = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
_OTHER_TYPES = ("image", "video", "audio", "document", "sticker", "location", "contacts", "reaction")
_COMPONENTS = ("header", "body", "button")
_PARAMETERS = ("text", "currency", "date_time", "image", "video", "document", "payload", "action")
_DATE = ("day_of_week", "year", "month", "day_of_month", "hour", "minute", "calendar")
_SUB_TYPES = ("quick_reply", "url", "copy_code", "flow", "catalog", "mpm", "voice_call")
_UGLY = re.compile(r"[\n\t]| {5}")


class BadParameterError(Exception):
    """A request that Meta refuses: its error code, and what is wrong."""

    def __init__(self, code: int, details: str) -> None:
        super().__init__(f"{code} {details}")
        self.code, self.details = code, details


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that the person can tap: `kind` is `button_reply`, `list_reply` or `button` (of a template)."""

    kind: str
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class WhatsappMessage:
    """A message as it was asked for. `to` is a number as it was written, or a business-scoped id."""

    to: str
    kind: str
    text: str
    opaque: str | None = None
    choices: Sequence[Choice] = ()
    template: tuple[str, str] | None = None
    parameters: int = 0


def read_message(body: bytes) -> WhatsappMessage:
    """The message of a request's body; BadParameterError."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise BadParameterError(100, "The request body is not valid JSON") from None
    if not isinstance(document, dict):
        raise BadParameterError(100, "The request body must be a JSON object")
    if document.get("messaging_product") != "whatsapp":
        raise BadParameterError(100, "The parameter messaging_product is required.")
    kind = document.get("type", "text")
    if kind in _OTHER_TYPES:
        raise BadParameterError(131051, f"Message type {kind} is not known to this emulator")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise BadParameterError(100, f"Param type must be one of {{{', '.join(_READERS)}}}")
    shared = ("recipient_type", "to", "recipient", "context", "biz_opaque_callback_data")
    _fields(document, "", ("messaging_product", "type", kind), shared)
    to, opaque = _recipient(document), _envelope(document)
    return reader(document[kind], to, opaque)


def _recipient(document: Mapping[str, Any]) -> str:
    if document.get("recipient_type", "individual") != "individual":
        raise BadParameterError(131009, "recipient_type must be individual")
    to, user = document.get("to"), document.get("recipient")
    if to is None and user is None:
        raise BadParameterError(131008, "The parameter to is required.")
    value, pattern = (user, _USER) if to is None else (to, _NUMBER)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadParameterError(131009, "Recipient is not a valid phone number or user id")
    return value


def _envelope(document: Mapping[str, Any]) -> str | None:
    if "context" in document:
        context = _fields(document["context"], "context", ("message_id",))
        _text(context["message_id"], "context.message_id", 512)
    if "biz_opaque_callback_data" not in document:
        return None
    opaque = _text(document["biz_opaque_callback_data"], "biz_opaque_callback_data", OPAQUE_BYTES)
    if len(opaque.encode()) > OPAQUE_BYTES:
        raise BadParameterError(131009, f"biz_opaque_callback_data must be at most {OPAQUE_BYTES} bytes")
    return opaque


def _free_text(value: object, to: str, opaque: str | None) -> WhatsappMessage:
    text = _fields(value, "text", ("body",), ("preview_url",))
    if not isinstance(text.get("preview_url", False), bool):
        raise BadParameterError(131009, "text.preview_url must be a boolean")
    return WhatsappMessage(to, "text", _text(text["body"], "text.body", 4096), opaque)


def _template(value: object, to: str, opaque: str | None) -> WhatsappMessage:
    template = _fields(value, "template", ("name", "language"), ("components",))
    name = _text(template["name"], "template.name", 512)
    language = _fields(template["language"], "template.language", ("code",), ("policy",))
    code = _text(language["code"], "template.language.code", 10, least=2)
    if language.get("policy", "deterministic") != "deterministic":
        raise BadParameterError(131009, "template.language.policy must be deterministic")
    words, choices, parameters = list[str](), list[Choice](), 0
    for place, component in enumerate(_items(template.get("components", []), "template.components", 0, 20)):
        where = f"template.components[{place}]"
        kind, found = _component(component, where)
        if kind == "body":
            parameters = len(found)
        if kind == "button" and component["sub_type"].lower() == "quick_reply":
            payload = found[0] if found else ""
            choices.append(Choice("button", payload, payload))
        elif found:
            words.append(", ".join(found))
    said = f"{name}: {'; '.join(words)}" if words else name
    return WhatsappMessage(to, "template", said, opaque, choices, (name, code), parameters)


def _component(value: object, where: str) -> tuple[str, list[str]]:
    component = _fields(value, where, ("type",), ("sub_type", "index", "parameters"))
    kind = component["type"]
    if not isinstance(kind, str) or kind.lower() not in _COMPONENTS:
        raise BadParameterError(131009, f"{where}.type must be one of {{{', '.join(_COMPONENTS)}}}")
    if kind.lower() == "button":
        _fields(component, where, ("type", "sub_type", "index"), ("parameters",))
        if str(component["sub_type"]).lower() not in _SUB_TYPES:
            raise BadParameterError(131009, f"{where}.sub_type must be one of {{{', '.join(_SUB_TYPES)}}}")
        if str(component["index"]) not in tuple("0123456789"):
            raise BadParameterError(131009, f"{where}.index must be from 0 to 9")
    items = _items(component.get("parameters", []), f"{where}.parameters", 0, 100)
    return kind.lower(), [_parameter(item, f"{where}.parameters[{place}]") for place, item in enumerate(items)]


def _parameter(value: object, where: str) -> str:
    kind = _fields(value, where, ("type",), None)["type"]
    if kind not in _PARAMETERS:
        raise BadParameterError(131009, f"{where}.type must be one of {{{', '.join(_PARAMETERS)}}}")
    parameter = _fields(value, where, ("type", kind), ("parameter_name",))
    if kind in ("text", "payload"):
        text = _text(parameter[kind], f"{where}.{kind}", 32_768)
        if kind == "text" and _UGLY.search(text):
            told = "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
            raise BadParameterError(132018, told)
        return text
    if kind in ("currency", "date_time"):
        exact = ("fallback_value", "code", "amount_1000") if kind == "currency" else ("fallback_value",)
        inner = _fields(parameter[kind], f"{where}.{kind}", exact, () if kind == "currency" else _DATE)
        if kind == "currency" and not (
            type(inner["amount_1000"]) is int and re.fullmatch("[A-Z]{3}", str(inner["code"]))
        ):
            raise BadParameterError(131009, f"{where}.currency is not an amount")
        return _text(inner["fallback_value"], f"{where}.{kind}.fallback_value", 1024)
    if kind == "action":
        _fields(parameter[kind], f"{where}.action", (), None)
        return ""
    return _media(parameter[kind], f"{where}.{kind}")


def _interactive(value: object, to: str, opaque: str | None) -> WhatsappMessage:
    interactive = _fields(value, "interactive", ("type", "body", "action"), ("header", "footer"))
    kind = interactive["type"]
    if kind not in ("button", "list"):
        raise BadParameterError(131009, "interactive.type must be button or list in this emulator")
    body = _fields(interactive["body"], "interactive.body", ("text",))
    text = _text(body["text"], "interactive.body.text", 1024)
    if "footer" in interactive:
        footer = _fields(interactive["footer"], "interactive.footer", ("text",))
        _text(footer["text"], "interactive.footer.text", 60)
    if "header" in interactive:
        _header(interactive["header"], text_only=kind == "list")
    choices = (_buttons if kind == "button" else _rows)(interactive["action"])
    if len({choice.id for choice in choices}) < len(choices):
        raise BadParameterError(131009, "ids must be unique within the message")
    return WhatsappMessage(to, "interactive", text, opaque, choices)


def _header(value: object, *, text_only: bool) -> None:
    kind = _fields(value, "interactive.header", ("type",), None)["type"]
    if kind not in (("text",) if text_only else ("text", "image", "video", "document")):
        raise BadParameterError(131009, "interactive.header.type is not valid here")
    header = _fields(value, "interactive.header", ("type", kind))
    if kind == "text":
        _text(header["text"], "interactive.header.text", 60)
    else:
        _media(header[kind], f"interactive.header.{kind}")


def _media(value: object, where: str) -> str:
    media = _fields(value, where, (), ("id", "link", "caption", "filename"))
    if ("id" in media) == ("link" in media):
        raise BadParameterError(131009, f"{where} must have either id or link")
    link = _text(media.get("id") or media.get("link"), where, 2048)
    if "link" in media and not link.startswith(("https://", "http://")):
        raise BadParameterError(131009, f"{where}.link must be a URL")
    return link


def _buttons(value: object) -> list[Choice]:
    found = []
    buttons = _fields(value, "interactive.action", ("buttons",))["buttons"]
    for place, item in enumerate(_items(buttons, "interactive.action.buttons", 1, 3)):
        where = f"interactive.action.buttons[{place}]"
        button = _fields(item, where, ("type", "reply"))
        if button["type"] != "reply":
            raise BadParameterError(131009, f"{where}.type must be reply")
        reply = _fields(button["reply"], f"{where}.reply", ("id", "title"))
        id_ = _id(reply["id"], f"{where}.reply.id", 256)
        found.append(Choice("button_reply", id_, _text(reply["title"], f"{where}.reply.title", 20)))
    if len({choice.title for choice in found}) < len(found):
        raise BadParameterError(131009, "button titles must be unique within the message")
    return found


def _rows(value: object) -> list[Choice]:
    action = _fields(value, "interactive.action", ("button", "sections"))
    _text(action["button"], "interactive.action.button", 20)
    sections, found = _items(action["sections"], "interactive.action.sections", 1, 10), list[Choice]()
    for place, item in enumerate(sections):
        where = f"interactive.action.sections[{place}]"
        titled = ("rows", "title") if len(sections) > 1 else ("rows",)
        section = _fields(item, where, titled, ("title",))
        _text(section.get("title", "-"), f"{where}.title", 24)
        for line, inner in enumerate(_items(section["rows"], f"{where}.rows", 1, 10)):
            row = _fields(inner, f"{where}.rows[{line}]", ("id", "title"), ("description",))
            _text(row.get("description", ""), f"{where}.rows[{line}].description", 72, least=0)
            title = _text(row["title"], f"{where}.rows[{line}].title", 24)
            found.append(Choice("list_reply", _id(row["id"], f"{where}.rows[{line}].id", 200), title))
    if len(found) > 10:
        raise BadParameterError(131009, "Total row count exceeds the maximum of 10")
    return found


def _fields(value: object, where: str, required: Sequence[str], optional: Sequence[str] | None = ()) -> dict[str, Any]:
    """An object with these fields; with `optional` None further ones do not matter yet."""
    if not isinstance(value, dict):
        raise BadParameterError(131009, f"{where or 'the body'} must be an object")
    for name in required:
        if name not in value:
            raise BadParameterError(131008, f"The parameter {where}{'.' if where else ''}{name} is required.")
    if optional is not None:
        for name in value:
            if name not in required and name not in optional:
                raise BadParameterError(100, f'Unexpected key "{str(name)[:40]}" on param "{where}"')
    return value


def _items(value: object, where: str, least: int, most: int) -> list[Any]:
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise BadParameterError(131009, f"{where} must be a list of {least} to {most}")
    return value


def _text(value: object, where: str, most: int, *, least: int = 1) -> str:
    if not isinstance(value, str):
        raise BadParameterError(131009, f"{where} must be a string")
    if not least <= len(value) <= most or (least and not value.strip()):
        code = 131008 if least and not value.strip() else 131009
        raise BadParameterError(code, f"{where} must have {least} to {most} characters")
    return value


def _id(value: object, where: str, most: int) -> str:
    text = _text(value, where, most)
    if text != text.strip():
        raise BadParameterError(131009, f"{where} must not begin or end with spaces")
    return text


_READERS: dict[str, Callable[[object, str, str | None], WhatsappMessage]] = {
    "text": _free_text,
    "template": _template,
    "interactive": _interactive,
}
