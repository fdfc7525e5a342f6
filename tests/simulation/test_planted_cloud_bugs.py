"""Bugs to plant in the stores of DynamoDB and in the functions of AWS, and the invariant that has to notice them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from disparo.adapters.aws import (
    campaigns,
    claiming,
    enrolling,
    enrolments,
    hours,
    last_look,
    permits,
    settling,
    tallies,
    watching,
)
from disparo.adapters.aws.tables import LEDGER, Check, Put
from disparo.adapters.aws.tallies import Tallies, sum_of, tally_items
from disparo.engine.dispatch import Dispatch
from disparo.simulation.scenario import Scenario
from disparo.simulation.world import play
from tests.simulation.focused_worlds import cancelled, cut, doubled, long_flights, sick, together, wavering

Patch = pytest.MonkeyPatch


@dataclass(frozen=True, slots=True)
class Planted:
    """A bug, how to plant it, in which family, and who notices."""

    name: str
    family: str
    invariants: tuple[str, ...]
    """Any of these notices it, as a bug may show at several places."""
    plant: Callable[[Patch], None]
    world: Callable[[int], Scenario] = Scenario.of
    likely: tuple[int, ...] = ()
    """Seeds that noticed it when this was written."""


def rows_are_written_whatever_is_there(patch: Patch) -> None:
    patch.setattr(enrolments, "_put", lambda one: Put(LEDGER, one.item(one.version + 1)))


def enrolments_are_created_over_others(patch: Patch) -> None:
    async def create(self: Any, found: Any) -> Any:
        return await self._tables.write_many([Put(LEDGER, one.item(1)) for one in found])

    patch.setattr(enrolments.Enrolments, "create", create)


def the_cursor_moves_before_the_rows(patch: Patch) -> None:
    waiting: list[Any] = []
    real_create, real_move = enrolments.Enrolments.create, enrolling._move_cursor

    async def create(self: Any, found: Any) -> list[bool]:
        waiting.append((self, found))
        return [True for _ in found]

    async def move(*args: Any) -> bool:
        moved = await real_move(*args)
        while waiting:
            await real_create(*waiting.pop())
        return moved

    patch.setattr(enrolments.Enrolments, "create", create)
    patch.setattr(enrolling, "_move_cursor", move)


def claims_do_not_check_the_revision(patch: Patch) -> None:
    real = claiming._changes
    patch.setattr(claiming, "_changes", lambda *args: [one for one in real(*args) if not isinstance(one, Check)])


def permit_books_are_written_without_their_version(patch: Patch) -> None:
    real = permits.KeptBook.changes
    patch.setattr(permits.KeptBook, "changes", lambda self: [replace(put, when={}) for put in real(self)])


def permits_are_not_written(patch: Patch) -> None:
    patch.setattr(permits.KeptBook, "changes", lambda _: [])


def claims_have_no_lease(patch: Patch) -> None:
    real = claiming._changes
    patch.setattr(claiming, "_changes", lambda *args: [one for one in real(*args) if not _is_lease(one)])


def _is_lease(change: Any) -> bool:
    return isinstance(change, Put) and str(change.item["pk"]).startswith("lease")


def leases_are_forgotten_before_their_messages_begin(patch: Patch) -> None:
    real = watching._left_of

    async def left_of(*args: Any) -> Any:
        return replace(await real(*args), unbegun=[])

    patch.setattr(watching, "_left_of", left_of)


def who_loses_the_race_to_begin_sends_too(patch: Patch) -> None:
    real = claiming.begin

    async def begin(*args: Any) -> bool:
        await real(*args)
        return True

    patch.setattr(claiming, "begin", begin)


def who_loses_the_race_to_begin_gives_back(patch: Patch) -> None:
    real = Dispatch.begin

    async def begin(self: Any, message: Any, now: Any) -> Any:
        begun = await real(self, message, now)
        return self.give_back(message, "lost", now) if begun is None else begun

    patch.setattr(Dispatch, "begin", begin)


def what_was_claimed_ahead_leaves_whatever_became_of_its_campaign(patch: Patch) -> None:
    async def no_reason(*_: Any) -> None: ...

    patch.setattr(Dispatch, "_reason_to_wait", no_reason)


def half_open_lets_through_what_was_claimed_before(patch: Patch) -> None:
    real = last_look.still_admits

    def still_admits(policy: Any, breaker: Any, now: Any, _: Any) -> bool:
        return real(policy, breaker, now, breaker.probe_until) or bool(now >= breaker.opened_at + policy.timeout)

    patch.setattr(last_look, "still_admits", still_admits)


def the_end_trusts_the_counters(patch: Patch) -> None:
    async def recount(tables: Any, campaign_id: str) -> Any:
        return +sum_of(await tally_items(tables, campaign_id))

    patch.setattr(campaigns, "recount", recount)


def breakers_are_told_without_their_version(patch: Patch) -> None:
    real = permits.breaker_put
    patch.setattr(settling, "breaker_put", lambda *args: replace(real(*args), when={}))


def breakers_hear_nothing(patch: Patch) -> None:
    async def tell(*_: Any) -> None: ...

    patch.setattr(settling, "_tell_breakers", tell)


def counters_are_written_for_some_campaigns_only(patch: Patch) -> None:
    real = Tallies.add
    patch.setattr(Tallies, "add", lambda self, campaign, moves: real(self, campaign, [*moves][:1]))


def past_hours_are_taken_and_not_handed_over(patch: Patch) -> None:
    patch.setattr(hours, "MOST_BESIDE", 1)
    patch.setattr(tallies, "folded", lambda *_: [])


PLANTED = (
    Planted("rows written whatever is there", "lambda", ("I2", "I1"), rows_are_written_whatever_is_there, cut, (5,)),
    Planted("enrolments created over others", "dynamo", ("I1", "I2"), enrolments_are_created_over_others, cut, (8,)),
    Planted("cursor before rows", "dynamo", ("I1",), the_cursor_moves_before_the_rows, cut, (4,)),
    Planted("claims without the revision", "dynamo", ("orders",), claims_do_not_check_the_revision, wavering, (0,)),
    Planted("books without version", "dynamo", ("I4",), permit_books_are_written_without_their_version, together, (3,)),
    Planted("permits not written", "lambda", ("I4",), permits_are_not_written),
    Planted("claims without a lease", "lambda", ("I2",), claims_have_no_lease),
    Planted(
        "leases forgotten too early", "dynamo", ("I1",), leases_are_forgotten_before_their_messages_begin, cut, (58,)
    ),
    Planted("the loser sends too", "lambda", ("I2",), who_loses_the_race_to_begin_sends_too),
    Planted("the loser gives back", "lambda", ("I2",), who_loses_the_race_to_begin_gives_back, long_flights),
    Planted(
        "claimed ahead, campaign not looked at again",
        "lambda",
        ("orders",),
        what_was_claimed_ahead_leaves_whatever_became_of_its_campaign,
        cancelled,
        (1,),
    ),
    Planted("half-open lets through", "lambda", ("I7",), half_open_lets_through_what_was_claimed_before, sick, (4,)),
    Planted("the end trusts counters", "dynamo", ("I1",), the_end_trusts_the_counters, cut, (4,)),
    Planted("breakers without version", "lambda", ("I7",), breakers_are_told_without_their_version, doubled, (29,)),
    Planted("breakers hear nothing", "lambda", ("I7",), breakers_hear_nothing, sick),
    Planted("past hours taken away", "dynamo", ("I1",), past_hours_are_taken_and_not_handed_over),
    Planted("counters of some only", "lambda", ("I1",), counters_are_written_for_some_campaigns_only, likely=(20,)),
)

MOST_SEEDS = 100
RARE = ("breakers without version", "leases forgotten too early")
"""These are noticed in one world of fifty: four minutes."""


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.name)
def test_a_planted_bug_breaks_its_invariant(bug: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    if bug.name in RARE and "DISPARO_SLOW" not in os.environ:
        pytest.skip("takes minutes: DISPARO_SLOW=1, as .ci/run sets")
    bug.plant(monkeypatch)
    broken: Counter[str] = Counter()
    for seed in (*bug.likely, *range(MOST_SEEDS)):
        violation = play(bug.world(seed), bug.family).violation
        broken[violation.invariant if violation else "nothing"] += 1
        if violation and violation.invariant in bug.invariants:
            return
    pytest.fail(f"{MOST_SEEDS} seeds broke {dict(broken)}, but never {bug.invariants}")
