"""Bugs to plant in the agenda, each a real mistake that somebody could make, and the invariant that notices it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest

from disparo.adapters.aws import meetings as aws_meetings
from disparo.adapters.aws import occupation_weeks
from disparo.adapters.embedded import meetings as sqlite_meetings
from disparo.adapters.embedded.inbox import SqliteInbox
from disparo.domain.agenda import meeting_changes, notice_plan, slot
from disparo.domain.agenda.calendar_event import BusyTimes
from disparo.domain.agenda.meeting import Meeting
from disparo.engine.agenda import calendar_outbox, composing, replies
from disparo.engine.agenda.attend import Attend
from disparo.simulation.scenario import Scenario
from disparo.simulation.world import play
from disparo.usecases.agenda import desk
from tests.simulation.agenda_worlds import (
    clicking,
    cut,
    full,
    meeting,
    moving,
    queued,
    repeated,
    unreadable,
    unwritable,
    wanted,
)

Patch = pytest.MonkeyPatch


@dataclass(frozen=True, slots=True)
class Planted:
    """A bug, how to plant it, and who notices."""

    name: str
    invariant: str
    plant: Callable[[Patch], None]
    world: Callable[[int], Scenario] = meeting
    family: str = "embedded"
    likely: tuple[int, ...] = ()
    """Seeds that noticed it when this was written."""


# I8


def sqlite_refuses_nothing(patch: Patch) -> None:
    patch.setattr(sqlite_meetings, "refusal", lambda *_: None)


def dynamo_refuses_nothing(patch: Patch) -> None:
    patch.setattr(aws_meetings, "refusal", lambda *_: None)


def weeks_are_written_whatever_is_there(patch: Patch) -> None:
    real = occupation_weeks.changes
    kept = occupation_weeks.Put

    def changes(*args: Any) -> Any:
        return [replace(one, when={}) for one in real(*args) if isinstance(one, kept)]

    patch.setattr(occupation_weeks, "changes", changes)


def buffers_are_forgotten(patch: Patch) -> None:
    real = desk.AgendaDesk._draft

    def draft(*args: Any) -> Any:
        nothing = args[2].buffer_before * 0
        return replace(real(*args), buffer_before=nothing, buffer_after=nothing)

    patch.setattr(desk.AgendaDesk, "_draft", draft)


def holds_keep_nothing(patch: Patch) -> None:
    patch.setattr(slot.Occupation, "lives", lambda self, _: self.until_ms is None)


def limits_are_only_looked_at(patch: Patch) -> None:
    patch.setattr(slot, "full", lambda *_: None)


# I9


def a_fault_counts_as_free(patch: Patch) -> None:
    patch.setattr(BusyTimes, "readable", True)


def errors_in_a_good_answer_are_ignored(patch: Patch) -> None:
    patch.setattr(BusyTimes, "readable", property(lambda self: self.fault in ("", "partial")))


def what_was_offered_is_not_looked_at_again(patch: Patch) -> None:
    patch.setattr(desk, "_look", lambda *_: None)


# I10


def there_is_no_last_look(patch: Patch) -> None:
    patch.setattr(composing, "void_reason", lambda *_: None)


def notices_are_not_bound_to_versions(patch: Patch) -> None:
    real = notice_plan._of_its_version

    def of_any_version(one: Any, step: Any) -> Any:
        return real(one, step._replace(sequence=one.agreed or 0)) if step.kind in notice_plan._OF_THE_AGREED else None

    patch.setattr(notice_plan, "_of_its_version", of_any_version)


def reminders_come_late(patch: Patch) -> None:
    patch.setattr(notice_plan, "_BEFORE_IT_BEGINS", frozenset())


# I11


def replies_are_acted_upon_each_time(patch: Patch) -> None:
    async def knows(*_: Any) -> bool:
        return False

    patch.setattr(SqliteInbox, "knows", knows)
    patch.setattr(Meeting, "has_heard", lambda *_: False)


def each_wish_is_a_new_one(patch: Patch) -> None:
    numbers = count()
    patch.setattr(desk.AgendaDesk, "_uid", lambda *_: f"{next(numbers)}@disparo")


def the_same_click_moves_again(patch: Patch) -> None:
    patch.setattr(desk, "_agreed_at", lambda *_: False)


# What is left to be done


def who_is_handed_over_keeps_the_event(patch: Patch) -> None:
    real = meeting_changes._with_errands

    def with_errands(one: Any, now: Any) -> Any:
        made, hosts = real(one, now), one.slot.hosts if one.slot is not None else ()
        return replace(made, calendar=tuple(note for note in made.calendar if note.host_id in hosts))

    patch.setattr(meeting_changes, "_with_errands", with_errands)


def what_is_called_off_is_not_removed(patch: Patch) -> None:
    patch.setattr(calendar_outbox, "wants_event", lambda one, host: one.slot is not None and host in one.slot.hosts)


def a_calendar_is_tried_once(patch: Patch) -> None:
    real = calendar_outbox._after

    def after(*args: Any) -> Any:
        left = real(*args)
        return None if left is None else replace(left, due_at=None)

    patch.setattr(calendar_outbox, "_after", after)


def hosts_are_not_asked(patch: Patch) -> None:
    async def ask(*_: Any) -> None: ...

    patch.setattr(Attend, "_ask", ask)


def a_yes_is_lost_while_there_are_no_times(patch: Patch) -> None:
    real = replies._wish
    patch.setattr(replies, "_wish", lambda *args: replace(real(*args), insist=False))


PLANTED = (
    Planted("SQLite refuses nothing", "I8", sqlite_refuses_nothing, wanted),
    Planted("DynamoDB refuses nothing", "I8", dynamo_refuses_nothing, wanted, "dynamo"),
    Planted("DynamoDB refuses nothing, on Lambda", "I8", dynamo_refuses_nothing, wanted, "lambda"),
    Planted("weeks written whatever is there", "I8", weeks_are_written_whatever_is_there, wanted, "dynamo"),
    Planted("buffers forgotten", "I8", buffers_are_forgotten, wanted),
    Planted("holds keep nothing", "I8", holds_keep_nothing, wanted),
    Planted("limits only looked at", "I8", limits_are_only_looked_at, full, likely=(2,)),
    Planted("a fault counts as free", "I9", a_fault_counts_as_free, unreadable),
    Planted("errors in a good answer ignored", "I9", errors_in_a_good_answer_are_ignored, unreadable),
    Planted("offers not looked at again", "I9", what_was_offered_is_not_looked_at_again, unreadable),
    Planted("no last look", "I10", there_is_no_last_look, moving),
    Planted("notices not bound to versions", "I10", notices_are_not_bound_to_versions, moving),
    Planted("reminders come late", "I10", reminders_come_late, queued),
    Planted("replies acted upon each time", "I11", replies_are_acted_upon_each_time, repeated, likely=(2,)),
    Planted("each wish a new one", "I11", each_wish_is_a_new_one),
    Planted("the same click moves again", "I11", the_same_click_moves_again, clicking),
    Planted("the event of who was handed over stays", "calendars", who_is_handed_over_keeps_the_event, unwritable),
    Planted("what is called off is not removed", "calendars", what_is_called_off_is_not_removed, unwritable),
    Planted("calendars tried once", "calendars", a_calendar_is_tried_once, unwritable),
    Planted("hosts not asked", "worker", hosts_are_not_asked),
    Planted("a yes lost without times", "meetings", a_yes_is_lost_while_there_are_no_times, full),
)

MOST_SEEDS = 30


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.name)
def test_a_planted_bug_breaks_its_invariant(bug: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    bug.plant(monkeypatch)
    broken: Counter[str] = Counter()
    for seed in (*bug.likely, *range(MOST_SEEDS)):
        violation = play(bug.world(seed), bug.family).violation
        broken[violation.invariant if violation else "nothing"] += 1
        if violation and violation.invariant == bug.invariant:
            return
    pytest.fail(f"{MOST_SEEDS} seeds broke {dict(broken)}, but never {bug.invariant}")


@pytest.mark.parametrize(
    "world", [wanted, full, unreadable, unwritable, clicking, cut, moving, repeated], ids=lambda one: one.__name__
)
def test_without_a_bug_nothing_breaks_there(world: Callable[[int], Scenario]) -> None:
    for seed in range(3):
        violation = play(world(seed)).violation
        assert violation is None, (seed, violation)
