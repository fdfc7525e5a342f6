"""What the error codes of the WhatsApp Cloud API mean for a message.

Meta's page "Error codes" (2025-12-12), its "is it surely not taken" read by us. The code decides, never the HTTP status
or the title: Meta says that titles will go away, and statuses differ between its own pages.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from disparo.domain.policies.retry import FailureClass

PAIR_INTERVAL_S: Final = 6.0
"""One message in so many seconds from a number to one person; 45 at once are lent from the time to come (131056).

Meta's advice is to wait 4^X s at the X-th try; a message that waits 6 s, the pair's own pace, comes to the same.
"""

WINDOW_CLOSED: Final = 131047
"""More than 24 hours since the person last wrote: only an approved template goes. The text surely was not taken."""

OPTED_OUT: Final = 131050
"""The person stopped marketing messages of this business in WhatsApp itself."""

UNDELIVERABLE: Final = 131026
"""The number is not on WhatsApp (or has not taken its terms, or has too old an app: Meta does not say which)."""


class Meaning(NamedTuple):
    """A failure class, our reason code, and how long to wait at least before the next try."""

    failure: FailureClass
    reason: str
    retry_after_s: float | None = None


_AUTH, _PERMANENT, _RECIPIENT = FailureClass.AUTH, FailureClass.PERMANENT, FailureClass.RECIPIENT
_THROTTLED, _TRANSIENT, _UNKNOWN = FailureClass.THROTTLED, FailureClass.TRANSIENT, FailureClass.UNKNOWN

_PERMISSION = Meaning(_AUTH, "permission_missing")
_NOT_AGAIN_SOON_S = 3600.0

MEANINGS: Final[dict[int, Meaning]] = {
    0: Meaning(_AUTH, "credentials_refused"),
    3: _PERMISSION,
    10: _PERMISSION,
    190: Meaning(_AUTH, "credentials_refused"),
    **dict.fromkeys(range(200, 300), _PERMISSION),
    131005: _PERMISSION,
    368: Meaning(_AUTH, "account_blocked"),
    131031: Meaning(_AUTH, "account_blocked"),
    131042: Meaning(_AUTH, "payment_problem"),
    131045: Meaning(_AUTH, "number_not_registered"),
    133010: Meaning(_AUTH, "number_not_registered"),
    33: Meaning(_AUTH, "number_not_registered"),
    131037: Meaning(_AUTH, "display_name_not_approved"),
    134011: Meaning(_AUTH, "payment_problem"),
    131064: Meaning(_AUTH, "account_limited"),
    130497: Meaning(_PERMANENT, "country_not_allowed"),
    131063: Meaning(_PERMANENT, "marketing_not_allowed"),
    # Too fast.
    4: Meaning(_THROTTLED, "app_rate_limit", 300.0),
    80007: Meaning(_THROTTLED, "account_rate_limit", 300.0),
    130429: Meaning(_THROTTLED, "provider_throttled"),
    131048: Meaning(_THROTTLED, "spam_rate_limit", _NOT_AGAIN_SOON_S),
    131056: Meaning(FailureClass.PACED, "pair_rate_limit", PAIR_INTERVAL_S),
    133016: Meaning(_THROTTLED, "registration_rate_limit", _NOT_AGAIN_SOON_S),
    132069: Meaning(_THROTTLED, "flow_throttled", 600.0),
    # The provider's own trouble. "Something went wrong" (131000) does not prove that nothing was sent.
    131000: Meaning(_UNKNOWN, "provider_failed"),
    1: Meaning(_TRANSIENT, "provider_failed"),
    2: Meaning(_TRANSIENT, "provider_down"),
    131016: Meaning(_TRANSIENT, "provider_down"),
    131057: Meaning(_TRANSIENT, "number_in_maintenance", 60.0),
    133004: Meaning(_TRANSIENT, "provider_down"),
    2494100: Meaning(_TRANSIENT, "number_in_maintenance", 120.0),
    134101: Meaning(_TRANSIENT, "template_syncing", 600.0),
    131053: Meaning(_TRANSIENT, "media_refused"),
    # The message.
    131052: Meaning(_PERMANENT, "media_refused"),
    100: Meaning(_PERMANENT, "request_refused"),
    131008: Meaning(_PERMANENT, "request_refused"),
    131009: Meaning(_PERMANENT, "request_refused"),
    131051: Meaning(_PERMANENT, "request_refused"),
    135000: Meaning(_PERMANENT, "request_refused"),
    WINDOW_CLOSED: Meaning(_PERMANENT, "window_closed"),
    131055: Meaning(_PERMANENT, "marketing_only"),
    134100: Meaning(_PERMANENT, "marketing_only"),
    134102: Meaning(_PERMANENT, "template_not_usable"),
    132000: Meaning(_PERMANENT, "template_parameters"),
    132001: Meaning(_PERMANENT, "template_missing"),
    132005: Meaning(_PERMANENT, "template_too_long"),
    132007: Meaning(_PERMANENT, "template_refused"),
    132012: Meaning(_PERMANENT, "template_parameters"),
    132015: Meaning(_PERMANENT, "template_paused"),
    132016: Meaning(_PERMANENT, "template_disabled"),
    132018: Meaning(_PERMANENT, "template_parameters"),
    132068: Meaning(_PERMANENT, "flow_blocked"),
    # The person.
    131021: Meaning(_RECIPIENT, "recipient_is_sender"),
    UNDELIVERABLE: Meaning(_RECIPIENT, "undeliverable"),
    # Of test numbers only: seen in the wild, not on Meta's page.
    131030: Meaning(_RECIPIENT, "not_in_allowed_list"),
    OPTED_OUT: Meaning(_RECIPIENT, "marketing_opt_out"),
    131049: Meaning(_RECIPIENT, "withheld_by_meta"),
    130472: Meaning(_RECIPIENT, "user_experiment"),
    131062: Meaning(_RECIPIENT, "user_id_not_supported"),
}


def meaning_of(code: int, status: int, *, is_transient: bool = False) -> Meaning:
    """What a code means; one that is not known is permanent, transient when Meta says so.

    An unknown one under a status of 5xx leaves open whether the message was taken.
    """
    if known := MEANINGS.get(code):
        return known
    if status >= 500:
        return Meaning(_UNKNOWN, "provider_failed")
    if is_transient:
        return Meaning(_TRANSIENT, "provider_failed")
    return Meaning(_PERMANENT, "request_refused")


def code_of(error: Any) -> int | None:
    """The code of an error object, None when it has none."""
    code = error.get("code") if isinstance(error, dict) else None
    return code if type(code) is int else None
