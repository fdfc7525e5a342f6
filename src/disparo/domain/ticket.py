"""A ticket says that a message was claimed, for whoever is to carry it at its moment in another process."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.message import Claimed, MessageId

VERSION = 1
"""Of the JSON form. A ticket lives for seconds, so another version is refused and its lease lapses."""

_LATEST_MS = 253_402_300_799_999
"""The end of the year 9999: behind it no datetime can follow."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What travels over a queue in place of a claimed message. No personal data: ids, a fence and instants.

    Only a pointer: whoever holds one asks the ledger whether the claim still stands. A ticket that is lost, repeated
    or overtaken therefore costs nothing but its permit. Instants are kept to the millisecond, rounded down.
    """

    id: MessageId
    sender: str
    channel: Channel
    fence: int
    permit_at: datetime
    closes_at: datetime | None
    lease_until: datetime
    probe: bool = False

    @classmethod
    def of(cls, message: Claimed) -> Self:
        """The ticket of a claim."""
        return cls(
            message.id,
            message.sender,
            message.channel,
            message.fence,
            message.permit_at,
            message.closes_at,
            message.lease_until,
            message.probe,
        )

    def to_json(self) -> dict[str, object]:
        """JSON values; inverse of `from_json`."""
        closes_at = {} if self.closes_at is None else {"closes_at_ms": to_ms(self.closes_at)}
        return {
            "ticket": VERSION,
            "id": str(self.id),
            "sender": self.sender,
            "channel": str(self.channel),
            "fence": self.fence,
            "permit_at_ms": to_ms(self.permit_at),
            "lease_until_ms": to_ms(self.lease_until),
            "probe": self.probe,
            **closes_at,
        }

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read a ticket; InputError for anything else, which names the part that is wrong but not what it holds."""
        if not isinstance(value, Mapping) or value.get("ticket") != VERSION:
            raise InputError(f"bilhete: não é um objeto com ticket = {VERSION}; descarte")
        probe = value.get("probe", False)
        if not isinstance(probe, bool):
            raise _poison("probe")
        return cls(
            _id(value.get("id")),
            _text(value, "sender"),
            _channel(value.get("channel")),
            _whole(value, "fence"),
            from_ms(_whole(value, "permit_at_ms")),
            None if value.get("closes_at_ms") is None else from_ms(_whole(value, "closes_at_ms")),
            from_ms(_whole(value, "lease_until_ms")),
            probe,
        )


def _poison(part: str) -> InputError:
    return InputError(f"bilhete: {part} falta ou não serve; descarte")


def _text(value: Mapping[object, object], part: str) -> str:
    text = value.get(part)
    if not isinstance(text, str) or not text:
        raise _poison(part)
    return text


def _whole(value: Mapping[object, object], part: str) -> int:
    number = value.get(part)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= _LATEST_MS:
        raise _poison(part)
    return number


def _id(text: object) -> MessageId:
    found = re.fullmatch(r"([^.]+)\.([0-9]{1,18})\.(.+)", text) if isinstance(text, str) else None
    if found is None:
        raise _poison("id")
    return MessageId(found[1], int(found[2]), found[3])


def _channel(text: object) -> Channel:
    try:
        return Channel(str(text))
    except ValueError:
        raise _poison("channel") from None
