"""Copies of the data file while it is being written, and whether a copy is whole."""

from __future__ import annotations

import hashlib
from pathlib import Path

import apsw

from disparo.adapters.embedded.database import connect, newest_schema
from disparo.domain.errors import StoreError

LOOK = "SELECT 1 FROM sqlite_master"

_PAGES_AT_ONCE = 2_000


def copy_database(source: Path, target: Path) -> None:
    """Copy the data file as it is at one moment, while others go on writing (SQLite's online backup).

    No writer waits for it. StoreError when either file cannot be used.
    """
    try:
        reader = connect(str(source))
        writer = apsw.Connection(str(target))
        try:
            # One moment for all steps: else each write of somebody else would have the copy begin anew, without end.
            reader.execute("BEGIN")
            reader.execute(LOOK).fetchall()
            with writer.backup("main", reader, "main") as copying:
                while not copying.done:
                    copying.step(_PAGES_AT_ONCE)
            writer.pragma("journal_mode", "delete")
        finally:
            writer.close()
            reader.close()
    except apsw.Error as error:
        raise StoreError(f"{source}: não pôde ser copiado ({error})") from error


def fault_of(path: Path) -> str | None:
    """Why a file cannot be put in a data file's place, or None: damaged, or written by a newer program."""
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            told = connection.pragma("integrity_check")
            schema = connection.pragma("user_version")
        finally:
            connection.close()
    except apsw.Error as error:
        return f"não é um arquivo de dados ({error})"
    if told != "ok":
        return f"está danificado ({str(told).splitlines()[0]})"
    if not 0 < schema <= newest_schema():
        return f"é de outra versão do programa (esquema {schema}; este conhece até {newest_schema()})"
    return None


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
