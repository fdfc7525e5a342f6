"""An IMAP server of the tests: one folder in memory, and whatever faults its script wants (RFC 9051)."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

USERNAME, PASSWORD = "contato", 'senha "difícil"\\'.replace("í", "i")


@dataclass
class Stored:
    """A message in the folder."""

    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)


@dataclass
class ImapStage:
    """The server: `log` has its commands without their tags, `moved` what left the folder."""

    stored: list[Stored] = field(default_factory=list)
    password: str = PASSWORD
    validity: int = 7
    keywords: bool = True
    moves: bool = True
    folders: set[str] = field(default_factory=lambda: {"INBOX"})
    refuse: set[str] = field(default_factory=set)
    drop_at: str | None = None
    log: list[str] = field(default_factory=list)
    moved: dict[str, list[int]] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    starttls: bool = False
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def add(self, raw: bytes) -> None:
        """A new message comes."""
        self.stored.append(Stored(max((one.uid for one in self.stored), default=100) + 1, raw))

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """Run it on a port of 127.0.0.1."""
        implicit = None if self.starttls else self.tls
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=implicit)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        with suppress(ConnectionError, asyncio.CancelledError, ssl.SSLError):
            await self._talk(reader, writer)
        writer.close()
        with suppress(ConnectionError, asyncio.CancelledError, ssl.SSLError):
            await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag, _, command = line.decode().strip().partition(" ")
            verb = command.upper().removeprefix("UID ").split(" ")[0]
            self.log.append(command if verb != "LOGIN" else "LOGIN")
            if verb == self.drop_at:
                return
            if verb in self.refuse:
                writer.write(f"{tag} NO refused\r\n".encode())
                continue
            if verb == "STARTTLS":
                writer.write(f"{tag} OK go on\r\n".encode())
                await writer.drain()
                assert self.tls is not None
                await writer.start_tls(self.tls)
                continue
            for part in self._answer(verb, command):
                writer.write(part if isinstance(part, bytes) else f"* {part}\r\n".encode())
            done = "NO" if self._fails(verb, command) else "OK"
            writer.write(f"{tag} {done} {verb} done\r\n".encode())
            await writer.drain()
            if verb == "LOGOUT":
                return

    def _fails(self, verb: str, command: str) -> bool:
        if verb == "LOGIN":
            words = re.findall(r'"((?:[^"\\]|\\.)*)"', command)
            return re.sub(r"\\(.)", r"\1", words[-1]) != self.password
        if verb == "SELECT":
            return command.split('"')[1] not in self.folders
        return verb == "MOVE" and command.split('"')[1] not in self.folders

    def _answer(self, verb: str, command: str) -> list[str | bytes]:
        match verb:
            case "CAPABILITY":
                return [
                    "CAPABILITY IMAP4rev1" + (" MOVE" if self.moves else "") + (" STARTTLS" if self.starttls else "")
                ]
            case "SELECT":
                flags = r"\Seen \*" if self.keywords else r"\Seen"
                return [
                    f"{len(self.stored)} EXISTS",
                    f"OK [PERMANENTFLAGS ({flags})]",
                    f"OK [UIDVALIDITY {self.validity}]",
                ]
            case "SEARCH":
                return [self._search(command)]
            case "FETCH":
                return self._fetch(command)
            case "STORE":
                for one in self._chosen(command):
                    one.flags |= set(re.findall(r"\\?\w+", command.rpartition("(")[2]))
            case "CREATE":
                self.folders.add(command.split('"')[1])
            case "MOVE" if not self._fails(verb, command):
                chosen = self._chosen(command)
                self.moved.setdefault(command.split('"')[1], []).extend(one.uid for one in chosen)
                self.stored = [one for one in self.stored if one not in chosen]
            case "LOGOUT":
                return ["BYE"]
        return []

    def _search(self, command: str) -> str:
        flag = r"\Seen" if "UNSEEN" in command else command.rpartition(" ")[2]
        return " ".join(["SEARCH", *(str(one.uid) for one in self.stored if flag not in one.flags)])

    def _fetch(self, command: str) -> list[str | bytes]:
        most = int(re.findall(r"<0\.(\d+)>", command)[0])
        found = []
        for number, one in enumerate(self._chosen(command), 1):
            head = f"* {number} FETCH (UID {one.uid} BODY[]<0> {{{len(one.raw[:most])}}}\r\n".encode()
            found.append(head + one.raw[:most] + b")\r\n")
        return list(found)

    def _chosen(self, command: str) -> list[Stored]:
        uids = {int(uid) for uid in command.split(" ")[2].split(",")}
        return [one for one in self.stored if one.uid in uids]
