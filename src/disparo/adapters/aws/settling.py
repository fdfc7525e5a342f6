"""Writing down what happened to messages, and what follows from it.

The breaker comes first, the rows after it, the counters last: a kill in between lets a provider's fault count twice,
never a message be sent twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from disparo.adapters.aws.enrolment import Enrolment
from disparo.adapters.aws.enrolments import MOST_TOGETHER, Act, Enrolments
from disparo.adapters.aws.ledger_keys import Place, place_of
from disparo.adapters.aws.permits import breaker_key, breaker_of, breaker_put, version_of
from disparo.adapters.aws.tables import CAMPAIGNS, CONTROL, ConditionFailedError, Tables, Update
from disparo.adapters.aws.tallies import Tallies
from disparo.domain.instants import from_ms
from disparo.domain.message import MessageEvent, MessageId
from disparo.domain.settlement import Settlement, breaker_after

Numbered = tuple[int, Settlement]
"""A settlement and its number in its batch."""


async def settle(
    tables: Tables, settlements: Sequence[Settlement], now_ms: int, tallies: Tallies, *, journal: bool = True
) -> list[bool]:
    """Apply settlements, those of one contact in their order; see `Ledger.settle`."""
    await _tell_breakers(tables, settlements, now_ms)
    by_place: dict[Place, list[Numbered]] = {}
    for number, one in enumerate(settlements):
        if (place := place_of(one.id.campaign_id, one.id.contact_id)) is not None:
            by_place.setdefault(place, []).append((number, one))
    await _stir(tables, settlements)
    changed: set[int] = set()
    while by_place:
        acts = {place: _applying(own[:MOST_TOGETHER], now_ms, journal) for place, own in by_place.items()}
        said = await Enrolments(tables).change(acts, tallies)
        changed |= {number for numbers in said.values() for number in numbers}
        by_place = {place: own[MOST_TOGETHER:] for place, own in by_place.items() if len(own) > MOST_TOGETHER}
    await tallies.flush(tables)
    return [number in changed for number in range(len(settlements))]


def _applying(own: Sequence[Numbered], now_ms: int, journal: bool) -> Act[list[int]]:
    """Apply these, and say which changed their rows."""

    def act(one: Enrolment) -> list[int]:
        return [number for number, settlement in own if one.settle(settlement, now_ms, journal=journal)]

    return act


async def _tell_breakers(tables: Tables, settlements: Sequence[Settlement], now_ms: int) -> None:
    for name in dict.fromkeys(one.sender.name for one in settlements if one.sender is not None):
        told = [(one.sender, one) for one in settlements if one.sender is not None and one.sender.name == name]
        while True:
            item = await tables.get(CONTROL, breaker_key(name))
            before = after = breaker_of(item)
            for sender, one in told:
                after = breaker_after(after, sender, one, from_ms(now_ms))
            if after == before:
                break
            try:
                await tables.write(breaker_put(name, after, version_of(item)))
                break
            except ConditionFailedError:
                continue  # another worker told it something: what we have to say comes after that


async def _stir(tables: Tables, settlements: Sequence[Settlement]) -> None:
    """Tell campaigns first when a message of theirs may come to life again, so that none ends over it meanwhile."""
    for campaign in {one.id.campaign_id for one in settlements if one.event is MessageEvent.REDRIVE}:
        stirred = Update(CAMPAIGNS, {"campaign_id": campaign}, add={"stirred": 1})
        if campaign and await tables.get(CAMPAIGNS, stirred.key) is not None:
            await tables.write(stirred)


async def note(
    tables: Tables, message_id: MessageId, event: str, detail: str, event_id: str, now_ms: int, tallies: Tallies
) -> bool:
    """Write a line into a message's history; see `Ledger.note`."""
    if (place := place_of(message_id.campaign_id, message_id.contact_id)) is None:
        return False

    def act(one: Enrolment) -> bool:
        return one.note(message_id.step, event, detail, event_id, now_ms)

    said = await Enrolments(tables).change({place: act}, tallies)
    await tallies.flush(tables)
    return said.get(place, False)
