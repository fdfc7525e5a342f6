"""Forecasts beside everything else: a campaign is played to its end without holding up what is sent meanwhile."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from disparo.domain.campaign import Campaign
from disparo.domain.errors import DisparoError, InputError, StoreError
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.turnstile import Turnstile
from disparo.ports.store import Store
from disparo.settings import Settings

if TYPE_CHECKING:
    from disparo.simulation.forecast import Forecast

LIMIT_S = 25.0
"""How long a forecast may take: API Gateway gives an answer up after 30 s, and people before that."""
MOST_WAITING = 3
_NICENESS = 10
"""The process that plays gives way to the one that sends."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to foresee: a campaign that is kept, or a draft that no store knows, from `now` on."""

    campaign: Campaign
    now: datetime
    failures: bool = False
    limit_s: float = LIMIT_S


class TooLongError(InputError):
    """The campaign is too large to be played while somebody waits."""

    def __init__(self, order: Order) -> None:
        name = order.campaign.name
        super().__init__(
            f"a previsão passou de {order.limit_s:.0f} s: a campanha é grande para uma página; faça-a no terminal, "
            f"com disparo forecast {name}"
        )


class Foreseeing:
    """Plays one campaign at a time, a few wait; of one event loop.

    Where the data are a file, a process of its own plays them: a thread would take the sender's turns away. Where they
    are on AWS a thread does, as a function answers one request at a time.
    """

    def __init__(self, house: Installation) -> None:
        self._house = house
        self._turnstile = Turnstile(1, MOST_WAITING, "há previsões demais à espera; repita em instantes")

    async def foresee(self, order: Order) -> Forecast:
        """The forecast; TooLongError when it takes longer than the order's limit, TooManyError when others wait."""
        from disparo.bootstrap import App

        async with self._turnstile.passed():
            if isinstance(self._house, App) and self._house.database is not None:
                return await asyncio.to_thread(_in_a_process, self._house.settings, order)
            return await asyncio.to_thread(play, self._house.store, self._house.settings, order)


def play(store: Store, settings: Settings, order: Order) -> Forecast:
    """Play here and now; TooLongError."""
    from disparo.bootstrap import sandbox_script, senders_of
    from disparo.simulation.forecast import forecast

    over = time.monotonic() + order.limit_s

    def stop_when_over(_: int) -> None:
        if time.monotonic() > over:
            raise TooLongError(order)

    return forecast(
        store,
        order.campaign,
        senders_of(settings),
        order.now,
        failures=sandbox_script(settings) if order.failures else None,
        concurrency=settings.send_concurrency,
        on_progress=stop_when_over,
    )


@dataclass(frozen=True, slots=True)
class _Result:
    """What a process answers; an error of ours by its class and its words."""

    forecast: Forecast | None = None
    error: type[DisparoError] | None = None
    words: str = ""
    too_long: bool = field(default=False)


def _in_a_process(settings: Settings, order: Order) -> Forecast:
    """Play in another process, which is ended when its time is over. Blocks."""
    here, there = get_context("spawn").Pipe(duplex=False)
    child = get_context("spawn").Process(target=_answer, args=(there, settings, order), daemon=True)
    child.start()
    there.close()
    try:
        if not here.poll(order.limit_s):
            raise TooLongError(order)
        result: _Result = here.recv()
    except EOFError:
        raise StoreError("a previsão parou no meio; tente de novo") from None
    finally:
        child.kill()
        child.join()
        here.close()
    if result.forecast is not None:
        return result.forecast
    if result.too_long:
        raise TooLongError(order)
    raise (result.error or StoreError)(result.words)


def _answer(there: Connection, settings: Settings, order: Order) -> None:
    """What the other process does."""
    from disparo.bootstrap import open_app

    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    try:
        app = open_app(settings)
        try:
            there.send(_Result(play(app.store, settings, order)))
        finally:
            app.close()
    except TooLongError:
        there.send(_Result(too_long=True))
    except DisparoError as error:
        plain = type(error) if type(error).__init__ is Exception.__init__ else InputError
        there.send(_Result(error=plain, words=str(error)))
