"""An installation on a file whose forecasts are played when a test says so, instead of by another process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from disparo.bootstrap import App, renderer
from disparo.domain.campaign import Campaign
from disparo.domain.contact import ContactDraft
from disparo.domain.place import Place
from disparo.entrypoints.forecast_orders import Order, Standing, play
from disparo.entrypoints.forecast_process import StoppedError
from disparo.settings import Settings
from disparo.simulation.forecast import Forecast
from disparo.usecases import campaigns

MONDAY = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
STEPS = [{"channel": "email", "subject": "Oi", "text": "Oi"}]


async def made(app: App, people: int, **keys: Any) -> Campaign:
    """A draft for so many people."""
    await enter(app, people)
    document = {"name": "camp", "list": "lista", "steps": STEPS, **keys}
    return await campaigns.create(app.store, document, renderer(), MONDAY)


async def enter(app: App, people: int, first: int = 0) -> None:
    """So many people, from a number on."""
    drafts = [
        ContactDraft(f"l:{n}", Place("America/Sao_Paulo"), email=f"p{n}@e.com", email_key=f"p{n}@e.com")
        for n in range(first, first + people)
    ]
    await app.store.contacts.fold("lista", drafts)


@dataclass
class Stage:
    """Plays in this process once `go_on` is set; `error` breaks it instead."""

    app: App
    go_on: threading.Event = field(default_factory=threading.Event)
    error: Exception | None = None
    times: int = 0

    def play(
        self, settings: Settings, order: Order, tell: Callable[[Standing], None], stop: threading.Event
    ) -> Forecast:
        """In the place of `forecast_process.play_beside`."""
        self.times += 1
        tell(Standing(5, 2, 5, 0.4, timedelta(seconds=9)))
        while not self.go_on.wait(0.01):
            if stop.is_set():
                raise StoppedError("cancelada")
        if self.error is not None:
            raise self.error
        return play(self.app.store, settings, order)


async def a_moment() -> None:
    """Let other threads come to something."""
    await asyncio.to_thread(threading.Event().wait, 0.01)
