"""A campaign as a TOML file, with the files that it names beside it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from disparo.domain.errors import InputError
from disparo.domain.template import SOURCE_LIMIT_BYTES

FILE_LIMIT_BYTES = 1024 * 1024
HOURS_LIMIT_BYTES = 64 * 1024
STEP_FILE_KEYS = {"template_file": "text", "html_file": "html"}
"""Key of a step that names a file -> the key that the file's text becomes."""

_PLACE_IN_TOML = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_campaign_file(path: Path) -> Mapping[str, object]:
    """The document in this file, for `parse_campaign`, with the content of the files that it names.

    Named are templates (`template_file`, `html_file` of a step) and the JSON of `hours = "horario.json"`.
    They are looked up from the folder of the campaign file and must lie in it or below, links followed. All
    are UTF-8 (a byte order mark is dropped); line ends at the end of a template are no part of the message.
    Raises InputError, naming file and line, for one that is missing, too large, no text or malformed; of
    several named files, with a line for each.
    """
    faults: list[str] = []
    document: dict[str, Any] = {}
    with _telling(faults, str(path)):
        document = _toml(_text(path, FILE_LIMIT_BYTES))
    steps = document.get("steps")
    for number, step in enumerate(steps if isinstance(steps, list) else (), start=1):
        for key in [key for key in STEP_FILE_KEYS if isinstance(step, dict) and key in step]:
            with _telling(faults, f"{path}: steps[{number}].{key} = {json.dumps(step[key], default=str)}"):
                _take_template(step, key, path.parent)
    hours = document.get("hours")
    if isinstance(hours, str):
        with _telling(faults, f"{path}: hours = {json.dumps(hours)}"):
            document["hours"] = _json_object(_text(_beside(path.parent, hours), HOURS_LIMIT_BYTES))
    if faults:
        raise InputError("\n".join(faults))
    return document


@contextmanager
def _telling(faults: list[str], place: str) -> Iterator[None]:
    """Turn an InputError inside into a fault at this place."""
    try:
        yield
    except InputError as error:
        faults.append(f"{place}: {error}")


def _take_template(step: dict[str, Any], key: str, folder: Path) -> None:
    part = STEP_FILE_KEYS[key]
    if part in step:
        raise InputError(f"o passo já tem {part}; deixe só um dos dois")
    step[part] = _text(_beside(folder, step[key]), SOURCE_LIMIT_BYTES).rstrip("\n")
    del step[key]


def _beside(folder: Path, name: object) -> Path:
    """The file of this name in the folder or below it, wherever its links lead."""
    if not isinstance(name, str) or not name.strip() or "\0" in name:
        raise InputError("escreva entre aspas o nome de um arquivo ao lado da campanha")
    try:
        root = folder.resolve()
        path = (root / name).resolve()
    except (OSError, RuntimeError):  # links that lead to themselves
        raise InputError("não existe; confira o nome e a pasta") from None
    if not path.is_relative_to(root):
        raise InputError("fica fora da pasta da campanha; ponha o arquivo nela ou abaixo dela")
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
