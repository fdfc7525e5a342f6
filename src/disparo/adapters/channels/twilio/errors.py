"""What Twilio's error codes mean.

Codes and texts: Twilio's error and warning dictionary (www.twilio.com/docs/api/errors); classes are our reading of it.
Codes 2xxxx come in the answer to a request, 3xxxx and most 63xxx later as `ErrorCode` of a status callback. A request
answered with 20429 was never processed; one answered with 20500 may have been (the same dictionary): a POST that sends
an SMS is not idempotent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import SuppressionCause

_R, _P, _TR, _TH, _A, _U = (
    FailureClass.RECIPIENT,
    FailureClass.PERMANENT,
    FailureClass.TRANSIENT,
    FailureClass.THROTTLED,
    FailureClass.AUTH,
    FailureClass.UNKNOWN,
)

Meaning = tuple[FailureClass, str]

_BY_REASON: Final[Mapping[Meaning, tuple[int, ...]]] = {
    (_A, "credentials_refused"): (20003, 20006, 63001),
    (_A, "account_blocked"): (20005, 20010, 30002, 63020),
    (_A, "country_not_enabled"): (21408,),
    (_A, "sender_unusable"): (21701, 21702, 21703, 21704, 21705, 63002, 63007, 63008, 63022),
    (_TH, "provider_throttled"): (14107, 20429, 21611, 30001, 30022, 30023, 30027, 63017, 63018, 63038),
    (_TH, "content_flagged"): (63026,),
    (_U, "provider_failed"): (20500, 20503),
    (_TR, "provider_failed"): (63009, 63010, 63011, 63012, 63023, 63029),
    (_TR, "carrier_failed"): (30008, 30009, 30017),
    (_R, "opted_out"): (21610,),
    (_R, "address_unknown"): (21211, 21217, 21401, 30005, 63003, 63024),
    (_R, "not_a_mobile"): (21407, 21614, 21635, 30006),
    (_R, "unreachable"): (21214, 21612, 30003),
    (_R, "blocked"): (30004, 63014, 63032, 63033, 63049),
    (_P, "sender_unusable"): (21212, 21606, 30018),
    (_P, "recipient_not_verified"): (21608, 63015),
    (_P, "bad_request"): (20001, 20404, 21602, 21603, 21604, 21609, 21620, 21623, 63019, 63030, 63031),
    (_P, "test_credentials"): (20008,),
    (_P, "text_too_long"): (21617, 30019),
    (_P, "filtered"): (30007, 63013),
    (_P, "message_refused"): (21618, 63005, 63006, 63021),
    (_P, "template_refused"): (21654, 21655, 21656, 63027, 63028, 63040, 63041),
    (_P, "window_closed"): (63016,),
    (_P, "price_too_high"): (30010,),
    (_P, "came_too_late"): (30036,),
}

MEANINGS: Final[Mapping[int, Meaning]] = {code: meaning for meaning, codes in _BY_REASON.items() for code in codes}
"""By code: what kind of failure it is, and why in a short code of ours."""

_NUMBERS: Final = re.compile(r"\+?\d(?:[ ().-]*\d){3,}")
_OPTED_OUT: Final = frozenset({21610})
_NO_SUCH_NUMBER: Final = frozenset({21211, 21217, 21401, 30005})
"""Codes that say of the number itself that it is none or unknown; all others leave a later message a chance."""


def of_answer(status: int, code: int | None) -> Meaning:
    """What an answer that is no success means, by its code; by its HTTP status only where the code says nothing."""
    if code is not None and code in MEANINGS:
        failure, reason = MEANINGS[code]
        # A failure of theirs in the middle of a request leaves open whether the message was taken.
        return (_U, reason) if status >= 500 and failure is _TR else (failure, reason)
    if status == 429:
        return _TH, "provider_throttled"
    if status in (401, 403):
        return _A, "credentials_refused"
    if 300 <= status < 400 or (status == 404 and code is None):
        return _A, "endpoint_wrong"
    if status >= 500 or status == 408:
        return _U, "provider_failed"
    return _P, "message_refused"


def of_receipt(code: int | None) -> tuple[str, SuppressionCause | None]:
    """Why a message that had been taken failed, and whether its address must be left alone."""
    reason = MEANINGS[code][1] if code is not None and code in MEANINGS else "refused_later"
    if code in _OPTED_OUT:
        return reason, SuppressionCause.OPTED_OUT
    return reason, SuppressionCause.BOUNCED if code in _NO_SUCH_NUMBER else None


def words_without_numbers(text: object) -> str:
    """A sentence of Twilio's for the operator: whatever may be somebody's number is left out."""
    return _NUMBERS.sub("…", text.encode("utf-8", "replace").decode()) if isinstance(text, str) else ""
