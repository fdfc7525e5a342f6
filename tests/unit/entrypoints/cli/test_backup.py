"""A backup brings everything back, and nobody is messaged twice by it."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import apsw
import pytest

from disparo.adapters.embedded.campaigns import SqliteCampaigns
from disparo.domain.errors import StoreError

Cli = Any


def states(folder: Path) -> dict[str, str]:
    connection = apsw.Connection(str(folder / "disparo.sqlite3"))
    found = dict(connection.execute("SELECT name, state FROM campaign").fetchall())
    connection.close()
    return found


def test_what_was_backed_up_comes_back_paused(drafted: Cli, tmp_path: Path) -> None:
    drafted("campaign", "start", "teste")
    (tmp_path / "disparo-data" / "files" / "imports").mkdir(parents=True, exist_ok=True)
    (tmp_path / "disparo-data" / "files" / "imports" / "a.csv").write_text("Nome\nAna\n", encoding="utf-8")
    made = drafted("backup", "b.tar.gz", "--json")
    assert made.code == 0, made.err
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o077 == 0
    assert drafted("campaign", "cancel", "teste").code == 0  # after the backup, so not in it
    brought = drafted("restore", "b.tar.gz", "--data", "outra", "--json")
    assert brought.code == 0, brought.err
    assert brought.json["paused"] == ["teste"]
    assert states(tmp_path / "outra")["teste"] == "paused"
    assert (tmp_path / "outra" / "files" / "imports" / "a.csv").exists()
    keys = [(tmp_path / name / "link-key").exists() for name in ("disparo-data", "outra")]
    assert keys[0] == keys[1]
    assert "sairia de novo" in drafted("restore", "b.tar.gz", "--data", "terceira").out
    assert len(drafted("contacts", "list", "--data", "outra", "--json").json["items"]) == 3


def test_who_says_that_nothing_was_sent_since_gets_it_as_it_was(drafted: Cli, tmp_path: Path) -> None:
    drafted("campaign", "start", "teste")
    drafted("backup", "b.tar.gz")
    assert drafted("restore", "b.tar.gz", "--data", "outra", "--keep-running").code == 0
    assert states(tmp_path / "outra")["teste"] == "running"


def test_nobody_is_let_in_by_what_may_have_been_revoked_since(drafted: Cli, tmp_path: Path) -> None:
    key = drafted("keys", "add", "relatorios", "--json").json
    drafted("backup", "b.tar.gz")
    assert drafted("keys", "revoke", key["id"]).code == 0  # after the backup, so not in it
    brought = drafted("restore", "b.tar.gz", "--data", "outra", "--json")
    assert (brought.code, brought.json["keys_revoked"]) == (0, ["relatorios"])
    [there] = drafted("keys", "list", "--data", "outra", "--json").json["items"]
    assert there["state"] == "revoked"
    told = drafted("restore", "b.tar.gz", "--data", "terceira").out
    assert "relatorios" in told and "de novo" in told
    kept = drafted("restore", "b.tar.gz", "--data", "quarta", "--keep-access", "--json")
    assert kept.json["keys_revoked"] == []
    [there] = drafted("keys", "list", "--data", "quarta", "--json").json["items"]
    assert there["state"] == "active"


def test_nothing_runs_of_a_restore_that_is_killed_before_all_was_paused(
    drafted: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted("campaign", "start", "teste")
    drafted("backup", "b.tar.gz")

    async def killed(*_: object) -> None:
        raise StoreError("kill -9")

    with monkeypatch.context() as patched:
        patched.setattr(SqliteCampaigns, "apply", killed)
        assert drafted("restore", "b.tar.gz", "--data", "outra").code != 0
    assert not (tmp_path / "outra" / "disparo.sqlite3").exists()
    assert drafted("restore", "b.tar.gz", "--data", "outra").code == 0
    assert states(tmp_path / "outra")["teste"] == "paused"


def test_data_are_never_written_over(drafted: Cli, tmp_path: Path) -> None:
    drafted("backup", "b.tar.gz")
    before = (tmp_path / "disparo-data" / "disparo.sqlite3").read_bytes()
    refused = drafted("restore", "b.tar.gz")
    assert (refused.code, "já há dados" in refused.err) == (2, True)
    assert (tmp_path / "disparo-data" / "disparo.sqlite3").read_bytes() == before


def test_nothing_to_back_up_is_said(call: Cli) -> None:
    refused = call("backup", "b.tar.gz")
    assert (refused.code, "não há dados" in refused.err) == (2, True)


@pytest.mark.parametrize("harm", ["cut", "text", "missing", "no manifest", "other database", "escape"])
def test_a_damaged_backup_is_refused_and_leaves_nothing(drafted: Cli, tmp_path: Path, harm: str) -> None:
    drafted("backup", "b.tar.gz")
    path = tmp_path / "b.tar.gz"
    content = path.read_bytes()
    if harm == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif harm == "text":
        path.write_text("isto não é um backup")
    elif harm == "missing":
        path.unlink()
    else:
        _pack_again(path, harm)
    refused = drafted("restore", "b.tar.gz", "--data", "outra")
    assert refused.code == 2, refused.out
    assert not (tmp_path / "outra" / "disparo.sqlite3").exists()
    assert not (tmp_path / "fora").exists()


def _pack_again(path: Path, harm: str) -> None:
    with tarfile.open(path, "r:gz") as archive:
        entries = [(one, archive.extractfile(one).read()) for one in archive if one.isfile()]  # type: ignore[union-attr]
    with tarfile.open(path, "w:gz") as archive:
        for entry, content in entries:
            if harm == "no manifest" and entry.name == "manifest.json":
                continue
            if harm == "escape" and entry.name == "manifest.json":
                content = json.dumps({**json.loads(content), "sha256": "0"}).encode()
            if harm == "other database" and entry.name == "disparo.sqlite3":
                content = content[:-100] + b"x" * 100
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        if harm == "escape":
            outside = tarfile.TarInfo("files/../../fora")
            outside.size = 1
            archive.addfile(outside, io.BytesIO(b"x"))
