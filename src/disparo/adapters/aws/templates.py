"""The library of templates and unfinished campaigns in DynamoDB.

    control   templates, <name>    a template: its document, when it was changed, its revision
    control   sketches, <id>       an unfinished campaign; TTL forgets it

They are few and people write them, so each kind has one partition.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from disparo.adapters.aws.attributes import as_json, instant, number, text
from disparo.adapters.aws.tables import ABSENT, CONTROL, Condition, ConditionFailedError, Delete, Item, Key, Put, Tables
from disparo.domain.campaign_sketch import KEPT_FOR, CampaignSketch
from disparo.domain.errors import NotFoundError, RevisionError
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.library_template import LibraryTemplate, kept_template, library_document, put_refusal, updated_ms

_TEMPLATES, _SKETCHES = "templates", "sketches"


class DynamoTemplates:
    """`Templates` in the table control."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def put(self, wanted: LibraryTemplate) -> LibraryTemplate:
        """See `Templates.put`."""
        item: Item = {
            **_key(_TEMPLATES, wanted.name),
            "document": as_json(library_document(wanted)),
            "updated_at": updated_ms(wanted),
            "revision": wanted.revision + 1,
        }
        try:
            await self._tables.write(Put(CONTROL, item, _still(wanted.revision)))
        except ConditionFailedError:
            raise put_refusal(wanted) from None
        return replace(wanted, revision=wanted.revision + 1)

    async def get(self, name: str) -> LibraryTemplate:
        """See `Templates.get`."""
        if not name or (item := await self._tables.get(CONTROL, _key(_TEMPLATES, name))) is None:
            raise _no_template(name)
        return _template(item)

    async def page(self, after: str | None, limit: int) -> Sequence[LibraryTemplate]:
        """See `Templates.page`."""
        # The range of a query holds its ends, and nothing stands between a name and itself with a space behind.
        lowest = None if after is None else f"{after} "
        return [_template(item) for item in await self._tables.query(CONTROL, _TEMPLATES, lowest=lowest, limit=limit)]

    async def remove(self, name: str) -> None:
        """See `Templates.remove`."""
        try:
            await self._tables.write(Delete(CONTROL, _key(_TEMPLATES, name), {"pk": _TEMPLATES}))
        except ConditionFailedError:
            raise _no_template(name) from None


class DynamoSketches:
    """`Sketches` in the table control, which TTL deletes some time after their end."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def put(self, sketch: CampaignSketch, now: datetime) -> CampaignSketch:
        """See `Sketches.put`."""
        item: Item = {
            **_key(_SKETCHES, sketch.id),
            "document": as_json(dict(sketch.document)),
            "by": sketch.by or "-",
            "updated_at": to_ms(now),
            "revision": sketch.revision + 1,
            "expires_at": int((now + KEPT_FOR).timestamp()),
        }
        try:
            await self._tables.write(Put(CONTROL, item, _still(sketch.revision)))
        except ConditionFailedError:
            raise RevisionError("outra pessoa mudou esta campanha enquanto isso; abra-a de novo") from None
        return replace(sketch, updated_at=from_ms(to_ms(now)), revision=sketch.revision + 1)

    async def get(self, sketch_id: str) -> CampaignSketch:
        """See `Sketches.get`."""
        if not sketch_id or (item := await self._tables.get(CONTROL, _key(_SKETCHES, sketch_id))) is None:
            raise NotFoundError("este esboço não está mais aqui: já virou campanha, ou foi descartado")
        return _sketch(item)

    async def latest(self, limit: int, now: datetime) -> Sequence[CampaignSketch]:
        """See `Sketches.latest`."""
        items = await self._tables.query(CONTROL, _SKETCHES)
        kept = [item for item in items if number(item, "updated_at") >= to_ms(now - KEPT_FOR)]
        newest = sorted(kept, key=lambda item: (-number(item, "updated_at"), text(item, "sk")))
        return [_sketch(item) for item in newest[:limit]]

    async def remove(self, sketch_id: str) -> None:
        """See `Sketches.remove`."""
        await self._tables.write(Delete(CONTROL, _key(_SKETCHES, sketch_id)))


def _key(kind: str, name: str) -> Key:
    return {"pk": kind, "sk": name}


def _still(revision: int) -> Condition:
    return {"revision": revision} if revision else {"pk": ABSENT}


def _no_template(name: str) -> NotFoundError:
    return NotFoundError(f"o modelo {name!r} não está na biblioteca")


def _template(item: Item) -> LibraryTemplate:
    return kept_template(json.loads(text(item, "document")), number(item, "updated_at"), number(item, "revision"))


def _sketch(item: Item) -> CampaignSketch:
    by = text(item, "by")
    document = json.loads(text(item, "document"))
    revision = number(item, "revision")
    return CampaignSketch(text(item, "sk"), document, "" if by == "-" else by, instant(item, "updated_at"), revision)
