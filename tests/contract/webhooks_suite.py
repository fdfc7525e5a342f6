"""What every family's webhooks do; each check gets one empty store as two processes have it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from disparo.domain.errors import InputError, NotFoundError, RevisionError
from disparo.domain.webhook import Endpoint, EndpointState, Event, EventType, Proof, ProofKind
from disparo.domain.webhook_delivery import KEPT_FOR, Attempt, Delivery, DeliveryState
from disparo.ports.store import Store

Check = Callable[[Store, Store], Awaitable[None]]
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LEASE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
CRM = Endpoint("wh_1", "https://crm.exemplo.com.br/x", "sealed one", NOW)
FULL = Endpoint(
    id="wh_2",
    url="https://outro.exemplo.com.br/ç",
    secret="sealed two",
    created_at=NOW + SECOND,
    types=frozenset({EventType.REPLY_RECEIVED, EventType.MEETING_MOVED}),
    include_personal=True,
    description="Relatórios",
    previous_secret="sealed before",
    previous_until=NOW + timedelta(hours=24),
    state=EndpointState.DISABLED,
    disabled_reason="failing",
    disabled_at=NOW,
    failing_since=NOW - timedelta(days=5),
    faults=12,
    rests_until=NOW + SECOND,
)


def event(number: int, *, text: str = "", proof: bool = False) -> Event:
    return Event.of(
        EventType.REPLY_RECEIVED,
        NOW,
        {"n": number, "nome": "ção"},
        key=(str(number),),
        personal={"text": text} if text else None,
        contact_id="57",
        proof=Proof(ProofKind.MESSAGE, "3.1.57", "accept", 2) if proof else None,
    )


def delivery(number: int, endpoint_id: str = "wh_1", at: datetime = NOW, **what: object) -> Delivery:
    return Delivery.of(event(number, **what), endpoint_id, True, at)  # type: ignore[arg-type]


def key_of(one: Delivery) -> tuple[str, str]:
    return one.endpoint_id, one.event_id


async def check_endpoints_are_kept_as_told_in_the_order_of_their_making(store: Store, other: Store) -> None:
    assert list(await store.webhooks.endpoints()) == []
    await store.webhooks.add(FULL)
    assert await store.webhooks.add(CRM) == replace(CRM, revision=1)
    assert list(await other.webhooks.endpoints()) == [replace(CRM, revision=1), replace(FULL, revision=1)]
    assert await other.webhooks.endpoint("wh_2") == replace(FULL, revision=1)
    with pytest.raises(InputError, match="wh_1"):
        await other.webhooks.add(CRM)
    with pytest.raises(NotFoundError):
        await other.webhooks.endpoint("wh_3")


async def check_a_change_is_kept_only_of_what_was_read(store: Store, other: Store) -> None:
    kept = await store.webhooks.add(CRM)
    changed = await other.webhooks.replace(replace(kept, description="outro"))
    assert changed.revision == 2
    assert (await store.webhooks.endpoint("wh_1")).description == "outro"
    with pytest.raises(RevisionError):
        await store.webhooks.replace(replace(kept, description="tarde"))
    with pytest.raises(NotFoundError):
        await store.webhooks.replace(replace(FULL, revision=1))


async def check_a_delivery_is_kept_once(store: Store, other: Store) -> None:
    one, two = delivery(1, text="oi"), delivery(2)
    assert await store.webhooks.put([one, two, one]) == 2
    assert await other.webhooks.put([replace(one, data={"n": 99}), delivery(1, "wh_2")]) == 1
    assert await other.webhooks.delivery(key_of(one)) == one
    assert (await other.webhooks.delivery(key_of(one))).personal == {"text": "oi"}
    with pytest.raises(NotFoundError):
        await store.webhooks.delivery(("wh_1", "evt_none"))


async def check_what_is_claimed_is_nobody_elses_until_its_time_is_over(store: Store, other: Store) -> None:
    await store.webhooks.put([delivery(number, at=NOW + number * SECOND) for number in range(4)])
    assert await store.webhooks.next_due("wh_1") == NOW
    assert await store.webhooks.next_due("wh_2") is None
    first = await store.webhooks.claim("wh_1", NOW + SECOND, NOW + LEASE, 10)
    assert [one.data["n"] for one in first] == [0, 1]
    assert {one.due_at for one in first} == {NOW + LEASE}
    assert list(await other.webhooks.claim("wh_1", NOW + SECOND, NOW + LEASE, 10)) == []
    assert [one.data["n"] for one in await other.webhooks.claim("wh_1", NOW + 9 * SECOND, NOW + LEASE, 1)] == [2]
    assert await other.webhooks.next_due("wh_1") == NOW + 3 * SECOND
    late = await other.webhooks.claim("wh_1", NOW + LEASE, NOW + 2 * LEASE, 10)
    assert sorted(one.data["n"] for one in late) == [0, 1, 2, 3]
    assert not await store.webhooks.finish(replace(first[0], due_at=None), NOW + LEASE)
    assert (await store.webhooks.delivery(key_of(first[0]))).due_at == NOW + 2 * LEASE


async def check_many_who_claim_at_once_get_each_delivery_once(store: Store, other: Store) -> None:
    await store.webhooks.put([delivery(number) for number in range(12)])
    taken = await asyncio.gather(
        *(one.webhooks.claim("wh_1", NOW, NOW + LEASE, 4) for one in (store, other, store, other, store))
    )
    events = [one.event_id for each in taken for one in each]
    assert len(events) == len(set(events))


async def check_one_can_be_taken_out_of_turn(store: Store, other: Store) -> None:
    first, wanted, later = delivery(1), delivery(2, at=NOW + SECOND), delivery(3, at=NOW + 9 * SECOND)
    await store.webhooks.put([first, wanted, later])
    taken = await store.webhooks.take(key_of(wanted), NOW + SECOND, NOW + LEASE)
    assert taken == replace(wanted, due_at=NOW + LEASE)
    assert await other.webhooks.take(key_of(wanted), NOW + SECOND, NOW + LEASE) is None
    assert await other.webhooks.take(key_of(later), NOW + SECOND, NOW + LEASE) is None
    assert await other.webhooks.take(("wh_1", "evt_none"), NOW + SECOND, NOW + LEASE) is None
    assert await store.webhooks.next_due("wh_1") == NOW
    assert await store.webhooks.finish(replace(wanted, due_at=None), NOW + LEASE)
    assert [one.data["n"] for one in await other.webhooks.claim("wh_1", NOW + LEASE, NOW + 2 * LEASE, 9)] == [1, 3]


async def check_what_became_of_an_attempt_is_kept(store: Store, other: Store) -> None:
    await store.webhooks.put([delivery(1, text="oi")])
    (claimed,) = await store.webhooks.claim("wh_1", NOW, NOW + LEASE, 5)
    failed = claimed.after(Attempt(NOW, SECOND, 500, excerpt="não"), 0.0)
    assert failed.due_at == NOW + 6 * SECOND
    assert await store.webhooks.finish(failed, NOW + LEASE)
    assert await other.webhooks.delivery(key_of(failed)) == failed
    (again,) = await other.webhooks.claim("wh_1", NOW + 6 * SECOND, NOW + LEASE, 5)
    arrived = again.after(Attempt(NOW + 6 * SECOND, SECOND, 204), 0.0)
    assert await other.webhooks.finish(arrived, NOW + LEASE)
    kept = await store.webhooks.delivery(key_of(arrived))
    assert (kept.state, kept.due_at, kept.tries, len(kept.attempts)) == (DeliveryState.DELIVERED, None, 2, 2)
    assert await store.webhooks.next_due("wh_1") is None
    assert list(await store.webhooks.claim("wh_1", NOW + KEPT_FOR, NOW + KEPT_FOR + LEASE, 5)) == []


async def check_what_is_done_can_be_sent_again(store: Store, other: Store) -> None:
    await store.webhooks.put([delivery(1)])
    (claimed,) = await store.webhooks.claim("wh_1", NOW, NOW + LEASE, 5)
    await store.webhooks.finish(claimed.after(Attempt(NOW, SECOND, 200), 0.0), NOW + LEASE)
    again = await other.webhooks.send_again(key_of(claimed), NOW + LEASE)
    assert (again.state, again.due_at, again.tries, len(again.attempts)) == (
        DeliveryState.PENDING,
        NOW + LEASE,
        0,
        1,
    )
    assert await other.webhooks.send_again(key_of(claimed), NOW + LEASE) == again
    assert [one.event_id for one in await store.webhooks.claim("wh_1", NOW + LEASE, NOW + 2 * LEASE, 5)] == [
        claimed.event_id
    ]
    with pytest.raises(NotFoundError):
        await store.webhooks.send_again(("wh_1", "evt_none"), NOW)


async def check_what_waits_for_its_proof_is_decided_once(store: Store, other: Store) -> None:
    waiting, vain, sure = delivery(1, proof=True), delivery(2, proof=True), delivery(3)
    await store.webhooks.put([waiting, vain, sure])
    keys = [key_of(one) for one in (waiting, vain, sure)]
    await other.webhooks.decide([keys[0], ("wh_1", "evt_none")], True)
    await other.webhooks.decide(keys, False)
    assert (await store.webhooks.delivery(keys[0])).proof is None
    assert await store.webhooks.delivery(keys[2]) == sure
    with pytest.raises(NotFoundError):
        await store.webhooks.delivery(keys[1])
    assert len(await store.webhooks.claim("wh_1", NOW + 5 * SECOND, NOW + LEASE, 5)) == 2


async def check_a_proof_that_comes_while_somebody_looks_for_it_is_not_lost(store: Store, other: Store) -> None:
    await store.webhooks.put([delivery(1, proof=True)])
    (looked_at,) = await store.webhooks.claim("wh_1", NOW + SECOND, NOW + LEASE, 5)
    assert looked_at.proof is not None
    await other.webhooks.decide([key_of(looked_at)], True)
    later = looked_at.postponed(NOW + 2 * SECOND)
    assert later is not None
    assert await store.webhooks.finish(later, NOW + LEASE)
    kept = await other.webhooks.delivery(key_of(later))
    assert (kept.proof, kept.due_at) == (None, later.due_at)


async def check_deliveries_come_newest_first_in_pages(store: Store, other: Store) -> None:
    await store.webhooks.put([delivery(number, at=NOW + number * SECOND) for number in range(5)])
    await store.webhooks.put([delivery(9, "wh_2")])
    first = await other.webhooks.page("wh_1", None, 2)
    rest = await other.webhooks.page("wh_1", first[-1].cursor, 10)
    assert [one.data["n"] for one in (*first, *rest)] == [4, 3, 2, 1, 0]
    assert list(await other.webhooks.page("wh_1", rest[-1].cursor, 10)) == []


async def check_a_person_is_forgotten_but_for_ids(store: Store, other: Store) -> None:
    await store.webhooks.put([delivery(1, text="segredo"), delivery(1, "wh_2", text="segredo"), delivery(2)])
    (claimed,) = await store.webhooks.claim("wh_2", NOW, NOW + LEASE, 5)
    assert await other.webhooks.forget_person("57", ["+5541988887777"]) == 2
    assert await other.webhooks.forget_person("57", []) == 0
    await store.webhooks.finish(claimed.after(Attempt(NOW, SECOND, 500), 0.0), NOW + LEASE)
    for endpoint_id in ("wh_1", "wh_2"):
        for one in await store.webhooks.page(endpoint_id, None, 10):
            assert one.personal == {}
            assert one.data["nome"] == "ção"


async def check_what_a_stranger_wrote_is_forgotten_by_their_key(store: Store, other: Store) -> None:
    told = [
        Event.of(EventType.REPLY_RECEIVED, NOW, {}, key=(key,), personal={"text": "oi", "from": key})
        for key in ("+5511987650123", "+5511987650124")
    ]
    await store.webhooks.put([Delivery.of(one, "wh_1", True, NOW) for one in told])
    assert await other.webhooks.forget_person("77", ["a@x.com", "+5511987650123"]) == 1
    assert await other.webhooks.forget_person("77", ["a@x.com", "+5511987650123"]) == 0
    kept = [await store.webhooks.delivery(("wh_1", one.id)) for one in told]
    assert [dict(one.personal) for one in kept] == [{}, {"text": "oi", "from": "+5511987650124"}]


async def check_an_endpoint_goes_with_everything_for_it(store: Store, other: Store) -> None:
    await store.webhooks.add(CRM)
    await store.webhooks.put([*(delivery(number, text="oi") for number in range(3)), delivery(7, "wh_2")])
    await other.webhooks.claim("wh_1", NOW, NOW + LEASE, 1)
    await store.webhooks.remove("wh_1")
    assert list(await other.webhooks.page("wh_1", None, 10)) == []
    assert await other.webhooks.next_due("wh_1") is None
    assert len(await other.webhooks.page("wh_2", None, 10)) == 1
    with pytest.raises(NotFoundError):
        await other.webhooks.remove("wh_1")


async def check_what_is_dropped_is_gone(store: Store, other: Store) -> None:
    await store.webhooks.put([delivery(1, proof=True)])
    (claimed,) = await store.webhooks.claim("wh_1", NOW + SECOND, NOW + LEASE, 5)
    await store.webhooks.drop(key_of(claimed))
    await store.webhooks.drop(key_of(claimed))
    assert list(await other.webhooks.page("wh_1", None, 10)) == []
    assert await other.webhooks.next_due("wh_1") is None
    assert await other.webhooks.put([delivery(1)]) == 1


async def check_pruning_keeps_what_is_young(store: Store, other: Store) -> None:
    await store.webhooks.put([delivery(1), delivery(2, at=NOW + timedelta(days=2))])
    await other.webhooks.prune(NOW + KEPT_FOR + timedelta(days=1))
    assert 2 in [one.data["n"] for one in await store.webhooks.page("wh_1", None, 10)]


SUITE: tuple[Check, ...] = tuple(check for name, check in list(globals().items()) if name.startswith("check_"))
