"""The programs that docs/channels/mailbox.md gives to mail servers."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from disparo.adapters.channels.mailbox.callback import MailCallback
from disparo.adapters.channels.mailbox.credentials import MailWebhookCredentials, parse_webhook
from disparo.adapters.credentials import Credentials
from disparo.ports.callback import Call, Told
from tests.unit.adapters.channels.mailbox.mails import answer

PAGE = Path(__file__).parents[2] / "docs" / "channels" / "mailbox.md"
SECRET = "um-segredo-de-teste-comprido"


class Kept:
    """`Secrets` of one secret."""

    async def get(self, name: str) -> Mapping[str, str]:
        return {"webhook_secret": SECRET}

    refresh = get


class Door:
    """Takes one call over HTTP and reads it as the real door does."""

    def __init__(self, status: str = "204 No Content") -> None:
        self.told: list[Told] = []
        self._status = status
        credentials: Credentials[MailWebhookCredentials] = Credentials(Kept(), "mail-webhook", parse_webhook)
        self._callback = MailCallback(credentials)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request of HTTP/1.1."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.told.append(await self._callback.read(Call("", headers, body), datetime.now(UTC)))
        writer.write(f"HTTP/1.1 {self._status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert found is not None
    return found[1]


async def run(door: Door, make: list[str], environ: Mapping[str, str], stdin: bytes, folder: Path) -> int | None:
    """Run a program while the door is open; `{url}` in its words is the door's address."""
    server = await asyncio.start_server(door.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/webhooks/mail"
    try:
        process = await asyncio.create_subprocess_exec(
            *(word.replace("{url}", url) for word in make),
            stdin=asyncio.subprocess.PIPE,
            env={**os.environ, **environ, "DISPARO_MAIL_URL": url},
            cwd=folder,
        )
        await process.communicate(stdin)
        return process.returncode
    finally:
        server.close()


@pytest.mark.parametrize(("status", "code"), [("204 No Content", 0), ("503 Busy", 75)])
def test_the_program_of_the_page_brings_a_mail(status: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(base64.b64encode(SECRET.encode()).decode() + "\n")
    door = Door(status)
    environ = {"DISPARO_MAIL_KEY": str(tmp_path / "key")}
    ended = asyncio.run(run(door, [sys.executable, "-c", block("python")], environ, answer("Sim"), tmp_path))
    assert ended == code
    assert [reply.text for told in door.told for reply in told.replies] == ["Sim"]


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="curl and openssl are not here")
def test_the_line_of_the_page_brings_a_mail(tmp_path: Path) -> None:
    (tmp_path / "mail.eml").write_bytes(answer("Sim"))
    door = Door()
    line = block("sh").replace("https://disparo.exemplo.com.br/webhooks/mail", "{url}")
    assert asyncio.run(run(door, ["sh", "-c", line], {"SECRET": SECRET}, b"", tmp_path)) == 0
    assert [reply.text for told in door.told for reply in told.replies] == ["Sim"]
