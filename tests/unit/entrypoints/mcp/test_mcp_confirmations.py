from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from disparo.domain.campaign import CampaignState
from disparo.domain.errors import InputError, TransitionError
from disparo.entrypoints.mcp.asking import ConfirmationError
from tests.unit.entrypoints.mcp.conftest import OTHER, Assistant


def test_the_first_call_only_tells_what_would_happen(assistant: Assistant) -> None:
    async def story() -> None:
        await assistant.draft()
        asked = await assistant.call("start_campaign", campaign="oi")
        assert (asked["done"], asked["result"]) == (False, None)
        assert "2 contatos" in asked["would"]
        assert (await assistant.house.store.campaigns.get("oi")).state is CampaignState.DRAFT
        assert [one.action for one in await assistant.house.audited()] == ["campaigns.create"]
        done = await assistant.call("start_campaign", campaign="oi", confirmation=asked["confirmation"])
        assert (done["done"], done["result"]["state"]) == (True, "running")

    asyncio.run(story())


async def _message(assistant: Assistant, **changes: Any) -> dict[str, Any]:
    [contact_id, *_] = await assistant.house.people(2)
    return {"contact_id": contact_id, "channel": "sms", "text": "Oi", **changes}


def test_a_token_is_used_once(assistant: Assistant) -> None:
    async def story() -> None:
        wanted = await _message(assistant)
        token = (await assistant.call("send_message", **wanted))["confirmation"]
        first = await assistant.call("send_message", **wanted, confirmation=token)
        assert first["done"]
        with pytest.raises(ConfirmationError):
            await assistant.call("send_message", **wanted, confirmation=token)

    asyncio.run(story())


def test_of_several_at_once_with_one_token_one_has_it_done(assistant: Assistant) -> None:
    async def story() -> None:
        wanted = await _message(assistant)
        token = (await assistant.call("send_message", **wanted))["confirmation"]
        calls = (assistant.call("send_message", **wanted, confirmation=token) for _ in range(5))
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert sum(isinstance(one, dict) for one in answers) == 1

    asyncio.run(story())


@pytest.mark.parametrize("change", [{"text": "Outra coisa"}, {"channel": "email", "subject": "a"}, {"key": "x"}])
def test_a_token_is_for_its_very_arguments(assistant: Assistant, change: dict[str, str]) -> None:
    async def story() -> None:
        wanted = await _message(assistant)
        token = (await assistant.call("send_message", **wanted))["confirmation"]
        with pytest.raises(ConfirmationError):
            await assistant.call("send_message", **{**wanted, **change}, confirmation=token)

    asyncio.run(story())


def test_a_token_is_for_whom_it_was_given_to_and_for_one_tool(assistant: Assistant) -> None:
    async def story() -> None:
        wanted = await _message(assistant)
        token = (await assistant.call("send_message", **wanted))["confirmation"]
        assistant.caller = OTHER
        with pytest.raises(ConfirmationError):
            await assistant.call("send_message", **wanted, confirmation=token)
        await assistant.draft("ola")
        with pytest.raises(ConfirmationError):
            await assistant.call("start_campaign", campaign="ola", confirmation=token)
        with pytest.raises(ConfirmationError):
            await assistant.call("start_campaign", campaign="ola", confirmation="sim, pode")

    asyncio.run(story())


def test_a_token_is_over_after_ten_minutes(assistant: Assistant) -> None:
    async def story() -> None:
        wanted = await _message(assistant)
        token = (await assistant.call("send_message", **wanted))["confirmation"]
        assistant.house.clock.at += timedelta(minutes=10)
        with pytest.raises(ConfirmationError):
            await assistant.call("send_message", **wanted, confirmation=token)
        token = (await assistant.call("send_message", **wanted))["confirmation"]
        assistant.house.clock.at += timedelta(minutes=9, seconds=59)
        assert (await assistant.call("send_message", **wanted, confirmation=token))["done"]

    asyncio.run(story())


def test_what_would_happen_must_still_be_what_was_told(assistant: Assistant) -> None:
    async def story() -> None:
        await assistant.draft()
        token = (await assistant.call("start_campaign", campaign="oi"))["confirmation"]
        await assistant.house.people(5)  # three more than were told
        with pytest.raises(ConfirmationError):
            await assistant.call("start_campaign", campaign="oi", confirmation=token)

    asyncio.run(story())


def test_what_cannot_be_done_is_refused_before_anybody_is_asked(assistant: Assistant) -> None:
    async def story() -> None:
        [contact_id, _] = await assistant.draft()
        await assistant.confirm("start_campaign", campaign="oi")
        with pytest.raises(TransitionError):
            await assistant.call("start_campaign", campaign="oi")
        await assistant.call("suppress_address", address="p0@example.com")
        with pytest.raises(InputError):
            await assistant.call("send_message", contact_id=contact_id, channel="email", subject="a", text="Oi")
        with pytest.raises(InputError):
            await assistant.call("redrive_dead_letters", campaign="oi")

    asyncio.run(story())


def test_the_same_key_is_one_message(assistant: Assistant) -> None:
    async def story() -> None:
        wanted = await _message(assistant)
        first = await assistant.confirm("send_message", **wanted, key="a")
        assert await assistant.confirm("send_message", **wanted, key="a") == first
        assert await assistant.confirm("send_message", **wanted, key="b") != first
        assert await assistant.confirm("send_message", **wanted) != first

    asyncio.run(story())
