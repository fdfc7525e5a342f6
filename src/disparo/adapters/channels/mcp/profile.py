"""How a tool is called and how its answer is read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from disparo.adapters.channels.mcp.connection import CallFault, ToolAnswer
from disparo.adapters.channels.mcp.errors import REASONS, of_fault, of_protocol, without
from disparo.adapters.channels.mcp.payload import placeholders
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass

LONGEST_ID = 200
LONGEST_TEXT = 20_000
"""Characters of an answer's text that are looked at."""

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Success:
    """What an answer must show besides not being an error; everything that is given must hold.

    `pointer` (RFC 6901) names a value that must equal `equals`; `matches` and `not_matches` look at the text.
    """

    pointer: str | None = None
    equals: Any = True
    matches: re.Pattern[str] | None = None
    not_matches: re.Pattern[str] | None = None

    def seen_in(self, answer: ToolAnswer) -> bool:
        """Whether the answer shows it."""
        text = answer.text[:LONGEST_TEXT]
        if self.pointer is not None and not _same(_value(answer, self.pointer), self.equals):
            return False
        if self.matches is not None and not self.matches.search(text):
            return False
        return self.not_matches is None or not self.not_matches.search(text)


@dataclass(frozen=True, slots=True)
class Id:
    """Where the provider's id of the message is: at a pointer, or what a pattern's first group (else all) finds."""

    pointer: str | None = None
    pattern: re.Pattern[str] | None = None

    def found_in(self, answer: ToolAnswer) -> str | None:
        """The id, at most 200 characters; None where there is none."""
        value: object = None
        if self.pointer is not None:
            value = _value(answer, self.pointer)
        elif self.pattern is not None and (match := self.pattern.search(answer.text[:LONGEST_TEXT])):
            value = match[1] if match.re.groups else match[0]
        if isinstance(value, bool) or not isinstance(value, str | int):
            return None
        return str(value).encode("utf-8", "replace").decode().strip()[:LONGEST_ID] or None


@dataclass(frozen=True, slots=True)
class Failure:
    """A tool's words for one kind of failure."""

    pattern: re.Pattern[str]
    failure: FailureClass


@dataclass(frozen=True, slots=True)
class Profile:
    """A tool of an MCP server as a way to send: its name, its arguments, and what its answers mean.

    `needs` are the fields that the secret must add for the arguments. `at_once` is how many calls the server gets at
    the same time.
    """

    tool: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict, repr=False)
    success: Success = Success()
    id: Id | None = None
    failures: tuple[Failure, ...] = ()
    at_once: int = 4
    needs: tuple[str, ...] = ()

    @property
    def repeats_safely(self) -> bool:
        """Whether the tool takes an idempotency key, so that a second call is no second message."""
        return "idempotency_key" in set(placeholders(self.arguments))

    def judge(self, answer: ToolAnswer, hidden: Iterable[str]) -> Outcome:
        """The outcome of a call that was answered.

        What is no success and matches no known failure is UNKNOWN: the tool ran, and nobody knows how far it came.
        """
        if not answer.is_error and self.success.seen_in(answer):
            return Outcome(True, self.id.found_in(answer) if self.id else None)
        hidden = tuple(hidden)
        detail = without(answer.text[:LONGEST_TEXT], hidden)
        if answer.is_error and (reason := of_protocol(answer.text)):
            return Outcome(False, None, FailureClass.PERMANENT, reason, detail or reason)
        failure = self._known(answer.text, hidden)
        reason = REASONS[failure] if answer.is_error or failure is not FailureClass.UNKNOWN else "answer_unknown"
        return Outcome(False, None, failure, reason, detail or reason)

    def judge_fault(self, fault: CallFault, hidden: Iterable[str]) -> Outcome:
        """The outcome of a call that was not: what is said of the tool in a JSON-RPC error counts as its words."""
        hidden = tuple(hidden)
        outcome = of_fault(fault, hidden)
        if fault.code is None or outcome.failure is not FailureClass.UNKNOWN:
            return outcome
        failure = self._known(fault.message, hidden)
        return outcome if failure is FailureClass.UNKNOWN else _as(outcome, failure)

    def _known(self, text: str, hidden: Iterable[str]) -> FailureClass:
        # What the message itself says must not be taken for the tool's words.
        words = text[:LONGEST_TEXT]
        for secret in hidden:
            words = words.replace(secret, "…") if len(secret) > 3 else words
        matching = (one.failure for one in self.failures if one.pattern.search(words))
        return next(matching, FailureClass.UNKNOWN)


def _as(outcome: Outcome, failure: FailureClass) -> Outcome:
    return Outcome(False, None, failure, REASONS[failure], outcome.detail, outcome.retry_after_s)


def _value(answer: ToolAnswer, pointer: str) -> object:
    """What a pointer finds in the structured content, else in the text as JSON; `_ABSENT` when nothing."""
    found = _at(answer.structured, pointer)
    if found is not _ABSENT:
        return found
    try:
        return _at(json.loads(answer.text), pointer)
    except (ValueError, RecursionError):
        return _ABSENT


def _at(document: object, pointer: str) -> object:
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, Mapping) and name in document:
            document = document[name]
        elif isinstance(document, list) and name.isdecimal() and len(name) < 6 and int(name) < len(document):
            document = document[int(name)]
        else:
            return _ABSENT
    return document


def _same(found: object, wanted: object) -> bool:
    # As JSON: Python holds true and 1 for equal.
    return found is not _ABSENT and json.dumps(found, sort_keys=True) == json.dumps(wanted, sort_keys=True)
