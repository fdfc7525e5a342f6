"""How a tool is called and how its answer is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from disparo.adapters.mcp.answers import (
    LONGEST_TEXT,
    NO_ERROR,
    Failure,
    Success,
    refusal_of,
    refusal_of_fault,
    value_at,
)
from disparo.adapters.mcp.arguments import placeholders
from disparo.adapters.mcp.connection import CallFault, ToolAnswer
from disparo.domain.message import Outcome

LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Id:
    """Where the provider's id of the message is: at a pointer, or what a pattern's first group (else all) finds."""

    pointer: str | None = None
    pattern: re.Pattern[str] | None = None

    def found_in(self, answer: ToolAnswer) -> str | None:
        """The id, at most 200 characters; None where there is none."""
        value: object = None
        if self.pointer is not None:
            value = value_at(answer, self.pointer)
        elif self.pattern is not None and (match := self.pattern.search(answer.text[:LONGEST_TEXT])):
            value = match[1] if match.re.groups else match[0]
        if isinstance(value, bool) or not isinstance(value, str | int):
            return None
        return str(value).encode("utf-8", "replace").decode().strip()[:LONGEST_ID] or None


@dataclass(frozen=True, slots=True)
class Profile:
    """A tool of an MCP server as a way to send: its name, its arguments, and what its answers mean.

    `needs` are the fields that the secret must add for the arguments. `at_once` is how many calls the server gets at
    the same time.
    """

    tool: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict, repr=False)
    success: Success = NO_ERROR
    id: Id | None = None
    failures: tuple[Failure, ...] = ()
    at_once: int = 4
    needs: tuple[str, ...] = ()

    @property
    def repeats_safely(self) -> bool:
        """Whether the tool takes an idempotency key, so that a second call is no second message."""
        return "idempotency_key" in set(placeholders(self.arguments))

    def judge(self, answer: ToolAnswer, hidden: Iterable[str]) -> Outcome:
        """The outcome of a call that was answered."""
        refused = refusal_of(answer, self.success, self.failures, hidden)
        return refused or Outcome(True, self.id.found_in(answer) if self.id else None)

    def judge_fault(self, fault: CallFault, hidden: Iterable[str]) -> Outcome:
        """The outcome of a call that was not."""
        return refusal_of_fault(fault, self.failures, hidden)
