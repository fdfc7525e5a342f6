"""TOML files that people write, and the files that they name."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from disparo.domain.errors import InputError
from disparo.domain.template import SOURCE_LIMIT_BYTES

FILE_LIMIT_BYTES = 1024 * 1024
HOURS_LIMIT_BYTES = 64 * 1024
TEMPLATE_FILE_KEYS = {"template_file": "text", "html_file": "html"}
"""Key that names a file -> the key that the file's text becomes."""

_PLACE_IN_TOML = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@contextmanager
def telling(faults: list[str], place: str) -> Iterator[None]:
    """Turn an InputError inside into a fault at this place."""
    try:
        yield
    except InputError as error:
        faults.append(f"{place}: {error}")


def read_toml(path: Path) -> dict[str, Any]:
    """The document in a TOML file. InputError for one that is missing, too large, no text or malformed."""
    return _toml(_text(path, FILE_LIMIT_BYTES))


def take_templates(table: object, place: str, folder: Path, faults: list[str]) -> None:
    """Put the texts of the files that a table names (`template_file`, `html_file`) where they belong."""
    if not isinstance(table, dict):  # which is for whoever reads the document to refuse
        return
    for key in [key for key in TEMPLATE_FILE_KEYS if key in table]:
        with telling(faults, f"{place}.{key} = {json.dumps(table[key], default=str)}"):
            _take_template(table, key, folder)


def take_hours(table: dict[str, Any], key: str, place: str, folder: Path, faults: list[str]) -> None:
    """Put the JSON of hours that are named as a file (`"horario.json"`) in place of its name."""
    name = table.get(key)
    if isinstance(name, str):
        with telling(faults, f"{place}{key} = {json.dumps(name)}"):
            table[key] = _json_object(_text(_beside(folder, name), HOURS_LIMIT_BYTES))


def _take_template(table: dict[str, Any], key: str, folder: Path) -> None:
    part = TEMPLATE_FILE_KEYS[key]
    if part in table:
        raise InputError(f"já tem {part}; deixe só um dos dois")
    table[part] = _text(_beside(folder, table[key]), SOURCE_LIMIT_BYTES).rstrip("\n")
    del table[key]


def _beside(folder: Path, name: object) -> Path:
    """The file of this name in the folder or below it, wherever its links lead."""
    if not isinstance(name, str) or not name.strip() or "\0" in name:
        raise InputError("escreva entre aspas o nome de um arquivo ao lado deste")
    try:
        root = folder.resolve()
        path = (root / name).resolve()
    except (OSError, RuntimeError):  # links that lead to themselves
        raise InputError("não existe; confira o nome e a pasta") from None
    if not path.is_relative_to(root):
        raise InputError("fica fora da pasta deste arquivo; ponha-o nela ou abaixo dela")
    return path


def _text(path: Path, limit_bytes: int) -> str:
    """The UTF-8 text of an ordinary file, each line ended by a line feed alone."""
    try:
        if path.is_dir():
            raise InputError("é uma pasta; escreva o nome de um arquivo")
        if path.exists() and not path.is_file():
            raise InputError("não é um arquivo comum")
        with path.open("rb") as file:
            content = file.read(limit_bytes + 1)
    except FileNotFoundError:
        raise InputError("não existe; confira o nome e a pasta") from None
    except OSError as error:
        raise InputError(f"não pôde ser lido: {error.strerror}") from None
    if len(content) > limit_bytes:
        raise InputError(f"passa de {limit_bytes // 1024} KiB; confira se é o arquivo certo")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"linha {line}: não é texto em UTF-8; salve o arquivo com essa codificação") from None
    if "\0" in text:
        raise InputError("não é um arquivo de texto")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _PLACE_IN_TOML.search(str(error))
        problem = str(error)[: found.start()] if found else str(error)
        line = found[1] if found and found[1] else max(1, len(text.splitlines()))
        column = f", coluna {found[2]}" if found and found[2] else ""
        raise InputError(f"linha {line}{column}: não é TOML: {problem}") from None
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; brackets in brackets
        raise InputError(f"não é um TOML legível: {str(error) or type(error).__name__}") from None


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"linha {error.lineno}, coluna {error.colno}: não é JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"não é um JSON legível: {str(error) or type(error).__name__}") from None
    if not isinstance(value, dict):
        raise InputError('o arquivo deve conter um objeto JSON, como {"startTime": "08:00", "endTime": "18:00"}')
    return value
