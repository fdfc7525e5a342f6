"""What SendGrid's v3 Mail Send takes beside recipients and texts: settings, categories, attachments.

Source: SendGrid's OpenAPI description `tsg_mail_v3`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

_SWITCH: dict[str, type] = {"enable": bool}
_SETTINGS: dict[str, dict[str, dict[str, type]]] = {
    "mail_settings": {
        "bypass_list_management": _SWITCH,
        "bypass_spam_management": _SWITCH,
        "bypass_bounce_management": _SWITCH,
        "bypass_unsubscribe_management": _SWITCH,
        "footer": {"enable": bool, "text": str, "html": str},
        "sandbox_mode": _SWITCH,
    },
    "tracking_settings": {
        "click_tracking": {"enable": bool, "enable_text": bool},
        "open_tracking": {"enable": bool, "substitution_tag": str},
        "subscription_tracking": {"enable": bool, "text": str, "html": str, "substitution_tag": str},
        "ganalytics": {
            "enable": bool,
            **dict.fromkeys(("utm_source", "utm_medium", "utm_term", "utm_content", "utm_campaign"), str),
        },
    },
}
_ATTACHMENT = ("content", "filename", "type", "disposition", "content_id")
_MOST_GROUPS = 25


class BadMailError(Exception):
    """A request that SendGrid refuses with 400: the field, and what is wrong."""

    def __init__(self, field: str | None, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


def check_settings(document: Mapping[str, Any]) -> None:
    """BadMailError for what is wrong in a request's settings."""
    _check_categories(document.get("categories", []))
    for name in ("template_id", "batch_id", "ip_pool_name"):
        value = document.get(name, "xx")
        if not isinstance(value, str) or not 2 <= len(value) <= (64 if name == "ip_pool_name" else 1000):
            raise BadMailError(name, f"The {name} must be a string.")
    for name, groups in _SETTINGS.items():
        given = object_of(document.get(name, {}), name)
        known_fields(given, name, groups)
        for group, value in given.items():
            _check_types(value, f"{name}.{group}", groups[group])
    if "asm" in document:
        _check_groups(document["asm"])
    if "attachments" in document:
        for place, item in enumerate(items_of(document["attachments"], "attachments")):
            _check_attachment(item, f"attachments.{place}")


def _check_categories(value: object) -> None:
    texts = value if isinstance(value, list) else [None]
    valid = all(isinstance(one, str) and len(one) <= 255 for one in texts)
    if not valid or len(texts) > 10 or len(set(texts)) < len(texts):
        raise BadMailError("categories", "You can have up to 10 unique categories of up to 255 characters.")


def _check_types(value: object, where: str, types: Mapping[str, type]) -> None:
    known_fields(value, where, types)
    for name, one in object_of(value, where).items():
        if not isinstance(one, types[name]):
            raise BadMailError(f"{where}.{name}", "This value has the wrong type.")


def _check_groups(value: object) -> None:
    asm = object_of(value, "asm")
    known_fields(asm, "asm", ("group_id", "groups_to_display"))
    shown = asm.get("groups_to_display", [])
    if not isinstance(shown, list) or len(shown) > _MOST_GROUPS or not all(type(one) is int for one in shown):
        raise BadMailError("asm.groups_to_display", "The groups to display must be up to 25 integers.")
    if type(asm.get("group_id")) is not int:
        raise BadMailError("asm.group_id", "The asm group_id is required and must be an integer.")


def _check_attachment(value: object, where: str) -> None:
    known_fields(value, where, _ATTACHMENT)
    attachment = object_of(value, where)
    texts = all(isinstance(one, str) and one for one in attachment.values())
    if not texts or not {"content", "filename"} <= attachment.keys():
        raise BadMailError(where, "The attachment content and filename are required; all fields are strings.")
    if attachment.get("disposition", "inline") not in ("inline", "attachment"):
        raise BadMailError(f"{where}.disposition", "The disposition must be inline or attachment.")


def known_fields(value: object, where: str | None, names: Collection[str]) -> None:
    """BadMailError unless it is an object with no other fields."""
    for name in object_of(value, where):
        if name not in names:
            raise BadMailError(f"{where}.{name}" if where else name, "This field is not known.")


def object_of(value: object, where: str | None) -> dict[str, Any]:
    """A JSON object; BadMailError."""
    if not isinstance(value, dict):
        raise BadMailError(where, "This must be a JSON object.")
    return value


def items_of(value: object, where: str) -> list[Any]:
    """A list with something in it; BadMailError."""
    if not isinstance(value, list) or not value:
        raise BadMailError(where, "This must be a list with at least one entry.")
    return value
