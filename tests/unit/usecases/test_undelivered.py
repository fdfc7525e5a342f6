"""What lies in the dead-letter queue, beside what the ledger says of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from disparo.domain.message import MessageId
from disparo.domain.policies.retry import FailureClass
from disparo.domain.ticket import Ticket
from disparo.ports.undelivered import Undelivered, UndeliveredKind
from disparo.usecases import dead_letters, undelivered
from tests.unit.usecases.conftest import House

KIND = UndeliveredKind


class Queue:
    """A dead-letter queue in memory."""

    def __init__(self, *entries: Undelivered) -> None:
        self.lying, self.hidden = list(entries), list[Undelivered]()

    async def look(self, limit: int) -> Sequence[Undelivered]:
        """See `DeadLetterQueue.look`."""
        self.hidden, self.lying = self.lying[:limit], self.lying[limit:]
        return self.hidden

    async def drop(self, entries: Sequence[Undelivered]) -> None:
        """See `DeadLetterQueue.drop`."""
        self.hidden = [one for one in self.hidden if one not in entries]

    async def leave(self, entries: Sequence[Undelivered]) -> None:
        """See `DeadLetterQueue.leave`."""
        self.lying += entries
        self.hidden = [one for one in self.hidden if one not in entries]


async def a_dead_letter(house: House) -> tuple[MessageId, Ticket]:
    """A message that was given up, and a ticket of its."""
    await house.begin()
    house.provider.failures = [FailureClass.TRANSIENT] * 4
    message_id, ticket = None, None
    for _ in range(4):
        [message] = await house.claim()
        message_id, ticket = message.id, Ticket.of(message)
        await house.deliver([message])
        house.now += timedelta(minutes=1)
    assert message_id is not None
    assert ticket is not None
    return message_id, ticket


def test_each_entry_is_told_with_how_its_message_stands(house: House) -> None:
    async def story() -> None:
        message_id, ticket = await a_dead_letter(house)
        unknown = MessageId("9", 1, "9")
        queue = Queue(
            Undelivered(KIND.DEAD_LETTER, "a", None, message_id, "transient"),
            Undelivered(KIND.DEAD_LETTER, "b", None, unknown, "transient"),
            Undelivered(KIND.TICKET, "c", ticket, ticket.id),
            Undelivered(KIND.TICKET, "d", replace(ticket, lease_until=house.now + timedelta(seconds=1)), ticket.id),
            Undelivered(KIND.INVOCATION, "e"),
            Undelivered(KIND.POISON, "f"),
        )
        found = await undelivered.look(house.store, queue, 10, house.now)
        told = [(one.undelivered.handle, one.state, one.over) for one in found]
        assert told == [
            ("a", "dead", False), ("b", None, True), ("c", "dead", True), ("d", "dead", False),
            ("e", None, True), ("f", None, False),
        ]  # fmt: skip
        assert len(queue.lying) == 6
        assert not queue.hidden

    asyncio.run(story())


def test_a_pointer_may_go_when_its_message_was_sent_again(house: House) -> None:
    async def story() -> None:
        message_id, _ = await a_dead_letter(house)
        queue = Queue(Undelivered(KIND.DEAD_LETTER, "a", None, message_id, "transient"))
        kept = await undelivered.clear(house.store, queue, 10, house.now)
        assert (kept.dropped, len(kept.left), len(queue.lying)) == (0, 1, 1)
        await dead_letters.redrive(house.store, [str(message_id)], house.now)
        assert (await undelivered.clear(house.store, queue, 10, house.now)).dropped == 1
        assert not queue.lying

    asyncio.run(story())


@pytest.mark.parametrize(("everything", "left"), [(False, {"p", "d"}), (True, set())])
def test_what_a_person_should_decide_is_left_unless_told(house: House, everything: bool, left: set[str]) -> None:
    async def story() -> None:
        message_id, ticket = await a_dead_letter(house)
        queue = Queue(
            Undelivered(KIND.POISON, "p"),
            Undelivered(KIND.DEAD_LETTER, "d", None, message_id, "transient"),
            Undelivered(KIND.TICKET, "t", ticket, ticket.id),
            Undelivered(KIND.INVOCATION, "i"),
        )
        done = await undelivered.clear(house.store, queue, 10, house.now, everything=everything)
        assert done.dropped == 4 - len(left)
        assert {one.undelivered.handle for one in done.left} == {one.handle for one in queue.lying} == left

    asyncio.run(story())
