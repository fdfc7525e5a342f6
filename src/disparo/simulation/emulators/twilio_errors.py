"""Twilio's error codes: their HTTP status, and their words.

Source: Twilio's error dictionary, as published; where no status is documented 400. Codes from 30001 on come later, in a
StatusCallback.
"""

from __future__ import annotations

from disparo.domain.policies.retry import FailureClass

STATUSES: dict[int, int] = {20003: 401, 20006: 403, 20404: 404, 20429: 429, 20500: 500, 20503: 503}

WORDS: dict[int, str] = {
    14107: "SMS send rate limit exceeded",
    20001: "Unknown parameters",
    20003: "Authenticate",
    20005: "Account not active",
    20006: "Access Denied",
    20010: "Action disabled for account",
    20404: "Not Found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    20503: "Service unavailable",
    21211: "Invalid 'To' Phone Number",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
    21602: "Message body is required",
    21606: "The 'From' phone number provided is not a valid message-capable Twilio phone number",
    21608: "The number provided is unverified",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum number of queued messages",
    21612: "The 'To' phone number is not currently reachable via SMS",
    21614: "'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
}

OF_CLASS: dict[FailureClass, tuple[int, ...]] = {
    FailureClass.RECIPIENT: (21211, 21612, 21614),
    FailureClass.PERMANENT: (21617, 21602, 21408),
    FailureClass.TRANSIENT: (20503,),
    FailureClass.THROTTLED: (20429, 21611),
    FailureClass.AUTH: (20003, 20005),
    FailureClass.UNKNOWN: (20500,),
}
"""What the plan answers for each class; 20500 and 20503 prove nothing, whether it was taken or not."""

UNDELIVERED = (30003, 30005, 30006, 30008)
"""What a message fails with later."""
