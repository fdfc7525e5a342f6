from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import apsw
import pytest

from disparo.adapters.embedded import backup
from disparo.adapters.embedded.database import connect

MOST_STEPS = 1_000
"""Many times those that the copy below takes."""


class Interrupted:
    """A copy before each of whose steps somebody else writes."""

    def __init__(self, copying: apsw.Backup, source: apsw.Connection) -> None:
        self._copying, self._source, self.steps = copying, source, 0

    def __enter__(self) -> Interrupted:
        return self

    def __exit__(self, *error: object) -> None:
        self._copying.__exit__(None, None, None)

    @property
    def done(self) -> bool:
        return self._copying.done

    def step(self, pages: int) -> None:
        self.steps += 1
        assert self.steps < MOST_STEPS, "each write has it begin anew"
        with self._source:
            self._source.execute("UPDATE one SET n = ? WHERE rowid IN (1, 300)", (self.steps,))
        self._copying.step(pages)


def test_a_copy_is_of_one_moment_and_ends_however_much_is_written_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = connect(str(tmp_path / "a"))
    with source:
        source.execute("CREATE TABLE one (n, filling)")
        source.executemany("INSERT INTO one VALUES (0, zeroblob(?))", [(3_000,)] * 300)

    class Target(apsw.Connection):
        def backup(self, *names: Any) -> Any:
            return Interrupted(super().backup(*names), source)

    monkeypatch.setattr(backup, "_PAGES_AT_ONCE", 10)
    monkeypatch.setattr(backup, "apsw", SimpleNamespace(Connection=Target, Error=apsw.Error))
    backup.copy_database(tmp_path / "a", tmp_path / "b")
    assert source.execute("SELECT n FROM one WHERE rowid = 1").fetchall() > [(10,)]
    source.close()
    copy = apsw.Connection(str(tmp_path / "b"))
    assert copy.execute("SELECT n, count(*) FROM one GROUP BY n").fetchall() == [(0, 300)]
    assert copy.pragma("integrity_check") == "ok"
    copy.close()
