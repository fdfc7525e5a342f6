"""One mail over one connection, and how far it got (RFC 5321 section 3.3)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from disparo.adapters.channels.smtp.connections import Connection
from disparo.adapters.channels.smtp.errors import Stage, refusal
from disparo.adapters.channels.smtp.payload import Mail
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass

if TYPE_CHECKING:
    from aiosmtplib import SMTP
    from aiosmtplib.response import SMTPResponse

_CLOSING = 421
_GO_AHEAD = 354
_LINE_START_DOT = re.compile(rb"^\.", re.M)
_LOOK_S = 0.01
_LONGEST_ID = 200
_QUEUE_IDS = (
    re.compile(r"\bqueued (?:mail )?as[: ]+<?([\w.@+=/-]{4,})", re.I),  # Postfix, SendGrid, Mailgun
    re.compile(r"\bid=<?([\w.@+=/-]{4,})", re.I),  # Exim
    re.compile(r"\bInternalId=(\d+)", re.I),  # Exchange
    re.compile(r"^(?:2\.0\.0 )?OK +(\d{8,} [\w.-]{8,})", re.I),  # Gmail
    re.compile(r"^(?:2\.0\.0 )?([A-Za-z0-9]{8,}) Message accepted", re.I),  # Sendmail
    re.compile(r"^(?:2\.0\.0 )?Ok ([\w-]{20,})$", re.I),  # Amazon SES
)


class StaleConnectionError(Exception):
    """The server had ended a connection that was kept; nothing was handed over, and a new one may be tried."""


@dataclass(slots=True)
class Progress:
    """How far the mail got: once `dot_written` the server may have taken it."""

    dot_written: bool = False


async def hand_over(connection: Connection, mail: Mail, progress: Progress) -> Outcome:
    """What the server says to the mail; StaleConnectionError, and what the library raises when the line breaks."""
    client = connection.client
    if mail.needs_utf8 and not client.supports_extension("smtputf8"):
        return Outcome(False, None, FailureClass.RECIPIENT, "address_not_supported")
    await _begin(connection)
    connection.dirty = True
    encoded = mail.recipient.encode()
    steps = (
        (Stage.SENDER, (b"MAIL", b"FROM:<%b>" % mail.sender.encode(), *_mail_options(client, mail)), range(250, 251)),
        (Stage.RECIPIENT, (b"RCPT", b"TO:<%b>" % encoded, *_recipient_options(client)), range(250, 253)),
        (Stage.CONTENT, (b"DATA",), range(_GO_AHEAD, _GO_AHEAD + 1)),
    )
    for stage, command, consent in steps:
        reply = await _ask(connection, stage, command)
        if reply.code not in consent:
            return refusal(stage, reply.code, reply.message, mail.recipient)
    return _concluded(connection, await _content(client, mail.content, progress), mail)


async def _begin(connection: Connection) -> None:
    if connection.dirty:
        reply = await _ask(connection, Stage.SENDER, (b"RSET",))
        if reply.code != 250:
            raise StaleConnectionError("RSET")
        connection.dirty = False


async def _ask(connection: Connection, stage: Stage, command: tuple[bytes, ...]) -> SMTPResponse:
    from aiosmtplib import SMTPServerDisconnected

    first = connection.reused and stage is Stage.SENDER
    try:
        reply = await connection.client.execute_command(*command)
    except SMTPServerDisconnected:
        if first:
            raise StaleConnectionError("lost") from None
        raise
    if first and reply.code == _CLOSING:
        raise StaleConnectionError("421")
    return reply


async def _content(client: SMTP, content: bytes, progress: Progress) -> SMTPResponse:
    """Write the mail, then, when all of it has left, the dot that makes it the server's."""
    from aiosmtplib import SMTPServerDisconnected

    protocol, transport = client.protocol, client.transport
    if protocol is None or not isinstance(transport, asyncio.WriteTransport):
        raise SMTPServerDisconnected("Connection lost")
    protocol.write(_LINE_START_DOT.sub(b"..", content))
    await asyncio.sleep(0)  # lets the loop notice a line that broke meanwhile
    while protocol.is_connected and transport.get_write_buffer_size():
        await asyncio.sleep(_LOOK_S)
    if not protocol.is_connected:
        raise SMTPServerDisconnected("Connection lost")
    progress.dot_written = True
    protocol.write(b".\r\n")
    return await protocol.read_response(timeout=None)


def _concluded(connection: Connection, reply: SMTPResponse, mail: Mail) -> Outcome:
    if 200 <= reply.code < 300:
        connection.dirty = False
        return Outcome(True, _queue_id(reply.message) or mail.message_id)
    if not 400 <= reply.code < 600:
        return Outcome(False, None, FailureClass.UNKNOWN, "answer_not_understood", str(reply.code))
    return refusal(Stage.CONTENT, reply.code, reply.message, mail.recipient)


def _mail_options(client: SMTP, mail: Mail) -> list[bytes]:
    options = []
    if client.supports_extension("size"):
        options.append(b"SIZE=%d" % len(mail.content))
    if mail.needs_utf8:
        options.append(b"SMTPUTF8")
    if client.supports_extension("dsn") and len(mail.envelope_id) <= 100:
        options += [b"RET=HDRS", b"ENVID=%b" % mail.envelope_id.encode()]
    return options


def _recipient_options(client: SMTP) -> list[bytes]:
    return [b"NOTIFY=FAILURE,DELAY"] if client.supports_extension("dsn") else []


def _queue_id(text: str) -> str | None:
    """The server's own id of the mail, where its words have one that is known."""
    matches = (pattern.search(text[:1000]) for pattern in _QUEUE_IDS)
    found = next((match for match in matches if match), None)
    return found[1][:_LONGEST_ID] if found else None
