"""What an answer of v3 Mail Send means.

Statuses: Twilio SendGrid's OpenAPI file `tsg_mail_v3`, for 429 its page "Rate limits"; a 5xx may come from in front of
the mail server as well as from behind it, and there is no idempotency key, so nobody knows whether the mail was taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from disparo.adapters.http_exchange import Answer
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass

_F = FailureClass
CLASSES: Mapping[int, tuple[FailureClass, str]] = {
    400: (_F.PERMANENT, "message_refused"),
    401: (_F.AUTH, "credentials_refused"),
    403: (_F.AUTH, "permission_missing"),
    404: (_F.PERMANENT, "endpoint_wrong"),
    405: (_F.PERMANENT, "endpoint_wrong"),
    408: (_F.UNKNOWN, "no_answer"),
    413: (_F.PERMANENT, "message_too_large"),
    429: (_F.THROTTLED, "provider_throttled"),
}
DIVISIBLE = frozenset({400, 413})
"""Refusals of a whole request that may be the fault of one of its recipients, or of their number."""
_OF_ALL = frozenset({"from", "reply_to", "tracking_settings", "mail_settings"})
"""Parts of a request that come from the secret: dividing it helps nobody."""
LONGEST_DETAIL = 300
_LONGEST_LOOK = 1000
_MOST_ERRORS = 2000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a request: of all its recipients `outcome`, but for those whose place is in `faults`.

    When it is `divisible`, nobody was sent anything, and some of them may be taken without the others.
    """

    outcome: Outcome
    faults: Mapping[int, Outcome] = field(default_factory=dict)
    divisible: bool = False


def judge(answer: Answer, now: datetime) -> Verdict:
    """Read an answer. Its words go without addresses into the outcome's detail."""
    if answer.status == 202:
        return Verdict(Outcome(True, provider_id=answer.headers.get("x-message-id", "")[:100] or None))
    failure, reason = _class_of(answer.status)
    errors = list(_errors(answer.json()))
    detail = without_addresses(f"{answer.status} {errors[0][1] if errors else ''}")
    wait = _wait_s(answer.headers, now) if failure is _F.THROTTLED else None
    outcome = Outcome(False, None, failure, reason, detail, wait)
    faults = {place: fault for path, words in errors if (found := _fault(path, words)) for place, fault in [found]}
    of_all = any(path[:1] and path[0] in _OF_ALL for path, _ in errors)
    return Verdict(outcome, faults if answer.status == 400 else {}, answer.status in DIVISIBLE and not of_all)


def without_addresses(text: str) -> str:
    """A provider's words without e-mail addresses, on one line and clipped; what is no Unicode in them is replaced."""
    words = text[:_LONGEST_LOOK].encode("utf-8", "replace").decode().split()
    return " ".join("<…>" if "@" in word else word for word in words)[:LONGEST_DETAIL]


def _class_of(status: int) -> tuple[FailureClass, str]:
    if status in CLASSES:
        return CLASSES[status]
    if status >= 500:
        return _F.UNKNOWN, "provider_failed"
    if status >= 400:
        return _F.PERMANENT, "message_refused"
    # A redirect is not followed: another endpoint is wanted, and the secret says which. A 200 is not known to be given.
    return (_F.AUTH, "redirected") if status >= 300 else (_F.UNKNOWN, "answer_not_understood")


def _errors(document: Any) -> Iterator[tuple[list[str], str]]:
    """Which part each error is about, as its path, and what it says."""
    errors = document.get("errors") if isinstance(document, dict) else None
    for error in errors[:_MOST_ERRORS] if isinstance(errors, list) else ():
        if isinstance(error, dict):
            part, words = str(error.get("field") or "")[:200], str(error.get("message") or "")
            yield part.replace("[", ".").replace("]", "").split("."), f"{part}: {words}" if part else words


def _fault(path: list[str], words: str) -> tuple[int, Outcome] | None:
    """The recipient whom an error names (`personalizations.3.to.0.email`), and what became of that message."""
    if len(path) < 2 or path[0] != "personalizations" or not re.fullmatch("[0-9]{1,4}", path[1], re.ASCII):
        return None
    of_address = path[2:3] == ["to"]
    failure, reason = (_F.RECIPIENT, "address_refused") if of_address else (_F.PERMANENT, "message_refused")
    return int(path[1]), Outcome(False, None, failure, reason, without_addresses(f"400 {words}"))


def _wait_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Until the limit is reset (`X-RateLimit-Reset`, Unix seconds), else `Retry-After`; None when neither is told."""
    reset, after = headers.get("x-ratelimit-reset", ""), headers.get("retry-after", "")
    if re.fullmatch("[0-9]{1,12}", reset, re.ASCII):
        return max(0.0, int(reset) - now.timestamp())
    return float(after) if re.fullmatch("[0-9]{1,9}", after, re.ASCII) else None
