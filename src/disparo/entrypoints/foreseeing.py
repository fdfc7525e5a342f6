"""Forecasts beside everything else: a campaign is played to its end without holding up what is sent meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

from disparo.domain.errors import NotFoundError, TransitionError
from disparo.entrypoints import forecast_process
from disparo.entrypoints.forecast_jobs import ENDED, ForecastDesk, ForecastJob, JobState
from disparo.entrypoints.forecast_orders import AT_ONCE_S, Order, Question, Standing, play, question_of
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.turnstile import Turnstile

MOST_WAITING = 3
_FIRST_LOOK_S, _LAST_LOOK_S = 0.02, 0.25


class Foreseeing:
    """Has campaigns played; one for all doors of an installation, so that they share its jobs.

    Where the data are a file forecasts are jobs at a `desk`, each played by a process of its own. Where they are on
    AWS a function answers one request at a time and stands still afterwards: one forecast is played at a time while
    somebody waits for it, by a thread, and there is no desk.
    """

    def __init__(self, house: Installation) -> None:
        self._house = house
        self._desk: ForecastDesk | None = None
        self._turnstile = Turnstile(1, MOST_WAITING, "há previsões demais à espera; repita em instantes")

    @property
    def desk(self) -> ForecastDesk | None:
        """Where jobs are, if forecasts are jobs here."""
        from disparo.bootstrap import App

        house = self._house
        if self._desk is None and isinstance(house, App) and house.database is not None:
            self._desk = ForecastDesk(
                lambda order, tell, stop: forecast_process.play_beside(house.settings, order, tell, stop), house.clock
            )
        return self._desk

    async def answer(
        self,
        order: Order,
        *,
        subject: str = "",
        anew: bool = False,
        wait_s: float = AT_ONCE_S,
        stopping: Callable[[], bool] = lambda: False,
    ) -> ForecastJob:
        """What answers an order, once it is done or `wait_s` have passed; the caller looks which of them it is.

        What a forecast that fails meanwhile raises: InputError, TooLongError, TransitionError for one that somebody
        cancels. TooManyError when too many wait already. Where there is no desk it is done, or TooLongError.
        """
        if self.desk is None:
            return await self._at_once(order)
        job = self.desk.ask(order, await self.question(order), subject=subject, anew=anew)
        return _or_raise(await self._settled(self.desk, job, wait_s, stopping))

    def job(self, job_id: str) -> ForecastJob:
        """A job by its id; NotFoundError."""
        if self.desk is None:
            raise NotFoundError(f"a previsão {job_id} não existe: aqui cada uma é respondida na hora")
        return self.desk.get(job_id)

    async def question(self, order: Order) -> Question:
        """What an order asks, as things are now."""
        return await question_of(self._house.store, self._house.settings, order)

    async def is_stale(self, job: ForecastJob) -> bool:
        """Whether its campaign, that one's hours and list, the limits or what runs beside it have changed since."""
        order = job.order
        if order.campaign.id:
            try:
                order = replace(order, campaign=await self._house.store.campaigns.get(order.campaign.id))
            except NotFoundError:
                return True
        return job.question != await self.question(order)

    def close(self) -> None:
        """Let no forecast outlive its installation."""
        if self._desk is not None:
            self._desk.close()

    async def _at_once(self, order: Order) -> ForecastJob:
        order = replace(order, limit_s=min(order.limit_s, AT_ONCE_S))
        clock = self._house.clock
        asked_at, asked_after = clock.now(), clock.elapsed()
        async with self._turnstile.passed():
            forecast = await asyncio.to_thread(play, self._house.store, self._house.settings, order)
        standing = Standing(share=1.0, played=forecast.messages, messages=forecast.messages)
        return ForecastJob(
            *("", order, None, asked_at, asked_after, JobState.DONE, standing),
            began_at=asked_at,
            ended_at=clock.now(),
            ended_after=clock.elapsed(),
            forecast=forecast,
        )

    @staticmethod
    async def _settled(
        desk: ForecastDesk, job: ForecastJob, wait_s: float, stopping: Callable[[], bool]
    ) -> ForecastJob:
        """The job once it has ended, or as it is when the time is over or the server stops."""
        over, pause = time.monotonic() + wait_s, _FIRST_LOOK_S
        while job.state not in ENDED and time.monotonic() < over and not stopping():
            await asyncio.sleep(pause)
            pause = min(pause * 1.2, _LAST_LOOK_S)
            job = desk.get(job.id)
        return job


def _or_raise(job: ForecastJob) -> ForecastJob:
    if job.error is not None:
        raise job.error
    if job.state is JobState.CANCELLED:
        raise TransitionError("a previsão foi cancelada; peça-a de novo")
    return job
