from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import apsw
import pytest

from disparo.adapters.embedded.audit import SqliteAudit
from disparo.adapters.embedded.database import Database
from disparo.domain.audit import AuditEntry, AuditFilter

ENTRY = AuditEntry(datetime(2100, 3, 2, tzinfo=UTC), "user:1", "Ana", "campaigns.start", "name=12")


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET actor = 'user:2'", "DELETE FROM audit", "REPLACE INTO audit SELECT * FROM audit"]
)
def test_the_file_itself_refuses_to_change_what_was_written(statement: str) -> None:
    async def story() -> None:
        database = Database(None)
        audit = SqliteAudit(database)
        kept = await audit.append(ENTRY)
        with pytest.raises(apsw.ConstraintError):
            await database.write(lambda connection: connection.execute(statement).fetchall())
        assert list(await audit.page(AuditFilter(), None, 2)) == [kept]
        database.close()

    asyncio.run(story())


def test_looking_for_somebody_reads_only_theirs() -> None:
    database = Database(None)
    for wanted in ("actor", "object"):
        query = (
            f"EXPLAIN QUERY PLAN SELECT id FROM audit INDEXED BY audit_of_{wanted} WHERE id < '~' AND {wanted} = 'x'"
        )
        assert all("SCAN" not in row[3] for row in database.reader.execute(query).fetchall())
    database.close()
