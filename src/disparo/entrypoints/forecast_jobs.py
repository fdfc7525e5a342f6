"""Forecasts as jobs: they wait their turn, run beside everything else, and their results are kept for a while."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from secrets import token_hex
from typing import TYPE_CHECKING

from disparo.domain.errors import DisparoError, NotFoundError, StoreError, TransitionError
from disparo.entrypoints.forecast_orders import Order, Question, Standing
from disparo.entrypoints.http.turnstile import TooManyError
from disparo.ports.clock import Clock

if TYPE_CHECKING:
    from disparo.simulation.forecast import Forecast

Play = Callable[[Order, Callable[[Standing], None], threading.Event], "Forecast"]
"""Plays an order, tells how far it is, and gives up soon after the event is set; DisparoError."""

AT_WORK = 2
"""At the same time: one of any size, and beside it one that is small."""
SMALL = 30_000
"""Messages of a forecast that surely is soon over."""
MOST_WAITING = 8
MOST_KEPT = 12
"""Of those that have ended, the latest."""
SLOW = timedelta(seconds=10)
GOOD_FOR = timedelta(minutes=30)
"""For how long the result of a slow one answers the same question; quick ones are played anew, as time goes on."""
_PATIENCE_S = 5.0
_NOT_BEGUN = Standing()


class JobState(StrEnum):
    """Where a forecast stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


@dataclass(frozen=True, slots=True)
class ForecastJob:
    """One forecast as it stood when it was looked at; instants of `*_after` are on a clock that nobody can set."""

    id: str
    order: Order
    question: Question | None
    asked_at: datetime
    asked_after: timedelta
    state: JobState = JobState.QUEUED
    standing: Standing = _NOT_BEGUN
    ahead: int = 0
    """How many come first, of one that waits."""
    began_at: datetime | None = None
    ended_at: datetime | None = None
    ended_after: timedelta | None = None
    forecast: Forecast | None = None
    error: DisparoError | None = None

    @property
    def slow(self) -> bool:
        """Whether it took, or takes by now, longer than one likes to wait again."""
        return self.ended_after is None or self.ended_after - self.asked_after > SLOW

    @property
    def small(self) -> bool:
        """Whether it surely is soon over."""
        return self.question is not None and self.question.messages <= SMALL


@dataclass(slots=True)
class _Work:
    """A job that is being played."""

    small: bool
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None


class ForecastDesk:
    """Takes orders, has them played in turn by threads of its own, and keeps what came of them.

    Two orders with one question are one job, whoever asks. May be called from any thread; nothing of it waits but
    `close`. What it keeps is in memory: a process that ends takes jobs and results with it.
    """

    def __init__(self, play: Play, clock: Clock) -> None:
        self._play, self._clock = play, clock
        self._lock = threading.RLock()
        self._jobs: dict[str, ForecastJob] = {}
        self._subjects: dict[str, str] = {}
        self._askers: dict[str, set[str]] = {}
        self._waiting: list[str] = []
        self._work: dict[str, _Work] = {}
        self._closed = False

    def ask(self, order: Order, question: Question, *, subject: str = "", anew: bool = False) -> ForecastJob:
        """The job that answers an order: one that is under way or good enough already, else a new one.

        `subject` is what it is `about`: a job that nobody asked for but an older question of the same subject is given
        up. With `anew` a result that is kept is not good enough. TooManyError when too many wait already.
        """
        with self._lock:
            before = self._jobs.get(self._subjects.get(subject, ""))
            job = self._same(question, anew) or self._add(order, question)
            self._askers.setdefault(job.id, set()).add(subject)
            if subject:
                self._subjects[subject] = job.id
            if before is not None and before.id != job.id:
                self._leave(before, subject)
            return self._shown(job)

    def get(self, job_id: str) -> ForecastJob:
        """A job by its id; NotFoundError for one that there is not, or not any more."""
        with self._lock:
            if (job := self._jobs.get(job_id)) is None:
                raise NotFoundError(f"a previsão {job_id} não existe, ou já foi esquecida; faça outra")
            return self._shown(job)

    def about(self, subject: str) -> ForecastJob | None:
        """The latest job about something; None when there is none, or not any more."""
        with self._lock:
            job = self._jobs.get(self._subjects.get(subject, ""))
            return None if job is None else self._shown(job)

    def all(self) -> Sequence[ForecastJob]:
        """Every job that is kept, the latest first."""
        with self._lock:
            return [self._shown(job) for job in reversed(self._jobs.values())]

    def cancel(self, job_id: str) -> ForecastJob:
        """End a job that has not ended, for everybody who asked for it; TransitionError for one that has."""
        with self._lock:
            job = self.get(job_id)
            if job.state in ENDED and job.state is not JobState.CANCELLED:
                raise TransitionError("a previsão já terminou; não há o que cancelar")
            if job.state is JobState.QUEUED:
                self._waiting.remove(job_id)
            if (work := self._work.get(job_id)) is not None:
                work.stop.set()
            if job.state not in ENDED:
                self._end(job_id, JobState.CANCELLED)
                self._begin_what_fits()
            return self.get(job_id)

    def close(self) -> None:
        """Cancel everything, take no more, and return once nothing is being played (or after a few seconds)."""
        with self._lock:
            self._closed = True
            threads = [work.thread for work in self._work.values() if work.thread is not None]
            for job in [one for one in self._jobs.values() if one.state not in ENDED]:
                self.cancel(job.id)
        for thread in threads:
            thread.join(_PATIENCE_S)

    def _leave(self, job: ForecastJob, subject: str) -> None:
        askers = self._askers[job.id]
        askers.discard(subject)
        if not askers and job.state not in ENDED:
            self.cancel(job.id)

    def _same(self, question: Question, anew: bool) -> ForecastJob | None:
        now = self._clock.elapsed()
        for job in reversed(self._jobs.values()):
            if job.question != question or job.state in (JobState.FAILED, JobState.CANCELLED):
                continue
            if job.ended_after is None:
                return job
            return job if job.slow and now - job.ended_after <= GOOD_FOR and not anew else None
        return None

    def _add(self, order: Order, question: Question) -> ForecastJob:
        now, elapsed = self._clock.now(), self._clock.elapsed()
        job = ForecastJob(token_hex(8), order, question, now, elapsed)
        if self._closed or (len(self._waiting) >= MOST_WAITING and not self._fits(job)):
            raise TooManyError("há previsões demais à espera; repita em instantes")
        self._jobs[job.id] = job
        self._waiting.append(job.id)
        self._begin_what_fits()
        return self._jobs[job.id]

    def _fits(self, job: ForecastJob) -> bool:
        """Whether it may begin now: what is small never waits for what is large alone."""
        work = self._work.values()
        return len(work) < AT_WORK and (job.small or all(one.small for one in work))

    def _begin_what_fits(self) -> None:
        for job_id in [*self._waiting]:
            job = self._jobs[job_id]
            if not self._fits(job):
                continue
            self._waiting.remove(job_id)
            self._jobs[job_id] = replace(job, state=JobState.RUNNING, began_at=self._clock.now())
            work = self._work[job_id] = _Work(job.small)
            work.thread = threading.Thread(
                target=self._played, args=(job_id, job.order, work), name="forecast", daemon=True
            )
            work.thread.start()

    def _played(self, job_id: str, order: Order, work: _Work) -> None:
        """What a thread does."""
        forecast, error = None, None
        try:
            forecast = self._play(order, lambda standing: self._told(job_id, standing), work.stop)
        except DisparoError as found:
            error = found
        except Exception:
            logging.getLogger(__name__).exception("forecast_failed", extra={"job": job_id})
            error = StoreError("a previsão parou no meio; tente de novo")
        with self._lock:
            del self._work[job_id]
            if self._jobs[job_id].state not in ENDED:
                self._end(job_id, JobState.DONE if error is None else JobState.FAILED, forecast, error)
            self._forget_the_oldest()
            if not self._closed:
                self._begin_what_fits()

    def _told(self, job_id: str, standing: Standing) -> None:
        with self._lock:
            self._jobs[job_id] = replace(self._jobs[job_id], standing=standing)

    def _end(
        self, job_id: str, state: JobState, forecast: Forecast | None = None, error: DisparoError | None = None
    ) -> None:
        job, now = self._jobs[job_id], self._clock.elapsed()
        self._jobs[job_id] = replace(
            job, state=state, forecast=forecast, error=error, ended_at=self._clock.now(), ended_after=now
        )

    def _forget_the_oldest(self) -> None:
        over = [job_id for job_id, job in self._jobs.items() if job.state in ENDED and job_id not in self._work]
        for job_id in over[:-MOST_KEPT]:
            del self._jobs[job_id], self._askers[job_id]
        self._subjects = {subject: job_id for subject, job_id in self._subjects.items() if job_id in self._jobs}

    def _shown(self, job: ForecastJob) -> ForecastJob:
        if job.state is not JobState.QUEUED:
            return job
        return replace(job, ahead=self._waiting.index(job.id) + len(self._work))
