from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from disparo.simulation.emulators.faults import Fault, FaultKind
from disparo.simulation.emulators.plan import Plan, Posting
from disparo.simulation.emulators.posting import Manner, Post, Postman

EVENTS = ((1.0, "sent"), (2.0, "delivered"), (3.0, "read"))


class Kept(Postman[str]):
    """Keeps what would be posted, and when."""

    def __init__(self, plan: Plan, origin: str | None = "http://127.0.0.1:1") -> None:
        super().__init__(plan, lambda events: Post("", {}, " ".join(events).encode()), Manner(), origin)
        self.kept: list[tuple[float, str]] = []

    def push(self, event: str, after_s: float = 0.0) -> None:
        """Keep it."""
        self.kept.append((after_s, event))


def posted(posting: Posting, *faults: Fault, key: str = "3.1.1") -> Sequence[tuple[float, str]]:
    made = Kept(replace(Plan(), posting=posting))
    made.push_all(key, EVENTS, faults)
    return sorted(made.kept)


def test_without_mishaps_everything_is_posted_once_and_in_order() -> None:
    assert posted(Posting()) == list(EVENTS)


def test_nothing_is_kept_where_nobody_is_to_be_called() -> None:
    made = Postman[str](Plan(), lambda _: Post("", {}, b""), Manner(), None)
    made.push_all("3.1.1", EVENTS)
    assert (made.pending, made.posts) == (0, False)


@pytest.mark.parametrize(
    ("posting", "kind"),
    [
        (Posting(reversed=1.0), FaultKind.WEBHOOKS_REVERSED),
        (Posting(twice=1.0), FaultKind.WEBHOOKS_TWICE),
        (Posting(lost=1.0), FaultKind.WEBHOOKS_LOST),
        (Posting(late=1.0, late_s=9.0), FaultKind.WEBHOOKS_LATE),
    ],
)
def test_mishaps_are_drawn_or_ordered(posting: Posting, kind: FaultKind) -> None:
    expected = {
        FaultKind.WEBHOOKS_REVERSED: [(1.0, "read"), (2.0, "delivered"), (3.0, "sent")],
        FaultKind.WEBHOOKS_TWICE: sorted([*EVENTS, *EVENTS]),
        FaultKind.WEBHOOKS_LOST: [],
        FaultKind.WEBHOOKS_LATE: [(after_s + 9.0, event) for after_s, event in EVENTS],
    }[kind]
    assert posted(posting) == expected
    assert posted(Posting(), Fault(kind, seconds=9.0)) == expected


def test_shares_of_webhooks_are_kept() -> None:
    lost = sum(3 - len(posted(Posting(lost=0.2), key=str(number))) for number in range(500))
    assert 240 < lost < 360


def test_events_wait_for_their_moment_and_go_together() -> None:
    async def story() -> None:
        packed: list[Sequence[str]] = []

        def pack(events: Sequence[str]) -> Post:
            packed.append(list(events))
            return Post("", {}, b"")

        postman = Postman[str](Plan(), pack, Manner(most=2), "http://127.0.0.1:1")
        for event in "abc":
            postman.push(event)
        postman.push("later", 3600.0)
        assert postman.pending == 4
        while due := postman._due():
            postman._pack(due)
        assert packed == [["a", "b"], ["c"]]

    asyncio.run(story())
