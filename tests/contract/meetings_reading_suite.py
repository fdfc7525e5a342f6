"""How every family finds meetings again: pages, contacts, what is due; each check gets one empty store, twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from disparo.domain.agenda.meeting import CalendarNote, Meeting, MeetingNews, MeetingState
from disparo.domain.agenda.meeting_changes import wants_event
from disparo.domain.errors import NotFoundError
from disparo.domain.webhook_events import meeting_event
from disparo.ports.agenda import MeetingChangedError, MeetingFilter
from disparo.ports.store import Store
from disparo.usecases import people
from disparo.usecases.erasures import Archive, erase
from tests.contract.meetings_scene import (
    DAY,
    FREE,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    agreed,
    ended,
    meeting,
    offered,
    reason,
    slot,
    taken,
)
from tests.contract.suppressions_suite import import_two

Check = Callable[[Store, Store], Awaitable[None]]
ANY = MeetingFilter()


def uids(found: Sequence[Meeting]) -> list[str]:
    return [one.uid for one in found]


async def check_pages_come_newest_first_and_stay_while_new_ones_come(store: Store, other: Store) -> None:
    assert await store.meetings.page(ANY, None, 10) == []
    for number in range(10):
        await store.meetings.add(meeting(f"u{number}"), FREE, NOW)
    seen: list[Meeting] = []
    while page := await other.meetings.page(ANY, seen[-1].id if seen else None, 3):
        seen += page
        await store.meetings.add(meeting(f"later{len(seen)}"), FREE, NOW)
    assert uids(seen) == [f"u{number}" for number in range(9, -1, -1)]
    assert await store.meetings.page(ANY, seen[-1].id, 3) == []


async def check_pages_reach_over_many_meetings(store: Store, other: Store) -> None:
    for number in range(230):
        await store.meetings.add(meeting(f"u{number}", campaign_id="3" if number % 50 == 7 else None), FREE, NOW)
    assert uids(await other.meetings.page(ANY, None, 1_000)) == [f"u{number}" for number in range(229, -1, -1)]
    of_campaign = MeetingFilter(campaign_id="3")
    first = await other.meetings.page(of_campaign, None, 2)
    assert uids(first) == ["u207", "u157"]
    assert uids(await other.meetings.page(of_campaign, first[-1].id, 9)) == ["u107", "u57", "u7"]


async def check_a_span_is_read_by_itself_and_follows_a_meeting_that_moves(store: Store, other: Store) -> None:
    for number in range(120):
        await store.meetings.add(agreed(f"u{number}", slot(12 * number)), FREE, NOW)
    await store.meetings.add(meeting("bare"), FREE, NOW)

    async def begin(from_at: datetime, to_at: datetime | None, after: str | None = None, limit: int = 99) -> list[str]:
        return uids(await other.meetings.page(MeetingFilter(from_at=from_at, to_at=to_at), after, limit))

    week = (NOW + 10 * DAY, NOW + 17 * DAY)
    assert await begin(*week) == [f"u{number}" for number in range(33, 19, -1)]
    page = await store.meetings.page(MeetingFilter(from_at=week[0], to_at=week[1]), None, 5)
    assert await begin(*week, page[-1].id, 5) == ["u28", "u27", "u26", "u25", "u24"]
    assert await begin(NOW + 59 * DAY, None) == ["u119", "u118"]
    assert await begin(NOW - 500 * DAY, NOW) == []
    assert await begin(NOW - 500 * DAY, NOW + HOUR) == ["u0"]
    assert await begin(week[1], week[0]) == []
    moving = await store.meetings.by_uid("u25")
    assert moving is not None
    there = slot(12 * 200)
    await store.meetings.replace(replace(moving, slot=there, sequence=2), FREE, NOW)
    assert "u25" not in await begin(*week)
    assert await begin(there.start_at, there.start_at + SECOND) == ["u25"]


async def check_a_filter_chooses(store: Store, other: Store) -> None:
    values: list[Meeting] = [
        agreed("agreed-ana", slot(30), campaign_id="3"),
        agreed("agreed-bia", slot(5, "bia"), type_id="visita", contact_id="8"),
        agreed("together", slot(9, "ana", "bia"), offers=(slot(12, "caio"),), offers_until=NOW + HOUR),
        offered("offered", slot(7, "caio"), slot(40, "bia"), contact_id="8", campaign_id="3"),
        ended(agreed("cancelled", slot(50, "bia"), contact_id="9")),
        meeting("bare"),
    ]
    for one in values:
        await store.meetings.add(one, FREE, NOW)
    confirmed, cancelled = MeetingState.CONFIRMED, MeetingState.CANCELLED

    async def found(**wanted: object) -> list[str]:
        page = await other.meetings.page(MeetingFilter(**wanted), None, 10)  # type: ignore[arg-type]
        assert list(page) == [
            one for one in await store.meetings.page(ANY, None, 10) if MeetingFilter(**wanted).fits(one)
        ]  # type: ignore[arg-type]
        return uids(page)[::-1]

    assert await found(states=frozenset({confirmed})) == ["agreed-ana", "agreed-bia", "together"]
    assert len(await found(states=frozenset({confirmed, cancelled}))) == 4
    assert await found(states=frozenset()) == []
    assert await found(host_id="ana") == ["agreed-ana", "together"]
    assert await found(host_id="bia") == ["agreed-bia", "together", "offered", "cancelled"]
    assert await found(host_id="caio") == ["offered"], "what is agreed says whose meeting it is"
    assert await found(type_id="visita") == ["agreed-bia"]
    assert await found(contact_id="8") == ["agreed-bia", "offered"]
    assert await found(contact_id="8", states=frozenset({confirmed})) == ["agreed-bia"]
    assert await found(campaign_id="3", contact_id="8") == ["offered"]
    assert await found(from_at=NOW + 9 * HOUR) == ["agreed-ana", "together", "cancelled"]
    assert await found(to_at=NOW + 9 * HOUR) == ["agreed-bia"]
    assert await found(from_at=NOW + 5 * HOUR, to_at=NOW + 30 * HOUR, host_id="bia") == ["agreed-bia", "together"]
    assert await found(contact_id="nobody") == []


async def check_pages_of_a_contact_go_on_behind_the_last(store: Store, other: Store) -> None:
    for number in range(7):
        await store.meetings.add(meeting(f"u{number}", contact_id=str(number % 2)), FREE, NOW)
    first = await other.meetings.page(MeetingFilter(contact_id="0"), None, 3)
    assert uids(first) == ["u6", "u4", "u2"]
    assert uids(await other.meetings.page(MeetingFilter(contact_id="0"), first[-1].id, 3)) == ["u0"]


async def check_meetings_of_several_contacts_come_newest_first(store: Store, other: Store) -> None:
    for number in range(6):
        await store.meetings.add(meeting(f"u{number}", contact_id=str(number % 3)), FREE, NOW)
    assert uids(await other.meetings.of_contacts(["2", "0", "2", "nobody"])) == ["u5", "u3", "u2", "u0"]
    assert list(await other.meetings.of_contacts([])) == []


async def check_what_is_due_comes_with_the_longest_waiting_first(store: Store, other: Store) -> None:
    assert await store.meetings.next_due() is None
    assert list(await store.meetings.due(NOW, 5)) == []
    waits = [3, 1, 4, 1, 5]
    for number, minutes in enumerate(waits):
        until = NOW + minutes * MINUTE
        await store.meetings.add(offered(f"u{number}", slot(5 + number), until=until, told=0), FREE, NOW)
    await store.meetings.add(meeting("never", told=0), FREE, NOW)
    assert await other.meetings.next_due() == NOW + MINUTE
    assert list(await other.meetings.due(NOW + MINUTE - SECOND, 5)) == []
    assert uids(await other.meetings.due(NOW + MINUTE, 5)) == ["u1", "u3"], "at that very instant, in order of ids"
    assert uids(await other.meetings.due(NOW + DAY, 10)) == ["u1", "u3", "u0", "u2", "u4"]
    assert uids(await other.meetings.due(NOW + DAY, 3)) == ["u1", "u3", "u0"]


async def check_what_was_looked_at_waits_for_its_next_moment(store: Store, other: Store) -> None:
    one = await store.meetings.add(offered("u1", slot(5), changed_at=NOW, until=NOW + HOUR), FREE, NOW)
    assert await other.meetings.next_due() == NOW, "its notices are not entered yet"
    one = await store.meetings.replace(replace(one, told=0), FREE, NOW)
    assert await other.meetings.next_due() == NOW + HOUR
    assert list(await other.meetings.due(NOW + HOUR - SECOND, 5)) == []
    one = await other.meetings.replace(taken(one, slot(5)), FREE, NOW)
    assert await store.meetings.next_due() == slot(5).end_at
    noted = replace(one, calendar=(CalendarNote("ana", due_at=NOW + MINUTE), CalendarNote("bia", due_at=NOW + DAY)))
    one = await store.meetings.replace(noted, FREE, NOW)
    assert await other.meetings.next_due() == NOW + MINUTE
    assert list(await other.meetings.due(NOW + MINUTE, 5)) == [one]
    await store.meetings.replace(replace(ended(one), calendar=()), FREE, NOW)
    assert await other.meetings.next_due() is None
    assert list(await other.meetings.due(NOW + 100 * DAY, 5)) == []


async def check_notes_are_forgotten_and_meetings_stay(store: Store, other: Store) -> None:
    mine = [
        await store.meetings.add(agreed("u1", slot(5), notes="segredo", heard="whatsapp:wamid.1"), FREE, NOW),
        await store.meetings.add(ended(agreed("u2", slot(7), notes="outro")), FREE, NOW),
        await store.meetings.add(offered("u3", slot(9)), FREE, NOW),
    ]
    theirs = await store.meetings.add(agreed("u4", slot(11), contact_id="8", notes="de outra"), FREE, NOW)
    due = await store.meetings.next_due()
    for _ in range(2):
        await other.meetings.forget("7")
        await other.meetings.forget("nobody")
    kept = [await store.meetings.get(one.id) for one in mine]
    assert [one.notes + one.heard for one in kept] == ["", "", ""]
    assert [
        replace(now, notes=was.notes, heard=was.heard, revision=1) for now, was in zip(kept, mine, strict=True)
    ] == mine
    assert await store.meetings.get(theirs.id) == theirs
    assert await store.meetings.next_due() == due
    assert await reason(store.meetings, agreed("n1", slot(5))) == "taken"
    with pytest.raises(MeetingChangedError):
        await store.meetings.replace(replace(mine[0], told=1), FREE, NOW)


async def check_who_is_erased_goes_out_of_calendars_too(store: Store, other: Store) -> None:
    written = replace(agreed("u1", slot(5)), calendar=(CalendarNote("ana", written=1, etag="e1"), CalendarNote("bia")))
    one = await store.meetings.add(written, FREE, NOW)
    for _ in range(2):
        await other.meetings.forget("7")
    [due] = await store.meetings.due(NOW, 5)
    assert (due.id, due.erased, due.revision) == (one.id, True, 2), "once, however often it is asked"
    assert [note.due_at for note in due.calendar] == [one.proposed_at, None], "nothing was ever written at the other's"
    assert not wants_event(due, "ana")


async def check_who_is_erased_has_said_nothing_that_others_are_still_told(store: Store, other: Store) -> None:
    news = MeetingNews("cancelled", 2, NOW, "guest", "estou internada, palavra-rara", slot(5))
    agreed_before = replace(news, what="agreed", sequence=1, reason="")
    said = replace(ended(agreed("u1", slot(5))), reason=news.reason, unannounced=(agreed_before, news))
    one = await store.meetings.add(said, FREE, NOW)
    for _ in range(2):
        await other.meetings.forget("7")
    left = await store.meetings.get(one.id)
    assert (left.reason, left.revision) == ("written", 2)
    assert left.unannounced == (agreed_before, replace(news, reason="written")), "what happened is still told"
    assert [dict(meeting_event(left, each).personal) for each in left.unannounced] == [{}, {}]


async def check_a_person_is_told_of_their_meetings_and_erased_from_them(store: Store, _other: Store) -> None:
    ana, bia = await import_two(store)
    kept = await store.meetings.add(agreed("u1", slot(5, "ana"), contact_id=ana, notes="segredo"), FREE, NOW)
    await store.meetings.add(agreed("u2", slot(7), contact_id=bia, notes="de outra"), FREE, NOW)
    [told] = (await people.export(store, ana))["meetings"]
    assert told["notes"] == "segredo"
    assert told["agreed"]["start_at"] == "2026-03-02T17:00:00.000+00:00"
    await erase(Archive(store), ana, NOW)
    left = await store.meetings.get(kept.id)
    assert (left.state, left.slot, left.notes) == (MeetingState.CANCELLED, kept.slot, "")
    [told] = (await people.export(store, ana))["meetings"]
    assert (told["state"], told["reason"], told["notes"]) == ("cancelled", "erased", "")
    assert [one.notes for one in await store.meetings.of_contacts([bia])] == ["de outra"]
    with pytest.raises(NotFoundError):
        await people.export(store, "999")


SUITE: tuple[Check, ...] = tuple(check for name, check in globals().items() if name.startswith("check_"))
