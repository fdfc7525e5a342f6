"""Why a meeting may, or may not, begin at an instant."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from disparo.domain.agenda.availability import SlotReason
from disparo.domain.agenda.meeting_type import Assignment
from disparo.domain.errors import InputError, NotFoundError
from disparo.usecases.agenda.why import SlotExplanation, why_slot
from tests.agenda_scene import MONDAY, SAO_PAULO, host, meeting_type, open_agenda

TUESDAY = MONDAY + timedelta(days=1)


def asked(assignment: Assignment = Assignment.ANY, **more: object) -> SlotExplanation:
    async def story() -> SlotExplanation:
        kind = meeting_type(["ana", "bruno"], assignment=assignment)
        agenda = await open_agenda([host("ana"), host("bruno", active=False)], kind)
        given = {"type_id": "demo", "start_at": TUESDAY, "host_id": None, **more}
        return await why_slot(
            agenda.store.hosts,
            agenda.desk,
            str(given["type_id"]),
            SAO_PAULO,
            given["start_at"],
            MONDAY,
            host_id=given["host_id"],
        )

    return asyncio.run(story())


def test_each_host_has_a_decision_and_one_that_is_free_is_enough() -> None:
    found = asked()
    reasons = {one.host_id: one.reason for one in found.decisions}
    assert reasons == {"ana": SlotReason.FREE, "bruno": SlotReason.HOST_INACTIVE}
    assert found.bookable
    assert found.hosts["ana"].name == "Ana"


def test_together_all_of_them_must_be_free() -> None:
    assert not asked(Assignment.TOGETHER).bookable


def test_one_host_may_be_asked_about() -> None:
    found = asked(host_id="bruno")
    assert [one.host_id for one in found.decisions] == ["bruno"]
    assert not found.bookable


def test_who_or_what_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="ana, bruno"):
        asked(host_id="carla")
    with pytest.raises(NotFoundError):
        asked(type_id="nada")
