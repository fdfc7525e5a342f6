"""Messages that a person, or a program for them, writes to one contact.

One is a row of the ledger like any other, so it takes its permit, is sent once, survives a kill and never goes to who
opted out. Its step number says which of the contact's texts it carries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from disparo.domain.agenda.notice import BY_HAND, KINDS_WIDTH
from disparo.domain.contact import Channel
from disparo.domain.template import Template

MOST_OF_ONE = 10_000
"""Texts that may be written to one contact."""


class HandPurpose(StrEnum):
    """Why somebody writes, which decides when it may go."""

    ANSWER = "answer"
    """To who wrote less than a day ago: at once, whatever the hour."""
    NOTE = "note"
    """To anybody else: within the contact's hours (I3)."""
    TEST = "test"
    """To try a message: at once, few in an hour."""

    @property
    def prefix(self) -> str:
        """How the campaigns are called that carry it, before their sender's name."""
        return _PREFIXES[self]


_PREFIXES = {HandPurpose.ANSWER: "conversas-", HandPurpose.NOTE: "avulsas-", HandPurpose.TEST: "testes-"}


@dataclass(frozen=True, slots=True)
class HandMessage:
    """A text for one contact, as it was written; `key` tells it from any other, so that it is kept once.

    `number` counts the contact's texts from 1, 0 before it is kept. `by` is the actor who wrote it.
    """

    contact_id: str
    key: str
    channel: Channel
    sender: str
    template: Template
    variables: Mapping[str, str]
    by: str
    at: datetime
    number: int = 0

    @property
    def step(self) -> int:
        """The number of its row in the ledger."""
        return self.number * KINDS_WIDTH + BY_HAND


def hand_number(step: int) -> int | None:
    """Which of its contact's texts a row carries; None for a row that carries none."""
    number, place = divmod(step, KINDS_WIDTH)
    return number if number and place == BY_HAND else None
