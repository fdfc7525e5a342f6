"""Counting and alarms of one installation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from disparo.adapters.alarm_events import AlarmEvents
from disparo.adapters.alarm_mail import AlarmMail
from disparo.adapters.alarm_webhook import AlarmWebhook
from disparo.adapters.disk import disk_used_percent
from disparo.domain.contact import Channel
from disparo.engine.alarm_looks import AlarmLooks
from disparo.engine.alarms import AlarmWatch
from disparo.engine.counting import Counting
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.ports.alarms import TellsAlarms
from disparo.ports.channel import SendChannel

if TYPE_CHECKING:
    from disparo.bootstrap.app import App

PAGE = "/console"
"""Where a person looks when a mail has told of an alarm."""


def watched(app: App, engine: Engine, name: str) -> Engine:
    """The engine of a worker that counts what it does, and looks at the alarms."""
    counting = Counting(app.store.numbers, name, engine.routes, app.agenda.figures)
    return replace(engine, counting=counting, alarms=alarm_watch(app, name))


def alarm_watch(app: App, holder: str, *, counts: bool = True) -> AlarmWatch:
    """What looks at the alarms; `counts` says whether workers of this installation count by the minute."""
    settings = app.settings
    folder = settings.data if settings.store == "embedded" else None
    looks = AlarmLooks(
        app.store,
        lambda: [one.sender for one in app.senders],
        lambda: None if folder is None else disk_used_percent(folder),
        counts,
    )
    return AlarmWatch(app.store, looks, settings.alarm_rules(), list(_ways(app)), holder=holder)


def _ways(app: App) -> Iterable[TellsAlarms]:
    settings = app.settings
    yield AlarmEvents(app.events)
    if settings.alarm_webhook_url is not None:
        yield AlarmWebhook(settings.alarm_webhook_url, app.post)
    if settings.alarm_email is not None:
        page = None if settings.public_url is None else settings.public_url + PAGE
        yield AlarmMail(settings.alarm_email, _mail_senders(lambda: app.own_routes), page=page)


def _mail_senders(routes: Callable[[], Mapping[str, Route]]) -> Callable[[], Sequence[SendChannel]]:
    return lambda: [one.channel for one in routes().values() if one.sender.channel is Channel.EMAIL]
