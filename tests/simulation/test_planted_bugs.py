"""Bugs to plant, each a real mistake that somebody could make, and the invariant that has to notice it.

A simulation that finds nothing proves nothing, unless it is known to find what is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from disparo.adapters.embedded import claiming, enrolling, last_look, ledger, permits, settling
from disparo.adapters.embedded.tallies import Tallies
from disparo.domain import settlement, sharing
from disparo.domain.message import MessageEvent, MessageState
from disparo.domain.policies import rate_limit
from disparo.domain.policies.business_hours import DailyHours, _calendar, _PlaceCalendar
from disparo.domain.policies.circuit_breaker import CLOSED, Admission
from disparo.domain.policies.rate_limit import Grant, PermitBook
from disparo.domain.policies.retry import FailureClass
from disparo.domain.sender import DoubtPolicy
from disparo.engine import dispatch, reconcile
from disparo.simulation.scenario import Scenario
from disparo.simulation.world import play
from disparo.worker import carriage
from tests.simulation.focused_worlds import closing, interrupted, set_back, slow, stalling, stopping

Patch = pytest.MonkeyPatch


@dataclass(frozen=True, slots=True)
class Planted:
    """A bug, how to plant it, and who notices."""

    name: str
    invariant: str
    plant: Callable[[Patch], None]
    world: Callable[[int], Scenario] = Scenario.of
    """For a bug that needs a rare moment: worlds that are full of it."""
    likely: tuple[int, ...] = ()
    """Seeds that noticed it when this was written: tried first, to save time. Others follow when scenarios change."""


def contacts_are_skipped_between_pages(patch: Patch) -> None:
    real = enrolling.next_page

    def skipping(*args: Any) -> Any:
        page = real(*args)
        return page if page.last else replace(page, next_cursor=page.next_cursor + 1)

    patch.setattr(enrolling, "next_page", skipping)


def rows_are_entered_apart_from_the_cursor(patch: Patch) -> None:
    real, failed = ledger.SqliteLedger.enroll, set[tuple[str, int]]()

    async def enroll(self: Any, campaign: Any, page: Any, messages: Any, now: Any) -> bool:
        if page.cursor and (campaign.id, page.cursor) not in failed:
            failed.add((campaign.id, page.cursor))
            await real(self, campaign, page, [], now)
            return True
        return await real(self, campaign, page, messages, now)

    patch.setattr(ledger.SqliteLedger, "enroll", enroll)


def tallies_forget_claims(patch: Patch) -> None:
    real = Tallies.move

    def move(self: Tallies, campaign: int, step: int, source: tuple[str, str], target: tuple[str, str]) -> None:
        if target[0] != "sending":
            real(self, campaign, step, source, target)

    patch.setattr(Tallies, "move", move)


def settling_forgets_the_hour(patch: Patch) -> None:
    patch.setattr(Tallies, "arrived", lambda *_: None)


def notes_forget_the_hour(patch: Patch) -> None:
    patch.setattr(Tallies, "noted", lambda self, campaign, step, event, _now_ms: self.add(campaign, step, event, ""))


def intent_is_not_recorded(patch: Patch) -> None:
    patch.setattr(claiming, "BEGIN", claiming.BEGIN.replace("state = ?", "state = substr('due' || ?, 1, 3)"))
    patch.setattr(last_look, "LAST_LOOK", last_look.LAST_LOOK.replace("state IN ('claimed', 'sending') AND ", ""))
    tallies_forget_claims(patch)


def lapsed_leases_are_sent_again(patch: Patch) -> None:
    patch.setattr(ledger, "LAPSE", dict.fromkeys(ledger.LAPSE, MessageEvent.RELEASE))


def time_outs_are_retried(patch: Patch) -> None:
    real = dispatch.Dispatch.conclude

    async def conclude(self: Any, message: Any, outcome: Any, *args: Any, **named: Any) -> Any:
        if outcome.failure is FailureClass.UNKNOWN:
            outcome = replace(outcome, failure=FailureClass.THROTTLED)
        return await real(self, message, outcome, *args, **named)

    patch.setattr(dispatch.Dispatch, "conclude", conclude)


def doubts_are_always_resent(patch: Patch) -> None:
    real = reconcile.Reconcile._await_receipt

    async def resend(self: Any, doubt: Any, sender: Any, now: Any) -> None:
        await real(self, doubt, replace(sender, doubt_policy=DoubtPolicy.RESEND), now)

    patch.setattr(reconcile.Reconcile, "_await_receipt", resend)


def fences_are_ignored(patch: Patch) -> None:
    patch.setattr(settlement, "EVIDENCE", frozenset(MessageEvent))


def lunch_is_ignored(patch: Patch) -> None:
    patch.setattr(DailyHours, "open_minutes", lambda self: ((self.start_min, self.end_min),))


def holidays_are_worked(patch: Patch) -> None:
    patch.setattr(_PlaceCalendar, "holiday", lambda *_: None)


def closing_time_is_not_looked_at(patch: Patch) -> None:
    real = dispatch.Dispatch.hand_over

    async def hand_over(self: Any, message: Any, *rest: Any) -> Any:
        return await real(self, replace(message, closes_at=None), *rest)

    patch.setattr(dispatch.Dispatch, "hand_over", hand_over)


def windows_tumble(patch: Patch) -> None:
    def earliest(self: PermitBook, number: int) -> tuple[int, int, str]:
        at, reason = self.last_at_ms, "free"
        for name, limit, length in self.limits.windows():
            run = rate_limit.bisect_right(self.firsts, number - limit) - 1
            if run >= 0 and (edge := self.ats[run] // length * length + length) > at:
                at, reason = edge, name
        return at, 1, reason

    patch.setattr(PermitBook, "earliest", earliest)


def windows_are_not_stretched(patch: Patch) -> None:
    patch.setattr(rate_limit, "_TOLERANCE_MS", 0)


def moments_last_for_ever(patch: Patch) -> None:
    patch.setattr(dispatch, "MOMENT_TOLERANCE", rate_limit.HISTORY_KEPT)


def permits_are_forgotten(patch: Patch) -> None:
    patch.setattr(claiming, "load_book", lambda _, name, limits, *__: PermitBook(name, limits))


def a_second_helping_after_the_clock_is_set_back(patch: Patch) -> None:
    def reserve(books: Any, count: int, now_ms: int, horizon_ms: int = 0, pace: Any = None) -> Grant:
        if any(book.last_at_ms > now_ms for book in books):
            for book in books:
                book.give(count, now_ms)
            return Grant(((now_ms, count),))
        return rate_limit.reserve(books, count, now_ms, horizon_ms, pace)

    patch.setattr(claiming, "reserve", reserve)
    patch.setattr(sharing, "reserve", reserve)


def campaign_limits_are_ignored(patch: Patch) -> None:
    patch.setattr(
        claiming,
        "load_book",
        lambda connection, name, limits, count: permits.load_book(
            connection, name, rate_limit.Limits() if "/" in name else limits, count
        ),
    )


def opt_outs_are_not_looked_at(patch: Patch) -> None:
    real = ledger.last_look

    def look(*args: Any) -> list[str | None]:
        return [one if one in ("lost", "breaker_open") else None for one in real(*args)]

    patch.setattr(ledger, "last_look", look)


def suppressions_reach_one_key_only(patch: Patch) -> None:
    patch.setattr(last_look, "LAST_LOOK", last_look.LAST_LOOK.replace("(channel = '' OR channel = ?7)", "channel = ?7"))


def giving_back_uses_a_retry(patch: Patch) -> None:
    real = dispatch.Dispatch.give_back
    patch.setattr(dispatch.Dispatch, "give_back", lambda *args: replace(real(*args), uses_retry=True))


def throttling_uses_a_retry(patch: Patch) -> None:
    real = dispatch.decide_retry

    def decide(policy: Any, failure: FailureClass, *args: Any, **more: Any) -> Any:
        return real(policy, FailureClass.TRANSIENT if failure is FailureClass.THROTTLED else failure, *args, **more)

    patch.setattr(dispatch, "decide_retry", decide)


def the_breaker_never_hears(patch: Patch) -> None:
    patch.setattr(settlement, "observe", lambda _, breaker, *__: breaker)


def time_outs_do_not_count_as_faults(patch: Patch) -> None:
    real = settlement.observe
    patch.setattr(
        settlement,
        "observe",
        lambda policy, breaker, failure, now: (
            breaker if failure is FailureClass.UNKNOWN else real(policy, breaker, failure, now)
        ),
    )


def half_open_lets_everybody_through(patch: Patch) -> None:
    real = claiming.admit

    def admit(policy: Any, breaker: Any, now: Any) -> Admission:
        admission = real(policy, breaker, now)
        return admission if admission.reason == "breaker_open" else Admission(None, "closed")

    patch.setattr(claiming, "admit", admit)
    patch.setattr(last_look, "still_admits", lambda *args: real(*args[:3]).reason != "breaker_open")


def the_last_look_skips_the_breaker(patch: Patch) -> None:
    patch.setattr(last_look, "still_admits", lambda *_: True)


def a_fault_closes_the_half_open_breaker(patch: Patch) -> None:
    real = settlement.observe

    def observe(policy: Any, breaker: Any, failure: Any, now: Any) -> Any:
        half_open = breaker.opened_at is not None and now >= breaker.opened_at + policy.timeout
        return CLOSED if half_open else real(policy, breaker, failure, now)

    patch.setattr(settlement, "observe", observe)


def events_are_not_remembered(patch: Patch) -> None:
    again = "INSERT INTO seen_event VALUES (?, ?) ON CONFLICT DO UPDATE SET at = at RETURNING 1"
    patch.setattr(settling, "SEE_EVENT", again)


def two_steps_are_promoted_at_once(patch: Patch) -> None:
    def follow(follow_ups: Any, row_of: Any, moved: Any) -> None:
        for ahead in follow_ups:
            row = row_of(ahead.step)
            if row is not None and row.state is MessageState.WAITING:
                settlement._move(ahead.step, row, ahead.event, ahead.reason, ahead.due_at, moved)

    patch.setattr(settlement, "_follow", follow)


def stale_lanes_are_served(patch: Patch) -> None:
    real = claiming.take

    def take(connection: Any, request: Any) -> Any:
        [(revision,)] = connection.execute(claiming.REVISION).fetchall()
        return real(connection, replace(request, revision=revision))

    patch.setattr(claiming, "take", take)


def a_recorder_forgets_the_last_outcomes(patch: Patch) -> None:
    async def record(self: Any) -> None:
        while not self._stopping:
            await self._results.wait()
            self._results.clear()
            batch, self._concluded = self._concluded, []
            if batch:
                await self._dispatch.record(batch, self._clock.now())
                self._unrecorded -= len(batch)
                self._news.set()
                self._on_recorded(batch)

    patch.setattr(carriage.Carriage, "_record", record)


PLANTED = (
    Planted("contacts skipped between pages", "I1", contacts_are_skipped_between_pages),
    Planted("rows entered apart from the cursor", "I1", rows_are_entered_apart_from_the_cursor),
    Planted("tallies forget claims", "I1", tallies_forget_claims),
    Planted("settling forgets the hour", "I1", settling_forgets_the_hour),
    Planted("notes forget the hour", "I1", notes_forget_the_hour),
    Planted("intent not recorded", "I2", intent_is_not_recorded),
    Planted("lapsed leases sent again", "I2", lapsed_leases_are_sent_again, likely=(16,)),
    Planted("time-outs retried", "I2", time_outs_are_retried),
    Planted("doubts always resent", "I2", doubts_are_always_resent, likely=(53,)),
    Planted("fences ignored", "I2", fences_are_ignored, stalling),
    Planted("lunch ignored", "I3", lunch_is_ignored, likely=(16,)),
    Planted("holidays worked", "I3", holidays_are_worked),
    Planted("closing time not looked at", "I3", closing_time_is_not_looked_at, closing),
    Planted("windows tumble", "I4", windows_tumble),
    Planted("windows not stretched", "I4", windows_are_not_stretched),
    Planted("permits forgotten", "I4", permits_are_forgotten),
    Planted("second helping after the clock is set back", "I4", a_second_helping_after_the_clock_is_set_back, set_back),
    Planted("campaign limits ignored", "I4", campaign_limits_are_ignored),
    Planted("opt-outs not looked at", "I5", opt_outs_are_not_looked_at, likely=(53,)),
    Planted("suppressions of one channel only", "I5", suppressions_reach_one_key_only, likely=(67,)),
    Planted("giving back uses a retry", "I6", giving_back_uses_a_retry),
    Planted("throttling uses a retry", "I6", throttling_uses_a_retry),
    Planted("breaker never hears", "I7", the_breaker_never_hears),
    Planted("time-outs no faults", "I7", time_outs_do_not_count_as_faults),
    Planted("half-open lets everybody through", "I7", half_open_lets_everybody_through),
    Planted("last look skips the breaker", "I7", the_last_look_skips_the_breaker, slow),
    Planted("a fault closes the half-open breaker", "I7", a_fault_closes_the_half_open_breaker),
    Planted("events not remembered", "I11", events_are_not_remembered),
    Planted("two steps promoted at once", "sequence", two_steps_are_promoted_at_once),
    Planted("stale lanes served", "orders", stale_lanes_are_served, interrupted),
    Planted("moments last for ever", "orders", moments_last_for_ever),
    Planted("a recorder forgets the last outcomes", "worker", a_recorder_forgets_the_last_outcomes, stopping),
)

MOST_SEEDS = 200


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.name)
def test_a_planted_bug_breaks_its_invariant(bug: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    bug.plant(monkeypatch)
    _calendar.cache_clear()
    broken: Counter[str] = Counter()
    try:
        for seed in (*bug.likely, *range(MOST_SEEDS)):
            violation = play(bug.world(seed)).violation
            broken[violation.invariant if violation else "nothing"] += 1
            if violation and violation.invariant == bug.invariant:
                return
    finally:
        _calendar.cache_clear()
    pytest.fail(f"{MOST_SEEDS} seeds broke {dict(broken)}, but never {bug.invariant}")
