"""What the emulators have in common: requests that were understood, and answers as they go over the wire."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from disparo.domain.policies.retry import FailureClass
from disparo.simulation.emulators.faults import Fault
from disparo.simulation.emulators.taken import Taken

if TYPE_CHECKING:
    from aiohttp import web


@dataclass(frozen=True, slots=True)
class Wire:
    """An answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def json(status: int, document: object, headers: Mapping[str, str] | None = None) -> Wire:
        """An answer of JSON."""
        told = {"Content-Type": "application/json; charset=UTF-8", **(headers or {})}
        return Wire(status, json.dumps(document, ensure_ascii=False).encode(), told)


class RefusedRequestError(Exception):
    """What a request is answered with that the specification does not let through."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(wire.status)
        self.wire = wire


@dataclass(frozen=True, slots=True)
class Letter:
    """One message of a request. `shape` is what its provider must remember of it."""

    to: str
    text: str
    references: tuple[str, ...]
    shape: Any = None
    subject: str | None = None
    html: str | None = None
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Order:
    """A request that a provider would take: its messages, and the key by which its attempts are counted."""

    letters: Sequence[Letter]

    @property
    def key(self) -> str:
        """The first message's first reference, or what it says where it has none."""
        first = self.letters[0]
        return first.references[0] if first.references else f"{first.to} {first.text}"

    @property
    def addresses(self) -> Collection[str]:
        """Where it goes."""
        return [letter.to for letter in self.letters]


class Emulated(Protocol):
    """One provider."""

    name: str
    knows_recipients: bool
    """Whether it tells at once that nobody is at an address, rather than later by a webhook."""
    at_once: int | None
    """How many requests may be under way."""

    def read(self, request: web.Request, body: bytes) -> Order:
        """A request that is within the specification and the limits; RefusedRequestError with the provider's answer."""
        ...

    def refusal(self, failure: FailureClass, chance: float) -> Wire:
        """One of the provider's errors of this class."""
        ...

    def error(self, code: str | None) -> Wire:
        """The provider's error of this code."""
        ...

    def take(self, order: Order) -> Wire:
        """Take a request: it is in the log, and what comes back of it is on its way, when this returns."""
        ...


def taken_of(provider: str, id_: str, letter: Letter, at: datetime) -> Taken:
    """What the log says of a message."""
    return Taken(provider, id_, letter.to, letter.text, at, letter.references, letter.subject, letter.html, letter.kind)


def faults_of_kind(faults: Sequence[Fault], *kinds: str) -> Fault | None:
    """The first of these kinds."""
    return next((fault for fault in faults if fault.kind in kinds), None)
