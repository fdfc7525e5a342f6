from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from disparo.adapters.webhook_signing import secret_name
from disparo.domain.errors import StoreError
from disparo.domain.webhook import FAILING, GONE, EndpointState, Event, EventType
from disparo.domain.webhook_delivery import KEPT_FOR, Delivery, DeliveryState
from disparo.ports.callback import CallbackRefusedError
from disparo.ports.webhooks import Posted
from tests.listening_house import OLDER, SEALER, SECRET, ListeningHouse, endpoint, verified

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TAKEN = timedelta(milliseconds=20)


def event(number: int = 1, **more: object) -> Event:
    return Event.of(EventType.CAMPAIGN_STARTED, ListeningHouse().now, {"n": number}, key=(str(number),), **more)  # type: ignore[arg-type]


def no(status: int | None = 500, **more: object) -> Posted:
    return Posted(status, TAKEN, "" if status else "not_connected", **more)  # type: ignore[arg-type]


@pytest.fixture
def house() -> ListeningHouse:
    return ListeningHouse()


async def kept(house: ListeningHouse, number: int = 1) -> Delivery:
    return await house.store.webhooks.delivery(("wh_1", event(number).id))


def test_an_event_goes_signed_to_each_endpoint_that_wants_it(house: ListeningHouse) -> None:
    async def story() -> None:
        await house.listen(EventType.CAMPAIGN_STARTED)
        await house.listen(EventType.MEETING_HELD, number=2)
        await house.listen(number=3)
        await house.events.publish([event()], house.now)
        await house.tell()
        assert sorted(url for url, _, _ in house.post.sent) == [
            "https://1.exemplo.com.br/",
            "https://3.exemplo.com.br/",
        ]
        for _, headers, body in house.post.sent:
            verified(headers, body, house.now)
            assert headers["webhook-id"] == event().id
            with pytest.raises(CallbackRefusedError):
                verified(headers, body + b" ", house.now)
        assert house.post.bodies[0] == {
            "type": "campaign.started",
            "timestamp": "2026-11-23T13:00:00.000Z",
            "data": {"n": 1},
        }
        assert (await kept(house)).state is DeliveryState.DELIVERED

    asyncio.run(story())


def test_the_same_event_is_told_once(house: ListeningHouse) -> None:
    async def story() -> None:
        await house.listen()
        for _ in range(3):
            await house.events.publish([event()], house.now)
            await house.tell()
        assert len(house.post.sent) == 1

    asyncio.run(story())


def test_what_nobody_wants_is_not_kept(house: ListeningHouse) -> None:
    async def story() -> None:
        await house.listen(EventType.MEETING_HELD)
        await house.events.publish([event()], house.now)
        assert list(await house.store.webhooks.page("wh_1", None, 10)) == []

    asyncio.run(story())


def test_a_failed_delivery_follows_the_schedule_of_the_specification(house: ListeningHouse) -> None:
    async def story() -> None:
        await house.listen()
        house.post.answers = [no()] * 10
        await house.events.publish([event()], house.now)
        waits = []
        at = house.now
        for _ in range(20):
            one = await kept(house)
            if one.due_at is None:
                break
            waits.append(one.due_at - at)
            house.now = at = one.due_at
            stands = await house.store.webhooks.endpoint("wh_1")
            if stands.rests_until is not None:
                house.now = max(house.now, stands.rests_until)
            at = house.now
            await house.announce.run(house.now)
        wanted = [0 * SECOND, 5 * SECOND, 5 * MINUTE, 30 * MINUTE, *(one * HOUR for one in (2, 5, 10, 14, 20, 24))]
        assert len(waits) == len(wanted)
        for wait, least in zip(waits, wanted, strict=True):
            assert least <= wait <= least * 1.1 + SECOND
        one = await kept(house)
        assert (one.state, one.tries, len(one.attempts)) == (DeliveryState.FAILED, 10, 10)
        assert len(set(house.post.ids)) == 1

    asyncio.run(story())


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_done(house: ListeningHouse, status: int) -> None:
    async def story() -> None:
        await house.listen()
        house.post.answers = [no(status)]
        await house.events.publish([event()], house.now)
        await house.tell()
        assert (await kept(house)).state is DeliveryState.DELIVERED

    asyncio.run(story())


@pytest.mark.parametrize("status", [301, 302, 308, 400, 401, 404, 409, 500, 503, None])
def test_anything_else_is_tried_again(house: ListeningHouse, status: int | None) -> None:
    async def story() -> None:
        await house.listen()
        house.post.answers = [no(status)]
        await house.events.publish([event()], house.now)
        await house.tell()
        one = await kept(house)
        assert (one.state, one.tries) == (DeliveryState.PENDING, 1)
        await house.tell(10 * SECOND)
        assert (await kept(house)).state is DeliveryState.DELIVERED
        healed = await house.store.webhooks.endpoint("wh_1")
        assert (healed.faults, healed.failing_since, healed.rests_until) == (0, None, None)

    asyncio.run(story())


def test_410_disables_the_endpoint_and_tells_an_operator(house: ListeningHouse) -> None:
    async def story() -> None:
        await house.listen()
        house.post.answers = [no(410)]
        await house.events.publish([event()], house.now)
        await house.tell()
        gone = await house.store.webhooks.endpoint("wh_1")
        assert (gone.state, gone.disabled_reason) == (EndpointState.DISABLED, GONE)
        [(_, notice)] = await house.store.inbox.notices(None, 10)
        assert notice.kind == "webhook_disabled"
        assert json.loads(notice.detail) == {"endpoint": "wh_1", "reason": "gone"}
        await house.events.publish([event(2)], house.now)
        await house.tell(DAY)
        assert len(house.post.sent) == 1

    asyncio.run(story())


@pytest.mark.parametrize("status", [429, 503])
def test_what_asks_for_patience_gets_it(house: ListeningHouse, status: int) -> None:
    async def story() -> None:
        await house.listen()
        house.post.answers = [no(status, retry_after=HOUR)]
        await house.events.publish([event(1)], house.now)
        await house.tell()
        await house.events.publish([event(2)], house.now)
        await house.tell(59 * MINUTE)
        assert len(house.post.sent) == 1
        await house.tell(2 * MINUTE)
        assert len(house.post.sent) == 3

    asyncio.run(story())


def test_five_days_of_failures_disable_it_and_a_success_in_between_does_not(house: ListeningHouse) -> None:
    async def story() -> None:
        await house.listen()
        for hours in range(5 * 24 * 2):
            house.post.answers = [no()] * 40 if hours != 60 else []
            await house.events.publish([event(hours)], house.now)
            await house.tell(HOUR)
            stands = await house.store.webhooks.endpoint("wh_1")
            if stands.state is EndpointState.DISABLED:
                break
        assert stands.disabled_reason == FAILING
        assert 120 <= hours - 60 <= 122
        assert len(await house.store.inbox.notices(None, 10)) == 1

    asyncio.run(story())


def test_a_sick_endpoint_gets_one_request_at_a_time_and_keeps_no_other_waiting(house: ListeningHouse) -> None:
    async def story() -> None:
        await house.listen()
        await house.listen(number=2)
        house.post.answers = []
        real = house.post.post

        async def post(url: str, headers: object, body: bytes) -> Posted:
            posted = await real(url, headers, body)  # type: ignore[arg-type]
            return no() if url.startswith("https://1.") else posted

        house.post.post = post  # type: ignore[method-assign]
        await house.events.publish([event(number) for number in range(100)], house.now)
        await house.tell()
        to = [url for url, _, _ in house.post.sent]
        assert to.count("https://2.exemplo.com.br/") == 100
        assert to.count("https://1.exemplo.com.br/") <= 16
        await house.tell(4 * SECOND)
        await house.tell(10 * SECOND)
        assert [url for url, _, _ in house.post.sent].count("https://1.exemplo.com.br/") <= 18

    asyncio.run(story())


def test_for_a_day_after_a_rotation_both_secrets_verify(house: ListeningHouse) -> None:
    async def story() -> None:
        older = endpoint()
        sealed = SEALER.seal(OLDER, secret_name("wh_1"))
        rotated = older.rotated(sealed, house.now)
        await house.store.webhooks.add(rotated)
        await house.events.publish([event(1)], house.now)
        await house.tell()
        _, headers, body = house.post.sent[0]
        verified(headers, body, house.now, SECRET)
        verified(headers, body, house.now, OLDER)
        await house.events.publish([event(2)], house.now)
        await house.tell(25 * HOUR)
        _, headers, body = house.post.sent[1]
        verified(headers, body, house.now, OLDER)
        with pytest.raises(CallbackRefusedError):
            verified(headers, body, house.now, SECRET)

    asyncio.run(story())


def test_a_secret_that_does_not_open_is_a_fault_and_nothing_is_sent(house: ListeningHouse) -> None:
    async def story() -> None:
        other = endpoint()
        await house.store.webhooks.add(
            endpoint(2).__class__(other.id, other.url, SEALER.seal(SECRET, "webhook:wh_9"), house.now)
        )
        await house.events.publish([event()], house.now)
        await house.tell()
        assert house.post.sent == []
        assert (await kept(house)).attempts[0].fault == "secret_unreadable"

    asyncio.run(story())


def test_two_workers_do_not_send_the_same_at_once(house: ListeningHouse) -> None:
    async def story() -> None:
        await house.listen()
        await house.events.publish([event(number) for number in range(40)], house.now)
        at = house.now + SECOND
        await asyncio.gather(*(house.announce.run(at) for _ in range(6)))
        assert len(house.post.ids) == len(set(house.post.ids))

    asyncio.run(story())


def test_what_was_sent_and_not_written_down_is_sent_again_with_its_id(
    house: ListeningHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        await house.listen()
        await house.events.publish([event()], house.now)

        async def broken(*_: object) -> bool:
            raise StoreError("o disco encheu")

        with monkeypatch.context() as patch:
            patch.setattr(type(house.store.webhooks), "finish", broken)
            with pytest.raises(StoreError):
                await house.announce.run(house.now)
        await house.tell(2 * MINUTE)
        assert house.post.ids == [event().id] * 2
        assert (await kept(house)).state is DeliveryState.DELIVERED

    asyncio.run(story())


def test_the_answer_is_kept_clipped_and_masked(house: ListeningHouse) -> None:
    async def story() -> None:
        await house.listen()
        said = f"erro de ana@exemplo.com.br, tel. +55 41 98888-7777, {SECRET} \x00".encode() + b"x" * 4000
        house.post.answers = [no(500, answer=said)]
        await house.events.publish([event()], house.now)
        await house.tell()
        excerpt = (await kept(house)).attempts[0].excerpt
        assert len(excerpt) <= 500
        for secret in ("ana@", "98888", "dW0g", "\x00"):
            assert secret not in excerpt
        assert excerpt.startswith("erro de ***@***")

    asyncio.run(story())


def test_a_test_is_sent_at_once_whatever_waits_and_rests(house: ListeningHouse) -> None:
    async def story() -> None:
        await house.listen()
        await house.events.publish([event()], house.now)
        one = await house.announce.deliver_now(("wh_1", event().id), house.now)
        assert one.state is DeliveryState.DELIVERED

    asyncio.run(story())


def test_a_test_does_not_wait_for_what_a_sick_endpoint_has_left_behind(house: ListeningHouse) -> None:
    async def story() -> None:
        await house.listen()
        await house.events.publish([event(number) for number in range(40)], house.now)
        house.now += MINUTE
        await house.events.publish([event(40)], house.now)
        one = await house.announce.deliver_now(("wh_1", event(40).id), house.now)
        assert one.state is DeliveryState.DELIVERED
        assert len(house.post.sent) == 1
        assert await house.store.webhooks.next_due("wh_1") == house.now - MINUTE, "the others wait as they did"

    asyncio.run(story())


def test_old_deliveries_are_forgotten(house: ListeningHouse) -> None:
    async def story() -> None:
        await house.listen()
        await house.events.publish([event()], house.now)
        await house.tell()
        await house.tell(KEPT_FOR + DAY)
        assert list(await house.store.webhooks.page("wh_1", None, 10)) == []

    asyncio.run(story())
