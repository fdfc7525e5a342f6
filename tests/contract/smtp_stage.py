"""SMTP servers of the tests: aiosmtpd's, and one that says and does whatever its script wants."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

USERNAME, PASSWORD = "disparo", "segredo-do-teste"


@dataclass
class Taken:
    """One mail as the server took it."""

    sender: str
    recipient: str
    content: bytes
    mail_options: list[str]
    connection: int


@dataclass
class Postmaster:
    """aiosmtpd's handler: refuses whom it is told to, keeps the rest."""

    at_recipient: dict[str, str] = field(default_factory=dict)
    at_content: dict[str, str] = field(default_factory=dict)
    passwords: set[str] = field(default_factory=lambda: {PASSWORD})
    taken: list[Taken] = field(default_factory=list)
    sessions: list[Any] = field(default_factory=list)
    logins: int = 0

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Note the connection."""
        session.host_name = hostname
        if session not in self.sessions:
            self.sessions.append(session)
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Refuse or take a recipient."""
        if refused := self.at_recipient.get(address):
            return refused
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a mail."""
        [recipient] = envelope.rcpt_tos
        if refused := self.at_content.get(recipient):
            return refused
        connection = self.sessions.index(session)
        self.taken.append(
            Taken(envelope.mail_from, recipient, envelope.original_content, envelope.mail_options, connection)
        )
        return f"250 2.0.0 Ok: queued as FILA{len(self.taken)}"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        """Believe the password that is right now."""
        self.logins += 1
        right = isinstance(data, LoginPassword) and data.password.decode() in self.passwords
        return AuthResult(success=right, handled=False)


@asynccontextmanager
async def real_server(
    postmaster: Postmaster, *, tls: ssl.SSLContext | None = None, implicit: bool = False, login: bool = True
) -> AsyncIterator[int]:
    """aiosmtpd on a port of 127.0.0.1."""
    loop = asyncio.get_running_loop()
    made: list[SMTP] = []

    def protocol() -> SMTP:
        server = SMTP(
            postmaster,
            hostname="mail.test",
            enable_SMTPUTF8=True,
            tls_context=None if implicit else tls,
            require_starttls=tls is not None and not implicit,
            auth_required=login,
            auth_require_tls=tls is not None and not implicit,
            authenticator=postmaster.authenticate,
            loop=loop,
        )
        made.append(server)
        return server

    listening = await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls if implicit else None)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        for server in made:
            if server.transport is not None:
                server.transport.close()
        await asyncio.sleep(0.01)


DROP = b""
"""The script's word for ending the connection."""

Script = Mapping[str, bytes] | Callable[[int, str], bytes | None]


@dataclass
class ScriptedServer:
    """Says what its script has for a step: `GREETING`, a verb, `BODY` (in its midst) and `DOT`."""

    script: Script
    heard: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    connections: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def answer(self, connection: int, step: str) -> bytes:
        """What is said on this step."""
        usual = {
            "GREETING": b"220 mail.test ESMTP",
            "EHLO": b"250 mail.test",
            "DATA": b"354 go on",
            "QUIT": b"221 2.0.0 bye",
        }
        own = self.script(connection, step) if callable(self.script) else self.script.get(step)
        return usual.get(step, b"250 2.0.0 Ok") if own is None else own

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """Run it on a port of 127.0.0.1."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        with suppress(ConnectionError, asyncio.CancelledError):
            await self._talk(self.connections, reader, writer)
        writer.close()
        with suppress(ConnectionError, asyncio.CancelledError):
            await writer.wait_closed()

    async def _talk(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        step = "GREETING"
        while True:
            reply = self.answer(number, step)
            self.heard.append(f"{number} {step}")
            if reply == DROP:
                return
            writer.write(reply + b"\r\n")
            await writer.drain()
            if step == "QUIT":
                return
            if step == "DATA" and reply.startswith(b"354"):
                if self.answer(number, "BODY") == DROP:
                    return
                await reader.readuntil(b"\r\n.\r\n")
                step = "DOT"
                continue
            line = await reader.readline()
            if not line:
                return
            self.lines.append(line.decode().strip())
            step = line.split()[0].decode().upper()
