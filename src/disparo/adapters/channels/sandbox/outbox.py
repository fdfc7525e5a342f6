"""What the sandbox took, in a file that survives a kill of whoever wrote it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """One message that the sandbox took: its request came at `at_ms` and was `number` in this sandbox."""

    id: str
    at_ms: int
    channel: str
    address: str
    text: str
    subject: str | None = None
    html: str | None = None

    @property
    def provider_id(self) -> str:
        """The id that the sandbox gives it."""
        return f"sandbox-{self.id}-{self.at_ms}"


class Outbox(Protocol):
    """An append-only list of entries that several processes may share."""

    async def append(self, entry: Entry) -> None:
        """Keep an entry; it is there for every process when this returns."""
        ...

    async def read(self, position: int, limit: int) -> tuple[list[Entry], int]:
        """Up to `limit` entries from a position on (0 is the beginning), and the position behind them.

        One that was written while others read may come behind later ones, never not at all.
        """
        ...

    async def find_all(self, message_ids: Iterable[str]) -> dict[str, Entry]:
        """The latest entry of each of these messages that has one."""
        ...

    async def forget_person(self, contact_id: str, keys: Sequence[str]) -> int:
        """Blank what was taken for a contact, or to one of these addresses (see `Forgets`); how many entries."""
        ...


def is_of(entry: Entry, contact_id: str, keys: Sequence[str]) -> bool:
    """Whether an entry was for a contact, which its message's id says, or to one of these addresses.

    One that is blank already is nobody's.
    """
    if entry == blank(entry):
        return False
    return entry.id.rpartition(".")[2] == contact_id or (entry.address != "" and entry.address.lower() in keys)


def blank(entry: Entry) -> Entry:
    """An entry without anything of the person."""
    return replace(entry, address="", text="", subject=None, html=None)


class MemoryOutbox:
    """`Outbox` for one process."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._latest: dict[str, Entry] = {}

    async def append(self, entry: Entry) -> None:
        """See `Outbox.append`."""
        self.entries.append(entry)
        self._latest[entry.id] = entry

    async def read(self, position: int, limit: int) -> tuple[list[Entry], int]:
        """See `Outbox.read`."""
        found = self.entries[position : position + limit]
        return found, position + len(found)

    async def find_all(self, message_ids: Iterable[str]) -> dict[str, Entry]:
        """See `Outbox.find_all`."""
        return {one: self._latest[one] for one in message_ids if one in self._latest}

    async def forget_person(self, contact_id: str, keys: Sequence[str]) -> int:
        """See `Outbox.forget_person`."""
        theirs = [number for number, one in enumerate(self.entries) if is_of(one, contact_id, keys)]
        for number in theirs:
            self.entries[number] = blank(self.entries[number])
        self._latest = {one.id: one for one in self.entries}
        return len(theirs)


class FileOutbox:
    """`Outbox` in a file of JSON lines. One `write` in append mode for each entry keeps processes apart."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    async def append(self, entry: Entry) -> None:
        """See `Outbox.append`."""
        if self._file is None:
            self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(self._file, (json.dumps(asdict(entry), ensure_ascii=False) + "\n").encode())

    async def read(self, position: int, limit: int) -> tuple[list[Entry], int]:
        """See `Outbox.read`."""
        entries: list[Entry] = []
        for line in self._lines(position):
            entries.append(_entry(line))
            position += len(line)
            if len(entries) == limit:
                break
        return entries, position

    async def find_all(self, message_ids: Iterable[str]) -> dict[str, Entry]:
        """See `Outbox.find_all`; reads the file once."""
        wanted = {f'"id": {json.dumps(message_id)},'.encode() for message_id in message_ids}
        found: dict[str, Entry] = {}
        for line in self._lines(0):
            head = line[1 : line.find(b",") + 1]
            if head in wanted:
                entry = _entry(line)
                found[entry.id] = entry
        return found

    async def forget_person(self, contact_id: str, keys: Sequence[str]) -> int:
        """See `Outbox.forget_person`: in place and in the same length, as others append and remember positions."""
        position = forgotten = 0
        for line in self._lines(0):
            if is_of(entry := _entry(line), contact_id, keys):
                self._overwrite(position, line, blank(entry))
                forgotten += 1
            position += len(line)
        return forgotten

    def _overwrite(self, position: int, line: bytes, entry: Entry) -> None:
        text = json.dumps(asdict(entry), ensure_ascii=False).encode()
        with self._path.open("r+b") as file:
            file.seek(position)
            file.write(text.ljust(len(line) - 1))

    def everything(self) -> list[Entry]:
        """All entries."""
        return [_entry(line) for line in self._lines(0)]

    def _lines(self, position: int) -> Iterator[bytes]:
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(position)
            for line in file:
                if not line.endswith(b"\n"):  # another process is writing it
                    return
                yield line


def _entry(line: bytes) -> Entry:
    return Entry(**json.loads(line))
