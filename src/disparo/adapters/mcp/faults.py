"""What an MCP server's refusals mean: JSON-RPC codes, HTTP statuses, and the words of a tool that failed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from disparo.adapters.mcp.connection import CallFault
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass

LONGEST_DETAIL = 300

REASONS: Mapping[FailureClass, str] = {
    FailureClass.RECIPIENT: "address_refused",
    FailureClass.PERMANENT: "message_refused",
    FailureClass.TRANSIENT: "provider_unavailable",
    FailureClass.THROTTLED: "provider_throttled",
    FailureClass.PACED: "too_often",
    FailureClass.AUTH: "credentials_refused",
    FailureClass.UNKNOWN: "tool_failed",
}
"""What a class is called where the tool's own words gave it."""

CODES: Mapping[int, tuple[FailureClass, str]] = {
    -32600: (FailureClass.PERMANENT, "request_refused"),
    -32601: (FailureClass.PERMANENT, "tool_unknown"),
    -32602: (FailureClass.PERMANENT, "arguments_refused"),
    -32020: (FailureClass.TRANSIENT, "tool_changed"),
    -32021: (FailureClass.PERMANENT, "input_required"),
    -32042: (FailureClass.PERMANENT, "input_required"),
}
"""Errors by which a server says that it did not run the tool (JSON-RPC 2.0, section 5.1; MCP 2026-07-28, "Error
codes": -32020 the headers do not fit a listing that has changed, -32021 a capability is wanted that we do not have;
MCP 2025-11-25: -32042 a person has to open an address first). Every other code may come after the tool has run: -32603
internal error, -32700 (the answer could not be read), and what servers define for themselves from -32000 on.
"""

STATUSES: Mapping[int, tuple[FailureClass, str]] = {
    401: (FailureClass.AUTH, "credentials_refused"),
    403: (FailureClass.AUTH, "credentials_refused"),
    404: (FailureClass.TRANSIENT, "session_ended"),
    408: (FailureClass.UNKNOWN, "no_answer"),
    413: (FailureClass.PERMANENT, "message_too_large"),
    425: (FailureClass.TRANSIENT, "request_incomplete"),
    429: (FailureClass.THROTTLED, "provider_throttled"),
}
"""Statuses that speak before the tool is looked at (RFC 9110, section 15.5; RFC 6585). 404 ends a session (MCP
2025-11-25, "Session management"). Of 5xx none says that the tool did not run, nor does 408, which gateways also give
when what is behind them is slow.
"""

_SAID_BY_THE_PROTOCOL = (
    (re.compile(r"^(?:MCP error -32602: )?(?:Input validation error|Invalid arguments for tool)"), "arguments_refused"),
    (re.compile(r"^(?:MCP error -3260[12]: )?(?:Unknown tool\b|Tool \S+ (?:not found|disabled))"), "tool_unknown"),
)
"""What the official SDKs' servers write when they refuse a call before the tool runs."""

_ADDRESSES = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+|\+?\d[\d ()-]{6,}\d")


def of_fault(fault: CallFault, hidden: Iterable[str] = ()) -> Outcome:
    """The outcome of a call that ended without a result; UNKNOWN unless the tool surely did not run."""
    failure, reason = _fault_class(fault)
    detail = " ".join(str(part) for part in (fault.status, fault.code, fault.message) if part)
    return Outcome(False, None, failure, reason, without(detail, hidden), fault.retry_after_s)


def _fault_class(fault: CallFault) -> tuple[FailureClass, str]:
    status, code = fault.status or 0, fault.code or 0
    if status in STATUSES:
        return STATUSES[status]
    if not fault.left:
        return FailureClass.TRANSIENT, "not_connected"
    if 300 <= status < 400:
        return FailureClass.AUTH, "redirected"  # the address is wrong, not the message
    # -32600 is also what the SDK makes of a good status with a body that is no answer.
    if code in CODES and not (code == -32600 and 200 <= status < 300):
        return CODES[code]
    if 400 <= status < 500:
        return FailureClass.PERMANENT, "request_refused"
    return FailureClass.UNKNOWN, "no_answer"


def of_protocol(text: str) -> str | None:
    """The reason when a failed tool's words are the server's refusal to run it, None when they are its own."""
    return next((reason for pattern, reason in _SAID_BY_THE_PROTOCOL if pattern.search(text)), None)


def without(text: str, hidden: Iterable[str]) -> str:
    """A provider's words without `hidden`, e-mail addresses and numbers like a telephone's; at most 300 characters."""
    for secret in sorted((one for one in hidden if len(one) > 3), key=len, reverse=True):
        text = text.replace(secret, "…")
    words = " ".join(text.encode("utf-8", "replace").decode().split())
    return _ADDRESSES.sub("…", words)[:LONGEST_DETAIL]
