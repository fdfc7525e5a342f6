"""What is told of messages, campaigns and replies, whatever happens between what is kept and what is written."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from disparo.adapters.announced_store import announced
from disparo.domain.campaign import CampaignEvent
from disparo.domain.errors import StoreError, TransitionError
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import ReceiptKind, Reply
from disparo.domain.webhook import EventType
from disparo.usecases import campaigns
from tests.listening_house import ListeningHouse

T = EventType
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
def house() -> ListeningHouse:
    return ListeningHouse()


def test_a_message_is_told_from_acceptance_to_reading_each_once(house: ListeningHouse) -> None:
    async def story() -> None:
        await house.listen(T.MESSAGE_ACCEPTED, T.MESSAGE_DELIVERED, T.MESSAGE_READ)
        await house.begin(1)
        [message_id] = await house.send()
        for kind in (ReceiptKind.DELIVERED, ReceiptKind.DELIVERED, ReceiptKind.READ, ReceiptKind.DELIVERED):
            await house.receipt(str(message_id), kind)
        await house.tell()
        assert sorted(house.post.types) == ["message.accepted", "message.delivered", "message.read"]
        for body in house.post.bodies:
            assert body["data"]["message_id"] == str(message_id)
            assert "contact" not in body["data"]

    asyncio.run(story())


def test_people_are_named_only_where_the_endpoint_asked(house: ListeningHouse) -> None:
    async def story() -> None:
        await house.listen(T.MESSAGE_ACCEPTED, T.REPLY_RECEIVED, include_personal=True)
        await house.listen(T.MESSAGE_ACCEPTED, T.REPLY_RECEIVED, number=2)
        await house.begin(1)
        [message_id] = await house.send()
        await house.reply(str(message_id), "Sim, pode ser")
        await house.tell()
        told = {
            (url[8], body["type"]): body["data"]
            for (url, _, _), body in zip(house.post.sent, house.post.bodies, strict=True)
        }
        assert told["1", "message.accepted"]["contact"]["email"] == "p0@example.com"
        assert told["1", "reply.received"]["text"] == "Sim, pode ser"
        for kind in ("message.accepted", "reply.received"):
            assert "p0@" not in str(told["2", kind])
            assert "Sim" not in str(told["2", kind])

    asyncio.run(story())


def test_a_message_given_up_is_told_once_it_is(house: ListeningHouse) -> None:
    async def story() -> None:
        await house.listen(T.MESSAGE_FAILED, T.MESSAGE_DEAD, T.MESSAGE_IN_DOUBT)
        await house.begin(1)
        house.provider.failures = [FailureClass.RECIPIENT]
        await house.send()
        await house.tell()
        assert house.post.types == ["message.failed"]

    asyncio.run(story())


def test_what_was_kept_and_not_written_is_never_told(house: ListeningHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        await house.listen(T.MESSAGE_ACCEPTED, T.MESSAGE_FAILED)
        await house.begin(1)
        claimed = await house.claim()

        async def broken(*_: object) -> object:
            raise StoreError("o disco encheu")

        with monkeypatch.context() as patch:
            patch.setattr(type(house.plain.ledger), "settle", broken)
            with pytest.raises(StoreError):
                await house.deliver(claimed)
        for _ in range(40):
            await house.tell(timedelta(hours=1))
        assert house.post.sent == []
        assert list(await house.store.webhooks.page("wh_1", None, 10)) == []

    asyncio.run(story())


def test_what_was_written_before_a_kill_is_told_by_its_proof(
    house: ListeningHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        await house.listen(T.MESSAGE_FAILED, T.CAMPAIGN_PAUSED)
        campaign = await house.begin(1)
        house.provider.failures = [FailureClass.RECIPIENT]

        async def killed(*_: object) -> None:
            raise asyncio.CancelledError

        with monkeypatch.context() as patch:
            patch.setattr(type(house.events), "decide", killed)
            with pytest.raises(asyncio.CancelledError):
                await house.send()
        await house.store.campaigns.apply(campaign.id, CampaignEvent.PAUSE, house.now)
        await house.tell()
        assert sorted(house.post.types) == ["campaign.paused", "message.failed"]

    asyncio.run(story())


def test_a_campaign_is_told_through_its_life_also_when_it_moves_on_at_once(house: ListeningHouse) -> None:
    async def story() -> None:
        await house.listen(*(kind for kind in T if kind.startswith("campaign.")))
        campaign = await house.begin(1)
        for event in (CampaignEvent.PAUSE, CampaignEvent.RESUME):
            await house.store.campaigns.apply(campaign.id, event, house.now)
        with pytest.raises(TransitionError):
            await house.store.campaigns.apply(campaign.id, CampaignEvent.RESUME, house.now)
        await house.send()
        await house.tidy()
        await house.tell()
        assert sorted(house.post.types) == [
            "campaign.completed",
            "campaign.paused",
            "campaign.resumed",
            "campaign.started",
        ]
        await campaigns_again(house)

    async def campaigns_again(house: ListeningHouse) -> None:
        house.post.sent.clear()
        other = await house.begin(1, name="outra")
        await campaigns.cancel(house.store, other.name, house.now)
        await house.tidy()
        await house.tell()
        assert sorted(house.post.types) == ["campaign.cancelled", "campaign.started"]

    asyncio.run(story())


def test_a_reply_is_told_before_it_is_kept_and_once_however_often_it_comes(
    house: ListeningHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        await house.listen(T.REPLY_RECEIVED, T.CONTACT_OPTED_OUT)
        await house.begin(1)
        [message_id] = await house.send()
        reply = Reply("test", "r1", str(message_id), "SAIR", house.now)

        async def broken(*_: object) -> bool:
            raise StoreError("o disco encheu")

        with monkeypatch.context() as patch:
            patch.setattr(type(house.store.inbox), "keep", broken)
            with pytest.raises(StoreError):
                await house.engine.inbound.take_reply(reply, house.now)
        for _ in range(2):
            await house.engine.inbound.take_reply(reply, house.now)
        await house.tell()
        assert sorted(house.post.types) == ["contact.opted_out", "reply.received"]
        [told] = [body["data"] for body in house.post.bodies if body["type"] == T.REPLY_RECEIVED]
        assert told["intent"] == "opt_out"

    asyncio.run(story())


def test_without_listeners_nothing_more_is_asked_or_written(
    house: ListeningHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        await house.listen(T.MEETING_HELD)
        asked: list[str] = []
        for name in ("put", "decide", "claim"):
            monkeypatch.setattr(type(house.store.webhooks), name, lambda *_, name=name: asked.append(name))
        for name in ("get", "seen", "journal"):
            real = getattr(type(house.plain.ledger), name)
            monkeypatch.setattr(
                type(house.plain.ledger), name, lambda *args, name=name, real=real: (asked.append(name), real(*args))[1]
            )
        await house.begin(3)
        await house.send()
        assert asked == []

    asyncio.run(story())


def test_an_announced_store_is_the_store_in_everything_else(house: ListeningHouse) -> None:
    async def story() -> None:
        store = announced(house.plain, house.events)
        await house.begin(2)
        assert await store.ledger.revision() == await house.plain.ledger.revision()
        assert await store.campaigns.all() == await house.plain.campaigns.all()

    asyncio.run(story())
