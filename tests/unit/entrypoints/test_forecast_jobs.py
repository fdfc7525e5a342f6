"""The life of a forecast as a job: asked for, played in turn, followed, cancelled, kept for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from disparo.domain.campaign import Campaign, Step
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError, NotFoundError, StoreError, TransitionError
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.template import Template
from disparo.domain.waiting import parse_wait
from disparo.entrypoints import forecast_orders
from disparo.entrypoints.forecast_jobs import GOOD_FOR, MOST_KEPT, MOST_WAITING, SMALL, ForecastDesk, JobState
from disparo.entrypoints.forecast_orders import Order, Question, Standing
from disparo.entrypoints.forecast_process import StoppedError
from disparo.entrypoints.http.turnstile import TooManyError
from disparo.simulation.forecast import Forecast
from tests.unit.entrypoints.http.conftest import MONDAY, StandingClock

PATIENCE_S = 10
STEP = Step(Channel.SMS, Template("a", "Oi"), parse_wait("0m"))
FORECAST = cast(Forecast, object())
"""The desk does not look into it."""


def order_of(name: str = "a") -> Order:
    place = Place("America/Sao_Paulo")
    campaign = Campaign("", name, name, (STEP,), BusinessHours(), place, datetime(2026, 1, 1, tzinfo=UTC))
    return Order(campaign, MONDAY)


def question(name: str = "a", contacts: int = 10) -> Question:
    return Question(order_of(name).campaign, contacts, (), None, (), None)


@dataclass
class Stage:
    """Plays what a test says, when it says so: `let` ends a forecast, and `began` tells of those that have begun."""

    outcome: Exception | None = None
    standing: Standing | None = None
    clock: StandingClock = field(default_factory=StandingClock)
    began: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    go_on: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    played: list[str] = field(default_factory=list)

    def play(self, order: Order, tell: Callable[[Standing], None], stop: threading.Event) -> Forecast:
        self.played.append(order.campaign.name)
        if self.standing is not None:
            tell(self.standing)
        self.began.release()
        while not self.go_on.acquire(timeout=0.01):
            if stop.is_set():
                raise StoppedError("cancelada")
        if self.outcome is not None:
            raise self.outcome
        return FORECAST

    def begun(self, count: int = 1) -> None:
        """Wait until so many more have begun."""
        assert all(self.began.acquire(timeout=PATIENCE_S) for _ in range(count))

    def let(self, desk: ForecastDesk, *job_ids: str) -> None:
        """Let as many end, and wait until these have."""
        self.go_on.release(len(job_ids))
        until(lambda: all(desk.get(one).ended_at for one in job_ids))


def until(what: Callable[[], Any]) -> None:
    """Return once it is so; other threads bring it about."""
    looked = threading.Event()
    for _ in range(PATIENCE_S * 100):
        if what():
            return
        looked.wait(0.01)
    raise AssertionError("it did not come to that")


def at_work() -> list[threading.Thread]:
    """What plays at this moment."""
    return [one for one in threading.enumerate() if one.name == "forecast"]


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def desk(stage: Stage) -> Iterator[ForecastDesk]:
    made = ForecastDesk(stage.play, stage.clock)
    yield made
    made.close()
    until(lambda: not at_work())


def test_a_job_is_asked_for_followed_and_done(stage: Stage, desk: ForecastDesk) -> None:
    stage.standing = Standing(10, 5, 10, 0.5, timedelta(seconds=3))
    job = desk.ask(order_of(), question())
    stage.begun()
    seen = desk.get(job.id)
    assert (seen.state, seen.standing, seen.began_at, seen.ended_at) == ("running", stage.standing, MONDAY, None)
    stage.let(desk, job.id)
    seen = desk.get(job.id)
    assert (seen.state, seen.forecast, seen.error, seen.ended_at) == ("done", FORECAST, None, MONDAY)


def test_two_who_ask_the_same_share_one_job(stage: Stage, desk: ForecastDesk) -> None:
    first, second = desk.ask(order_of(), question()), desk.ask(order_of(), question())
    other = desk.ask(order_of(), question(contacts=11))
    assert first.id == second.id != other.id
    stage.begun(2)
    stage.let(desk, first.id, other.id)
    assert stage.played == ["a", "a"]


def test_a_quick_result_is_played_anew_and_a_slow_one_answers_for_a_while(stage: Stage, desk: ForecastDesk) -> None:
    def asked(*, anew: bool = False) -> str:
        return desk.ask(order_of(), question(), anew=anew).id

    def ended(job_id: str, after: timedelta) -> str:
        stage.begun()
        stage.clock.at += after
        stage.let(desk, job_id)
        return job_id

    quick = ended(asked(), timedelta(seconds=2))
    slow = ended(asked(), timedelta(minutes=5))
    assert quick != slow
    stage.clock.at += GOOD_FOR
    assert asked() == slow
    newer = ended(asked(anew=True), timedelta(minutes=5))
    assert newer != slow
    stage.clock.at += GOOD_FOR + timedelta(seconds=1)
    assert ended(asked(), timedelta(0)) not in (slow, newer)


def test_one_large_one_is_played_at_a_time_and_a_small_one_beside_it(stage: Stage, desk: ForecastDesk) -> None:
    large, larger = desk.ask(order_of("a"), question("a", SMALL + 1)), desk.ask(order_of("b"), question("b", SMALL * 9))
    small, smaller = desk.ask(order_of("c"), question("c", SMALL)), desk.ask(order_of("d"), question("d", 1))
    stage.begun(2)
    assert [desk.get(one.id).state for one in (large, larger, small, smaller)] == [
        *("running", "queued", "running", "queued")
    ]
    assert [desk.get(one.id).ahead for one in (larger, smaller)] == [2, 3]
    stage.go_on.release()
    stage.begun()
    stage.go_on.release()
    stage.begun()
    stage.let(desk, large.id, larger.id, small.id, smaller.id)
    assert sorted(stage.played) == ["a", "b", "c", "d"]


def test_of_too_many_the_last_is_sent_away(stage: Stage, desk: ForecastDesk) -> None:
    jobs = [desk.ask(order_of(str(one)), question(str(one), SMALL + 1)) for one in range(MOST_WAITING + 1)]
    with pytest.raises(TooManyError):
        desk.ask(order_of("x"), question("x", SMALL + 1))
    assert desk.ask(order_of("0"), question("0", SMALL + 1)).id == jobs[0].id, "it is there already"
    assert desk.ask(order_of("y"), question("y", 1)).state == "running", "small ones do not wait for large ones"
    desk.cancel(jobs[3].id)
    assert desk.ask(order_of("x"), question("x", SMALL + 1)).state == "queued"


def test_one_under_way_is_cancelled_for_everybody_and_makes_room(stage: Stage, desk: ForecastDesk) -> None:
    job, waiting = desk.ask(order_of(), question(contacts=SMALL + 1)), desk.ask(order_of("b"), question("b", SMALL + 1))
    stage.begun()
    assert desk.cancel(job.id).state is JobState.CANCELLED
    assert desk.cancel(job.id).state is JobState.CANCELLED
    stage.begun()
    assert desk.get(waiting.id).state is JobState.RUNNING
    again = desk.ask(order_of(), question(contacts=SMALL + 1))
    assert (again.id == job.id, again.state) == (False, "queued")
    assert desk.cancel(again.id).ended_at == MONDAY
    stage.let(desk, waiting.id)
    assert stage.played == ["a", "b"]
    with pytest.raises(TransitionError):
        desk.cancel(waiting.id)


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (InputError("a campanha já terminou"), InputError, "já terminou"),
        (ValueError("segredo"), StoreError, "parou no meio"),
    ],
)
def test_what_fails_says_why_and_is_tried_anew(
    stage: Stage, desk: ForecastDesk, raised: Exception, kind: type[Exception], words: str
) -> None:
    stage.outcome = raised
    job = desk.ask(order_of(), question())
    stage.begun()
    stage.let(desk, job.id)
    seen = desk.get(job.id)
    assert (seen.state, type(seen.error)) == ("failed", kind)
    assert words in str(seen.error)
    stage.outcome = None
    again = desk.ask(order_of(), question())
    stage.begun()
    stage.let(desk, again.id)
    assert desk.get(again.id).state is JobState.DONE


def test_only_the_latest_results_are_kept(stage: Stage, desk: ForecastDesk) -> None:
    jobs = []
    for one in range(MOST_KEPT + 2):
        job = desk.ask(order_of(str(one)), question(str(one)), subject=str(one))
        stage.begun()
        stage.let(desk, job.id)
        jobs.append(job)
    assert [one.id for one in desk.all()] == [one.id for one in reversed(jobs[2:])]
    with pytest.raises(NotFoundError):
        desk.get(jobs[0].id)
    assert desk.about("0") is None
    kept = desk.about("2")
    assert kept is not None
    assert kept.id == jobs[2].id


def test_what_only_an_older_question_of_a_page_wanted_is_given_up(stage: Stage, desk: ForecastDesk) -> None:
    old = desk.ask(order_of(), question(), subject="sketch")
    shared = desk.ask(order_of("b"), question("b"), subject="other")
    desk.ask(order_of("b"), question("b"))
    stage.begun(2)
    desk.ask(order_of(), question(contacts=11), subject="sketch")
    desk.ask(order_of("b"), question("b", 11), subject="other")
    assert desk.get(old.id).state is JobState.CANCELLED
    assert desk.get(shared.id).state is JobState.RUNNING, "somebody else waits for it"


def test_a_desk_that_is_closed_ends_everything_and_takes_nothing(stage: Stage) -> None:
    desk = ForecastDesk(stage.play, stage.clock)
    jobs = [desk.ask(order_of(str(one)), question(str(one), SMALL + 1)) for one in range(3)]
    stage.begun()
    desk.close()
    assert [desk.get(one.id).state for one in jobs] == ["cancelled"] * 3
    assert stage.played == ["0"]
    with pytest.raises(TooManyError):
        desk.ask(order_of(), question())
    assert not at_work()


def test_texts_and_instants_are_no_part_of_the_question() -> None:
    campaign = order_of().campaign
    newer = replace(campaign, created_at=MONDAY, steps=(replace(STEP, template=Template("b", "Olá")),), revision=7)
    bare = forecast_orders._bare(campaign)
    assert bare == forecast_orders._bare(newer)
    assert bare != forecast_orders._bare(replace(campaign, deadline=timedelta(days=2)))
