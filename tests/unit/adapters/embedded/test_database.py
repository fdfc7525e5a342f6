"""The file's connections: group commit, migrations, and what a kill or a full disk leaves."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import apsw
import pytest

from disparo.adapters.embedded.database import LONGEST_LOG, Database, Operation
from disparo.domain.errors import StoreError, StoreFullError

FAMILIES = ("memory", "file")


class Killed(BaseException):
    """The end of the process, as a simulation plays it."""


@pytest.fixture(params=FAMILIES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    made = Database(None if request.param == "memory" else tmp_path / "disparo.db")
    yield made
    made.close()


def put(name: str) -> Operation[str]:
    def operation(connection: apsw.Connection) -> str:
        connection.execute("INSERT INTO control VALUES (?, 1)", (name,))
        return name

    return operation


def names(database: Database) -> list[str]:
    """What another process would see."""
    rows = database.reader.execute("SELECT name FROM control ORDER BY name").fetchall()
    return [str(name) for (name,) in rows if name not in ("revision", "journal")]


async def told(database: Database, *operations: Operation[object]) -> list[object]:
    """What each of several writes of one moment is told: its result, or its error."""
    return [*await asyncio.gather(*(database.write(one) for one in operations), return_exceptions=True)]


@contextmanager
def commits_counted(database: Database) -> Iterator[list[int]]:
    """The commits that are made meanwhile."""
    made: list[int] = []

    def hook() -> bool:
        made.append(1)
        return False

    database._writer.set_commit_hook(hook)
    yield made
    database._writer.set_commit_hook(None)


def test_writes_of_one_moment_share_one_commit(database: Database) -> None:
    async def story() -> list[str]:
        return await asyncio.gather(*(database.write(put(f"n{number:02}")) for number in range(50)))

    with commits_counted(database) as commits:
        results = asyncio.run(story())
    assert results == names(database) == [f"n{number:02}" for number in range(50)]
    assert len(commits) == 1


def test_a_write_is_durable_and_visible_to_others_when_it_returns(database: Database) -> None:
    other = database.sibling()

    async def story() -> None:
        await database.write(put("a"))
        assert names(other) == ["a"]
        await other.write(put("b"))
        assert names(database) == ["a", "b"]

    asyncio.run(story())
    other.close()


def test_a_write_from_within_a_write_s_answer_comes_in_a_later_commit(database: Database) -> None:
    async def twice(name: str) -> None:
        await database.write(put(f"{name}1"))
        await database.write(put(f"{name}2"))

    async def story() -> None:
        await asyncio.gather(twice("a"), twice("b"))

    with commits_counted(database) as commits:
        asyncio.run(story())
    assert names(database) == ["a1", "a2", "b1", "b2"]
    assert len(commits) == 2


def test_a_failing_operation_leaves_the_others_whole(database: Database) -> None:
    def fails_half_way(connection: apsw.Connection) -> None:
        put("half")(connection)
        raise ValueError("not this one")

    first, failed, last = asyncio.run(told(database, put("a"), fails_half_way, put("b")))
    assert (first, last) == ("a", "b")
    assert isinstance(failed, ValueError)
    assert names(database) == ["a", "b"]


def test_a_refused_row_fails_alone(database: Database) -> None:
    results = asyncio.run(told(database, put("a"), put("a"), put("b")))
    assert isinstance(results[1], apsw.ConstraintError)
    assert names(database) == ["a", "b"]


def test_when_the_whole_transaction_is_lost_nobody_is_told_otherwise(database: Database) -> None:
    def disk_full(connection: apsw.Connection) -> None:
        connection.execute("ROLLBACK")  # what SQLite may do by itself when a disk is full
        raise apsw.FullError("database or disk is full")

    async def story() -> list[object]:
        results = await told(database, put("a"), disk_full, put("b"))
        await database.write(put("later"))
        return results

    results = asyncio.run(story())
    assert all(isinstance(result, StoreFullError) for result in results)
    assert names(database) == ["later"]


def test_a_full_disk_is_told_as_such_and_what_comes_after_it_is_kept(database: Database) -> None:
    async def story() -> list[object]:
        roomy = database._writer.pragma("max_page_count")
        database._writer.pragma("max_page_count", database._writer.pragma("page_count"))
        results = await told(database, put("a" * 100_000))
        database._writer.pragma("max_page_count", roomy)
        await database.write(put("later"))
        return results

    [refused] = asyncio.run(story())
    assert isinstance(refused, StoreFullError)
    assert names(database) == ["later"]


def test_a_commit_that_fails_undoes_and_tells_every_write(database: Database) -> None:
    async def story() -> list[object]:
        database._writer.set_commit_hook(lambda: True)
        results = await told(database, put("a"), put("b"))
        database._writer.set_commit_hook(None)
        await database.write(put("later"))
        return results

    results = asyncio.run(story())
    assert all(isinstance(result, apsw.ConstraintError) for result in results)
    assert names(database) == ["later"]


def test_a_kill_between_write_and_commit_leaves_nothing_and_leaves_nobody_waiting(database: Database) -> None:
    def dies(connection: apsw.Connection) -> None:
        put("dying")(connection)
        raise Killed

    async def story() -> list[object]:
        return await asyncio.wait_for(told(database, put("a"), dies), timeout=5)

    results = asyncio.run(story())
    assert all(isinstance(result, Killed) for result in results)
    assert names(database) == []
    assert asyncio.run(database.write(put("next life"))) == "next life"


def test_a_write_goes_on_when_its_caller_is_cancelled(database: Database) -> None:
    async def story() -> None:
        task = asyncio.create_task(database.write(put("a")))
        other = asyncio.create_task(database.write(put("b")))
        await asyncio.sleep(0)
        task.cancel()
        await other

    asyncio.run(story())
    assert names(database) == ["a", "b"]


def test_a_loop_that_ended_before_its_flush_began_blocks_no_later_loop(database: Database) -> None:
    tasks: list[asyncio.Task[str]] = []

    async def abandons() -> None:  # ends at once: the loop stops when the write waits and its flush has not begun
        tasks.append(asyncio.create_task(database.write(put("abandoned"))))

    async def later() -> str:
        return await asyncio.wait_for(database.write(put("later")), timeout=5)

    asyncio.run(abandons())
    assert tasks[0].cancelled()
    assert asyncio.run(later()) == "later"


def test_a_file_opens_again_with_what_it_held(tmp_path: Path) -> None:
    first = Database(tmp_path / "disparo.db")
    asyncio.run(first.write(put("a")))
    first.close()
    second = Database(tmp_path / "disparo.db")
    assert names(second) == ["a"]
    second.close()


def test_two_memory_databases_share_nothing() -> None:
    one, other = Database(None), Database(None)
    asyncio.run(one.write(put("a")))
    assert names(other) == []


def test_processes_that_open_a_new_file_at_once_migrate_it_once(tmp_path: Path) -> None:
    path = tmp_path / "disparo.db"
    code = (
        "import sys; from pathlib import Path; from disparo.adapters.embedded.database import Database;"
        "print('ready', flush=True); sys.stdin.readline(); Database(Path(sys.argv[1])).close()"
    )
    command = [sys.executable, "-c", code, str(path)]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        _, errors = process.communicate(timeout=30)
        assert (process.returncode, errors) == (0, "")
    opened = Database(path)
    assert opened.reader.execute("SELECT count(*) FROM control WHERE name = 'revision'").fetchall() == [(1,)]
    opened.close()


def test_a_commit_is_on_the_disk_when_it_returns(tmp_path: Path) -> None:
    database = Database(tmp_path / "disparo.db")
    assert database._writer.pragma("journal_mode") == "wal"
    assert database._writer.pragma("synchronous") == 2
    database.close()


def test_a_newer_schema_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "disparo.db"
    Database(path).close()
    connection = apsw.Connection(str(path))
    connection.pragma("user_version", 9_000)
    connection.close()
    with pytest.raises(StoreError, match=r"esquema 9000"):
        Database(path)
    connection = apsw.Connection(str(path))
    assert connection.pragma("user_version") == 9_000
    connection.close()


@pytest.mark.parametrize("content", [b"Nome,Telefone\n" * 100, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "contatos.csv"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"contatos\.csv"):
        Database(path)
    assert path.read_bytes() == content


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"missing"):
        Database(tmp_path / "missing" / "disparo.db")


def test_the_log_of_long_writing_goes_into_the_file_meanwhile_and_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "disparo.db"
    database, log = Database(path), path.with_name(path.name + "-wal")

    def fill(connection: apsw.Connection) -> None:
        connection.execute("CREATE TABLE IF NOT EXISTS much (text)")
        connection.execute("INSERT INTO much VALUES (?)", ("a" * 4_096 * 200,))

    async def write() -> None:
        for _ in range(100):  # 80 MB, which is what the log would be
            await database.write(fill)

    asyncio.run(write())
    assert log.stat().st_size < 4_096 * (LONGEST_LOG + 1_000)
    database.close()
    assert not log.exists()
    again = Database(path)
    assert again.reader.execute("SELECT count(*), sum(length(text)) FROM much").fetchone() == (100, 4_096 * 20_000)
    again.close()


def test_closing_waits_for_the_log_that_is_being_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began, may_end = Event(), Event()

    def slowly(_: str) -> None:
        began.set()
        may_end.wait(10)

    monkeypatch.setattr("disparo.adapters.embedded.database._bring_home", slowly)
    database = Database(tmp_path / "disparo.db")
    asyncio.run(database.write(lambda connection: connection.execute("CREATE TABLE much AS SELECT zeroblob(8000000)")))
    assert began.wait(10)
    closing = Thread(target=database.close)
    closing.start()
    closing.join(0.05)
    assert closing.is_alive()
    may_end.set()
    closing.join(10)
    assert not closing.is_alive()
