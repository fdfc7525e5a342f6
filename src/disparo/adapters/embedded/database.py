"""One SQLite file: connections, migrations, group commit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import apsw

from disparo.domain.errors import StoreError, StoreFullError

T = TypeVar("T")
Operation = Callable[[apsw.Connection], T]

BUSY_TIMEOUT_MS = 30_000
SETTLE_TIMEOUT_MS = 200
LONG_LOG, LONGEST_LOG = 1_000, 8_000
"""Pages of the log from which it is copied into the file beside the loop, and from which the loop waits for that."""
_memory_names = count()


class Database:
    """The file's connections. Writes of one moment share one transaction and one fsync (group commit).

    Every write runs in `BEGIN IMMEDIATE`, so that what it reads cannot change under it, and behind its own savepoint,
    so that one failing leaves the others whole. Transactions run in place, each as one step of the event loop, in a
    reproducible order. A commit is on the disk when the write returns (WAL, synchronous = FULL).
    """

    def __init__(self, path: Path | None) -> None:
        """Open `path`, making and migrating it as needed; None is a database in memory. StoreError when unusable."""
        self._uri = str(path) if path else f"file:/disparo-{next(_memory_names)}?vfs=memdb"
        self._open(in_memory=path is None)
        self._waiting: list[tuple[Operation[Any], asyncio.Future[Any]]] = []
        self._flush: asyncio.Task[None] | None = None

    def _open(self, *, in_memory: bool) -> None:
        self._copying: Thread | None = None
        try:
            self._writer = connect(self._uri, in_memory=in_memory)
            migrate(self._writer)
            self._writer.set_wal_hook(self._after_commit)
            # Nothing comes between two statements of one loop, and one connection keeps one warm cache.
            self.reader = self._writer
        except apsw.Error as error:
            hint = "confira se é um arquivo de dados do disparo e se a pasta existe e aceita escrita"
            raise StoreError(f"{self._uri}: não pode ser usado ({error}); {hint}") from error

    def sibling(self) -> Database:
        """Another set of connections to the same data, as a second process would have."""
        other = Database.__new__(Database)
        other._uri = self._uri
        other._open(in_memory=self._uri.startswith("file:/disparo-"))
        other._waiting, other._flush = [], None
        return other

    async def write(self, operation: Operation[T]) -> T:
        """Run `operation` in a transaction and return its result once it is durable.

        StoreError, with nothing written, when the disk or its rights are to blame; StoreFullError when it is full.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((operation, future))
        if self._flush is None or self._flush.done():  # done: cancelled before it could begin
            self._flush = asyncio.get_running_loop().create_task(self._flush_waiting())
        try:
            return await future
        except apsw.FullError as error:
            raise StoreFullError("não há espaço no disco, e nada foi salvo; libere espaço e tente de novo") from error
        except (apsw.IOError, apsw.ReadOnlyError, apsw.BusyError) as error:
            raise StoreError(f"{self._uri}: não aceita escrita ({error})") from error

    async def _flush_waiting(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                operations = [operation for operation, _ in batch]
                try:
                    results = self._commit(operations)
                except BaseException as error:  # the commit failed: nobody's write happened, and each is told
                    results = [error] * len(batch)
                for (_, future), result in zip(batch, results, strict=True):
                    _resolve(future, result)
        finally:
            self._flush = None

    def _commit(self, operations: list[Operation[Any]]) -> list[Any]:
        connection = self._writer
        connection.execute("BEGIN IMMEDIATE")
        try:
            results = [_attempt(connection, operation) for operation in operations]
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return results

    def _after_commit(self, connection: apsw.Connection, _: str, pages: int) -> int:
        """In the place of SQLite's own hook, which copies a thousand pages while the loop waits: 20 to 40 ms.

        A thread copies them; what has come meanwhile is little, and is copied here, so that the log begins anew.
        """
        if pages < LONG_LOG:
            return apsw.SQLITE_OK
        if self._copying is None:
            self._copying = Thread(target=_bring_home, args=(self._uri,), name="checkpoint")
            self._copying.start()
        elif pages >= LONGEST_LOG or not self._copying.is_alive():
            self._copying.join()
            self._copying = None
            with suppress(apsw.Error):  # another process copies it just now; the commit stands whatever comes of this
                connection.wal_checkpoint()
        return apsw.SQLITE_OK

    def settle(self) -> None:
        """Bring the log into the file and empty it, so that what was forgotten is in neither.

        Not done, and done by a later call, while another process looks at what was before.
        """
        connection = self._writer
        connection.set_busy_timeout(SETTLE_TIMEOUT_MS)
        try:
            connection.pragma("wal_checkpoint", "truncate")
        except apsw.BusyError:
            pass
        finally:
            connection.set_busy_timeout(BUSY_TIMEOUT_MS)

    def close(self) -> None:
        """Close the connection."""
        if self._copying is not None:
            self._copying.join()
        self._writer.close()


def _attempt(connection: apsw.Connection, operation: Operation[Any]) -> Any:
    try:
        with connection:
            return operation(connection)
    except Exception as error:
        if not connection.in_transaction:  # a full disk, say, ended the whole transaction: all writes are undone
            raise _behind(error) from None
        return error  # handed to the one who asked; the other writes of this commit stand


def _behind(error: Exception) -> Exception:
    """What began it: with the transaction its savepoint went, and what is raised last is that it is not there."""
    while isinstance(error.__context__, apsw.Error):
        error = error.__context__
    return error


def _resolve(future: asyncio.Future[Any], result: Any) -> None:
    if future.done():  # who asked was cancelled; the write stands
        return
    if isinstance(result, BaseException):
        future.set_exception(result)
    else:
        future.set_result(result)


def connect(uri: str, *, in_memory: bool = False) -> apsw.Connection:
    """A connection with our settings; apsw.Error when the file is no database."""
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE | apsw.SQLITE_OPEN_URI
    connection = apsw.Connection(uri, flags=flags, statementcachesize=200)
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    if not in_memory:
        _use_wal(connection)
        # A claim that a power cut can undo would be sent twice, so each commit reaches the disk.
        connection.pragma("synchronous", "full")
    connection.pragma("cache_size", -65536)
    connection.pragma("foreign_keys", 1)
    connection.pragma("secure_delete", 1)  # who was erased must not be found in what the file has not used since
    return connection


def _bring_home(uri: str) -> None:
    """Copy the log into the file, on a connection of its own."""
    with suppress(apsw.Error):  # it is also copied by who commits, and told what is wrong
        connection = apsw.Connection(uri, flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            connection.wal_checkpoint()
        finally:
            connection.close()


def _use_wal(connection: apsw.Connection) -> None:
    """Turn the file to WAL; of several that open a new one at once, SQLite refuses some without waiting."""
    patience = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while connection.pragma("journal_mode") != "wal":
        try:
            connection.pragma("journal_mode", "wal")
        except apsw.BusyError:
            if time.monotonic() > patience:
                raise
            time.sleep(0.01)


def newest_schema() -> int:
    """The newest schema that this program knows, as SQLite's `user_version`."""
    return _migrations()[-1][0]


def _migrations() -> list[tuple[int, Traversable]]:
    folder = resources.files("disparo.adapters.embedded") / "migrations"
    steps = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    return [(int(entry.name.split("_", 1)[0]), entry) for entry in steps]


def migrate(connection: apsw.Connection) -> None:
    """Bring the schema up to date, one transaction for each step; several processes may do so at once."""
    steps, newest = _migrations(), newest_schema()
    if (found := connection.pragma("user_version")) > newest:
        versions = f"esquema {found}; este conhece até {newest}"
        raise StoreError(f"{connection.filename}: gravado por um disparo mais novo ({versions}); atualize o programa")
    for version, entry in steps:
        if version <= connection.pragma("user_version"):
            continue
        connection.execute("BEGIN IMMEDIATE")
        if version > connection.pragma("user_version"):  # another process may have been faster
            connection.execute(entry.read_text(encoding="utf-8"))
            connection.pragma("user_version", version)
        connection.execute("COMMIT")
