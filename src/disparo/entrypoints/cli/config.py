"""`disparo config ...`: settings, where they came from, and what is odd about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from disparo.entrypoints.cli.faults import ExitCode
from disparo.entrypoints.cli.printing import Code
from disparo.entrypoints.cli.session import GivenSession

if TYPE_CHECKING:
    from disparo.settings import LoadedSettings

_EVERYDAY = ("Installation", "Sending")


def show(
    *,
    all_: Annotated[bool, Parameter(name="--all", help="Também as do sandbox e da AWS que ninguém mudou.")] = False,
    session: GivenSession,
) -> None:
    """Each setting with its value and its source."""
    from disparo.settings.sources import Rank

    loaded = session.loaded
    as_value = _value if session.out.json else _shown
    items = [
        {"setting": name, "value": as_value(loaded, name), "source": str(loaded.sources[name])}
        for name, group in _names_and_groups()
        if all_ or session.out.json or group in _EVERYDAY or loaded.sources[name].rank > Rank.DERIVED
    ]
    session.out.listing(items, {"setting": "configuração", "value": "valor", "source": "de onde"})


def _names_and_groups() -> list[tuple[str, str]]:
    from disparo.settings.model import GROUPS

    return [(name, group) for group, fields in GROUPS for name in fields.model_fields]


def _value(loaded: LoadedSettings, name: str) -> object:
    from disparo.settings.showing import shown_value

    return shown_value(loaded.settings, name)


def _shown(loaded: LoadedSettings, name: str) -> str:
    """The value as a settings file would have it."""
    value = _value(loaded, name)
    if value is None or value in ([], {}):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def check(*, session: GivenSession) -> int:
    """What is odd about the settings; exit code 2 when something cannot work."""
    from disparo.settings import check_settings

    found = check_settings(session.loaded)
    items = [{"level": Code(one.level), "setting": one.key, "text": one.text} for one in found]
    session.out.listing(items, {"level": "nível", "setting": "configuração", "text": "o que se nota"})
    return ExitCode.INPUT if any(one.level == "error" for one in found) else ExitCode.OK
