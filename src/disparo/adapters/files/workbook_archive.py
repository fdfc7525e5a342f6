"""Whether a spreadsheet archive is whole and of bearable size, before anything in it is read."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from disparo.domain.errors import InputError

MOST_UNCOMPRESSED = 2 * 1024**3
_MOST_TEXTS = 512 * 1024**2
_MOST_OTHER_PART = 16 * 1024**2
_WHOLE_PARTS = ("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml")
_RATIO_MATTERS_FROM = 64 * 1024**2
_MOST_RATIO = 100
_MOST_MEMBERS = 10_000
_BLOCK = 1 << 20


def open_archive(path: Path) -> zipfile.ZipFile:
    """The archive of a workbook, its declared sizes within bounds. Raises InputError, naming what is wrong.

    A sheet of real contacts shrinks to a tenth or less; 64 MiB that shrink to a hundredth are a bomb.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise InputError(f"{path.name}: a planilha está danificada ou incompleta; baixe ou salve de novo") from None
    members = archive.infolist()
    total = sum(member.file_size for member in members)
    bomb = total > _RATIO_MATTERS_FROM and total > _MOST_RATIO * path.stat().st_size
    if bomb or total > MOST_UNCOMPRESSED or len(members) > _MOST_MEMBERS:
        archive.close()
        raise InputError(
            f"{path.name}: recusado, pois descompactado passaria de {size_text(path.stat().st_size)} "
            f"a {size_text(total)}; salve os contatos como CSV"
        )
    if any(member.flag_bits & 0x1 for member in members):
        archive.close()
        raise InputError(f"{path.name}: protegido por senha; salve sem senha")
    return archive


def refuse_oversized_parts(archive: zipfile.ZipFile, name: str) -> None:
    """Raise InputError if a part that is held in memory whole is larger than any real workbook's."""
    for member in archive.infolist():
        most = _MOST_TEXTS if member.filename.lower() == "xl/sharedstrings.xml" else MOST_UNCOMPRESSED
        if member.filename in _WHOLE_PARTS:
            most = _MOST_OTHER_PART
        if member.file_size > most:
            size = size_text(member.file_size)
            raise InputError(f"{name}: recusado, pois {member.filename} teria {size}; salve os contatos como CSV")


def uncompressed_size(archive: zipfile.ZipFile) -> int:
    """Bytes that the archive says it holds."""
    return sum(member.file_size for member in archive.infolist())


def size_text(size: int) -> str:
    """A size in the words of the person who is told: `1.234.567 bytes`."""
    return f"{size:,} bytes".replace(",", ".")


def verify(archive: zipfile.ZipFile, name: str) -> None:
    """Unpack everything once, in blocks, so that a later reader meets no more than was declared.

    Raises InputError when the content does not match its check sums or sizes.
    """
    try:
        for member in archive.infolist():
            with archive.open(member) as content:
                while content.read(_BLOCK):
                    pass
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        raise InputError(f"{name}: a planilha está danificada ou incompleta; baixe ou salve de novo") from None
