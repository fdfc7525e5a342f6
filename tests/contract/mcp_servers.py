"""MCP servers that look and answer like the known ones, made with the official SDK; as a program: by standard streams.

What a tool does is told by words in the message itself: the name of a failure class makes it fail so, in the way of its
server; `slowly` never answers, `crash` ends the program, `then leave` ends it after the answer.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from mcp.server import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult, ContentBlock, InputRequiredResult, ListToolsResult, TextContent, Tool

from disparo.domain.policies.retry import FailureClass

TEXT = {"type": "string"}
EMAILS = {"type": "array", "items": {"type": "string", "format": "email"}, "minItems": 1, "maxItems": 50}


def _object(required: Mapping[str, Any], optional: Mapping[str, Any] | None = None) -> dict[str, Any]:
    properties = {**required, **(optional or {})}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


@dataclass
class Known:
    """A server as `contracts/mcp/known_sender_tools.json` describes it: `failures` are its words for each class."""

    tool: str
    schema: dict[str, Any]
    success: str
    failures: dict[str, str]
    is_error: bool = False
    """Whether it marks a failure as an error."""
    as_protocol_error: bool = False
    structured: bool = False
    ids: bool = True
    extras: dict[str, str] = field(default_factory=dict)
    """What the secret needs for it."""


_GOOGLE = {
    "throttled": "User-rate limit exceeded. Retry after 2026-11-22T19:00:00Z",
    "recipient": "Invalid To header",
    "auth": "invalid_grant",
}

KNOWN: dict[str, Known] = {
    "lharries/whatsapp-mcp": Known(
        "send_message",
        _object({"recipient": TEXT, "message": TEXT}),
        '{"success": true, "message": "Message sent to %(to)s"}',
        {
            "transient": '{"success": false, "message": "Error: HTTP 500 - Not connected to WhatsApp"}',
            "recipient": '{"success": false, "message": "Error parsing JID: unexpected"}',
            "unknown": '{"success": false, "message": "Request error: Read timed out."}',
        },
        ids=False,
    ),
    "prakashwagle/mcp-whatsapp-business-api": Known(
        "whatsapp_send_text_message",
        _object({"to": TEXT, "message": TEXT}, {"preview_url": {"type": "boolean"}}),
        'Message sent successfully: {\n  "messages": [\n    {\n      "id": "wamid.HBg%(number)s"\n    }\n  ]\n}',
        {
            "throttled": "Error sending text message: Request failed with status code 429",
            "auth": "Error sending text message: Request failed with status code 401",
            "permanent": "Error sending text message: Request failed with status code 400",
            "transient": "Error sending text message: getaddrinfo ENOTFOUND graph.facebook.com",
            "unknown": "Error sending text message: socket hang up",
        },
    ),
    "prakashwagle/mcp-whatsapp-business-api/template": Known(
        "whatsapp_send_template_message",
        _object({"to": TEXT, "template_name": TEXT}, {"language_code": TEXT, "components": {"type": "array"}}),
        'Template message sent successfully: {\n  "messages": [{"id": "wamid.HBg%(number)s"}]\n}',
        {"permanent": "Error sending template message: Request failed with status code 400"},
    ),
    "codechap/mcp-server-whatsapp/template": Known(
        "send_template",
        _object({"to": TEXT, "template_name": TEXT, "language_code": TEXT, "components": TEXT}),
        "sent",
        {"unknown": "it failed"},
        is_error=True,
        ids=False,
    ),
    "codechap/mcp-server-whatsapp": Known(
        "send_message",
        _object({"to": TEXT, "body": TEXT}),
        "sent",
        {"unknown": "it failed"},
        is_error=True,
        ids=False,
    ),
    "gongrzhe/gmail-mcp-server": Known(
        "send_email",
        _object(
            {"to": {"type": "array", "items": TEXT}, "subject": TEXT, "body": TEXT},
            {"htmlBody": TEXT, "mimeType": {"enum": ["text/plain", "text/html", "multipart/alternative"]}},
        ),
        "Email sent successfully with ID: 19ab%(number)s",
        {**{name: f"Error: {words}" for name, words in _GOOGLE.items()}, "unknown": "Error: socket hang up"},
    ),
    "workspace-mcp": Known(
        "send_gmail_message",
        _object(
            {"user_google_email": TEXT},
            {
                **{name: TEXT for name in ("to", "subject", "body", "from_name", "from_email")},
                "body_format": {"enum": ["plain", "html"]},
            },
        ),
        "Email sent! Message ID: 19ab%(number)s",
        {
            **{name: f"API error in send_gmail_message: <HttpError: {words}>" for name, words in _GOOGLE.items()},
            "permanent": "API error in send_gmail_message: <HttpError 400 when requesting it>",
            "unknown": "An unexpected error occurred in send_gmail_message",
        },
        is_error=True,
        structured=True,
        extras={"user_google_email": "vendas@alquimista.ai"},
    ),
    "resend-mcp": Known(
        "send-email",
        _object(
            {"to": EMAILS, "subject": TEXT, "text": TEXT, "from": {"type": "string", "format": "email"}},
            {
                "html": TEXT,
                "replyTo": EMAILS,
                "headers": {"type": "object"},
                "idempotencyKey": {"type": "string", "minLength": 1, "maxLength": 256},
            },
        ),
        'Email sent successfully! {"id":"49a3999c-0ce1-4ea6-ab68-%(number)s"}',
        {
            "throttled": 'Email failed to send: {"statusCode":429,"name":"rate_limit_exceeded","message":"Too many"}',
            "auth": 'Email failed to send: {"statusCode":403,"name":"invalid_api_key","message":"API key is invalid"}',
            "permanent": 'Email failed to send: {"statusCode":422,"name":"validation_error","message":"Invalid `to`"}',
            "unknown": 'Email failed to send: {"statusCode":500,"name":"application_error","message":"Error"}',
        },
        is_error=True,
        extras={"from_email": "noreply@alquimista.ai", "reply_to": "contato@alquimista.ai"},
    ),
    "@twilio-alpha/mcp": Known(
        "TwilioApiV2010--CreateMessage",
        _object(
            {"AccountSid": TEXT, "To": TEXT},
            {name: TEXT for name in ("From", "MessagingServiceSid", "Body", "ContentSid", "StatusCallback")},
        ),
        '{\n  "body": "oi",\n  "sid": "SM0000000000000000000000000000%(number)s",\n  "status": "queued"\n}',
        {
            "recipient": '{"code":21211,"message":"The number is not valid.","more_info":"","status":400}',
            "throttled": '{"code":20429,"message":"Too Many Requests","more_info":"","status":429}',
            "auth": '{"code":20003,"message":"Authenticate","more_info":"","status":401}',
            "permanent": '{"code":21606,"message":"Not a valid number","more_info":"","status":400}',
            "unknown": "An error occurred while making the request",
        },
        as_protocol_error=True,
        extras={"account_sid": "AC00000000000000000000000000000000", "from_number": "+554130001000"},
    ),
}

CLASSES = tuple(FailureClass)
ANY = Known(
    "deliver",
    _object({"person": _object({"number": TEXT}), "words": TEXT, "urgent": {"type": "boolean"}}),
    "taken as no. %(number)s",
    {name: f"not taken: {name}" for name in CLASSES},
)
"""A server that no profile knows."""


class Faked:
    """One server: what it was asked, and how many calls it had at the same time."""

    def __init__(self, known: Known, journal: str | None = None) -> None:
        self.calls: list[dict[str, Any]] = []
        self.keys: dict[str, str] = {}
        self.sent = self.now = self.most = 0
        self._known, self._journal = known, journal
        self.server: Server[Any] = Server("faked", version="1", on_list_tools=self._list, on_call_tool=self._call)

    async def _list(self, *_: Any) -> ListToolsResult:
        output = _object({"result": TEXT}) if self._known.structured else None
        tool = Tool(name=self._known.tool, input_schema=self._known.schema, output_schema=output)
        return ListToolsResult(tools=[tool, Tool(name="another", input_schema={"type": "object"})])

    async def _call(self, _: Any, params: Any) -> CallToolResult | InputRequiredResult:
        arguments = params.arguments or {}
        self._note(arguments)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            return await self._answer(arguments)
        finally:
            self.now -= 1

    def _note(self, arguments: dict[str, Any]) -> None:
        self.calls.append(arguments)
        if self._journal:
            with Path(self._journal).open("a", encoding="utf-8") as journal:
                journal.write(json.dumps({"pid": os.getpid(), "arguments": arguments}) + "\n")

    async def _answer(self, arguments: dict[str, Any]) -> CallToolResult | InputRequiredResult:
        words, key = json.dumps(arguments), arguments.get("idempotencyKey") or str(len(self.calls))
        words += self._told()
        if "crash" in words:
            os._exit(1)
        if "needs a person" in words:
            return InputRequiredResult(request_state="state")
        for code in (-32601, -32602, -32603, -32000):
            if f"code {code}" in words:
                raise MCPError(code, "refused")
        for name, text in self._known.failures.items():
            if f"fail {name}" in words:
                return self._failed(text)
        await anyio.sleep(3600 if "slowly" in words else 0.01)
        if "then leave" in words:
            asyncio.get_running_loop().call_later(0.1, os._exit, 0)
        if key not in self.keys:
            self.sent += 1
            self.keys[key] = f"{self.sent:04}"
        return self._result(self._known.success % {"number": self.keys[key], "to": "there"})

    def _told(self) -> str:
        """What it was told beside its journal: how to answer everything."""
        told = Path(f"{self._journal}.told")
        return told.read_text(encoding="utf-8") if self._journal and told.exists() else ""

    def _failed(self, text: str) -> CallToolResult:
        if self._known.as_protocol_error:
            raise MCPError(-32603, text)
        return self._result(text, self._known.is_error)

    def _result(self, text: str, is_error: bool = False) -> CallToolResult:
        structured = {"result": text} if self._known.structured and not is_error else None
        content: list[ContentBlock] = [TextContent(type="text", text=text)]
        if structured is None:
            return CallToolResult(content=content, is_error=is_error)
        return CallToolResult(content=content, is_error=is_error, structured_content=structured)


async def _speak(name: str, journal: str) -> None:
    server = Faked(KNOWN.get(name, ANY), journal).server
    sys.stderr.write(f"its own words, and a secret: {os.environ.get('API_KEY')}\n")
    sys.stderr.flush()
    sys.stdout.write("Request to somewhere: what some servers write where only the protocol belongs\n")
    sys.stdout.flush()
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


if __name__ == "__main__":
    anyio.run(_speak, sys.argv[1], sys.argv[2])
