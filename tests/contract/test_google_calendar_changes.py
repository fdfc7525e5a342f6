"""What other hands changed in Google Calendar, and what of it takes time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from disparo.domain.agenda.calendar_event import CalendarChange, ChangeKind
from disparo.simulation.emulators.google_calendar import CALENDAR_ID
from disparo.simulation.emulators.google_calendar_book import Way
from tests.contract.calendar_suite import HOUR, NINE, Timed, busy, event, put, span
from tests.contract.google_calendar_stage import GoogleStage, foreign_body, over_google

K = ChangeKind


# --- what others changed


async def told(stage: GoogleStage, token: str | None) -> tuple[list[CalendarChange], str | None]:
    found = await stage.calendar.changes(stage.host, token)
    assert not found.fault
    return list(found.changes), found.token


def test_changes_by_other_hands_are_told_and_nobody_elses() -> None:
    async def use(stage: GoogleStage) -> None:
        written = await put(stage, event())
        changes, token = await told(stage, None)
        assert changes == []
        await stage.add(Timed(NINE, NINE + HOUR))
        await put(stage, event(start_at=NINE + HOUR, sequence=2), written.etag)
        changes, token = await told(stage, token)
        assert changes == []
        await stage.move(event().key, NINE + 5 * HOUR, NINE + 6 * HOUR)
        changes, token = await told(stage, token)
        assert changes == [CalendarChange(event().key, K.MOVED, NINE + 5 * HOUR, NINE + 6 * HOUR)]
        await stage.take_away(event().key)
        changes, token = await told(stage, token)
        assert changes == [CalendarChange(event().key, K.REMOVED)]
        assert (await told(stage, token))[0] == []

    over_google(use)


@pytest.mark.parametrize(
    ("answer", "kind"), [("accepted", [K.ACCEPTED]), ("declined", [K.DECLINED]), ("tentative", []), ("needsAction", [])]
)
def test_answers_of_attendees_are_told(answer: str, kind: list[ChangeKind]) -> None:
    async def use(stage: GoogleStage) -> None:
        await put(stage, event())
        _, token = await told(stage, None)
        own = {"email": CALENDAR_ID, "self": True, "organizer": True, "responseStatus": "accepted"}
        stage.edit(event().key, attendees=[own, {"email": "leo@example.org", "responseStatus": answer}])
        changes, _ = await told(stage, token)
        assert [one.kind for one in changes] == kind

    over_google(use, delegated=True)


def test_a_token_that_is_too_old_or_none_of_googles_begins_anew() -> None:
    async def use(stage: GoogleStage) -> None:
        await put(stage, event())
        _, token = await told(stage, None)
        stage.emulator.book.expire_sync_tokens(CALENDAR_ID)
        await stage.take_away(event().key)
        for old in (token, "lixo"):
            changes, newer = await told(stage, old)
            assert changes == []
            assert newer not in (None, old)
            assert (await told(stage, newer))[0] == []

    over_google(use)


def test_many_changes_are_read_page_by_page() -> None:
    async def use(stage: GoogleStage) -> None:
        _, token = await told(stage, None)
        for number in range(520):
            await stage.add(Timed(NINE + number * HOUR, NINE + (number + 1) * HOUR))
        await put(stage, event())
        await stage.take_away(event().key)
        changes, _ = await told(stage, token)
        assert changes == [CalendarChange(event().key, K.REMOVED)]
        assert stage.names[-3:] == ["events.list"] * 3
        found = await busy(stage, NINE, NINE + 600 * HOUR, frozenset({event(9).key}))
        assert found == (span(NINE, NINE + 520 * HOUR),)

    over_google(use)


def test_changes_that_cannot_be_asked_for_keep_their_token() -> None:
    async def use(stage: GoogleStage) -> None:
        _, token = await told(stage, None)
        await stage.break_off()
        found = await stage.calendar.changes(stage.host, token)
        assert (found.token, found.fault, list(found.changes)) == (token, "provider_failed", [])

    over_google(use)


# --- what is busy besides ours


@pytest.mark.parametrize("answer", ["accepted", "declined", "needsAction", "tentative"])
def test_only_declined_invitations_take_no_time(answer: str) -> None:
    async def use(stage: GoogleStage) -> None:
        own = {"email": CALENDAR_ID, "self": True, "responseStatus": answer}
        people = [{"email": "bia@example.org", "responseStatus": "declined"}, own]
        body = {**foreign_body(Timed(NINE, NINE + HOUR)), "attendees": people}
        stage.emulator.book.insert(CALENDAR_ID, body, Way())
        found = await busy(stage, besides=frozenset({event().key}))
        assert found == (() if answer == "declined" else (span(NINE, NINE + HOUR),))
        assert found == await busy(stage)

    over_google(use)


def test_a_window_that_ends_within_a_second_is_read_to_its_end() -> None:
    async def use(stage: GoogleStage) -> None:
        await stage.add(Timed(NINE, NINE + HOUR))
        end_at = NINE + timedelta(milliseconds=500)
        for besides in (frozenset[str](), frozenset({event().key})):
            assert await busy(stage, NINE - HOUR, end_at, besides) == (span(NINE, end_at),)

    over_google(use)
