from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.errors import InputError, NotFoundError, TransitionError
from disparo.domain.message import MessageEvent, MessageId, MessageState
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.settlement import Settlement
from disparo.entrypoints.mcp.quotes import LONGEST, quoted, quoted_or_none
from disparo.usecases.agenda.desk import AgendaDesk
from tests.agenda_scene import FakeCalendars
from tests.unit.entrypoints.mcp.conftest import Assistant


async def _given_up(assistant: Assistant, *reasons: str) -> list[str]:
    """A running campaign whose messages were given up for these reasons; their ids."""
    house, now = assistant.house, assistant.house.clock.now()
    await assistant.draft()
    await assistant.confirm("start_campaign", campaign="oi")
    await house.launch()
    claimed = (await house.engine.dispatch.claim("sms", len(reasons), now)).messages
    done = [Settlement(one.id, MessageEvent.EXHAUST, one.fence, why) for one, why in zip(claimed, reasons, strict=True)]
    await house.store.ledger.settle(done, now)
    return [str(one.id) for one in claimed]


def test_dead_letters_go_again_when_that_was_confirmed(assistant: Assistant) -> None:
    async def story() -> None:
        ids = await _given_up(assistant, "no_answer", "held_in_doubt")
        asked = await assistant.call("redrive_dead_letters", campaign="oi")
        assert "Recoloca 1 mensagens" in asked["would"]
        assert "retida" in asked["would"]
        done = await assistant.confirm("redrive_dead_letters", campaign="oi")
        assert (done["redriven"], [one["id"] for one in done["refusals"]]) == (1, [ids[1]])
        rows = [await assistant.house.store.ledger.get(MessageId.parse(one)) for one in ids]
        assert [one.state for one in rows] == [MessageState.DUE, MessageState.DEAD]
        with pytest.raises(InputError):
            await assistant.call("redrive_dead_letters", ids=[ids[1]])  # it may have arrived: for a person to say

    asyncio.run(story())


def test_which_dead_letters_must_be_said(assistant: Assistant) -> None:
    async def story() -> None:
        [one, _] = await _given_up(assistant, "no_answer", "no_answer")
        for wanted in ({}, {"ids": [one], "campaign": "oi"}, {"ids": []}):
            with pytest.raises(InputError):
                await assistant.call("redrive_dead_letters", **wanted)
        with pytest.raises(NotFoundError):
            await assistant.call("redrive_dead_letters", ids=["1.1.999"])
        done = await assistant.confirm("redrive_dead_letters", ids=[one, one])
        assert (done["redriven"], done["refused"]) == (1, 0)

    asyncio.run(story())


def test_a_campaign_is_paused_and_goes_on(assistant: Assistant) -> None:
    async def story() -> None:
        await assistant.draft()
        with pytest.raises(TransitionError):
            await assistant.call("pause_campaign", campaign="oi")
        await assistant.confirm("start_campaign", campaign="oi")
        assert (await assistant.call("pause_campaign", campaign="oi"))["state"] == "paused"
        assert (await assistant.call("resume_campaign", campaign="oi"))["state"] == "running"
        assert (await assistant.confirm("cancel_campaign", campaign="oi"))["state"] == "cancelled"
        with pytest.raises(TransitionError):
            await assistant.call("cancel_campaign", campaign="oi")

    asyncio.run(story())


def test_what_is_wrong_in_a_campaign_is_told_and_nothing_kept(assistant: Assistant) -> None:
    async def story() -> None:
        await assistant.house.people(1)
        wrong = {"name": "oi", "list": "lista", "steps": [{"channel": "sms", "text": "{{ nome | sleep }}"}], "x": 1}
        with pytest.raises(InputError, match="x"):
            await assistant.call("create_campaign", document=wrong)
        with pytest.raises(InputError):
            await assistant.call("create_campaign", document={"a" * 100: {}, **{str(one): 1 for one in range(30)}})
        assert (await assistant.call("list_campaigns"))["items"] == []

    asyncio.run(story())


def test_what_became_of_a_meeting_is_noted_from_its_beginning_on(assistant: Assistant) -> None:
    async def story() -> None:
        house = assistant.house
        house.desk = AgendaDesk(house.store, FakeCalendars(), lambda: "teste")  # type: ignore[attr-defined]
        await house.store.hosts.put_host(Host("ana", "Ana", Place("America/Sao_Paulo"), BusinessHours()))
        await house.store.hosts.put_type(MeetingType("demo", "Demonstração", ("ana",)))
        [contact_id, _] = await house.people(2)
        [slot, *_] = (await assistant.call("list_free_slots", type="demo"))["slots"]
        start = slot["start_at"]
        wish = {"contact_id": contact_id, "type": "demo", "start_at": start, "key": "a"}
        booked = (await assistant.call("book_meeting", **wish))["meeting"]
        assert (await assistant.call("book_meeting", **wish))["meeting"]["id"] == booked["id"]
        with pytest.raises(TransitionError, match=r"ocupado|livre"):
            await assistant.call("book_meeting", **{**wish, "key": "b"})
        with pytest.raises(TransitionError):
            await assistant.call("note_outcome", meeting_id=booked["id"], held=True)
        house.clock.at += timedelta(days=3)
        told = await assistant.call("note_outcome", meeting_id=booked["id"], held=True)
        assert told["meeting"]["state"] == "held"
        with pytest.raises(TransitionError):
            await assistant.call("cancel_meeting", meeting_id=booked["id"])

    asyncio.run(story())


def test_a_quote_is_marked_and_has_an_end() -> None:
    found = quoted("x" * 9_000)
    assert found.untrusted
    assert len(found.text) == LONGEST + 1
    assert quoted_or_none("") is None
