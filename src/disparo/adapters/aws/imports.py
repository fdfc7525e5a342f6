"""Imports in DynamoDB: in the table control, all under one hash key, as a few of them are made in a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from disparo.adapters.aws import counters
from disparo.adapters.aws.tables import ABSENT, CONTROL, ConditionFailedError, Item, Put, Tables
from disparo.domain.contact_import import Import, ImportPart
from disparo.domain.errors import NotFoundError

IMPORT = "import"


class DynamoImports:
    """`Imports` as items `pk=import, sk=<id>`.

    `state` and `line` stand beside the record: together they are its version, and each change asks for the one that
    it has seen.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def create(self, new: Import) -> Import:
        """See `Imports.create`."""
        try:
            await self._tables.write(Put(CONTROL, _item(new), {"pk": ABSENT}))
        except ConditionFailedError:
            return await self.get(new.id)
        return new

    async def get(self, import_id: str) -> Import:
        """See `Imports.get`."""
        item = await self._tables.get(CONTROL, {"pk": IMPORT, "sk": import_id}) if import_id else None
        if item is None:
            raise NotFoundError(f"a importação {import_id!r} não existe; veja as que há em /api/v1/imports")
        return Import.from_json(str(item["record"]))

    async def page(self, after: str | None, limit: int) -> Sequence[Import]:
        """See `Imports.page`."""
        # The bounds of a query are inclusive, so one more is asked for and the cursor's own item is left out.
        items = await self._tables.query(CONTROL, IMPORT, highest=after or None, descending=True, limit=limit + 1)
        return [Import.from_json(str(item["record"])) for item in items if item["sk"] != after][:limit]

    async def order(
        self, import_id: str, list_name: str, mapping: Mapping[str, str], sheet: str | None, now: datetime
    ) -> bool:
        """See `Imports.order`."""
        return await self._change(import_id, lambda one: one.ordered(list_name, mapping, sheet, now))

    async def begin(self, import_id: str, fingerprint: str, now: datetime) -> Import:
        """See `Imports.begin`."""
        newest = await counters.newest(self._tables, counters.CONTACT)
        await self._change(import_id, lambda one: one.begun(fingerprint, newest, now))
        return await self.get(import_id)

    async def advance(self, import_id: str, part: ImportPart, now: datetime) -> bool:
        """See `Imports.advance`."""
        return await self._change(import_id, lambda one: one.advanced(part, now))

    async def finish(self, import_id: str, line: int, now: datetime) -> bool:
        """See `Imports.finish`."""
        return await self._change(import_id, lambda one: one.finished(line, now))

    async def fail(self, import_id: str, error: str, now: datetime) -> bool:
        """See `Imports.fail`."""
        return await self._change(import_id, lambda one: one.failed(error, now))

    async def empty(self, import_id: str) -> bool:
        """See `Imports.empty`."""
        return await self._change(import_id, lambda one: one.emptied())

    async def _change(self, import_id: str, move: Callable[[Import], Import | None]) -> bool:
        while True:
            old = await self.get(import_id)
            if (changed := move(old)) is None:
                return False
            try:
                await self._tables.write(Put(CONTROL, _item(changed), {"state": old.state.value, "line": old.line}))
            except ConditionFailedError:  # it moved on since it was read: look again whether the change still holds
                continue
            return True


def _item(record: Import) -> Item:
    return {
        "pk": IMPORT,
        "sk": record.id,
        "state": record.state.value,
        "line": record.line,
        "record": record.to_json(),
    }
