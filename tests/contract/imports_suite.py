"""What every family must keep about imports in parts. `shared` is the same data in a second process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from disparo.domain.contact import ContactDraft
from disparo.domain.contact_import import Import, ImportCounts, ImportPart, ImportState
from disparo.domain.errors import NotFoundError
from disparo.ports.contacts import Contacts
from disparo.ports.imports import Imports

NOW = datetime(2026, 11, 23, 13, 0, 0, 123_000, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


@dataclass
class Ports:
    imports: Imports
    shared: Imports
    contacts: Contacts


Check = Callable[[Ports], Awaitable[None]]


def new(number: int = 1, **changes: object) -> Import:
    import_id = f"20261123130000123-{number:04}"
    values: dict[str, object] = {
        "id": import_id,
        "key": f"imports/id/{import_id}/Clientes São.csv",
        "file": "Clientes São.csv",
        "list_name": "clientes",
        "created_at": NOW,
        "changed_at": NOW,
        "columns": {"phone": "Telefone"},
        "sheet": "2",
        **changes,
    }
    return Import(**values)  # type: ignore[arg-type]


def part(after: int, line: int, *, has_report: bool = False, **counts: object) -> ImportPart:
    return ImportPart(after, line, ImportCounts(**counts), line / 100, has_report)  # type: ignore[arg-type]


async def running(ports: Ports, number: int = 1) -> Import:
    await ports.imports.create(new(number))
    return await ports.imports.begin(new(number).id, "f1", NOW)


async def check_an_import_is_kept_as_it_was_given(ports: Ports) -> None:
    assert await ports.imports.create(new()) == new()
    assert await ports.shared.get(new().id) == new()


async def check_the_same_id_again_comes_back_as_it_stands(ports: Ports) -> None:
    await running(ports)
    again = await ports.shared.create(new(file="outro.csv"))
    assert (again.file, again.state) == ("Clientes São.csv", ImportState.RUNNING)


async def check_an_unknown_import_is_not_found(ports: Ports) -> None:
    for ask in (
        ports.imports.get("nada"),
        ports.imports.get(""),
        ports.imports.begin("nada", "f", NOW),
        ports.imports.advance("nada", part(0, 5), NOW),
        ports.imports.finish("nada", 0, NOW),
        ports.imports.fail("nada", "x", NOW),
    ):
        with pytest.raises(NotFoundError):
            await ask


async def check_pages_hold_every_import_once_newest_first(ports: Ports) -> None:
    for number in (3, 1, 5, 2, 4):
        await ports.imports.create(new(number))
    seen: list[Import] = []
    while page := await ports.imports.page(seen[-1].id if seen else None, 2):
        seen += page
    assert [one.id for one in seen] == [new(number).id for number in (5, 4, 3, 2, 1)]
    assert [one.id for one in await ports.imports.page("20261123130000123-0003x", 1)] == [new(3).id]


async def check_beginning_notes_the_file_and_the_newest_contact(ports: Ports) -> None:
    first = await running(ports, 1)
    assert (first.state, first.fingerprint, first.newest_before, first.line) == (ImportState.RUNNING, "f1", 0, 0)
    drafts = [
        ContactDraft(f"a.csv:{n}", None, phone=f"+55419888877{n}", phone_key=f"+55419888877{n}") for n in (70, 71)
    ]
    made = await ports.contacts.fold("clientes", drafts)
    second = await running(ports, 2)
    assert second.newest_before >= max(int(one.contact_id) for one in made)
    more = await ports.contacts.fold("clientes", [ContactDraft("a.csv:9", None, email="a@x.com", email_key="a@x.com")])
    assert int(more[0].contact_id) > second.newest_before


async def check_beginning_again_changes_nothing(ports: Ports) -> None:
    await running(ports)
    assert await ports.imports.advance(new().id, part(0, 5, rows=4, created=4), NOW)
    again = await ports.shared.begin(new().id, "f2", LATER)
    assert (again.fingerprint, again.line, again.changed_at) == ("f1", 5, NOW)


async def check_parts_add_up(ports: Ports) -> None:
    await running(ports)
    one = part(0, 10, rows=9, created=7, rejected=2, by_reason={"no_address": 2})
    two = part(10, 30, rows=20, created=19, rejected=1, by_reason={"no_address": 1, "formula": 3}, has_report=True)
    assert await ports.imports.advance(new().id, one, NOW)
    assert await ports.imports.advance(new().id, two, LATER)
    found = await ports.shared.get(new().id)
    assert (found.counts.rows, found.counts.created, found.counts.rejected) == (29, 26, 3)
    assert found.counts.by_reason == {"no_address": 3, "formula": 3}
    assert (found.line, found.fraction, found.reports, found.changed_at) == (30, 0.3, (10,), LATER)


async def check_a_part_is_counted_once_whoever_brings_it(ports: Ports) -> None:
    await running(ports)
    assert await ports.imports.advance(new().id, part(0, 10, rows=9), NOW)
    assert not await ports.shared.advance(new().id, part(0, 10, rows=9), NOW)
    assert not await ports.shared.advance(new().id, part(0, 20, rows=19), NOW)
    assert not await ports.shared.advance(new().id, part(20, 30, rows=10), NOW)
    assert (await ports.imports.get(new().id)).counts.rows == 9


async def check_of_several_at_once_one_advances(ports: Ports) -> None:
    await running(ports)
    for line in range(5):
        offers = [
            (ports.imports, ports.shared)[n % 2].advance(new().id, part(line, line + 1, rows=1), NOW) for n in range(8)
        ]
        assert sum(await asyncio.gather(*offers)) == 1
    assert (await ports.imports.get(new().id)).counts.rows == 5


async def check_only_a_running_import_advances_or_finishes(ports: Ports) -> None:
    await ports.imports.create(new())
    assert not await ports.imports.advance(new().id, part(0, 5), NOW)
    assert not await ports.imports.finish(new().id, 0, NOW)
    await ports.imports.begin(new().id, "f1", NOW)
    await ports.imports.advance(new().id, part(0, 5, rows=4), NOW)
    assert not await ports.imports.finish(new().id, 0, NOW)  # somebody moved it on
    assert await ports.imports.finish(new().id, 5, LATER)
    assert not await ports.shared.finish(new().id, 5, LATER)
    assert not await ports.shared.advance(new().id, part(5, 9, rows=4), LATER)
    found = await ports.shared.get(new().id)
    assert (found.state, found.fraction, found.counts.rows) == (ImportState.COMPLETED, 1.0, 4)


async def check_a_failure_keeps_its_reason_and_what_was_done(ports: Ports) -> None:
    await running(ports)
    await ports.imports.advance(new().id, part(0, 5, rows=4), NOW)
    assert await ports.imports.fail(new().id, "a planilha está danificada", LATER)
    assert not await ports.shared.fail(new().id, "outra razão", LATER)
    assert not await ports.shared.finish(new().id, 5, LATER)
    found = await ports.shared.get(new().id)
    assert (found.state, found.error, found.counts.rows) == (ImportState.FAILED, "a planilha está danificada", 4)


async def check_an_import_that_never_ran_may_fail(ports: Ports) -> None:
    await ports.imports.create(new())
    assert await ports.imports.fail(new().id, "não é uma tabela", NOW)
    assert (await ports.imports.begin(new().id, "f1", NOW)).state is ImportState.FAILED


async def check_a_draft_waits_until_a_person_has_told_its_columns(ports: Ports) -> None:
    await ports.imports.create(new(state=ImportState.DRAFT))
    assert (await ports.imports.begin(new().id, "f", NOW)).state is ImportState.DRAFT
    told = {"Nome": "name", "Zap": "phone"}
    assert await ports.shared.order(new().id, "feira", told, "Plan1", LATER)
    assert not await ports.imports.order(new().id, "outra", {}, None, LATER), "once"
    one = await ports.imports.get(new().id)
    assert (one.state, one.list_name, one.mapping, one.sheet, one.changed_at) == (
        ImportState.ANNOUNCED,
        "feira",
        told,
        "Plan1",
        LATER,
    )
    with pytest.raises(NotFoundError):
        await ports.imports.order("nada", "l", told, None, NOW)


async def check_what_is_emptied_has_ended_and_has_no_reports(ports: Ports) -> None:
    await running(ports)
    assert await ports.imports.advance(new().id, part(0, 5, has_report=True, rows=5, rejected=1), NOW)
    assert not await ports.imports.empty(new().id), "it goes on"
    assert await ports.imports.finish(new().id, 5, NOW)
    assert await ports.shared.empty(new().id)
    assert not await ports.imports.empty(new().id)
    one = await ports.imports.get(new().id)
    assert (one.discarded, one.reports, one.counts.rejected) == (True, (), 1)


SUITE: tuple[Check, ...] = tuple(check for name, check in globals().items() if name.startswith("check_"))
