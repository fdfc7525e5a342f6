"""Addresses that must not be messaged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from disparo.domain.contact import Channel

C = TypeVar("C")

HASHED = "sha256:"
"""What a key begins with that is kept as a hash."""

CONCEALED = "erased"
"""The source of a suppression whose person was erased."""

_is_hash = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.IGNORECASE).fullmatch


@dataclass(frozen=True, slots=True)
class Suppression:
    """`key` (a phone key, an e-mail key or the hash of one) must not be messaged on `channel`, or on any (None).

    `reason` is `opted_out`, `bounced`, `complained`, `do_not_call` or `by_hand`; `source` says who or what put it
    there.
    """

    key: str
    channel: Channel | None
    reason: str
    source: str
    at: datetime


def hashed_key(key: str) -> str:
    """`sha256:` and the SHA-256 of a key (UTF-8) in hexadecimal; a hash stays as it is.

    The key of a phone is its E.164 number with `+` and, in Brazil, the ninth digit, that of an e-mail the whole address
    in lower case.
    """
    return key if key.startswith(HASHED) else HASHED + sha256(key.encode()).hexdigest()


def read_hash(text: str) -> str | None:
    """The hashed key that a list names (64 hexadecimal digits, with or without `sha256:`), or None for other texts."""
    found = _is_hash(text.strip())
    return HASHED + found[1].lower() if found else None


def plain_keys(keys: Iterable[str]) -> list[str]:
    """Those of these keys that are no hashes, each once; none is empty."""
    return [key for key in dict.fromkeys(keys) if key and not key.startswith(HASHED)]


def lookup_keys(keys: Iterable[str]) -> dict[str, str]:
    """Every key under which a suppression of these may be kept, with the key that it speaks of; none is empty."""
    asked = [key for key in dict.fromkeys(keys) if key]
    return {key: key for key in asked} | {hashed_key(key): key for key in asked}


def as_asked(suppressions: Iterable[Suppression], asked: Mapping[str, str]) -> list[Suppression]:
    """What was found under `lookup_keys`, each told of the key that was asked for, in the order of these keys."""
    told = [replace(one, key=asked[one.key]) if asked[one.key] != one.key else one for one in suppressions]
    return sorted(told, key=lambda one: (one.key, one.channel or ""))


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
