"""Opening a contact file, whatever its kind."""

from __future__ import annotations

from pathlib import Path

from disparo.adapters.files.csv_table import CsvTable
from disparo.adapters.files.legacy_table import LARGEST, LegacyTable
from disparo.adapters.files.workbook_archive import open_archive, uncompressed_size, verify
from disparo.adapters.files.xlsx_table import XlsxTable
from disparo.domain.errors import InputError
from disparo.ports.row_source import DescribedSource

_ZIP = b"PK\x03\x04"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FOREIGN = {
    b"%PDF": "um PDF",
    b"\x89PNG": "uma imagem",
    b"\xff\xd8\xff": "uma imagem",
    b"GIF8": "uma imagem",
    b"\x1f\x8b": "um arquivo gzip",
    b"7z\xbc\xaf": "um arquivo 7-Zip",
    b"Rar!": "um arquivo RAR",
    b"PK\x05\x06": "um arquivo compactado vazio",
    b"{\\rtf": "um documento de texto",
}
_OLE_SEARCHED = 1 << 26


def open_table(path: Path, sheet: str | int | None = None) -> DescribedSource:
    """Open a CSV, XLSX, XLS, XLSB or ODS file as a table; what it is is told from its content, not its name.

    CSV: UTF-8 with or without mark, UTF-16 with mark, Windows-1252; comma, semicolon or tab; titles and blank
    lines may stand above the header. `sheet` is a sheet's name or its position from 1; by default the first
    with cells in it. Raises InputError, naming the file, for what is missing, a folder, no table, empty, only
    a header, damaged, cut off, protected by a password, or far larger unpacked than any table is.
    """
    if is_text(path, sheet):
        return CsvTable(path)
    with path.open("rb") as file:
        archived = file.read(len(_ZIP)) == _ZIP
    return _open_archived(path, sheet) if archived else _open_ole(path, sheet)


def is_text(path: Path, sheet: str | int | None = None) -> bool:
    """Whether a file is text and no workbook, as its content tells; InputError for what is neither, naming it."""
    head = _head(path)
    for mark, kind in _FOREIGN.items():
        if head.startswith(mark):
            raise InputError(f"{path.name}: não é uma tabela, é {kind}; escolha um arquivo CSV ou XLSX")
    if head.startswith((_ZIP, _OLE)):
        return False
    _refuse_markup(path, head)
    if sheet is not None:
        raise InputError(f"{path.name}: um arquivo CSV não tem abas; retire a aba {sheet!r} do pedido")
    return True


def _head(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(f"{path}: é uma pasta; escolha o arquivo de contatos dentro dela")
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{path}: não é um arquivo comum; escolha um arquivo CSV ou XLSX")
        with path.open("rb") as file:
            head = file.read(512)
    except FileNotFoundError:
        raise InputError(f"{path}: não existe; confira o nome e a pasta") from None
    except OSError as error:
        raise InputError(f"{path}: não pôde ser lido ({error.strerror or error}); confira as permissões") from None
    if not head:
        raise InputError(f"{path.name}: o arquivo está vazio; precisa de um cabeçalho e de contatos abaixo dele")
    return head


def _refuse_markup(path: Path, head: bytes) -> None:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b'{"', b"{\n", b"{\r", b"[{", b"[\n", b"[\r")):
        raise InputError(f"{path.name}: não é uma tabela, é JSON; escolha um arquivo CSV ou XLSX")
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        raise InputError(f"{path.name}: não é uma tabela, é HTML ou XML; abra numa planilha e salve como XLSX")


def _open_archived(path: Path, sheet: str | int | None) -> DescribedSource:
    with open_archive(path) as archive:
        names = set(archive.namelist())
        if "xl/workbook.xml" in names:
            return XlsxTable(path, sheet)
        if "xl/workbook.bin" not in names and "content.xml" not in names:
            raise InputError(f"{path.name}: não é uma tabela, é um arquivo compactado; descompacte e escolha outro")
        size = uncompressed_size(archive)
        if size <= LARGEST:
            verify(archive, path.name)
    return LegacyTable(path, sheet, size)


def _open_ole(path: Path, sheet: str | int | None) -> DescribedSource:
    with path.open("rb") as file:
        if _ENCRYPTED in file.read(_OLE_SEARCHED):
            raise InputError(f"{path.name}: protegido por senha; salve sem senha")
    return LegacyTable(path, sheet, path.stat().st_size)
