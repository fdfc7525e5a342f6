"""What a tool's answer shows: success, a value somewhere in it, or a failure told in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from disparo.adapters.mcp.connection import CallFault, ToolAnswer
from disparo.adapters.mcp.faults import REASONS, of_fault, of_protocol, without
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass

LONGEST_TEXT = 20_000
"""Characters of an answer's text that are looked at."""

ABSENT = object()
"""What is found where there is nothing."""


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
        if self.pointer is not None and not same(value_at(answer, self.pointer), self.equals):
            return False
        if self.matches is not None and not self.matches.search(text):
            return False
        return self.not_matches is None or not self.not_matches.search(text)


NO_ERROR = Success()
"""Any answer that is no error."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A tool's words for one kind of failure."""

    pattern: re.Pattern[str]
    failure: FailureClass


def refusal_of(
    answer: ToolAnswer, success: Success, failures: Sequence[Failure], hidden: Iterable[str]
) -> Outcome | None:
    """Why an answer is no success, None when it is one.

    What matches no known failure either is UNKNOWN: the tool ran, and nobody knows how far it came.
    """
    if not answer.is_error and success.seen_in(answer):
        return None
    hidden = tuple(hidden)
    detail = without(answer.text[:LONGEST_TEXT], hidden)
    if answer.is_error and (reason := of_protocol(answer.text)):
        return Outcome(False, None, FailureClass.PERMANENT, reason, detail or reason)
    failure = _known(answer.text, failures, hidden)
    reason = REASONS[failure] if answer.is_error or failure is not FailureClass.UNKNOWN else "answer_unknown"
    return Outcome(False, None, failure, reason, detail or reason)


def refusal_of_fault(fault: CallFault, failures: Sequence[Failure], hidden: Iterable[str]) -> Outcome:
    """Why a call has no answer: what is said of the tool in a JSON-RPC error counts as its words."""
    hidden = tuple(hidden)
    outcome = of_fault(fault, hidden)
    if fault.code is None or outcome.failure is not FailureClass.UNKNOWN:
        return outcome
    failure = _known(fault.message, failures, hidden)
    return outcome if failure is FailureClass.UNKNOWN else _as(outcome, failure)


def _known(text: str, failures: Sequence[Failure], hidden: Iterable[str]) -> FailureClass:
    words = own_words(text, hidden)
    matching = (one.failure for one in failures if one.pattern.search(words))
    return next(matching, FailureClass.UNKNOWN)


def own_words(text: str, hidden: Iterable[str]) -> str:
    """What a tool itself says: what was asked of it (`hidden`) must not be taken for its words."""
    words = text[:LONGEST_TEXT]
    for secret in hidden:
        words = words.replace(secret, "…") if len(secret) > 3 else words
    return words


def as_repeated(texts: Iterable[str | None]) -> Iterator[str]:
    """Texts as a tool may repeat them: as they are, and as they stand within JSON."""
    for text in texts:
        if text:
            yield from (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])


def _as(outcome: Outcome, failure: FailureClass) -> Outcome:
    return Outcome(False, None, failure, REASONS[failure], outcome.detail, outcome.retry_after_s)


def value_at(answer: ToolAnswer, pointer: str) -> object:
    """What a pointer finds in the structured content, else in the text as JSON; `ABSENT` when nothing."""
    found = within(answer.structured, pointer)
    if found is not ABSENT:
        return found
    try:
        return within(json.loads(answer.text), pointer)
    except (ValueError, RecursionError):
        return ABSENT


def within(document: object, pointer: str) -> object:
    """What a pointer (RFC 6901) finds in a document; `ABSENT` when nothing."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, Mapping) and name in document:
            document = document[name]
        elif isinstance(document, list) and name.isdecimal() and len(name) < 6 and int(name) < len(document):
            document = document[int(name)]
        else:
            return ABSENT
    return document


def same(found: object, wanted: object) -> bool:
    """Whether two values are equal as JSON: Python holds true and 1 for equal."""
    return found is not ABSENT and json.dumps(found, sort_keys=True) == json.dumps(wanted, sort_keys=True)
