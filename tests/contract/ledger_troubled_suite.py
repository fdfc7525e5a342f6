"""How every ledger lists messages: those in trouble, by filters, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pytest

from disparo.domain.campaign import Campaign
from disparo.domain.contact import Channel
from disparo.domain.errors import NotFoundError
from disparo.domain.message import MessageEvent, MessageId, MessageRecord, MessageState
from disparo.domain.settlement import Settlement
from disparo.ports.ledger import MessageFilter, Trouble
from tests.contract.scene import HOUR, MINUTE, NOW, SECOND, Scene, later_word, speaks_of

E, S = MessageEvent, MessageState
ANY = MessageFilter()


async def fail(scene: Scene, campaign: Campaign, people: Sequence[int], reason: str = "address_unknown") -> None:
    """Let the first steps of these contacts, by their place in the list, be refused, a second after one another."""
    rows = [row.id for row in await scene.rows(campaign) if row.id.step == 1]
    event = E.EXHAUST if reason == "retries_used_up" else E.REJECT
    for number in people:
        at = NOW + number * SECOND
        await scene.settle(Settlement(rows[number], event, reason=reason), at=at)


async def all_troubles(scene: Scene, wanted: MessageFilter, limit: int) -> list[MessageRecord]:
    """All pages of so many."""
    seen: list[Trouble] = []
    while page := await scene.other.ledger.troubled(wanted, seen[-1].cursor if seen else None, limit):
        assert len(page) <= limit
        seen += page
    return [one.record for one in seen]


async def check_trouble_comes_latest_first(scene: Scene) -> None:
    one, two = await scene.begin(12, "um"), await scene.begin(3, "dois")
    await scene.claim(15)
    await fail(scene, one, (7, 2, 9, 4))
    await fail(scene, two, (1,), "retries_used_up")
    await fail(scene, one, (10,), "retries_used_up")
    everything = await all_troubles(scene, ANY, 2)
    assert [row.changed_at for row in everything] == [NOW + number * SECOND for number in (10, 9, 7, 4, 2, 1)]
    assert [row.id.campaign_id for row in everything] == [one.id] * 5 + [two.id]
    assert everything[0] == await scene.store.ledger.get(everything[0].id)
    failed = frozenset({S.FAILED})
    for wanted, expected in (
        (MessageFilter(one.id), everything[:5]),
        (MessageFilter(two.id), everything[5:]),
        (MessageFilter("999"), []),
        (MessageFilter(states=failed), everything[1:5]),
        (MessageFilter(states=frozenset({S.DEAD})), [everything[0], everything[5]]),
        (MessageFilter(states=frozenset({S.DUE})), []),
        (MessageFilter(reason="retries_used_up"), [everything[0], everything[5]]),
        (MessageFilter(reason="retries"), []),
        (MessageFilter(contact_id=everything[2].id.contact_id), everything[2:3]),
        (MessageFilter(step=2), []),
        (MessageFilter(step=1, channel=Channel.WHATSAPP), everything),
        (MessageFilter(channel=Channel.EMAIL), []),
    ):
        assert await all_troubles(scene, wanted, 2) == expected, wanted
    for wrong in ("x", "12", "-1.1.1", "12-1"):
        with pytest.raises(NotFoundError):
            await scene.store.ledger.troubled(ANY, wrong, 5)


async def check_trouble_of_one_moment_has_an_order_too(scene: Scene) -> None:
    await scene.begin(9)
    messages = (await scene.claim(9)).messages
    await scene.settle(*(speaks_of(one, E.EXHAUST, reason="retries_used_up") for one in messages))
    seen = await all_troubles(scene, ANY, 2)
    assert [row.id for row in seen] == sorted((one.id for one in messages), key=number_of, reverse=True)


def number_of(message_id: MessageId) -> int:
    """The number of its contact."""
    return int(message_id.contact_id)


async def check_what_is_sent_again_is_in_trouble_no_more(scene: Scene) -> None:
    campaign = await scene.begin(3, steps=2)
    await scene.claim(3)
    await fail(scene, campaign, (0, 1, 2), "retries_used_up")
    first = (await scene.rows(campaign))[0].id
    await scene.settle(Settlement(first, E.REDRIVE, due_at=NOW + HOUR), at=NOW + MINUTE)
    assert [row.id for row in await all_troubles(scene, ANY, 9)] != []
    assert first not in [row.id for row in await all_troubles(scene, ANY, 9)]
    message = await scene.one(NOW + HOUR)
    assert message.id == first
    await scene.settle(speaks_of(message, E.REJECT, reason="address_unknown"), at=NOW + HOUR)
    latest = (await all_troubles(scene, ANY, 9))[0]
    assert (latest.id, latest.reason, latest.changed_at) == (first, "address_unknown", NOW + HOUR)


async def check_several_steps_of_a_contact_may_be_in_trouble(scene: Scene) -> None:
    campaign = await scene.begin(2, steps=3)
    await scene.claim(2)
    first, second, third = (row.id for row in (await scene.rows(campaign))[:3])
    await scene.settle(Settlement(first, E.REJECT, reason="a"), at=NOW)
    await scene.settle(Settlement(second, E.PROMOTE, due_at=NOW), at=NOW)
    assert [row.id for row in await all_troubles(scene, ANY, 9)] == [first]
    await scene.settle(later_word(second, E.CANCEL), Settlement(third, E.PROMOTE, due_at=NOW), at=NOW + SECOND)
    assert [row.id for row in await all_troubles(scene, ANY, 9)] == [first]
    again = next(one for one in (await scene.claim(9)).messages if one.id == third)
    await scene.settle(speaks_of(again, E.EXHAUST, reason="b"), at=NOW + 2 * SECOND)
    assert [(row.id, row.reason) for row in await all_troubles(scene, ANY, 1)] == [(third, "b"), (first, "a")]
    assert [row.id for row in await all_troubles(scene, MessageFilter(step=3), 9)] == [third]


async def check_late_evidence_ends_the_trouble(scene: Scene) -> None:
    await scene.begin(1)
    message = await scene.one()
    await scene.settle(speaks_of(message, E.EXHAUST, reason="held_in_doubt"))
    assert len(await all_troubles(scene, ANY, 9)) == 1
    await scene.settle(later_word(message.id, E.DELIVER))
    assert await all_troubles(scene, ANY, 9) == []


async def check_every_filter_finds_what_fits_and_nothing_else(scene: Scene) -> None:
    one, two = await scene.begin(14, "um", steps=2), await scene.begin(9, "dois", steps=1)
    ways = (
        lambda m: [speaks_of(m, E.ACCEPT)],
        lambda m: [speaks_of(m, E.ACCEPT), later_word(m.id, E.DELIVER)],
        lambda m: [speaks_of(m, E.REJECT, reason="address_unknown")],
        lambda m: [speaks_of(m, E.EXHAUST, reason="retries_used_up")],
        lambda m: [speaks_of(m, E.DOUBT, due_at=NOW + HOUR)],
        lambda _m: [],
        lambda m: [speaks_of(m, E.ACCEPT), later_word(m.id._replace(step=2), E.CANCEL)],
    )
    for message, number in zip((await scene.claim(20)).messages, count()):
        await scene.settle(*ways[number % len(ways)](message))
    everything = [*await scene.rows(one), *await scene.rows(two)]
    assert len(everything) == 14 * 2 + 9
    ids = [None, one.id, two.id, "999"]
    states = [None, *(frozenset({state}) for state in S), frozenset({S.DEAD, S.FAILED, S.IN_DOUBT}), frozenset[S]()]
    shapes = [
        MessageFilter(campaign, chosen, **rest)  # type: ignore[arg-type]
        for campaign in ids
        for chosen in [*states, frozenset({S.SENDING, S.IN_DOUBT}), frozenset({S.ACCEPTED, S.DUE})]
        for rest in ({}, {"step": 2}, {"reason": "address_unknown"}, {"channel": Channel.EMAIL}, {"contact_id": "3"})
    ]
    for wanted in shapes:
        expected = [row for row in everything if _wants(wanted, row)]
        assert await pages(scene, wanted, 4) == expected, wanted
    assert await pages(scene, replace(ANY, contact_id="999"), 4) == []


async def pages(scene: Scene, wanted: MessageFilter, limit: int) -> list[MessageRecord]:
    """All pages of so many."""
    seen: list[MessageRecord] = []
    while page := await scene.other.ledger.page(wanted, seen[-1].id if seen else None, limit):
        assert len(page) <= limit
        seen += page
    return seen


def _wants(wanted: MessageFilter, row: MessageRecord) -> bool:
    return (
        wanted.campaign_id in (None, row.id.campaign_id)
        and wanted.contact_id in (None, row.id.contact_id)
        and wanted.step in (None, row.id.step)
        and wanted.reason in (None, row.reason)
        and wanted.channel in (None, row.channel)
        and (wanted.states is None or row.state in wanted.states)
    )


CHECKS = tuple(check for name, check in globals().items() if name.startswith("check_"))
