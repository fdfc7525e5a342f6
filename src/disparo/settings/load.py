"""From all sources to one checked value that knows where each part came from."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import partial
from pathlib import Path

from disparo.domain.errors import InputError
from disparo.domain.policies.hours_document import parse_business_hours
from disparo.settings.console_file import console_layer
from disparo.settings.editable import HOURS_PARTS
from disparo.settings.faults import validated
from disparo.settings.model import Settings
from disparo.settings.profiles import PROFILES, profile_settings
from disparo.settings.sources import (
    ENV_PREFIX,
    Layer,
    Rank,
    Source,
    config_layer,
    environ_layer,
    override_layer,
    tfvars_layer,
)

CONFIG_NAME = "disparo.toml"

_NAMES = tuple(Settings.model_fields)
_DERIVED = {"visibility_timeout_seconds": "lambda_timeout_send", "secrets_prefix": "table_prefix e environment"}


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Checked settings, the source of each, and the tfvars names that are none of ours."""

    settings: Settings
    sources: Mapping[str, Source]
    ignored: Mapping[str, Source]
    edits: Mapping[str, object] = field(default_factory=dict)
    """What was changed in the console, also where a later source wins."""
    again: Callable[[Mapping[str, object] | None], LoadedSettings] | None = field(
        default=None, repr=False, compare=False
    )
    """Reads everything once more, with these changes in the place of the console's; None where nothing was read."""


def load_settings(
    *,
    config: Path | None = None,
    tfvars: Path | None = None,
    overrides: Mapping[str, object] | None = None,
    environ: Mapping[str, str],
    cwd: Path,
    edits: Mapping[str, object] | None = None,
) -> LoadedSettings:
    """Read and merge all sources, lowest first: profile, tfvars, `disparo.toml`, console, environment, overrides.

    `config` and `tfvars` win over `DISPARO_CONFIG` and `DISPARO_TFVARS`. Without either, no tfvars is
    read, and `disparo.toml` in `cwd` if there is one. Relative paths start at `cwd`, or at their file.
    `edits` stands in for what the console's file says, which is read from the data folder otherwise.
    Raises InputError with one line per fault (source, key, value, what to do); writes nothing.
    """
    again = partial(_again, config, tfvars, overrides, environ, cwd)
    layers = tuple(_with_console(list(_layers(config, tfvars, overrides or {}, environ, cwd)), cwd, edits))
    last = {name: layer for layer in layers for name in layer.values if name in Settings.model_fields}
    sources = {name: layer.source(name) for name, layer in last.items()}
    faults = list(_unknown_names(layers))
    values: dict[str, object] = {}
    for name, layer in last.items():
        try:
            values[name] = _anchored(name, layer)
        except InputError as error:
            faults.append(str(error))
    faults += _overruled_hours(values, sources)
    profile = str(values.get("environment", Settings.model_fields["environment"].default))
    for name, value in PROFILES.get(profile, PROFILES["dev"]).items():
        if name not in values:
            values[name], sources[name] = value, Source(Rank.PROFILE, f"perfil {profile}")
    values.setdefault("data", cwd / Settings.model_fields["data"].default)
    settings = validated(values, sources, faults)
    edited = next((layer.values for layer in layers if layer.rank is Rank.CONSOLE), {})
    return LoadedSettings(settings, _complete(sources), _ignored(layers), edited, again)


def as_given(settings: Settings) -> LoadedSettings:
    """Settings that somebody made without reading anything: nobody can say where they came from, or change them."""
    usual = profile_settings(settings.environment)
    default, given = Source(Rank.DEFAULT, "padrão"), Source(Rank.OVERRIDE, "este processo")
    sources = {
        name: default if getattr(settings, name) == getattr(usual, name) else given for name in Settings.model_fields
    }
    return LoadedSettings(settings, sources, {})


def _again(
    config: Path | None,
    tfvars: Path | None,
    overrides: Mapping[str, object] | None,
    environ: Mapping[str, str],
    cwd: Path,
    edits: Mapping[str, object] | None,
) -> LoadedSettings:
    return load_settings(config=config, tfvars=tfvars, overrides=overrides, environ=environ, cwd=cwd, edits=edits)


def _with_console(layers: Sequence[Layer], cwd: Path, edits: Mapping[str, object] | None) -> Iterator[Layer]:
    """The layers with the console's among them, of the data folder that the others name; none on AWS."""
    said = {name: layer for layer in layers for name in ("data", "store") if name in layer.values}
    if "store" in said and said["store"].values["store"] != Settings.model_fields["store"].default:
        yield from layers
        return
    folder: object = _anchored("data", said["data"]) if "data" in said else cwd / Settings.model_fields["data"].default
    yield from (layer for layer in layers if layer.rank < Rank.CONSOLE)
    if isinstance(folder, Path):  # else the model refuses it
        yield console_layer(folder, edits)
    yield from (layer for layer in layers if layer.rank > Rank.CONSOLE)


def _layers(
    config: Path | None,
    tfvars: Path | None,
    overrides: Mapping[str, object],
    environ: Mapping[str, str],
    cwd: Path,
) -> Iterator[Layer]:
    terraform = tfvars or environ.get("DISPARO_TFVARS")
    if terraform:
        yield tfvars_layer(cwd, terraform)
    named = config or environ.get("DISPARO_CONFIG")
    if named or (cwd / CONFIG_NAME).exists():
        yield config_layer(cwd, named or CONFIG_NAME)
    yield environ_layer(environ, cwd)
    yield override_layer(overrides, cwd)


def _anchored(name: str, layer: Layer) -> object:
    """The value, with a path in it made absolute and a hours document read from its file."""
    value = layer.values[name]
    if name == "data" and isinstance(value, str | Path):
        return layer.base / value
    return _hours(value, layer) if name == "business_hours" else value


def _as_json(value: object) -> object:
    """TOML has dates and times of its own; the document writes them as text."""
    if isinstance(value, dict):
        return {key: _as_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_json(inner) for inner in value]
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    return value.isoformat() if isinstance(value, date) else value


def _hours(value: object, layer: Layer) -> object:
    """The document of hours, checked; a wrong type is left for the model to refuse."""
    place = str(layer.source("business_hours"))
    document = _as_json(value)
    if isinstance(value, str | Path):
        document, place = _hours_text(str(value), layer, place)
    if isinstance(document, dict):
        try:
            parse_business_hours(document)
        except InputError as error:
            raise InputError(f"{place}: business_hours: {error}") from None
    return document


def _hours_text(text: str, layer: Layer, place: str) -> tuple[object, str]:
    """Read JSON that stands in place or in the file of that name; also says where it stood."""
    if not text.lstrip().startswith("{"):
        path = layer.base / text
        try:
            content = path.read_text(encoding="utf-8-sig")
        except (OSError, ValueError):
            raise InputError(
                f"{place}: business_hours = {text!r}: não é um JSON entre chaves nem um arquivo que se possa ler; "
                "confira o caminho"
            ) from None
        text, place = content, f"{path} ({place})"
    try:
        return json.loads(text), place
    except json.JSONDecodeError as error:
        where = f"linha {error.lineno}, coluna {error.colno}"
        raise InputError(f"{place}: business_hours: não é JSON; confira a {where} ({error.msg})") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: business_hours: não é um JSON legível ({error})") from None


def _unknown_names(layers: Sequence[Layer]) -> Iterator[str]:
    for layer in layers:
        for name in layer.values:
            if name in Settings.model_fields:
                continue
            close = _close(name, cutoff=0.9 if layer.rank is Rank.TFVARS else 0.6)
            if layer.rank is Rank.TFVARS and not _is_slip(name, close):
                continue
            yield f"{layer.places[name]}: {_unknown(name, close, layer.rank)}"


def _close(name: str, cutoff: float) -> str | None:
    return next(iter(difflib.get_close_matches(name, _NAMES, n=1, cutoff=cutoff)), None)


def _is_slip(name: str, close: str | None) -> bool:
    """Terraform has variables of its own; `<a setting>_api` is one of them, not a slip of the pen."""
    return close is not None and not name.startswith(f"{close}_")


def _unknown(name: str, close: str | None, rank: Rank) -> str:
    shown = ENV_PREFIX + name.upper() if rank is Rank.ENVIRON else name
    if close is None:
        return f"{shown} não é uma configuração; retire, ou veja os nomes em docs/settings.md"
    meant = ENV_PREFIX + close.upper() if rank is Rank.ENVIRON else close
    return f"{shown} não é uma configuração; seria {meant}?"


def _overruled_hours(values: Mapping[str, object], sources: Mapping[str, Source]) -> Iterator[str]:
    """A part of the hours that was said later than the document, or beside it, would be silently lost."""
    whole = sources.get("business_hours")
    if whole is None:
        return
    for part in HOURS_PARTS:
        said = sources.get(part)
        if said is not None and said.rank >= whole.rank:
            yield (
                f"{said}: {part} = {values[part]!r}: sem efeito ao lado de business_hours ({whole}); "
                "mude lá, ou deixe só um dos dois"
            )


def _complete(sources: Mapping[str, Source]) -> dict[str, Source]:
    default = Source(Rank.DEFAULT, "padrão")
    complete = {name: sources.get(name, default) for name in _NAMES}
    for name, origin in _DERIVED.items():
        if name not in sources:
            complete[name] = Source(Rank.DERIVED, f"calculado de {origin}")
    return complete


def _ignored(layers: Sequence[Layer]) -> dict[str, Source]:
    return {
        name: layer.source(name)
        for layer in layers
        for name in sorted(layer.values)
        if name not in Settings.model_fields
    }
