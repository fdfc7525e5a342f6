"""Why a CalDAV server did not do what it was asked."""

from __future__ import annotations

import re
from collections.abc import Mapping

from disparo.adapters.http_exchange import Answer

LONGEST_DETAIL = 300

STATUSES: Mapping[int, str] = {
    401: "credentials_refused",
    403: "access_refused",
    404: "calendar_not_found",
    405: "not_a_calendar",
    407: "proxy_refused",
    409: "calendar_not_found",
    410: "calendar_not_found",
    412: "precondition_failed",
    413: "event_too_large",
    415: "event_refused",
    423: "locked",
    429: "provider_throttled",
    507: "storage_full",
}
"""RFC 9110, section 15; RFC 4918, section 11; RFC 4791, section 5.3.2. 409 says that what a resource is put into is not
there.
"""

_AUTH = frozenset((401, 403))
_PERMANENT = frozenset((413, 415))
_CONDITION = re.compile(
    rb"[:<]((?:valid|supported|no-uid|max|min|allowed|same|unique|organizer|attendee)-[a-z-]+)[\s/>]"
)


class CaldavFaultError(Exception):
    """A request that came to nothing: `code` of ours, the provider's words without personal data.

    `auth` says that a person must mend the access, `permanent` that the same request will never be taken, `left` that
    it may have been done all the same.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        status: int = 0,
        auth: bool = False,
        permanent: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(code)
        self.code, self.detail, self.status = code, detail[:LONGEST_DETAIL], status
        self.auth, self.permanent, self.retry_after_s = auth, permanent, retry_after_s


def of_answer(answer: Answer) -> CaldavFaultError:
    """The fault of an answer that is none of those that were hoped for."""
    status, condition = answer.status, precondition(answer)
    detail = f"HTTP {status} {condition}".strip()
    if condition in REFUSALS:
        return CaldavFaultError(REFUSALS[condition], detail, status=status, permanent=True)
    code = STATUSES.get(status) or _by_hundred(status)
    wait = answer.headers.get("Retry-After", "")
    return CaldavFaultError(
        code,
        detail,
        status=status,
        auth=status in _AUTH,
        permanent=status in _PERMANENT,
        retry_after_s=float(wait) if wait.isascii() and wait.isdecimal() and len(wait) < 9 else None,
    )


REFUSALS: Mapping[str, str] = {
    "valid-calendar-data": "event_refused",
    "valid-calendar-object-resource": "event_refused",
    "supported-calendar-data": "event_refused",
    "supported-calendar-component": "not_a_calendar",
    "no-uid-conflict": "uid_elsewhere",
    "max-resource-size": "event_too_large",
    "min-date-time": "event_refused",
    "max-date-time": "event_refused",
}
"""Preconditions by which a server refuses what is put into a calendar (RFC 4791, section 5.3.2.1), and what we call
them.
"""


def precondition(answer: Answer) -> str:
    """The precondition that an answer names as not held (RFC 4918, section 16), "" when it names none that we know."""
    found = _CONDITION.search(answer.body[:4096])
    return found[1].decode() if found else ""


def _by_hundred(status: int) -> str:
    if 300 <= status < 400:
        return "redirected"
    return "provider_unavailable" if status >= 500 else "answer_unknown"
