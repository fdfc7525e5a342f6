"""The places where settings are written, each read into one layer of raw values."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from disparo.domain.errors import InputError

ENV_PREFIX = "DISPARO_"
SECRET_PREFIX = "DISPARO_SECRET_"
"""Of the variables that hold a provider's secret; they are no settings, and nothing shows them."""
NOT_SETTINGS = frozenset(
    {
        "DISPARO_CONFIG",
        "DISPARO_TFVARS",
        "DISPARO_CONTRACTS",
        "DISPARO_EMULATOR_KILLS",
        "DISPARO_RACE_ROUNDS",
        "DISPARO_SEEDS",
        "DISPARO_SLOW",
    }
)
"""Environment variables of ours that are no settings."""

_NUMBERED = re.compile(r"tmp\.hcl:(\d+),[\d-]+: ")


class Rank(IntEnum):
    """The order of the sources; a higher one wins."""

    DEFAULT = 0
    PROFILE = 1
    DERIVED = 2
    TFVARS = 3
    CONFIG = 4
    CONSOLE = 5
    ENVIRON = 6
    OVERRIDE = 7


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value came from; as text it is the place, such as `disparo.toml:7` or `env DISPARO_LIVE`."""

    rank: Rank
    place: str

    def __str__(self) -> str:
        return self.place


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source says, unchecked; relative paths in it start at `base`."""

    rank: Rank
    base: Path
    values: Mapping[str, object]
    places: Mapping[str, str]

    def source(self, name: str) -> Source:
        """Where in this layer a value stands."""
        return Source(self.rank, self.places[name])


def tfvars_layer(cwd: Path, name: str | Path) -> Layer:
    """The values of a `terraform.tfvars` file, by HashiCorp's own parser; expressions are not computed.

    `null` means not set, as to Terraform. Raises InputError when the file cannot be read or is no tfvars.
    """
    import pygohcl  # loads a native library of several MB

    text = _read(cwd / name, name)
    try:
        values = pygohcl.attributes_loads(text)
    except (pygohcl.HCLParseError, pygohcl.HCLInternalError, ValueError, RecursionError) as error:
        detail = str(error).removeprefix("invalid HCL: ")
        numbered = _NUMBERED.match(detail)
        place = f"{name}:{numbered[1]}" if numbered else str(name)
        raise InputError(f"{place}: não é um arquivo tfvars; confira a sintaxe ({_NUMBERED.sub('', detail)})") from None
    said = {key: value for key, value in values.items() if value is not None}
    return _file_layer(Rank.TFVARS, cwd / name, name, text, said)


def config_layer(cwd: Path, name: str | Path) -> Layer:
    """The values of a `disparo.toml`; raises InputError when it cannot be read or is no TOML."""
    text = _read(cwd / name, name)
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{name}: não é TOML; confira a sintaxe ({error})") from None
    return _file_layer(Rank.CONFIG, cwd / name, name, text, values)


def environ_layer(environ: Mapping[str, str], cwd: Path) -> Layer:
    """The variables that begin with `DISPARO_`; an empty one counts as not set."""
    found = {
        name.removeprefix(ENV_PREFIX).lower(): (name, value)
        for name, value in sorted(environ.items())
        if name.startswith(ENV_PREFIX)
        and name not in NOT_SETTINGS
        and value.strip()
        and not name.startswith(SECRET_PREFIX)
    }
    values = {key: value for key, (_, value) in found.items()}
    return Layer(Rank.ENVIRON, cwd, values, {key: f"env {name}" for key, (name, _) in found.items()})


def override_layer(overrides: Mapping[str, object], cwd: Path) -> Layer:
    """What the command line says; None counts as not said."""
    values = {name: value for name, value in overrides.items() if value is not None}
    return Layer(Rank.OVERRIDE, cwd, values, dict.fromkeys(values, "linha de comando"))


def _file_layer(rank: Rank, path: Path, shown: str | Path, text: str, values: Mapping[str, object]) -> Layer:
    return Layer(rank, path.parent, values, {name: f"{shown}{_line(text, name)}" for name in values})


def _line(text: str, name: str) -> str:
    """`:7` when exactly one line sets the name, else nothing: a place that is wrong is worse than none."""
    pattern = rf"^[ \t]*(?:{re.escape(name)}[ \t]*[=.]|\[{re.escape(name)}\])"
    starts = [match.start() for match in re.finditer(pattern, text, re.MULTILINE)]
    return f":{text.count(chr(10), 0, starts[0]) + 1}" if len(starts) == 1 else ""


def _read(path: Path, shown: str | Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{shown}: não existe; confira o nome e a pasta") from None
    except IsADirectoryError:
        raise InputError(f"{shown}: é uma pasta; escreva o nome de um arquivo") from None
    except OSError as error:
        raise InputError(f"{shown}: não pôde ser lido ({error.strerror}); confira as permissões") from None
    except UnicodeDecodeError:
        raise InputError(f"{shown}: não é texto em UTF-8; salve o arquivo com essa codificação") from None
    if "\0" in text:  # the HCL parser would stop there and lose the rest without a word
        raise InputError(f"{shown}: contém um byte nulo, logo não é texto; salve o arquivo como texto em UTF-8")
    return text
