"""What Google's refusals mean.

Statuses and reasons: Google's guide "Handle API errors" of the Calendar API; `forbiddenForServiceAccounts` and "Invalid
conference type value" are what service accounts without domain-wide delegation are known to get (issues 14631 of
googleapis/google-api-ruby-client, 3052 and 3234 of googleapis/google-api-nodejs-client). Reasons of tokens: RFC 6749,
section 5.2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from disparo.adapters.http_exchange import Answer
from disparo.adapters.mail_status import impersonal
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass

_F = FailureClass
OF_STATUS: Mapping[int, tuple[FailureClass, str]] = {
    400: (_F.PERMANENT, "request_refused"),
    401: (_F.AUTH, "credentials_refused"),
    403: (_F.PERMANENT, "not_allowed"),
    404: (_F.PERMANENT, "not_found"),
    408: (_F.TRANSIENT, "no_answer"),
    409: (_F.PERMANENT, "already_there"),
    410: (_F.PERMANENT, "gone"),
    412: (_F.PERMANENT, "changed_meanwhile"),
    413: (_F.PERMANENT, "request_refused"),
    429: (_F.THROTTLED, "provider_throttled"),
}
OF_REASON: Mapping[str, tuple[FailureClass, str]] = {
    "userRateLimitExceeded": (_F.THROTTLED, "provider_throttled"),
    "rateLimitExceeded": (_F.THROTTLED, "provider_throttled"),
    "dailyLimitExceeded": (_F.THROTTLED, "quota_reached"),
    "quotaExceeded": (_F.THROTTLED, "quota_reached"),
    "forbiddenForNonOrganizer": (_F.PERMANENT, "not_allowed"),
    "forbiddenForServiceAccounts": (_F.PERMANENT, "delegation_missing"),
    "insufficientPermissions": (_F.AUTH, "permission_missing"),
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": (_F.AUTH, "permission_missing"),
    "accessNotConfigured": (_F.AUTH, "api_not_enabled"),
    "SERVICE_DISABLED": (_F.AUTH, "api_not_enabled"),
    "requiredAccessLevel": (_F.AUTH, "permission_missing"),
    "forbidden": (_F.AUTH, "permission_missing"),
    "authError": (_F.AUTH, "credentials_refused"),
}
"""Of answers 401 and 403, where the status alone does not tell."""
OF_FREE_BUSY: Mapping[str, tuple[FailureClass, str]] = {
    "notFound": (_F.AUTH, "calendar_not_found"),
    "internalError": (_F.TRANSIENT, "provider_failed"),
    "groupTooBig": (_F.PERMANENT, "request_refused"),
    "tooManyCalendarsRequested": (_F.PERMANENT, "request_refused"),
}
"""Errors of one calendar within an answer 200 (schema `Error`); a calendar that nobody shared is "not found"."""
QUOTA_WAIT_S = 3600.0
"""Usage limits of a calendar are lifted after hours, not seconds ("Avoid calendar use limits", Workspace help)."""
MEND_WAIT_S = 600.0
"""Until a person has mended an access there is no hurry."""
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a request brought nothing; UNKNOWN when it may have been done.

    `status` is 0 when nobody answered, `reasons` are Google's words for programs.
    """

    failure: FailureClass
    code: str
    detail: str = ""
    retry_after_s: float | None = None
    status: int = 0
    reasons: frozenset[str] = frozenset()

    @property
    def auth(self) -> bool:
        """Whether a person must mend the access."""
        return self.failure is _F.AUTH


class GoogleFaultError(Exception):
    """Ends what a call was about to do; never leaves this folder."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def not_understood(what: str) -> GoogleFaultError:
    """An answer that is not what the API's description says."""
    return GoogleFaultError(Fault(_F.UNKNOWN, "answer_not_understood", what))


def of_silence(outcome: Outcome) -> Fault:
    """What no answer means."""
    return Fault(outcome.failure or _F.UNKNOWN, outcome.reason, outcome.detail)


def judge(answer: Answer) -> Fault:
    """What an answer means that is no success."""
    document = answer.json()
    error = document.get("error") if isinstance(document, dict) else None
    reasons, words = _reasons(error), _words(error)
    failure, code = _class_of(answer.status, reasons)
    wait = _wait_s(answer.headers)
    if wait is None and (code == "quota_reached" or failure is _F.AUTH):
        wait = QUOTA_WAIT_S if code == "quota_reached" else MEND_WAIT_S
    detail = impersonal(" ".join([str(answer.status), *sorted(reasons), words]))
    return Fault(failure, code, detail, wait, answer.status, reasons)


def judge_token(answer: Answer) -> Fault:
    """What an answer of the token's address means that is no token."""
    document = answer.json()
    told = document if isinstance(document, dict) else {}
    words = f"{answer.status} {_text(told.get('error'))} {_text(told.get('error_description'))}"
    status = answer.status
    if status == 429:
        failure, code = _F.THROTTLED, "provider_throttled"
    elif status >= 500 or status == 408:
        failure, code = _F.TRANSIENT, "provider_failed"
    elif status >= 300:
        failure, code = _F.AUTH, "credentials_refused"
    else:
        failure, code = _F.TRANSIENT, "answer_not_understood"
    wait = _wait_s(answer.headers) if failure is not _F.AUTH else MEND_WAIT_S
    return Fault(failure, code, impersonal(words), wait, status)


def _class_of(status: int, reasons: frozenset[str]) -> tuple[FailureClass, str]:
    if status in (401, 403):
        known = [OF_REASON[reason] for reason in reasons if reason in OF_REASON]
        if known:
            # Who is only too fast needs nobody's help.
            return min(known, key=lambda one: (one[0] is not _F.THROTTLED, one[0] is not _F.AUTH, one[1]))
    if status in OF_STATUS:
        return OF_STATUS[status]
    if status >= 500:
        return _F.TRANSIENT, "provider_failed"
    if status >= 400:
        return _F.PERMANENT, "request_refused"
    # A redirect is not followed: another endpoint is wanted, and the secret says which.
    return (_F.AUTH, "redirected") if status >= 300 else (_F.UNKNOWN, "answer_not_understood")


def _reasons(error: Any) -> frozenset[str]:
    """The older form has them in `errors`, the newer one in `details` (ErrorInfo)."""
    if not isinstance(error, dict):
        return frozenset()
    lists = (error.get("errors"), error.get("details"))
    entries = [one for some in lists if isinstance(some, list) for one in some[:20] if isinstance(one, dict)]
    return frozenset(one for entry in entries if _WORD.fullmatch(one := _text(entry.get("reason"))))


def _words(error: Any) -> str:
    return _text(error.get("message")) if isinstance(error, dict) else _text(error)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _wait_s(headers: Mapping[str, str]) -> float | None:
    after = headers.get("retry-after", "")
    return float(after) if re.fullmatch("[0-9]{1,9}", after, re.ASCII) else None
