"""Servers that are known: what their tools are called, want and answer.

Read on 2026-11-22 from the servers' sources, as far as they are public; each says which. Every pattern of a failure was
written for one server, whose tool does one thing: what it says of a refusal is then a refusal of our message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from disparo.adapters.channels.mcp.profile import Id, Profile
from disparo.adapters.mcp.answers import Failure, Success
from disparo.domain.policies.retry import FailureClass


def _failures(*words: tuple[str, FailureClass]) -> tuple[Failure, ...]:
    return tuple(Failure(re.compile(pattern, re.I), failure) for pattern, failure in words)


def _twilio(codes: str) -> str:
    return rf'"code"\s*:\s*(?:{codes})\b'


_NOT_REACHED = r"\b(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|getaddrinfo)\b|Connection refused|Name or service not known"
"""The server's own request found nobody: Node.js "Common system errors", Python `requests`."""

_GOOGLE = _failures(
    (r"rate ?limit ?exceeded|quota exceeded|too many requests|\b429\b", FailureClass.THROTTLED),
    (r"invalid (?:to|cc|bcc) header|recipient address required", FailureClass.RECIPIENT),
    (r"invalid_grant|insufficient permission|unauthenticated|login required|\b401\b", FailureClass.AUTH),
    (r"HttpError 403", FailureClass.AUTH),
    (r"HttpError 400|message too large", FailureClass.PERMANENT),
)
"""Gmail API, "Resolve errors"."""

WHATSAPP_MCP = Profile(
    tool="send_message",
    arguments={"recipient": "{to_digits}", "message": "{text}"},
    success=Success(pointer="/success"),
    failures=_failures(
        (r"not connected to whatsapp", FailureClass.TRANSIENT),
        (_NOT_REACHED, FailureClass.TRANSIENT),
        (r"error parsing jid|recipient must be provided", FailureClass.RECIPIENT),
    ),
    at_once=1,
)
"""github.com/lharries/whatsapp-mcp @ a45960f, `main.py`, `whatsapp.py`: a personal account through a bridge. One call
at a time, as its tool blocks the whole server. There is no id of the message in its answer.
"""

WHATSAPP_BUSINESS_API = Profile(
    tool="whatsapp_send_text_message",
    arguments={"to": "{to_digits}", "message": "{text}"},
    success=Success(matches=re.compile(r"^Message sent successfully:")),
    id=Id(pattern=re.compile(r'"id"\s*:\s*"(wamid\.[^"]+)"')),
    failures=_failures(
        (r"status code 429\b", FailureClass.THROTTLED),
        (r"status code 40[13]\b", FailureClass.AUTH),
        (r"status code 4\d\d\b", FailureClass.PERMANENT),
        (_NOT_REACHED, FailureClass.TRANSIENT),
    ),
)
"""github.com/prakashwagle/mcp-whatsapp-business-api @ a3e7856, `src/api/messages.ts`. Of the Cloud API's error it shows
the HTTP status alone, so that a number without WhatsApp cannot be told from another refusal.
"""

WHATSAPP_BUSINESS_API_TEMPLATE = replace(
    WHATSAPP_BUSINESS_API,
    tool="whatsapp_send_template_message",
    arguments={
        "to": "{to_digits}",
        "template_name": "{template_name}",
        "language_code": "{template_language}",
        "components": "{template_components}",
    },
    success=Success(matches=re.compile(r"^Template message sent successfully:")),
)
"""The same server with templates that Meta approved: outside of the 24-hour window only these arrive."""

MCP_SERVER_WHATSAPP = Profile(tool="send_message", arguments={"to": "{to_digits}", "body": "{text}"})
"""codechap/mcp-server-whatsapp: its argument names are public, its answers are not; only `isError` is read."""

MCP_SERVER_WHATSAPP_TEMPLATE = Profile(
    tool="send_template",
    arguments={
        "to": "{to_digits}",
        "template_name": "{template_name}",
        "language_code": "{template_language}",
        "components": "{template_components_json}",
    },
)
"""The same server with approved templates; it takes the components as a text with JSON in it."""

WHATSAPP_SEND_MCP = Profile(tool="send_whatsapp_message")
"""excellario/whatsapp-mcp-server: only the tool's name is public; `arguments` must be given."""

GMAIL = Profile(
    tool="send_email",
    arguments={
        "to": ["{to}"],
        "subject": "{subject}",
        "body": "{text}",
        "htmlBody": "{html}",
        "mimeType": "{mime_type}",
    },
    success=Success(matches=re.compile(r"^Email sent successfully")),
    id=Id(pattern=re.compile(r"with ID: (\S+)")),
    failures=(*_GOOGLE, *_failures((_NOT_REACHED, FailureClass.TRANSIENT))),
)
"""github.com/GongRzhe/Gmail-MCP-Server 1.1.11: a failure is the text `Error: …`, `isError` stays false."""

GOOGLE_WORKSPACE = Profile(
    tool="send_gmail_message",
    arguments={
        "user_google_email": "{user_google_email}",
        "to": "{to}",
        "subject": "{subject}",
        "body": "{html_or_text}",
        "body_format": "{body_format}",
        "from_name": "{from_name}",
        "from_email": "{from_email}",
    },
    success=Success(matches=re.compile(r"\bEmail sent\b.*Message ID:")),
    id=Id(pattern=re.compile(r"Message ID: (\S+)")),
    failures=_GOOGLE,
    needs=("user_google_email",),
)
"""github.com/taylorwilsdon/google_workspace_mcp 2.2.1, `gmail/gmail_tools.py`. It takes one body: the HTML where there
is one, else the text.
"""

RESEND = Profile(
    tool="send-email",
    arguments={
        "to": ["{to}"],
        "subject": "{subject}",
        "text": "{text}",
        "html": "{html}",
        "from": "{from_email}",
        "replyTo": ["{reply_to}"],
        "headers": {"List-Unsubscribe": "{list_unsubscribe}", "List-Unsubscribe-Post": "{list_unsubscribe_post}"},
        "idempotencyKey": "{idempotency_key}",
    },
    success=Success(matches=re.compile(r"^Email sent successfully")),
    id=Id(pattern=re.compile(r'"id"\s*:\s*"([^"]+)"|\bID: (\S+)')),
    failures=_failures(
        (r"rate_limit_exceeded|daily_quota_exceeded|monthly_quota_exceeded", FailureClass.THROTTLED),
        (r"(?:missing|invalid|restricted)_api_key|invalid_access", FailureClass.AUTH),
        (r"invalid_idempotent_request|concurrent_idempotent_requests", FailureClass.UNKNOWN),
        (r"validation_error|missing_required_field|invalid_\w+|not_found", FailureClass.PERMANENT),
    ),
)
"""resend-mcp 2.22.0, `src/tools/emails.ts`; error names by Resend's API reference, "Errors". Resend remembers an
idempotency key for 24 hours; a key that came before with another content is in doubt.
"""

TWILIO = Profile(
    tool="TwilioApiV2010--CreateMessage",
    arguments={
        "AccountSid": "{account_sid}",
        "To": "{to}",
        "From": "{from_number}",
        "MessagingServiceSid": "{messaging_service_sid}",
        "Body": "{text}",
    },
    success=Success(matches=re.compile(r'"sid"\s*:\s*"(?:SM|MM)')),
    id=Id(pointer="/sid"),
    failures=_failures(
        (_twilio("20429|14107|21611|30001|30022|30023"), FailureClass.THROTTLED),
        (_twilio("2000[356]|20010|21408|2170[1-5]|30002"), FailureClass.AUTH),
        (_twilio("21211|21214|21217|21401|21407|21610|21612|21614|21635"), FailureClass.RECIPIENT),
        (_twilio(r"21\d{3}|20001|20008|20404"), FailureClass.PERMANENT),
    ),
    needs=("account_sid",),
)
"""@twilio-alpha/mcp 0.7.0, `packages/openapi-mcp-server/src/server.ts`: Twilio's error document becomes the words of a
JSON-RPC error. 20500 and a lost answer are in doubt.
"""

PROFILES: Mapping[str, Profile] = {
    "lharries/whatsapp-mcp": WHATSAPP_MCP,
    "prakashwagle/mcp-whatsapp-business-api": WHATSAPP_BUSINESS_API,
    "prakashwagle/mcp-whatsapp-business-api/template": WHATSAPP_BUSINESS_API_TEMPLATE,
    "codechap/mcp-server-whatsapp": MCP_SERVER_WHATSAPP,
    "codechap/mcp-server-whatsapp/template": MCP_SERVER_WHATSAPP_TEMPLATE,
    "excellario/whatsapp-mcp-server": WHATSAPP_SEND_MCP,
    "gongrzhe/gmail-mcp-server": GMAIL,
    "workspace-mcp": GOOGLE_WORKSPACE,
    "resend-mcp": RESEND,
    "@twilio-alpha/mcp": TWILIO,
}
"""By the name under which each is found."""
