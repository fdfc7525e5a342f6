"""An import into DynamoDB whose process dies at any of its writes is taken up again, and comes out the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from disparo.adapters.aws.imports import DynamoImports
from disparo.adapters.aws.store import open_store
from disparo.adapters.files.contact_files import LocalContactFiles
from disparo.adapters.files.open_table import open_table
from disparo.adapters.files.rejected_rows import RejectedRows
from disparo.domain.contact_import import Import, ImportState
from disparo.simulation.memory_tables import MemoryTables
from disparo.simulation.virtual_time import run_virtually
from disparo.usecases.imports import ImportDesk, work
from tests.unit.adapters.aws.killing import killed_everywhere

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
TABLE = """Nome;Celular;E-mail
Ana;41 98888-0001;ana@x.com
Bia;41 98888-0002;
Sem nada;12;
Cia;;cia@x.com
Ana de novo;41 98888-0001;
Davi;41 98888-0004;davi@x.com
"""
NEW = Import("20261123130000000-ab", "imports/vendas/x.csv", "x.csv", "vendas", NOW, NOW)


def test_rows_are_folded_and_counted_once_wherever_it_dies(tmp_path: Path) -> None:
    path = tmp_path / NEW.key
    path.parent.mkdir(parents=True)
    path.write_text(TABLE, "utf-8")

    def desk(tables: MemoryTables) -> ImportDesk:
        files = LocalContactFiles(tmp_path)
        return ImportDesk(DynamoImports(tables), open_store(tables).contacts, files, open_table, RejectedRows)

    async def scene() -> MemoryTables:
        tables = MemoryTables()
        await DynamoImports(tables).create(NEW)
        return tables

    async def act(tables: MemoryTables) -> Import:
        return await work(desk(tables), NEW.id, lambda: NOW, batch_size=3)

    async def goes_on(tables: MemoryTables) -> None:
        done = await act(tables)
        assert done.state is ImportState.COMPLETED
        assert replace(done, changed_at=NOW) == replace(wanted, changed_at=NOW)
        assert [one.contacts for one in await open_store(tables).contacts.lists()] == [wanted.counts.created]

    async def story() -> int:
        nonlocal wanted
        wanted = await act(await scene())
        return await killed_everywhere(scene, act, goes_on)

    wanted = NEW
    moments = run_virtually(story())
    assert (wanted.counts.rows, wanted.counts.created, wanted.counts.duplicates, wanted.counts.rejected) == (6, 4, 1, 1)
    assert moments > 20
