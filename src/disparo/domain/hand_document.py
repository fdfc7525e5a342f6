"""A text that was written by hand, as a document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from disparo.domain.contact import Channel
from disparo.domain.hand_message import HandMessage
from disparo.domain.template_document import parse_template, template_document


def hand_document(message: HandMessage) -> dict[str, Any]:
    """What is kept of a text besides its contact, key, number and instant, as JSON values."""
    return {
        "channel": message.channel.value,
        "sender": message.sender,
        "template": template_document(message.template),
        "variables": dict(message.variables),
        "by": message.by,
    }


def read_hand_message(
    document: Mapping[str, Any], *, contact_id: str, key: str, number: int, at: datetime
) -> HandMessage:
    """The text of a document that `hand_document` made."""
    channel = Channel(document["channel"])
    return HandMessage(
        contact_id=contact_id,
        key=key,
        channel=channel,
        sender=document["sender"],
        template=parse_template(document["template"], channel),
        variables=document["variables"],
        by=document["by"],
        at=at,
        number=number,
    )
