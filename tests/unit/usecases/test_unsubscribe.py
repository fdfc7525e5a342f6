from __future__ import annotations

import asyncio
from typing import Any

import pytest

from disparo.domain.contact import Channel
from disparo.domain.errors import NotFoundError
from disparo.domain.message import MessageId, MessageState
from disparo.usecases import people
from disparo.usecases.erasures import Archive, erase
from disparo.usecases.unsubscribe import unsubscribe

House = Any

STEPS = [
    {"channel": "email", "subject": "Oi", "text": "Oi {{ nome }}"},
    {"channel": "whatsapp", "text": "Oi de novo {{ nome }}", "wait": "1h"},
]


async def states(house: House, contact_id: str) -> list[str]:
    shown = await people.show(house.store, contact_id)
    return [one.record.state for one in shown.messages]


def test_it_holds_for_the_person_on_every_channel_and_leaves_others_alone(house: House) -> None:
    async def check() -> None:
        await house.begin(2, steps=STEPS)
        cancelled = await unsubscribe(house.store, MessageId("1", 1, "1"), house.now, "link")
        assert cancelled == 2
        [person, other] = await people.find(house.store, "Pessoa", 10)
        assert len(person.contact.keys) == 2
        assert {one.key for one in person.suppressions} == set(person.contact.keys)
        assert {(one.channel, one.reason, one.source) for one in person.suppressions} == {
            (None, "opted_out", "link 1.1.1")
        }
        assert not other.suppressions
        assert await states(house, "1") == [MessageState.CANCELLED] * 2
        await house.send(Channel.EMAIL)
        assert [str(one.id) for one in house.provider.taken] == ["1.1.2"]

    asyncio.run(check())


def test_after_the_first_message_the_steps_that_wait_do_not_come(house: House) -> None:
    async def check() -> None:
        await house.begin(1, steps=STEPS)
        await house.send(Channel.EMAIL)
        assert await unsubscribe(house.store, MessageId("1", 1, "1"), house.now, "link") == 1
        assert await states(house, "1") == [MessageState.ACCEPTED, MessageState.CANCELLED]

    asyncio.run(check())


def test_twice_is_as_once(house: House) -> None:
    async def check() -> None:
        await house.begin(1, steps=STEPS)
        message = MessageId("1", 1, "1")
        await unsubscribe(house.store, message, house.now, "link")
        before = await house.store.suppressions.matching(["p0@example.com"])
        assert await unsubscribe(house.store, message, house.now, "link") == 0
        assert await house.store.suppressions.matching(["p0@example.com"]) == before

    asyncio.run(check())


def test_an_erased_person_has_nothing_left_to_suppress(house: House) -> None:
    async def check() -> None:
        await house.begin(1, steps=STEPS)
        await erase(Archive(house.store), "1", house.now)
        assert await unsubscribe(house.store, MessageId("1", 1, "1"), house.now, "link") == 0
        assert not await house.store.suppressions.page("", 10)

    asyncio.run(check())


def test_a_contact_that_never_was_is_not_found(house: House) -> None:
    with pytest.raises(NotFoundError):
        asyncio.run(unsubscribe(house.store, MessageId("1", 1, "99"), house.now, "link"))
