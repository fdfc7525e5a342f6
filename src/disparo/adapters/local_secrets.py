"""Secrets from the environment and from files that only their owner can read."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from disparo.adapters.secret_object import secret_object
from disparo.domain.errors import InputError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_LONGEST = 64 * 1024


class LocalSecrets:
    """`Secrets` of one installation: `mcp-email` is the JSON in `<prefix>MCP_EMAIL`, else in `<folder>/mcp-email.json`.

    They are read each time, so that a change holds at once. A file that others may read or write, or that belongs to
    somebody else, is refused.
    """

    def __init__(self, environ: Mapping[str, str], prefix: str, folder: Path) -> None:
        self._environ, self._prefix, self._folder = environ, prefix, folder

    async def get(self, name: str) -> Mapping[str, str]:
        """See `Secrets.get`."""
        if not _NAME.fullmatch(name):
            raise InputError(f'segredo "{name}": use letras sem acento, algarismos, - e _ no nome')
        variable = self._prefix + name.upper().replace("-", "_")
        if text := self._environ.get(variable, "").removeprefix("\ufeff").strip():
            return secret_object(name, text, place=variable)
        path = self._folder / f"{name}.json"
        text = _read(name, path, variable)
        return secret_object(name, text, place=str(path))

    async def refresh(self, name: str) -> Mapping[str, str]:
        """See `Secrets.refresh`."""
        return await self.get(name)

    def has(self, name: str) -> bool:
        """Whether there is something under this name, right or wrong."""
        variable = self._prefix + name.upper().replace("-", "_")
        return bool(self._environ.get(variable, "").strip()) or (self._folder / f"{name}.json").exists()


def _read(name: str, path: Path, variable: str) -> str:
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            _refuse_unsafe(name, path, os.fstat(file.fileno()))
            content = file.read(_LONGEST)
    except FileNotFoundError:
        raise InputError(f"segredo {name}: não existe; ponha o JSON em {path} (chmod 600) ou em {variable}") from None
    except OSError as error:
        raise InputError(f"segredo {name}: {path} não pôde ser lido ({error.strerror})") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"segredo {name}: {path} não é texto em UTF-8") from None


def _without_waiting(path: str, flags: int) -> int:
    """A pipe would have us wait until somebody writes into it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _refuse_unsafe(name: str, path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"segredo {name}: {path} não é um arquivo comum")
    if not hasattr(os, "getuid"):  # Windows keeps who may read a file elsewhere
        return
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InputError(f"segredo {name}: outros usuários podem ler {path}; rode: chmod 600 {path}")
    if status.st_uid not in (os.getuid(), 0):
        raise InputError(f"segredo {name}: {path} pertence a outro usuário; copie-o para um arquivo seu")
