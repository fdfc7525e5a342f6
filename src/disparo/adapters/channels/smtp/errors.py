"""What a mail server's refusal means: reply codes (RFC 5321 section 4.2), login (RFC 4954 section 6), enhanced codes.

Enhanced codes are those of RFC 3463 and of the registry that RFC 5248 set up (RFC 6531, 7293, 7372, 7505 among its
sources); 5.7.57, 5.7.60 and 5.7.139 are Exchange Online's ("Fix NDR error codes", learn.microsoft.com).
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final

from disparo.adapters.mail_status import LONGEST_DETAIL, MailStatus, enhanced_status, impersonal
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass as Failure


class Stage(Enum):
    """How far the conversation had come."""

    CONNECT = auto()
    """The greeting and EHLO."""
    LOGIN = auto()
    SENDER = auto()
    """MAIL FROM."""
    RECIPIENT = auto()
    """RCPT TO."""
    CONTENT = auto()
    """DATA, and the answer to the final dot."""


GREYLISTED_S: Final = 300.0
"""How long a greylisted message waits (RFC 6647 section 4.3 has servers look away for at most some minutes)."""
TOO_FAST_S: Final = 60.0
BUSY_S: Final = 300.0
"""How long a mailbox that is busy or full for now is left alone."""
QUOTA_S: Final = 3600.0
"""When a quota that is used up is looked at again."""
_LONGEST_WAIT_S: Final = 3600.0

NEVER: Final[dict[tuple[int, int], tuple[Failure, str]]] = {
    (1, 0): (Failure.RECIPIENT, "address_refused"),
    (1, 1): (Failure.RECIPIENT, "mailbox_unknown"),
    (1, 2): (Failure.RECIPIENT, "domain_unknown"),
    (1, 3): (Failure.RECIPIENT, "address_invalid"),
    (1, 4): (Failure.RECIPIENT, "address_ambiguous"),
    (1, 6): (Failure.RECIPIENT, "mailbox_moved"),
    (1, 7): (Failure.AUTH, "sender_refused"),
    (1, 8): (Failure.AUTH, "sender_refused"),
    (1, 10): (Failure.RECIPIENT, "address_refused"),
    (2, 0): (Failure.RECIPIENT, "mailbox_disabled"),
    (2, 1): (Failure.RECIPIENT, "mailbox_disabled"),
    (2, 2): (Failure.RECIPIENT, "mailbox_full"),
    (2, 3): (Failure.PERMANENT, "message_too_big"),
    (2, 4): (Failure.RECIPIENT, "list_failed"),
    (3, 2): (Failure.RECIPIENT, "domain_takes_no_mail"),
    (3, 4): (Failure.PERMANENT, "message_too_big"),
    (4, 1): (Failure.RECIPIENT, "address_refused"),
    (4, 4): (Failure.RECIPIENT, "domain_unknown"),
    (4, 5): (Failure.THROTTLED, "quota_reached"),
    (4, 6): (Failure.RECIPIENT, "mail_loop"),
    (6, 7): (Failure.RECIPIENT, "address_not_supported"),
    (6, 9): (Failure.RECIPIENT, "address_not_supported"),
    (7, 1): (Failure.PERMANENT, "policy_refused"),
    (7, 2): (Failure.RECIPIENT, "list_refused"),
    (7, 8): (Failure.AUTH, "login_refused"),
    (7, 9): (Failure.AUTH, "login_refused"),
    (7, 11): (Failure.AUTH, "encryption_needed"),
    (7, 13): (Failure.AUTH, "account_disabled"),
    (7, 14): (Failure.AUTH, "login_refused"),
    (7, 17): (Failure.RECIPIENT, "mailbox_has_new_owner"),
    (7, 18): (Failure.RECIPIENT, "mailbox_has_new_owner"),
    **{(7, detail): (Failure.AUTH, "sender_not_trusted") for detail in range(20, 28)},
    (7, 28): (Failure.THROTTLED, "too_many_messages"),
    (7, 54): (Failure.AUTH, "relay_denied"),
    (7, 57): (Failure.AUTH, "login_refused"),
    (7, 60): (Failure.AUTH, "sender_refused"),
    (7, 139): (Failure.AUTH, "login_refused"),
}
"""Subject and detail of a 5.x.x. Refusals of ourselves are AUTH: they concern every message, which waits meanwhile."""

BY_CODE: Final[dict[int, tuple[Failure, str]]] = {
    432: (Failure.AUTH, "login_refused"),
    530: (Failure.AUTH, "login_needed"),
    534: (Failure.AUTH, "login_refused"),
    535: (Failure.AUTH, "login_refused"),
    538: (Failure.AUTH, "encryption_needed"),
    556: (Failure.RECIPIENT, "domain_takes_no_mail"),
}
"""Reply codes that mean one thing wherever they come (RFC 4954 section 6, RFC 7504)."""

NEVER_AT: Final[dict[Stage, tuple[Failure, str]]] = {
    Stage.CONNECT: (Failure.AUTH, "server_refuses_us"),
    Stage.LOGIN: (Failure.AUTH, "login_refused"),
    Stage.SENDER: (Failure.AUTH, "sender_refused"),
    Stage.RECIPIENT: (Failure.RECIPIENT, "address_refused"),
    Stage.CONTENT: (Failure.PERMANENT, "message_refused"),
}
"""A 5xx that says no more."""

_SIZE = 552
_MALFORMED = frozenset({500, 501, 502, 503, 504, 555})
_FAILED_AT_RECIPIENT = 554
_CLOSING = 421
_RELAY = re.compile(
    r"\brelay(?:ing)?\b.{0,60}\b(?:den|not|prohib|forbid)|\b(?:unable|allowed|permitted) to relay", re.I
)
_GREYLIST = re.compile(r"gr[ae]y.?list|postgrey", re.I)
_TOO_FAST = re.compile(
    r"too (?:many|fast|much)|throttl|(?:rate|quota|limit).{0,20}(?:limit|exceed|reach)|exceed.{0,30}limit",
    re.I,
)
_WAIT = re.compile(r"\b(\d{1,5}) ?(s|secs?|seconds?|segundos?|m|mins?|minutes?|minutos?)\b", re.I)


def refusal(stage: Stage, code: int, text: str, address: str = "") -> Outcome:
    """The outcome of a reply that is no consent; `text` may hold the address, `Outcome.detail` does not.

    What was refused was surely not taken (RFC 5321 section 4.2.5), also after the final dot.
    """
    status = enhanced_status(text)
    wait_s: float | None = None
    if code in BY_CODE:
        failure, reason = BY_CODE[code]
    elif 500 <= code < 600:
        failure, reason = _never(stage, code, text, status)
        wait_s = QUOTA_S if failure is Failure.THROTTLED else None
    elif 400 <= code < 500:
        failure, reason, wait_s = _later(stage, code, text, status)
    else:
        failure, reason = Failure.TRANSIENT, "answer_not_understood"
    detail = f"{code} {impersonal(text, address)}".strip()[:LONGEST_DETAIL]
    return Outcome(False, None, failure, reason, detail, wait_s)


def _never(stage: Stage, code: int, text: str, status: MailStatus | None) -> tuple[Failure, str]:
    if stage in (Stage.CONNECT, Stage.LOGIN):
        return NEVER_AT[stage]
    if _RELAY.search(text):
        return Failure.AUTH, "relay_denied"
    known = NEVER.get(status.word) if status is not None and status.kind == 5 else None
    if known is not None and (stage is not Stage.SENDER or known[0] is not Failure.RECIPIENT):
        return (Failure.AUTH, "sender_refused") if stage is Stage.SENDER and known[1] == "policy_refused" else known
    if code == _SIZE:
        return (
            (Failure.RECIPIENT, "mailbox_full") if stage is Stage.RECIPIENT else (Failure.PERMANENT, "message_too_big")
        )
    if code in _MALFORMED:
        return Failure.PERMANENT, "command_refused"
    if stage is Stage.RECIPIENT and (code == _FAILED_AT_RECIPIENT or (status is not None and status.subject == 7)):
        return Failure.PERMANENT, "policy_refused"
    return NEVER_AT[stage]


def _later(stage: Stage, code: int, text: str, status: MailStatus | None) -> tuple[Failure, str, float | None]:
    subject, detail = status.word if status is not None and status.kind == 4 else (0, 0)
    if stage is Stage.LOGIN:
        return Failure.TRANSIENT, "login_unavailable", None
    if _GREYLIST.search(text):
        return Failure.PACED, "greylisted", _wait_s(text, GREYLISTED_S)
    if stage is Stage.RECIPIENT and subject == 2 and _TOO_FAST.search(text):
        return Failure.PACED, "mailbox_busy", _wait_s(text, BUSY_S)
    if _TOO_FAST.search(text) or (subject, detail) in ((5, 3), (7, 28)):
        return Failure.THROTTLED, "too_many_messages", _wait_s(text, TOO_FAST_S)
    if subject == 7 and (code == _CLOSING or detail not in (0, 1)):
        return Failure.THROTTLED, "held_back", _wait_s(text, GREYLISTED_S)
    if subject == 7:
        return Failure.PACED, "greylisted", _wait_s(text, GREYLISTED_S)
    if code == _CLOSING:
        return Failure.TRANSIENT, "server_closing", None
    if stage is Stage.RECIPIENT and (subject in (1, 2) or code == 450):
        return Failure.TRANSIENT, "mailbox_busy", BUSY_S
    return Failure.TRANSIENT, "server_failed", None


def _wait_s(text: str, default_s: float) -> float:
    match = _WAIT.search(text)
    if match is None:
        return default_s
    seconds = float(match[1]) * (60 if match[2].lower().startswith("m") else 1)
    return min(max(seconds, 1.0), _LONGEST_WAIT_S)
