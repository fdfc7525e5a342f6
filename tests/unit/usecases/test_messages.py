from __future__ import annotations

import asyncio
from typing import Any

import pytest

from disparo.domain.errors import NotFoundError
from disparo.domain.message import MessageState
from disparo.ports.ledger import MessageFilter
from disparo.usecases import messages

House = Any


def test_pages_follow_one_another_without_gap_or_repeat(house: House) -> None:
    async def check() -> None:
        await house.begin(5)
        await house.send(count=4)
        wanted, seen, after = MessageFilter(states=frozenset({MessageState.ACCEPTED})), [], None
        while rows := await messages.page(house.store, wanted, after, 3):
            seen.extend(str(row.id) for row in rows)
            after = seen[-1]
        assert seen == ["1.1.1", "1.1.2", "1.1.3", "1.1.4"]

    asyncio.run(check())


def test_a_page_behind_what_is_no_id_is_refused(house: House) -> None:
    async def check() -> None:
        with pytest.raises(NotFoundError):
            await messages.page(house.store, MessageFilter(), "nonsense", 3)

    asyncio.run(check())


def test_a_history_holds_the_message_its_campaign_its_contact_and_all_that_happened(house: House) -> None:
    async def check() -> None:
        await house.begin(2)
        await house.send()
        found = await messages.history(house.store, "1.1.2")
        assert (found.campaign.name, found.contact.name) == ("camp", "Pessoa 1")
        assert found.record.state is MessageState.ACCEPTED
        assert [line.event for line in found.journal] == ["accept"]
        with pytest.raises(NotFoundError):
            await messages.history(house.store, "1.1.3")

    asyncio.run(check())
