"""What is busy besides our events is what free/busy says of a calendar that has everything but them.

Google's side is the emulator, whose free/busy is written without our intervals (`zoneinfo` alone).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from disparo.domain.agenda.host import CalendarKind, CalendarRef
from disparo.simulation.emulators.google_calendar import CALENDAR_ID
from disparo.simulation.emulators.google_calendar_book import Event, Way
from tests.contract.calendar_suite import AllDay, Daily, Timed, busy, event, put
from tests.contract.google_calendar_stage import HOST, SECRET, GoogleStage, foreign_body, over_google

BEGIN = datetime(2027, 3, 26, 0, 0, tzinfo=UTC)
"""The fortnight has changes of the clock in Europe, Santiago, Lord Howe and (none) in São Paulo."""
MINUTE = timedelta(minutes=1)
ZONES = ("America/Santiago", "America/Sao_Paulo", "Europe/Lisbon", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
OTHER = "others@example.com"

minutes = st.integers(0, 14 * 24 * 4).map(lambda quarter: quarter * 15)
lengths = st.integers(0, 3 * 24 * 4).map(lambda quarter: quarter * 15)
answers = st.sampled_from([None, None, None, "accepted", "declined", "needsAction", "tentative"])


@st.composite
def timed(draw: st.DrawFn) -> Timed:
    start_at = BEGIN + draw(minutes) * MINUTE
    return Timed(start_at, start_at + draw(lengths) * MINUTE, free=draw(st.sampled_from([False, False, True])))


all_day = st.builds(
    AllDay, st.dates(date(2027, 3, 24), date(2027, 4, 12)), st.integers(1, 4), st.sampled_from([False, False, True])
)
daily = st.builds(
    Daily,
    st.datetimes(datetime(2027, 3, 24), datetime(2027, 4, 8)).map(lambda at: at.replace(second=0, microsecond=0)),  # noqa: DTZ001
    st.sampled_from(ZONES),
    st.integers(1, 20).map(lambda quarter: quarter * 15 * MINUTE),
    st.integers(1, 6),
)
foreign = st.tuples(st.one_of(timed(), all_day, daily), answers, st.booleans())
own = st.tuples(minutes, st.integers(1, 16).map(lambda quarter: quarter * 15))


def body_of(one: Timed | AllDay | Daily, answer: str | None) -> Event:
    body: Event = dict(foreign_body(one))
    if answer is not None:
        people: list[dict[str, Any]] = [{"email": CALENDAR_ID, "self": True, "responseStatus": answer}]
        body["attendees"] = [*people, {"email": "x@example.org", "responseStatus": "declined"}]
    return body


@given(
    zone=st.sampled_from(ZONES),
    others=st.lists(foreign, max_size=6),
    ours=st.lists(own, min_size=1, max_size=4),
    window=st.tuples(minutes, st.integers(1, 14 * 24 * 60)),
)
def test_busy_besides_ours_is_free_busy_without_ours(
    zone: str,
    others: list[tuple[Timed | AllDay | Daily, str | None, bool]],
    ours: list[tuple[int, int]],
    window: tuple[int, int],
) -> None:
    start_at = BEGIN + window[0] * MINUTE
    end_at = start_at + window[1] * MINUTE

    async def use(stage: GoogleStage) -> None:
        book = stage.emulator.book
        book.open(OTHER, zone)
        for one, answer, deleted in others:
            for calendar_id in (CALENDAR_ID, OTHER):
                made = book.insert(calendar_id, body_of(one, answer), Way())
                if deleted and answer == "tentative":
                    book.delete(calendar_id, made["id"])
        meetings = [
            event(number, BEGIN + start * MINUTE, length=length * MINUTE) for number, (start, length) in enumerate(ours)
        ]
        for meeting in meetings:
            await put(stage, meeting)
        keys = frozenset(meeting.key for meeting in meetings)
        found = await busy(stage, start_at, end_at, keys)
        with_ours = await busy(stage, start_at, end_at)
        by_events = await busy(stage, start_at, end_at, frozenset({event(99).key}))
        stage.host = replace(HOST, calendar=CalendarRef(CalendarKind.GOOGLE, SECRET, OTHER))
        assert found == await busy(stage, start_at, end_at)
        assert with_ours == by_events

    over_google(use, zone=zone)
