from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from disparo.adapters.embedded.contacts import SqliteContacts
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.imports import SqliteImports
from disparo.adapters.files.contact_files import LocalContactFiles
from disparo.adapters.files.open_table import open_table
from disparo.adapters.files.rejected_rows import RejectedRows
from disparo.domain.contact import ContactDraft
from disparo.domain.contact_import import Import, ImportCounts, ImportPart, ImportState
from disparo.domain.errors import InputError
from disparo.ports.contacts import FoldResult
from disparo.usecases.import_contacts import import_contacts
from disparo.usecases.imports import ImportDesk, ImportOrder, announce, found, stalled, work

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
ROWS = 60


class KilledError(Exception):
    """The process ends here."""


@dataclass
class Room:
    """A desk over a store in memory, and one file with rows of every kind."""

    folder: Path
    now: datetime = NOW
    database: Database = field(default_factory=lambda: Database(None))

    def __post_init__(self) -> None:
        self.imports, self.contacts = SqliteImports(self.database), SqliteContacts(self.database)
        self.files = LocalContactFiles(self.folder)

    def desk(self) -> ImportDesk:
        return ImportDesk(self.imports, self.contacts, self.files, open_table, RejectedRows)

    async def announced(self, text: str | None = None, token: str = "ab") -> Import:
        order = ImportOrder("x.csv", "vendas", {})
        record = await announce(self.imports, order, self.now, token)
        if text is not None:
            path = self.folder / record.key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return record

    async def worked(
        self, record: Import, stop: Callable[[], bool] = lambda: False, desk: ImportDesk | None = None
    ) -> Import:
        return await work(desk or self.desk(), record.id, lambda: self.now, stop=stop, batch_size=7)

    async def report(self, record: Import) -> str:
        parts = [(await self.files.report(record.id, one)).decode("utf-8-sig") for one in record.reports]
        return "".join(text if n == 0 else text.partition("\n")[2] for n, text in enumerate(parts))


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path / "files")


def table() -> str:
    """Good rows, wrong ones, repeated ones, blank lines and one that is cut open."""
    lines = ["Nome;Celular;E-mail"]
    for number in range(ROWS):
        match number % 10:
            case 3:
                lines.append(f"Sem nada {number};12;")
            case 5:
                lines.append(f"De novo {number};41 9{88880000 + number - 1};")
            case 6:
                lines.append("")
            case 7:
                lines.append(f'"Aspas {number};41 9{88880000 + number};')
            case _:
                lines.append(f"P{number};41 9{88880000 + number};p{number}@x.com")
    return "\n".join(lines) + "\n"


async def whole(room: Room) -> ImportCounts:
    """What one import of the same table in one go counts, elsewhere."""
    path = room.folder / "x.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(table(), "utf-8")
    report = await import_contacts(open_table(path), SqliteContacts(Database(None)), list_name="vendas")
    names = ("rows", "created", "completed", "unchanged", "duplicates", "rejected", "warnings")
    return ImportCounts(**{name: getattr(report, name) for name in names}, by_reason=report.by_reason)


def same(found: ImportCounts, wanted: ImportCounts) -> bool:
    return replace(found, by_reason=dict(found.by_reason)) == replace(wanted, by_reason=dict(wanted.by_reason))


def test_parts_together_count_what_one_import_counts(room: Room) -> None:
    async def story() -> None:
        done = await room.worked(await room.announced(table()))
        assert done.state is ImportState.COMPLETED
        assert same(done.counts, await whole(room))
        assert len((await room.report(done)).splitlines()) == 1 + sum(done.counts.by_reason.values())

    asyncio.run(story())


def test_it_stops_after_a_part_and_goes_on_behind_it(room: Room) -> None:
    async def story() -> None:
        record = await room.announced(table())
        rows = []
        for _ in range(30):
            record = await room.worked(record, stop=lambda: True)
            rows.append(record.counts.rows)
            if record.state is ImportState.COMPLETED:
                break
        assert rows[:3] == [7, 14, 21]
        assert same(record.counts, await whole(room))

    asyncio.run(story())


@dataclass
class Mortal:
    """Imports or contacts whose `name` kills the process before or after it has done its work, the n-th time."""

    inner: object
    name: str
    at: int
    after: bool
    calls: int = 0

    def __getattr__(self, name: str) -> object:
        act = getattr(self.inner, name)
        if name != self.name:
            return act

        async def mortal(*arguments: object) -> object:
            self.calls += 1
            dies = self.calls == self.at
            if dies and not self.after:
                raise KilledError
            result = await act(*arguments)
            if dies:
                raise KilledError
            return result

        return mortal


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("name", ["begin", "fold", "keep_report", "advance", "finish"])
@pytest.mark.parametrize("at", [1, 2, 5])
def test_a_part_that_dies_is_repeated_without_harm(room: Room, name: str, at: int, after: bool) -> None:
    async def story() -> None:
        record = await room.announced(table())
        desk = room.desk()
        if name == "fold":
            desk = replace(desk, contacts=Mortal(desk.contacts, name, at, after))  # type: ignore[type-var]
        elif name == "keep_report":
            desk = replace(desk, files=Mortal(desk.files, name, at, after))  # type: ignore[type-var]
        else:
            desk = replace(desk, imports=Mortal(desk.imports, name, at, after))  # type: ignore[type-var]
        died = at > 1 and name in ("begin", "finish")  # these are called once, so they live
        try:
            await room.worked(record, desk=desk)
        except KilledError:
            died = True
        assert died
        done = await room.worked(record)
        assert done.state is ImportState.COMPLETED
        wanted = await whole(room)
        assert same(done.counts, wanted)
        [people] = await room.contacts.lists()
        assert people.contacts == wanted.created
        reported = [line.split(";")[0] for line in (await room.report(done)).splitlines()[1:]]
        assert len(reported) == sum(done.counts.by_reason.values())
        assert reported == sorted(reported, key=int)

    asyncio.run(story())


def test_contacts_that_were_there_before_are_not_counted_as_created(room: Room) -> None:
    async def story() -> None:
        await room.worked(await room.announced(table(), "one"))
        record = await room.announced(table(), "two")
        desk = replace(room.desk(), imports=Mortal(room.imports, "advance", 2, after=False))  # type: ignore[type-var]
        with pytest.raises(KilledError):
            await room.worked(record, desk=desk)
        done = await room.worked(record)
        assert (done.counts.created, done.counts.completed) == (0, 0)
        assert done.counts.rows == (await whole(room)).rows

    asyncio.run(story())


def test_two_at_once_fold_and_count_each_row_once(room: Room) -> None:
    async def story() -> None:
        record = await room.announced(table())

        @dataclass
        class Slow:
            inner: SqliteContacts

            async def fold(self, list_name: str, drafts: Sequence[ContactDraft]) -> Sequence[FoldResult]:
                await asyncio.sleep(0)  # lets the other have its turn
                return await self.inner.fold(list_name, drafts)

            async def forgotten(self, since: datetime) -> Collection[str]:
                return await self.inner.forgotten(since)

        desk = replace(room.desk(), contacts=Slow(room.contacts))  # type: ignore[arg-type]
        await asyncio.gather(*(room.worked(record, desk=desk) for _ in range(3)))
        done = await room.imports.get(record.id)
        assert done.state is ImportState.COMPLETED
        wanted = await whole(room)
        assert (done.counts.rows, done.counts.created) == (wanted.rows, wanted.created)

    asyncio.run(story())


def test_a_file_that_is_replaced_half_way_is_refused(room: Room) -> None:
    async def story() -> None:
        record = await room.announced(table())
        await room.worked(record, stop=lambda: True)
        (room.folder / record.key).write_text("Nome;Celular\nZoe;41 97777-6666\n", "utf-8")
        done = await room.worked(record)
        assert (done.state, done.counts.rows) == (ImportState.FAILED, 7)
        assert "trocado" in done.error

    asyncio.run(story())


def test_a_file_that_breaks_off_keeps_what_was_folded(room: Room) -> None:
    async def story() -> None:
        record = await room.announced(table())

        def breaking(path: Path, sheet: str | int | None) -> object:
            rows = open_table(path, sheet)
            real = rows.rows

            def some() -> object:
                for number, row in enumerate(real()):
                    if number == 20:
                        raise InputError("x.csv: a planilha está danificada")
                    yield row

            rows.rows = some  # type: ignore[method-assign, assignment]
            return rows

        done = await room.worked(record, desk=replace(room.desk(), open_rows=breaking))  # type: ignore[arg-type]
        assert (done.state, done.error, done.counts.rows) == (
            ImportState.FAILED,
            "x.csv: a planilha está danificada",
            14,
        )

    asyncio.run(story())


def test_an_import_that_has_ended_stays_as_it_is(room: Room) -> None:
    async def story() -> None:
        record = await room.announced(table())
        done = await room.worked(record)
        room.now += timedelta(hours=1)
        (room.folder / record.key).unlink()
        assert await room.worked(record) == done

    asyncio.run(story())


def test_a_file_whose_folder_cannot_hold_it_is_the_operators_to_know(room: Room) -> None:
    @dataclass
    class Full:
        @asynccontextmanager
        async def fetched(self, key: str) -> AsyncIterator[object]:
            raise InputError(f"{key}: tem 900 MB e a função tem disco para 500 MB")
            yield

    async def story() -> None:
        record = await room.announced(table())
        done = await room.worked(record, desk=replace(room.desk(), files=Full()))  # type: ignore[arg-type]
        assert (done.state, "900 MB" in done.error) == (ImportState.FAILED, True)

    asyncio.run(story())


def test_where_a_file_lies_says_what_it_is(room: Room) -> None:
    async def story() -> None:
        record = await room.announced()
        assert await found(room.imports, record.key, NOW, "t") == record
        loose = await found(room.imports, "imports/id/y.csv", NOW, "t")
        assert loose is not None
        assert (loose.list_name, loose.file, loose.id) == ("id", "y.csv", "20261123130000000-t")
        assert await found(room.imports, f"imports/id/{record.id}/outro.csv", NOW, "t") is None
        for key in ("x.csv", "imports/x.csv", "imports//x.csv", "imports/ /x.csv", "outro/a/x.csv", "imports/a/b/c/d"):
            assert await found(room.imports, key, NOW, "t") is None

    asyncio.run(story())


def test_imports_that_nobody_moves_on_are_found(room: Room) -> None:
    async def story() -> None:
        left = await room.announced(table(), "left")
        await room.worked(left, stop=lambda: True)
        await room.announced(None, "never-sent")
        await room.worked(await room.announced(table(), "done"))
        assert await stalled(room.imports, room.now + timedelta(minutes=19)) == []
        assert await stalled(room.imports, room.now + timedelta(minutes=20)) == [left.id]

    asyncio.run(story())


def test_an_import_comes_back_from_its_text_as_it_was() -> None:
    record = Import("i", "imports/a/b", "b", "a", NOW, NOW, {"phone": "Tel"}, "2")
    begun = record.begun("f", 7, NOW)
    assert begun
    part = ImportPart(0, 9, ImportCounts(8, 7, rejected=1, by_reason={"x": 1}), 0.5, has_report=True)
    moved = begun.advanced(part, NOW)
    assert moved
    assert Import.from_json(moved.to_json()) == moved
