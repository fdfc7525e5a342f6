"""The library of templates and unfinished campaigns in SQLite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import apsw

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.rows import Row, fetch, fetch_one
from disparo.domain.campaign_sketch import KEPT_FOR, CampaignSketch
from disparo.domain.errors import NotFoundError, RevisionError
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.library_template import LibraryTemplate, kept_template, library_document, put_refusal, updated_ms

ADD_TEMPLATE = """
INSERT INTO template (name, document, updated_at, revision) VALUES (:name, :document, :updated_at, 1)
ON CONFLICT (name) DO NOTHING RETURNING revision
"""

CHANGE_TEMPLATE = """
UPDATE template SET document = :document, updated_at = :updated_at, revision = revision + 1
WHERE name = :name AND revision = :revision RETURNING revision
"""

TEMPLATE = "SELECT document, updated_at, revision FROM template WHERE name = ?"

TEMPLATES = "SELECT document, updated_at, revision FROM template WHERE name > ? ORDER BY name LIMIT ?"

REMOVE_TEMPLATE = "DELETE FROM template WHERE name = ? RETURNING 1"

ADD_SKETCH = """
INSERT INTO sketch (id, document, by, updated_at, revision) VALUES (:id, :document, :by, :updated_at, 1)
ON CONFLICT (id) DO NOTHING RETURNING revision
"""

CHANGE_SKETCH = """
UPDATE sketch SET document = :document, by = :by, updated_at = :updated_at, revision = revision + 1
WHERE id = :id AND revision = :revision RETURNING revision
"""

SKETCH = "SELECT id, document, by, updated_at, revision FROM sketch WHERE id = ?"

LATEST = """
SELECT id, document, by, updated_at, revision FROM sketch WHERE updated_at >= ? ORDER BY updated_at DESC, id LIMIT ?
"""

REMOVE_SKETCH = "DELETE FROM sketch WHERE id = ?"

FORGET_SKETCHES = "DELETE FROM sketch WHERE updated_at < ?"


class SqliteTemplates:
    """`Templates` in the table template."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def put(self, wanted: LibraryTemplate) -> LibraryTemplate:
        """See `Templates.put`."""
        values = {
            "name": wanted.name,
            "document": json.dumps(library_document(wanted), ensure_ascii=False),
            "updated_at": updated_ms(wanted),
        }
        if wanted.revision:
            query, values = CHANGE_TEMPLATE, {**values, "revision": wanted.revision}
        else:
            query = ADD_TEMPLATE
        found = await self._db.write(lambda connection: fetch_one(connection, query, values))
        if found is None:
            raise put_refusal(wanted)
        return replace(wanted, revision=found[0])

    async def get(self, name: str) -> LibraryTemplate:
        """See `Templates.get`."""
        if (row := fetch_one(self._db.reader, TEMPLATE, (name,))) is None:
            raise _no_template(name)
        return _template(row)

    async def page(self, after: str | None, limit: int) -> Sequence[LibraryTemplate]:
        """See `Templates.page`."""
        return [_template(row) for row in fetch(self._db.reader, TEMPLATES, (after or "", limit))]

    async def remove(self, name: str) -> None:
        """See `Templates.remove`."""
        if not await self._db.write(lambda connection: fetch(connection, REMOVE_TEMPLATE, (name,))):
            raise _no_template(name)


class SqliteSketches:
    """`Sketches` in the table sketch; the old ones go when one is kept."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def put(self, sketch: CampaignSketch, now: datetime) -> CampaignSketch:
        """See `Sketches.put`."""
        values = {
            "id": sketch.id,
            "document": json.dumps(sketch.document, ensure_ascii=False),
            "by": sketch.by,
            "updated_at": to_ms(now),
        }
        if sketch.revision:
            query, values = CHANGE_SKETCH, {**values, "revision": sketch.revision}
        else:
            query = ADD_SKETCH

        def keep(connection: apsw.Connection) -> Row | None:
            connection.execute(FORGET_SKETCHES, (to_ms(now - KEPT_FOR),))
            return fetch_one(connection, query, values)

        if (found := await self._db.write(keep)) is None:
            raise RevisionError("outra pessoa mudou esta campanha enquanto isso; abra-a de novo")
        return replace(sketch, updated_at=from_ms(to_ms(now)), revision=found[0])

    async def get(self, sketch_id: str) -> CampaignSketch:
        """See `Sketches.get`."""
        if (row := fetch_one(self._db.reader, SKETCH, (sketch_id,))) is None:
            raise NotFoundError("este esboço não está mais aqui: já virou campanha, ou foi descartado")
        return _sketch(row)

    async def latest(self, limit: int, now: datetime) -> Sequence[CampaignSketch]:
        """See `Sketches.latest`."""
        return [_sketch(row) for row in fetch(self._db.reader, LATEST, (to_ms(now - KEPT_FOR), limit))]

    async def remove(self, sketch_id: str) -> None:
        """See `Sketches.remove`."""
        await self._db.write(lambda connection: connection.execute(REMOVE_SKETCH, (sketch_id,)))


def _no_template(name: str) -> NotFoundError:
    return NotFoundError(f"o modelo {name!r} não está na biblioteca")


def _template(row: Row) -> LibraryTemplate:
    document, updated_at, revision = row
    return kept_template(json.loads(document), updated_at, revision)


def _sketch(row: Row) -> CampaignSketch:
    sketch_id, document, by, updated_at, revision = row
    return CampaignSketch(sketch_id, json.loads(document), by, from_ms(updated_at), revision)
