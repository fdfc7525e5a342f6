"""Bugs to plant in what is written by hand, and the invariant that notices each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from disparo.adapters.embedded.hand_messages import SqliteHandMessages
from disparo.domain.campaign import Campaign, CampaignKind
from disparo.engine import dispatch
from disparo.simulation.scenario import Scenario
from disparo.simulation.world import play
from disparo.usecases import by_hand

Patch = pytest.MonkeyPatch


def notes_know_no_hours(patch: Patch) -> None:
    real = by_hand._campaign
    patch.setattr(by_hand, "_campaign", lambda *args: replace(real(*args), hours=by_hand.ALWAYS))


def each_request_is_another_text(patch: Patch) -> None:
    real, numbers = SqliteHandMessages.keep, count()

    async def keep(self: SqliteHandMessages, message: Any) -> Any:
        return await real(self, replace(message, key=f"{message.key} {next(numbers)}"))

    patch.setattr(SqliteHandMessages, "keep", keep)


def who_opted_out_is_written_to(patch: Patch) -> None:
    asked, real = by_hand.eligible, dispatch._looked_at
    patch.setattr(by_hand, "eligible", lambda *args, **named: asked(*args, **{**named, "suppressions": ()}))

    def looked_at(campaign: Campaign, message: Any) -> Any:
        return replace(message, keys=()) if campaign.kind is CampaignKind.HAND else real(campaign, message)

    patch.setattr(dispatch, "_looked_at", looked_at)


BUGS: dict[str, tuple[Callable[[Patch], None], str]] = {
    "notes know no hours": (notes_know_no_hours, "I3"),
    "each request is another text": (each_request_is_another_text, "I1"),
    "who opted out is written to": (who_opted_out_is_written_to, "I5"),
}


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_noticed(name: str, monkeypatch: Patch) -> None:
    plant, invariant = BUGS[name]
    plant(monkeypatch)
    for seed in range(150):
        found = play(Scenario.of(seed)).violation
        if found is not None:
            assert found.invariant == invariant, found
            return
    pytest.fail(f"nobody noticed that {name}")
