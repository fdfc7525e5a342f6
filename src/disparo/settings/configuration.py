"""The settings of an installation that runs: what they are, where they came from, and changing some of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from disparo.domain.errors import InputError, RevisionError, TransitionError
from disparo.settings.console_file import CONSOLE_FILE, revision_of, write_edits
from disparo.settings.editable import EDITABLE, LIVE
from disparo.settings.load import LoadedSettings
from disparo.settings.model import GROUPS, Settings
from disparo.settings.profiles import profile_settings
from disparo.settings.showing import shown_value
from disparo.settings.sources import Rank

NONE = "none"
"""What stands for nothing where a value is written."""


@dataclass(frozen=True, slots=True)
class SettingView:
    """One setting as it is shown; values are plain, and a secret's is hidden.

    `value` is what this process goes by, `written` what it would after a restart, `beneath` what would hold without the
    change that was made in the console. `overruled` says whether a later source keeps such a change from having an
    effect, `fixed` whether one would.
    """

    name: str
    group: str
    description: str
    value: object
    written: object
    default: object
    source: str
    editable: bool
    live: bool
    edited: bool
    overruled: bool
    beneath: object
    fixed: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a setting, in plain values."""

    name: str
    old: object
    new: object


class Configuration:
    """What an installation was opened with, kept in step with its files.

    `running` tells the values that this process goes by, `adopt` gives it those that may change while it runs.
    """

    def __init__(
        self, loaded: LoadedSettings, running: Callable[[], Settings], adopt: Callable[[Settings], None]
    ) -> None:
        self._loaded, self._running, self._adopt = loaded, running, adopt
        self._fault = ""

    @property
    def editable(self) -> bool:
        """Whether anything can be changed here: not on AWS, where Terraform decides, nor where nothing was read."""
        return self._loaded.again is not None and self._running().store == "embedded"

    @property
    def fault(self) -> str:
        """What is wrong in the files since they were last read well; empty when nothing."""
        return self._fault

    @property
    def revision(self) -> int:
        """A number that changes with every change made in the console; 0 before the first."""
        return revision_of(self._running().data) if self.editable else 0

    def read(self) -> LoadedSettings:
        """What the files say now; the last that could be read when there is a fault in them."""
        if self._loaded.again is not None:
            try:
                self._loaded, self._fault = self._loaded.again(None), ""
            except InputError as error:
                self._fault = str(error)
        return self._loaded

    def views(self) -> Sequence[SettingView]:
        """Every setting, in the order of the documentation."""
        loaded, running = self.read(), self._running()
        usual = profile_settings(loaded.settings.environment)
        beneath = self._beneath(loaded)
        return [
            SettingView(
                name=name,
                group=group,
                description=str(field.description),
                value=shown_value(running, name),
                written=shown_value(loaded.settings, name),
                default=shown_value(usual, name),
                source=str(loaded.sources[name]),
                editable=self.editable and name in EDITABLE,
                live=name in LIVE,
                edited=name in loaded.edits,
                overruled=name in loaded.edits and loaded.sources[name].rank > Rank.CONSOLE,
                beneath=shown_value(beneath, name),
                fixed=loaded.sources[name].rank > Rank.CONSOLE,
            )
            for group, fields in GROUPS
            for name, field in fields.model_fields.items()
        ]

    def change(self, wanted: Mapping[str, object], revision: int | None = None) -> Sequence[Change]:
        """Write values down, all or none, and go by those that hold at once; what came of it.

        None takes a change back: what the files say holds again. `"none"` is a value, as of a limit. InputError for
        what may not be changed or cannot hold together with the rest, one line each; TransitionError where nothing can
        be changed; RevisionError when `revision` is not the present one.
        """
        if not self.editable or self._loaded.again is None:
            raise TransitionError("as configurações daqui vêm do Terraform: mude-as lá e aplique")
        before = self._loaded.again(None)
        present = self.revision
        if revision not in (None, present):
            raise RevisionError("alguém mudou as configurações desde que a página foi aberta; confira e repita")
        _refuse_strangers(wanted)
        edits = {name: value for name, value in before.edits.items() if name not in wanted}
        edits |= {name: value for name, value in wanted.items() if value is not None}
        after = self._loaded.again(edits)
        for name in wanted.keys() & edits.keys():
            if after.sources[name].rank is Rank.CONSOLE:
                edits[name] = _plain(after.settings, name)
        if edits != before.edits:
            write_edits(self._running().data, edits)
        self._loaded, self._fault = after, ""
        self._adopt(after.settings)
        return _changes(before, after, wanted)

    def _beneath(self, loaded: LoadedSettings) -> Settings:
        """What would hold without any change made in the console."""
        if loaded.again is None or not loaded.edits:
            return loaded.settings
        try:
            return loaded.again({}).settings
        except InputError:  # the files hold together only with the console's changes
            return loaded.settings


def _refuse_strangers(wanted: Mapping[str, object]) -> None:
    lines = [
        f"{name[:60]}: {'não se muda aqui, só nos arquivos' if name in Settings.model_fields else 'não existe'}"
        for name in sorted(wanted.keys() - EDITABLE)
    ]
    hours = wanted.get("business_hours")
    if hours is not None and not isinstance(hours, Mapping):  # a text would be the path of a file
        lines.append("business_hours: escreva o documento dos horários, um objeto")
    if lines:
        raise InputError("\n".join(lines))


def _plain(settings: Settings, name: str) -> Any:
    """A checked value as the file has it."""
    value = shown_value(settings, name)
    return NONE if value is None else value


def _changes(before: LoadedSettings, after: LoadedSettings, wanted: Mapping[str, object]) -> Sequence[Change]:
    return [
        Change(name, shown_value(before.settings, name), shown_value(after.settings, name))
        for name in sorted(wanted)
        if before.edits.get(name) != after.edits.get(name)
        or getattr(before.settings, name) != getattr(after.settings, name)
    ]


def faults_of(error: InputError) -> list[tuple[str, str]]:
    """Each line of what is wrong as (setting, words); the name is empty where a line names none that can be changed.

    Lines begin with the place, as `console: max_retries = -1: …`.
    """
    found = []
    for line in str(error).splitlines():
        said = line.removeprefix("console: ").removeprefix(f"{CONSOLE_FILE}: ")
        name, _, rest = said.partition(" = ")
        if name in EDITABLE and ": " in rest:
            found.append((name, rest.partition(": ")[2]))
            continue
        name, colon, rest = said.partition(": ")
        found.append((name, rest) if colon and name in EDITABLE else ("", line))
    return found
