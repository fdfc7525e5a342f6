"""The sandbox's outbox in a table, for processes on many machines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from disparo.adapters.aws.tables import CONTROL, Key, Put, Tables
from disparo.adapters.channels.sandbox.outbox import Entry, blank, is_of

OVERLAP_MS = 60_000
"""How long before the newest entry another may still turn up: it is stamped when it is asked for, and written when the
sandbox has taken it, by machines whose clocks differ a little."""

_ALL = "outbox"


class TableOutbox:
    """`Outbox` in the table control: one item in the order of time, one under the message's id.

    A position is the newest instant read, in ms. Each reader needs an outbox of its own: it remembers what it has
    read of the time in which more may turn up. One that begins anew reads everything again.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._read: dict[str, int] = {}

    async def append(self, entry: Entry) -> None:
        """See `Outbox.append`."""
        body = json.dumps(asdict(entry), ensure_ascii=False)
        in_order: Key = {"pk": _ALL, "sk": f"{entry.at_ms:015}#{entry.id}"}
        await self._tables.write_many(
            [Put(CONTROL, {**in_order, "entry": body}), Put(CONTROL, {**_latest(entry.id), "entry": body})]
        )

    async def read(self, position: int, limit: int) -> tuple[list[Entry], int]:
        """See `Outbox.read`."""
        since = max(0, position - OVERLAP_MS)
        items = await self._tables.query(CONTROL, _ALL, lowest=f"{since:015}", limit=limit + len(self._read))
        new = [item for item in items if str(item["sk"]) not in self._read][:limit]
        entries = [_entry(str(item["entry"])) for item in new]
        position = max([position, *(one.at_ms for one in entries)])
        self._read.update((str(item["sk"]), one.at_ms) for item, one in zip(new, entries, strict=True))
        self._read = {key: at_ms for key, at_ms in self._read.items() if at_ms >= position - OVERLAP_MS}
        return entries, position

    async def find_all(self, message_ids: Iterable[str]) -> dict[str, Entry]:
        """See `Outbox.find_all`."""
        items = await self._tables.get_many([(CONTROL, _latest(one)) for one in message_ids])
        entries = [_entry(str(item["entry"])) for item in items if item is not None]
        return {one.id: one for one in entries}

    async def forget_person(self, contact_id: str, keys: Sequence[str]) -> int:
        """See `Outbox.forget_person`; reads everything that the sandbox ever took."""
        items = await self._tables.query(CONTROL, _ALL)
        theirs = [item for item in items if is_of(_entry(str(item["entry"])), contact_id, keys)]
        puts: list[Put] = []
        for item in theirs:
            entry = blank(_entry(str(item["entry"])))
            body = json.dumps(asdict(entry), ensure_ascii=False)
            puts += [Put(CONTROL, {**item, "entry": body}), Put(CONTROL, {**_latest(entry.id), "entry": body})]
        await self._tables.write_many([*{(one.item["pk"], one.item["sk"]): one for one in puts}.values()])
        return len(theirs)


def _latest(message_id: str) -> Key:
    return {"pk": f"outbox-of#{message_id}", "sk": "-"}


def _entry(body: str) -> Entry:
    return Entry(**json.loads(body))
