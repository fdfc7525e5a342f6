"""Our message as a tool's arguments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from disparo.adapters.mcp.arguments import Value
from disparo.domain.whatsapp_content import Approved
from disparo.ports.channel import Outgoing


def fields(message: Outgoing, extras: Mapping[str, str]) -> dict[str, Value]:
    """What placeholders stand for; None is what this message does not have.

    `idempotency_key` is the same for every attempt at a message, and differs where another installation has the same
    message id for another person. `list_unsubscribe` and `list_unsubscribe_post` are headers of RFC 8058. What begins
    with `template_` is of a template that Meta approved: its components as the Cloud API writes them (messages, object
    `template`), texts only, and the same as JSON in a text.
    """
    content, url, approved = message.content, message.unsubscribe_url, message.content.approved
    components = None if approved is None else _components(approved)
    person = blake2b(message.address.encode(), digest_size=8).hexdigest()
    return {
        **extras,
        "to": message.address,
        "to_digits": message.address.removeprefix("+"),
        "text": content.text,
        "subject": content.subject,
        "html": content.html,
        "html_or_text": content.html or content.text,
        "body_format": "html" if content.html else "plain",
        "mime_type": "multipart/alternative" if content.html else "text/plain",
        "message_id": str(message.id),
        "idempotency_key": f"{message.id}.{person}",
        "window_open": message.window_open,
        "template_name": approved.name if approved else None,
        "template_language": approved.language if approved else None,
        "template_components": components,
        "template_components_json": None if components is None else json.dumps(components, ensure_ascii=False),
        "unsubscribe_url": url,
        "list_unsubscribe": f"<{url}>" if url else None,
        "list_unsubscribe_post": "List-Unsubscribe=One-Click" if url and url.startswith("https:") else None,
    }


OURS = frozenset(
    (
        *("to", "to_digits", "text", "subject", "html", "html_or_text", "body_format", "mime_type"),
        *("message_id", "idempotency_key", "window_open"),
        *("template_name", "template_language", "template_components", "template_components_json"),
        *("unsubscribe_url", "list_unsubscribe", "list_unsubscribe_post"),
    )
)
"""The names of `fields`, without those that a secret adds."""


def _components(approved: Approved) -> list[dict[str, Any]]:
    parts = (("header", approved.header_names, approved.header), ("body", approved.body_names, approved.body))
    return [
        {"type": name, "parameters": [_parameter(text, names[at] if names else None) for at, text in enumerate(texts)]}
        for name, names, texts in parts
        if texts
    ]


def _parameter(text: str, name: str | None) -> dict[str, str]:
    return {"type": "text", "text": text} if name is None else {"type": "text", "parameter_name": name, "text": text}
