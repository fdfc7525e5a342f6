"""Settings that change while a worker runs."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from disparo.domain.errors import InputError
from disparo.engine.dispatch import Route
from disparo.entrypoints.cli.session import Session
from disparo.entrypoints.cli.worker_log import WorkerLog

if TYPE_CHECKING:
    from disparo.settings import Settings


class SettingsWatch:
    """Looks whether the settings' files were written, and gives senders their new limits, retries and breakers.

    `adopt` is given the settings as they are now, for what else can change in a process that runs. Routes are looked up
    at each use, so replacing one takes effect with the next claim. What a running process cannot change (its data, the
    sandbox's story, how much it does at once) needs a restart. A file with a fault in it changes nothing: the old
    values stay.
    """

    def __init__(
        self,
        session: Session,
        routes: MutableMapping[str, Route],
        log: WorkerLog,
        changed: Callable[[], None],
        adopt: Callable[[Settings], None] = lambda _: None,
    ) -> None:
        self._session, self._routes, self._log, self._changed = session, routes, log, changed
        self._adopt = adopt
        self._settings = session.settings
        self._files = _files(session)
        self._stamps = self._read_stamps()

    def look(self) -> None:
        """Take over what was written since the last look."""
        stamps = self._read_stamps()
        if stamps == self._stamps:
            return
        self._stamps = stamps
        from disparo.bootstrap import senders_of
        from disparo.settings.showing import shown_value

        try:
            settings = self._session.read_settings().settings
            senders = senders_of(settings)
        except InputError as error:
            for fault in str(error).splitlines():
                self._log.say("settings_refused", fault=fault)
            return
        names = sorted(
            name for name in type(settings).model_fields if getattr(settings, name) != getattr(self._settings, name)
        )
        if not names:
            return
        self._adopt(settings)
        for sender in senders:
            route = self._routes.get(sender.name)
            if route is not None and route.sender.channel is sender.channel:  # what carries it stays as it is
                self._routes[sender.name] = replace(route, sender=sender)
        changed = ", ".join(f"{name} = {shown_value(settings, name)}" for name in names)
        self._log.say("settings_changed", changed=changed)
        self._settings = settings
        self._changed()

    def _read_stamps(self) -> list[tuple[int, int] | None]:
        return [_stamp(path) for path in self._files]


def _files(session: Session) -> list[Path]:
    """The files that settings are read from, whether they are there or not."""
    from disparo.settings.console_file import CONSOLE_FILE
    from disparo.settings.load import CONFIG_NAME

    config = session.config or session.environ.get("DISPARO_CONFIG") or CONFIG_NAME
    tfvars = session.tfvars or session.environ.get("DISPARO_TFVARS")
    files = [session.cwd / name for name in (config, tfvars) if name]
    return [*files, session.settings.data / CONSOLE_FILE] if session.settings.store == "embedded" else files


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
