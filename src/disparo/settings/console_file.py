"""The file in the data folder that holds what was changed in the console or through the API."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

from disparo.domain.errors import InputError, StoreError
from disparo.settings.editable import EDITABLE
from disparo.settings.sources import Layer, Rank

CONSOLE_FILE = "console.json"
"""Beside the data, so that it goes wherever they go."""

_LONGEST = 1_048_576
_PLACE = "console"


def console_layer(folder: Path, edits: Mapping[str, object] | None = None) -> Layer:
    """What the file in this data folder says, or `edits` in its place; nothing when there is no file.

    InputError for a file that is not ours, and for a setting in it that may not be changed there.
    """
    values = read_edits(folder) if edits is None else dict(edits)
    strangers = sorted(values.keys() - EDITABLE)
    if strangers:
        lines = (f"{CONSOLE_FILE}: {name[:60]}: não se muda no console; retire a linha" for name in strangers)
        raise InputError("\n".join(lines))
    return Layer(Rank.CONSOLE, folder, values, dict.fromkeys(values, _PLACE))


def read_edits(folder: Path) -> dict[str, Any]:
    """What was changed, by the settings' names."""
    raw = _raw(folder)
    if raw is None:
        return {}
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{CONSOLE_FILE}: não é JSON; corrija, ou apague o arquivo ({error})") from None
    if not isinstance(values, dict):
        raise InputError(f"{CONSOLE_FILE}: não é um objeto JSON; corrija, ou apague o arquivo")
    return values


def revision_of(folder: Path) -> int:
    """A number that changes with the file; 0 when there is none."""
    raw = _raw(folder)
    return 0 if raw is None else int.from_bytes(blake2b(raw, digest_size=6).digest())


def write_edits(folder: Path, edits: Mapping[str, object]) -> None:
    """Put a whole new file in the place of the present one; only its owner may read it. StoreError when it cannot be.

    A kill leaves the old file or the new one.
    """
    text = json.dumps(dict(sorted(edits.items())), ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{CONSOLE_FILE}-", dir=folder)  # which makes it 0600
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(folder / CONSOLE_FILE)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StoreError(f"{folder / CONSOLE_FILE}: não pôde ser escrito ({error.strerror})") from error


def _raw(folder: Path) -> bytes | None:
    try:
        with (folder / CONSOLE_FILE).open("rb") as file:
            raw = file.read(_LONGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(f"{CONSOLE_FILE}: não pôde ser lido ({error.strerror}); confira as permissões") from None
    if len(raw) > _LONGEST:
        raise InputError(f"{CONSOLE_FILE}: é grande demais para ser nosso; apague o arquivo")
    return raw
