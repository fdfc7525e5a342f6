"""Addresses that must not be messaged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from disparo.domain.contact import Channel

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Suppression:
    """`key` (a phone key or an e-mail key) must not be messaged on `channel`, or on any (None).

    `reason` is `opted_out`, `bounced`, `complained` or `by_hand`; `source` says who or what put it there.
    """

    key: str
    channel: Channel | None
    reason: str
    source: str
    at: datetime


def by_contact(
    suppressions: Sequence[Suppression], owners: Iterable[tuple[str, C]]
) -> Mapping[C, Sequence[Suppression]]:
    """What speaks of each contact, in the order given; `owners` are keys and the contacts that have them."""
    numbers: dict[str, list[int]] = {}
    for number, one in enumerate(suppressions):
        numbers.setdefault(one.key, []).append(number)
    found: dict[C, set[int]] = {}
    for key, contact in owners:
        found.setdefault(contact, set()).update(numbers[key])
    return {contact: [suppressions[number] for number in sorted(each)] for contact, each in found.items()}


def cause_of(suppressions: Sequence[Suppression], channel: Channel) -> tuple[str, str] | None:
    """The reason and source of the first that holds on a channel, or None."""
    for one in suppressions:
        if one.channel in (None, channel):
            return one.reason, one.source
    return None
