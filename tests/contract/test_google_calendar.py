"""Writing meetings into Google Calendar: conferences, attendees, other hands, and what they changed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from disparo.domain.agenda.calendar_event import (
    Attendee,
    CalendarEvent,
    ChangeKind,
    WriteResult,
    Written,
)
from disparo.domain.agenda.host import CalendarKind, CalendarRef
from disparo.simulation.emulators.faults import FaultKind
from disparo.simulation.emulators.google_calendar import CALENDAR_ID, CalendarFault
from disparo.simulation.emulators.google_calendar_book import Way
from tests.contract.calendar_suite import DAY, HOUR, NINE, busy, event, put, span, times
from tests.contract.google_calendar_stage import HOST, GoogleStage, over_google

ONLINE = replace(event(), online=True)
R, K = WriteResult, ChangeKind
MEET = "https://meet.google.com/abc-defg-hij"


def stored(stage: GoogleStage, wanted: CalendarEvent | None = None) -> dict[str, Any]:
    return stage.emulator.book.get(CALENDAR_ID, (wanted or event()).key)


# --- conferences


def test_a_conference_is_made_later_and_the_next_put_brings_its_link() -> None:
    async def use(stage: GoogleStage) -> None:
        first = await put(stage, ONLINE)
        assert (first.join_url, first.pending) == ("", True)
        assert (await put(stage, ONLINE, first.etag)).pending
        stage.emulator.book.finish_conferences()
        done = await put(stage, ONLINE, first.etag)
        assert (done.join_url, done.pending) == (MEET, False)
        assert "events.patch" not in stage.names  # it is only looked at

    over_google(use)


def test_a_conference_stays_the_same_when_the_meeting_moves() -> None:
    async def use(stage: GoogleStage) -> None:
        first = await put(stage, ONLINE)
        stage.emulator.book.finish_conferences()
        moved = replace(ONLINE, sequence=2, start_at=NINE + HOUR, end_at=NINE + 2 * HOUR)
        written = await put(stage, moved, first.etag)  # its etag is older than the conference
        assert (written.join_url, written.pending) == (MEET, False)
        assert "conferenceData" not in stage.emulator.calls[-1].body
        assert await times(stage, moved) == (moved.start_at, moved.end_at)

    over_google(use)


def test_a_conference_that_could_not_be_made_is_asked_for_anew_with_the_next_version() -> None:
    async def use(stage: GoogleStage) -> None:
        first = await put(stage, ONLINE)
        stage.emulator.book.finish_conferences(succeed=False)
        failed = await put(stage, ONLINE, first.etag)
        assert (failed.join_url, failed.pending) == ("", False)
        stage.emulator.book.conferences_pending = False
        assert (await put(stage, replace(ONLINE, sequence=2), failed.etag)).join_url == MEET

    over_google(use)


def test_an_account_that_may_make_no_conference_writes_the_meeting_without() -> None:
    async def use(stage: GoogleStage) -> None:
        stage.emulator.book.conferences_refused = True
        written = await put(stage, ONLINE)
        assert (written.join_url, written.pending) == ("", False)
        assert await times(stage, ONLINE) == (NINE, NINE + HOUR)

    over_google(use)


# --- attendees


def test_without_delegation_nobody_is_invited_by_google() -> None:
    async def use(stage: GoogleStage) -> None:
        assert not (await put(stage, event())).invited
        assert "attendees" not in stored(stage)
        assert stage.emulator.book.mails == []

    over_google(use)


def test_with_delegation_google_invites_and_tells_of_every_version_once() -> None:
    async def use(stage: GoogleStage) -> None:
        guests = Attendee("Léo", "leo@example.org"), Attendee("Bia")
        meeting = replace(event(), attendees=guests)
        first = await put(stage, meeting)
        again = await put(stage, meeting, first.etag)
        assert first.invited
        assert again.invited
        assert stage.emulator.book.mails == [("leo@example.org", meeting.key)]
        moved = replace(meeting, sequence=2, start_at=NINE + HOUR, end_at=NINE + 2 * HOUR)
        second = await put(stage, moved, again.etag)
        await stage.calendar.remove(stage.host, replace(moved, sequence=3, cancelled=True), second.etag)
        assert stage.emulator.book.mails == [("leo@example.org", meeting.key)] * 3

    over_google(use, delegated=True)


def test_attendees_that_google_refuses_all_the_same_are_left_to_us() -> None:
    async def use(stage: GoogleStage) -> None:
        stage.emulator.order(CalendarFault(call="events.insert", status=403, reason="forbiddenForServiceAccounts"))
        written = await put(stage, event())
        assert not written.invited
        assert "attendees" not in stored(stage)

    over_google(use, delegated=True)


def test_answers_of_attendees_are_no_change_by_other_hands() -> None:
    async def use(stage: GoogleStage) -> None:
        first = await put(stage, event())
        stage.edit(event().key, attendees=[{"email": "leo@example.org", "responseStatus": "accepted"}])
        moved = event(start_at=NINE + HOUR, sequence=2)
        assert (await put(stage, moved, first.etag)).etag == stored(stage)["etag"]
        assert await times(stage, moved) == (moved.start_at, moved.end_at)
        stage.edit(event().key, attendees=[{"email": "leo@example.org", "responseStatus": "declined"}])
        assert (await stage.calendar.remove(stage.host, moved, first.etag)).result is R.DONE

    over_google(use, delegated=True)


def test_guests_whom_other_hands_invited_stay_and_ours_are_asked_anew() -> None:
    async def use(stage: GoogleStage) -> None:
        first = await put(stage, event())
        colleague = {"email": "bia@example.com", "responseStatus": "accepted", "optional": True}
        stage.edit(event().key, attendees=[{"email": "Leo@example.org", "responseStatus": "accepted"}, colleague])
        await put(stage, event(start_at=NINE + HOUR, sequence=2), first.etag)
        ours = {"email": "leo@example.org", "displayName": "Léo", "responseStatus": "needsAction"}
        assert stored(stage)["attendees"] == [ours, colleague]

    over_google(use, delegated=True)


@pytest.mark.parametrize("delegated", [False, True])
def test_the_hosts_notes_are_not_shown_to_whom_google_invites(delegated: bool) -> None:
    async def use(stage: GoogleStage) -> None:
        await put(stage, replace(event(), host_notes="disse que está sem dinheiro"))
        assert ("sem dinheiro" in stored(stage)["description"]) is not delegated
        assert "Primeira conversa" in stored(stage)["description"]

    over_google(use, delegated=delegated)


# --- other hands


def test_texts_that_others_wrote_stay_and_the_time_is_moved() -> None:
    async def use(stage: GoogleStage) -> None:
        first = await put(stage, event())
        stage.edit(event().key, description="notas do anfitrião", colorId="7")
        for number in (2, 3):
            moved = event(start_at=NINE + number * HOUR, sequence=number)
            await put(stage, replace(moved, title=f"Título {number}"), first.etag)
            assert await times(stage, moved) == (moved.start_at, moved.end_at)
            assert (stored(stage)["summary"], stored(stage)["description"]) == (
                f"Título {number}",
                "notas do anfitrião",
            )
        assert stored(stage)["colorId"] == "7"

    over_google(use)


def test_who_knows_the_version_that_others_made_writes_over_it() -> None:
    async def use(stage: GoogleStage) -> None:
        first = await put(stage, event())
        await stage.move(event().key, NINE + 5 * HOUR, NINE + 6 * HOUR)
        newer = event(start_at=NINE + HOUR, sequence=2)
        refused = await stage.calendar.put(stage.host, newer, first.etag)
        assert (refused.result, refused.fault) == (R.CHANGED, "moved_there")
        await put(stage, newer, refused.etag)
        assert await times(stage, newer) == (newer.start_at, newer.end_at)
        await stage.move(event().key, NINE, NINE + HOUR)
        kept = await stage.calendar.remove(stage.host, newer, refused.etag)
        assert (kept.result, kept.fault) == (R.CHANGED, "moved_there")
        assert (await stage.calendar.remove(stage.host, newer, kept.etag)).result is R.DONE

    over_google(use)


def test_a_version_that_is_when_others_moved_it_to_is_written_at_once() -> None:
    async def use(stage: GoogleStage) -> None:
        first = await put(stage, event())
        moved = event(start_at=NINE + 5 * HOUR, sequence=2)
        await stage.move(event().key, moved.start_at, moved.end_at)
        second = await put(stage, moved, first.etag)
        assert (await put(stage, moved, second.etag)).etag == second.etag

    over_google(use)


def test_the_same_version_again_never_hides_what_others_moved() -> None:
    async def use(stage: GoogleStage) -> None:
        first = await put(stage, event())
        await stage.move(event().key, NINE + 5 * HOUR, NINE + 6 * HOUR)
        again = await put(stage, event(), first.etag)
        newer = event(start_at=NINE + HOUR, sequence=2)
        assert (await stage.calendar.put(stage.host, newer, again.etag)).result is R.CHANGED

    over_google(use)


def test_an_event_that_somebody_else_has_under_our_id_is_left_alone() -> None:
    async def use(stage: GoogleStage) -> None:
        edges = {name: {"dateTime": at.isoformat()} for name, at in (("start", NINE), ("end", NINE + HOUR))}
        stage.emulator.book.insert(CALENDAR_ID, {"id": event().key, "summary": "x", **edges}, Way())
        for attempt in (stage.calendar.put, stage.calendar.remove):
            kept = await attempt(stage.host, event(), "")
            assert (kept.result, kept.fault) == (R.CHANGED, "not_ours")

    over_google(use)


def test_a_removal_of_an_older_version_leaves_a_newer_one() -> None:
    async def use(stage: GoogleStage) -> None:
        first = await put(stage, event())
        await put(stage, event(sequence=3), first.etag)
        late = await stage.calendar.remove(stage.host, event(sequence=2), first.etag)
        assert (late.result, late.fault) == (R.CHANGED, "newer_there")
        assert await stage.kept(event().key) is not None

    over_google(use)


def test_an_event_that_changes_all_the_time_is_tried_again_later() -> None:
    async def use(stage: GoogleStage) -> None:
        first = await put(stage, event())
        busily = CalendarFault(status=412, reason="conditionNotMet", times=0)
        stage.emulator.order(replace(busily, call="events.patch"), replace(busily, call="events.delete"))
        asked = len(stage.emulator.calls)
        later = await stage.calendar.put(stage.host, event(sequence=2), first.etag)
        gone = await stage.calendar.remove(stage.host, event(sequence=2), first.etag)
        assert (later.result, later.fault, gone.result) == (R.RETRY, "changed_meanwhile", R.RETRY)
        assert len(stage.emulator.calls) - asked <= 12

    over_google(use)


def test_two_versions_at_once_end_with_the_newer_one() -> None:
    async def use(stage: GoogleStage) -> None:
        first = await put(stage, event())
        versions = [event(start_at=NINE + number * HOUR, sequence=number) for number in range(2, 6)]
        found = await asyncio.gather(*(stage.calendar.put(stage.host, one, first.etag) for one in versions))
        assert {one.result for one in found} <= {R.DONE, R.CHANGED, R.RETRY}
        await put(stage, versions[-1])
        assert await times(stage, versions[-1]) == (versions[-1].start_at, versions[-1].end_at)

    over_google(use)


# --- whose calendar


@pytest.mark.parametrize("name", ["bia@example.com", "pt.brazilian#holiday@group.v.calendar.google.com", "a/b?c%20&d"])
def test_a_host_may_name_another_calendar(name: str) -> None:
    async def use(stage: GoogleStage) -> None:
        stage.emulator.book.open(name, "UTC")
        stage.host = replace(HOST, calendar=CalendarRef(CalendarKind.GOOGLE, "mcp-calendar", name))
        await put(stage, event())
        assert await busy(stage) == (span(NINE, NINE + HOUR),)
        assert await busy(stage, besides=frozenset({event().key})) == ()
        stage.host = HOST
        assert await busy(stage) == ()

    over_google(use)


def test_what_is_written_is_what_the_meeting_says() -> None:
    async def use(stage: GoogleStage) -> None:
        await put(stage, replace(event(), description="a < b\n<a href='x'>y</a>", url="https://disparo.example/m/1"))
        found = stored(stage)
        assert found["description"] == "a &lt; b\n&lt;a href='x'&gt;y&lt;/a&gt;\n\nhttps://disparo.example/m/1"
        assert found["start"] == {"dateTime": "2027-04-05T12:00:00Z", "timeZone": "America/Sao_Paulo"}
        assert (found["summary"], found["location"]) == (event().title, event().location)

    over_google(use)


def test_an_answer_that_was_lost_leads_to_one_event_and_one_mail() -> None:
    async def use(stage: GoogleStage) -> None:
        stage.emulator.order(CalendarFault(FaultKind.DROP_AFTER, "events.insert"))
        lost = await stage.calendar.put(stage.host, event(), "")
        assert (lost.result, lost.fault) == (R.RETRY, "no_answer")
        done: Written = await put(stage, event())
        assert done.invited
        stage.emulator.order(CalendarFault(FaultKind.DROP_AFTER, "events.patch"))
        moved = event(start_at=NINE + DAY, sequence=2)
        assert (await stage.calendar.put(stage.host, moved, done.etag)).result is R.RETRY
        await put(stage, moved, done.etag)
        assert stage.emulator.book.mails == [("leo@example.org", event().key)] * 2
        stage.emulator.order(CalendarFault(FaultKind.DROP_AFTER, "events.delete"))
        last = replace(moved, sequence=3, cancelled=True)
        etag = stored(stage)["etag"]
        # A DELETE may be asked again by the HTTP client itself (RFC 9110, section 9.2.2).
        assert (await stage.calendar.remove(stage.host, last, etag)).result in (R.RETRY, R.DONE)
        assert (await stage.calendar.remove(stage.host, last, etag)).result is R.DONE
        assert len(stage.emulator.book.mails) == 3

    over_google(use, delegated=True)
