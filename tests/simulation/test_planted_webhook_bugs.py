"""Bugs to plant in what tells other programs, each a real mistake that somebody could make: the worlds notice them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from disparo.adapters import outbox_events
from disparo.adapters.announced_store import AnnouncedCampaigns
from disparo.domain import webhook, webhook_delivery
from disparo.domain.agenda import meeting_changes
from disparo.engine.agenda.attend import Attend
from disparo.engine.announcing import Announce
from disparo.engine.inbound import Inbound
from disparo.simulation.scenario import Scenario
from disparo.simulation.world import play
from tests.simulation.agenda_worlds import meeting

Patch = pytest.MonkeyPatch


def listened(seed: int) -> Scenario:
    return replace(meeting(seed), listened=True)


def dying(seed: int) -> Scenario:
    return replace(meeting(seed, crash=0.02), listened=True)


async def _nothing(*_: Any, **__: Any) -> None: ...


def replies_are_not_announced(patch: Patch) -> None:
    patch.setattr(Inbound, "_announce", _nothing)


def replies_are_announced_once_they_are_kept(patch: Patch) -> None:
    real = Inbound.take_reply
    announce = Inbound._announce
    kept: dict[int, Any] = {}

    async def later(self: Any, who: Any, reply: Any, intent: Any, now: Any) -> None:
        kept[id(reply)] = (who, reply, intent, now)

    async def take_reply(self: Any, reply: Any, now: Any) -> bool:
        done = await real(self, reply, now)
        if done and id(reply) in kept:
            await announce(self, *kept.pop(id(reply)))
        return done

    patch.setattr(Inbound, "_announce", later)
    patch.setattr(Inbound, "take_reply", take_reply)


def meetings_are_not_announced(patch: Patch) -> None:
    patch.setattr(Attend, "_announce", _nothing)


def only_the_last_change_is_announced(patch: Patch) -> None:
    real = meeting_changes._with_news

    def with_news(one: Any, what: str, now: Any) -> Any:
        made = real(one, what, now)
        return replace(made, unannounced=made.unannounced[-1:])

    patch.setattr(meeting_changes, "_with_news", with_news)


def a_move_is_told_as_the_first_time(patch: Patch) -> None:
    real = meeting_changes._with_news
    patch.setattr(
        meeting_changes, "_with_news", lambda one, what, now: real(one, "agreed" if what == "moved" else what, now)
    )


def a_delivery_that_failed_is_given_up(patch: Patch) -> None:
    patch.setattr(webhook_delivery, "WAITS", ())


def an_endpoint_that_fails_is_disabled_at_once(patch: Patch) -> None:
    patch.setattr(webhook, "FAILING_FOR", webhook.FAILING_FOR * 0)


def events_are_told_to_nobody(patch: Patch) -> None:
    patch.setattr(outbox_events.OutboxEvents, "_pairs", lambda *_: [])


def the_text_of_a_delivery_is_made_anew(patch: Patch) -> None:
    real = Announce._personal

    async def personal(self: Any, endpoint: Any, one: Any) -> Any:
        return {**await real(self, endpoint, one), "attempt": len(one.attempts)}

    patch.setattr(Announce, "_personal", personal)


def campaigns_change_untold(patch: Patch) -> None:
    patch.setattr(AnnouncedCampaigns, "_telling", lambda *_: lambda *_: ())


@dataclass(frozen=True, slots=True)
class Planted:
    """A bug, how to plant it, and in which worlds it shows."""

    name: str
    plant: Callable[[Patch], None]
    world: Callable[[int], Scenario] = listened
    family: str = "embedded"
    likely: tuple[int, ...] = ()
    """Seeds that noticed it when this was written."""


PLANTED = (
    Planted("replies not announced", replies_are_not_announced),
    Planted("replies announced once they are kept", replies_are_announced_once_they_are_kept, dying, likely=(20,)),
    Planted("meetings not announced", meetings_are_not_announced),
    Planted("only the last change announced", only_the_last_change_is_announced),
    Planted("a move told as the first time", a_move_is_told_as_the_first_time),
    Planted("a failed delivery given up", a_delivery_that_failed_is_given_up),
    Planted("a failing endpoint disabled at once", an_endpoint_that_fails_is_disabled_at_once),
    Planted("events told to nobody", events_are_told_to_nobody),
    Planted("campaigns change untold", campaigns_change_untold),
    Planted("the text of a delivery made anew", the_text_of_a_delivery_is_made_anew),
)

MOST_SEEDS = 40


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.name)
def test_a_planted_bug_is_noticed(bug: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    bug.plant(monkeypatch)
    broken: Counter[str] = Counter()
    for seed in (*bug.likely, *range(MOST_SEEDS)):
        violation = play(bug.world(seed), bug.family).violation
        broken[violation.invariant if violation else "nothing"] += 1
        if violation and violation.invariant == "announced":
            return
    pytest.fail(f"{MOST_SEEDS} seeds broke {dict(broken)}, but never announced")


@pytest.mark.parametrize("family", ["embedded", "dynamo"])
def test_without_a_bug_everything_is_told(family: str) -> None:
    for seed in range(4):
        violation = play(listened(seed), family).violation
        assert violation is None, (seed, violation)
