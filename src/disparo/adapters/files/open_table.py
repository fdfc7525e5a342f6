"""Opening a contact file, whatever its kind."""

from __future__ import annotations

from pathlib import Path

from disparo.adapters.files.csv_table import CsvTable
from disparo.adapters.files.legacy_table import LARGEST, LegacyTable
from disparo.adapters.files.workbook_archive import open_archive, uncompressed_size, verify
from disparo.adapters.files.xlsx_table import XlsxTable
from disparo.domain.errors import InputError
from disparo.ports.row_source import RowSource

_ZIP = b"PK\x03\x04"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FOREIGN = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"PK\x05\x06": "an empty archive",
    b"{\\rtf": "a text document",
}
_OLE_SEARCHED = 1 << 26


def open_table(path: Path, sheet: str | int | None = None) -> RowSource:
    """Open a CSV, XLSX, XLS, XLSB or ODS file as a table; what it is is told from its content, not its name.

    CSV: UTF-8 with or without mark, UTF-16 with mark, Windows-1252; comma, semicolon or tab; titles and blank
    lines may stand above the header. `sheet` is a sheet's name or its position from 1; by default the first
    with cells in it. Raises InputError, naming the file, for what is missing, a folder, no table, empty, only
    a header, damaged, cut off, protected by a password, or far larger unpacked than any table is.
    """
    head = _head(path)
    for mark, kind in _FOREIGN.items():
        if head.startswith(mark):
            raise InputError(f"{path.name}: not a table but {kind}; give a CSV or XLSX file")
    if head.startswith(_ZIP):
        return _open_archived(path, sheet)
    if head.startswith(_OLE):
        return _open_ole(path, sheet)
    _refuse_markup(path, head)
    if sheet is not None:
        raise InputError(f"{path.name}: a CSV file has no sheets; leave the sheet {sheet!r} out")
    return CsvTable(path)


def _head(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(f"{path}: is a folder; give the contact file in it")
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{path}: is not a regular file; give a CSV or XLSX file")
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        why = "there is no such file" if isinstance(error, FileNotFoundError) else (error.strerror or str(error))
        raise InputError(f"{path}: {why}") from None
    if not head:
        raise InputError(f"{path.name}: the file is empty; it needs a header row and contacts below it")
    return head


def _refuse_markup(path: Path, head: bytes) -> None:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b'{"', b"{\n", b"{\r", b"[{", b"[\n", b"[\r")):
        raise InputError(f"{path.name}: not a table but JSON; give a CSV or XLSX file")
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        raise InputError(f"{path.name}: not a table but HTML or XML; open it in a spreadsheet and save it as XLSX")


def _open_archived(path: Path, sheet: str | int | None) -> RowSource:
    with open_archive(path) as archive:
        names = set(archive.namelist())
        if "xl/workbook.xml" in names:
            return XlsxTable(path, sheet)
        if "xl/workbook.bin" not in names and "content.xml" not in names:
            raise InputError(f"{path.name}: not a table but an archive; unpack it and give the file in it")
        size = uncompressed_size(archive)
        if size <= LARGEST:
            verify(archive, path.name)
    return LegacyTable(path, sheet, size)


def _open_ole(path: Path, sheet: str | int | None) -> RowSource:
    with path.open("rb") as file:
        if _ENCRYPTED in file.read(_OLE_SEARCHED):
            raise InputError(f"{path.name}: protected by a password; save it without one")
    return LegacyTable(path, sheet, path.stat().st_size)
