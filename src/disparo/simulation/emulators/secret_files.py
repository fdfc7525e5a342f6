"""The emulators' secrets as files, where an installation looks for its own."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from disparo.domain.errors import InputError

_HERE = ("localhost", "127.0.0.1", "::1")


def write_secrets(folder: Path, secrets: Mapping[str, Mapping[str, str]]) -> list[Path]:
    """Write each secret to `<folder>/<name>.json`, for its owner only (0600); the files, in their order.

    Those of emulators of before are replaced. InputError, and nothing written, where one is of a real account or
    cannot be read, and when the folder cannot be used.
    """
    paths = [folder / f"{name}.json" for name in secrets]
    for path in paths:
        if path.exists() and not _of_emulator(path):
            raise InputError(f"{path}: não é de um emulador; guarde-o noutro lugar, ou use outra pasta com --data")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path, secret in zip(paths, secrets.values(), strict=True):
            _write(path, json.dumps(secret, ensure_ascii=False, indent=2) + "\n")
    except OSError as error:
        raise InputError(f"{folder}: não foi possível gravar os segredos ({error.strerror})") from error
    return paths


def _of_emulator(path: Path) -> bool:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return urlsplit(document["endpoint"]).hostname in _HERE
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _write(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)
