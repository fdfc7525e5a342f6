"""Bringing an agenda's file in."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.adapters.liquid import LiquidRenderer
from disparo.domain.agenda.host import Block
from disparo.domain.errors import InputError
from disparo.ports.agenda import Hosts
from disparo.usecases.agenda.loading import Change, Loaded, judge_agenda, load_agenda

ANA: dict[str, Any] = {"id": "ana", "name": "Ana", "email": "ana@example.com"}
VISIT: dict[str, Any] = {"id": "visita", "title": "Visita", "hosts": ["ana"]}
VACATION = Block(datetime(2026, 12, 21, 3, tzinfo=UTC), datetime(2027, 1, 4, 3, tzinfo=UTC), "férias")


@pytest.fixture
def hosts() -> Hosts:
    return open_store(Database(None)).hosts


def load(hosts: Hosts, *tables: Mapping[str, Any]) -> list[Loaded]:
    return list(asyncio.run(load_agenda(hosts, _document(*tables), LiquidRenderer())))


def _document(*tables: Mapping[str, Any]) -> dict[str, object]:
    return {
        "hosts": [one for one in tables if "title" not in one],
        "types": [one for one in tables if "title" in one],
    }


def test_what_is_new_is_kept(hosts: Hosts) -> None:
    assert [(one.kind, one.id, one.change) for one in load(hosts, ANA, VISIT)] == [
        ("host", "ana", Change.CREATED),
        ("type", "visita", Change.CREATED),
    ]
    kept = asyncio.run(hosts.host("ana"))
    assert (kept.email, kept.revision) == ("ana@example.com", 1)
    assert asyncio.run(hosts.type("visita")).hosts == ("ana",)


def test_the_same_file_again_changes_nothing(hosts: Hosts) -> None:
    load(hosts, ANA, VISIT)
    assert {one.change for one in load(hosts, ANA, VISIT)} == {Change.UNCHANGED}
    assert asyncio.run(hosts.host("ana")).revision == 1


def test_what_changed_is_told_key_by_key(hosts: Hosts) -> None:
    load(hosts, ANA, VISIT)
    found = load(hosts, {"id": "ana", "name": "Ana Souza"}, {**VISIT, "duration": "1h", "offers": 3})
    assert [(one.change, set(one.keys)) for one in found] == [
        (Change.CHANGED, {"name", "email"}),
        (Change.CHANGED, {"duration"}),
    ]
    assert asyncio.run(hosts.host("ana")).email is None


def test_another_calendar_is_read_from_its_own_beginning(hosts: Hosts) -> None:
    async def token(*keep: str | None) -> str | None:
        for one in keep:
            await hosts.keep_sync_token("ana", one)
        return await hosts.sync_token("ana")

    load(hosts, ANA)
    asyncio.run(token("t1"))
    load(hosts, {**ANA, "name": "Ana Souza"})
    assert asyncio.run(token()) == "t1"
    load(hosts, {**ANA, "calendar": {"kind": "google", "secret": "agenda-ana"}})
    assert asyncio.run(token()) is None


def test_blocks_that_were_set_by_hand_stay_unless_the_file_tells_some(hosts: Hosts) -> None:
    load(hosts, ANA)
    kept = asyncio.run(hosts.host("ana"))
    asyncio.run(hosts.put_host(replace(kept, blocks=(VACATION,))))
    assert load(hosts, {**ANA, "name": "Ana Souza"})[0].keys == ("name",)
    assert asyncio.run(hosts.host("ana")).blocks == (VACATION,)
    assert load(hosts, {**ANA, "name": "Ana Souza", "blocks": []})[0].keys == ("blocks",)
    assert asyncio.run(hosts.host("ana")).blocks == ()


def test_a_type_may_name_a_host_of_an_earlier_file(hosts: Hosts) -> None:
    load(hosts, ANA)
    assert load(hosts, VISIT)[0].change is Change.CREATED


def test_a_fault_keeps_everything_as_it_was(hosts: Hosts) -> None:
    with pytest.raises(InputError, match="carla"):
        load(hosts, ANA, {**VISIT, "hosts": ["carla"]})
    assert not asyncio.run(hosts.hosts())


def test_liquid_that_cannot_be_read_is_refused_with_its_place(hosts: Hosts) -> None:
    broken = {**VISIT, "messages": {"proposal": {"text": "Oi {{ nome"}, "moved": {"text": "{% if %}"}}}
    with pytest.raises(InputError) as caught:
        load(hosts, ANA, broken)
    lines = str(caught.value).split("\n")
    assert [line.partition(": ")[0] for line in lines] == ["types[1].messages.proposal", "types[1].messages.moved"]
    assert not asyncio.run(hosts.hosts())


def test_judging_keeps_nothing_and_without_anything_kept_all_is_new() -> None:
    judged = judge_agenda(_document(ANA, VISIT), LiquidRenderer())
    assert {one.change for one in judged.changes} == {Change.CREATED}
    assert judged.agenda.hosts[0].id == "ana"
