"""The host's page, the file for one's calendar, and the feed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from icalendar import Calendar

from disparo.domain.agenda.meeting import MeetingState
from disparo.domain.place import Place
from tests.unit.entrypoints.http.booking_house import ANA, BookingHouse, Teller, at, look, send, teller
from tests.unit.entrypoints.http.conftest import Client

tell = teller


def test_the_host_sees_who_comes_and_says_what_became_of_it(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(3, 9), notes="Prefere falar\nde manhã")
        path = house.host(meeting)
        page = await look(client, path)
        assert page.heading == "Reunião com Pessoa 0" and "Prefere falar de manhã" in page.text
        assert page.links("mailto:") == ["mailto:p0%40example.com"] and page.links("tel:") == ["tel:+5541988880000"]
        assert page.buttons() == [] and page.links("view=cancel")
        early = await send(client, path, {"do": "held"})
        assert early.headers["location"] == "?said=too_early"
        house.clock.at = at(3, 10)
        assert "falta dizer se aconteceu" in (await look(client, path)).text
        assert (await look(client, path)).buttons() == ["held", "no_show"]
        for button, state in (
            ("no_show", MeetingState.NO_SHOW),
            ("held", MeetingState.HELD),
            ("held", MeetingState.HELD),
        ):
            answer = await send(client, path, {"do": button})
            assert answer.headers["location"] in ("?said=outcome", "?said=already")
            assert ((now := await house.now(meeting)).state, now.by) == (state, "host")
        page = await look(client, path + "?said=outcome")
        assert "Anotado" in page.text and page.buttons() == ["no_show"]

    tell(story)


def test_the_host_calls_it_off_with_a_reason(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(3, 9))
        path = house.host(meeting)
        asked = await look(client, path + "?view=cancel")
        assert asked.buttons() == ["cancel"] and asked.of("textarea", name="reason")
        await send(client, path + "?view=cancel", {"do": "cancel", "reason": "imprevisto"})
        now = await house.now(meeting)
        assert (now.state, now.by, now.reason) == (MeetingState.CANCELLED, "host", "imprevisto")
        assert "imprevisto" in (await look(client, path)).text
        for button in ("take", "come", "move", "again", ""):
            assert (await send(client, path, {"do": button})).status == 400

    tell(story)


def test_the_host_reads_it_in_their_own_zone_and_language(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        await house.store.hosts.put_host(replace(ANA, language="en", place=Place("America/Manaus")))
        meeting = await house.confirmed(at(3, 10))
        page = await look(client, house.host(meeting))
        assert page.heading == "Meeting with Pessoa 0" and "9:00 AM – 9:30 AM" in page.text
        assert "10:00 – 10:30" in (await look(client, house.guest(meeting))).text

    tell(story)


def test_the_file_for_a_calendar_has_the_meeting_as_it_is_agreed(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(3, 9))
        [link] = (await look(client, house.guest(meeting))).links("invite.ics")
        for path in ("/book/" + link.removeprefix("./"), house.host(meeting) + "/invite.ics"):
            answer = await client.get(path)
            assert answer.headers["content-type"] == "text/calendar; charset=utf-8; method=PUBLISH"
            assert answer.headers["cache-control"] == "no-store"
            [event] = Calendar.from_ical(answer.body).walk("VEVENT")
            assert (str(event["UID"]), event["SEQUENCE"]) == (meeting.uid, meeting.agreed)
            assert event["DTSTART"].dt == at(3, 9) and event["DTEND"].dt == at(3, 9, 30)
        await house.desk.cancel(meeting.id, "", house.clock.now(), "host")
        for one in (meeting, await house.proposed("dois")):
            assert (await client.get(house.guest(one) + "/invite.ics")).status == 404

    tell(story)


def test_a_feed_has_the_hosts_own_meetings_from_thirty_days_back_on(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        await house.store.hosts.put_host(replace(ANA, id="bruno", name="Bruno"))
        old = await house.confirmed(at(1, 9), "velha")
        house.clock.at = at(20, 10)
        held = await house.confirmed(at(21, 9), "feita")
        house.clock.at = at(32, 10)
        await house.desk.outcome(held.id, True, house.clock.now(), "host")
        gone = await house.confirmed(at(35, 9), "cancelada")
        await house.desk.cancel(gone.id, "", house.clock.now(), "host")
        await house.proposed("proposta")
        await house.put_type(hosts=("bruno",))
        await house.confirmed(at(36, 9), "de outro")
        await house.put_type(hosts=("ana", "bruno"))
        coming = await house.confirmed(at(37, 9), "futura")
        answer = await client.get(house.feed("ana"))
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8; method=PUBLISH"
        events = Calendar.from_ical(answer.body).walk("VEVENT")
        assert {str(one["UID"]) for one in events} == {held.uid, coming.uid} and old.uid not in answer.body.decode()
        assert all("Pessoa 0" in str(one["SUMMARY"]) for one in events)
        assert "/book/" not in answer.body.decode()  # whoever is shown the calendar cannot change what is in it
        assert (await client.ask("HEAD", house.feed("ana"))).status == 200

    tell(story)


def test_a_contact_who_was_erased_leaves_the_time_alone(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(3, 9))
        await house.store.contacts.erase(house.contact_id, house.clock.now())
        assert (await look(client, house.host(meeting))).heading == "Reunião com contato sem nome"
        assert (await client.get(house.feed("ana"))).status == 200
        house.clock.at += timedelta(days=9)
        assert (await look(client, house.guest(meeting))).heading == "Esta reunião já passou"

    tell(story)


def test_a_type_that_is_gone_leaves_the_page_standing(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        await house.put_type(id="efemera", hosts=("ana",))
        meeting = replace(await house.confirmed(at(3, 9)), type_id="sumiu", uid="x@y", id="")
        moved = replace(meeting, slot=replace(meeting.slot, start_at=at(4, 9), end_at=at(4, 10)))  # type: ignore[type-var]
        bounds = await house.desk._book.bounds(moved)
        kept = await house.store.meetings.add(moved, bounds, house.clock.now())
        page = await look(client, house.guest(kept))
        assert page.heading == "Sua reunião está marcada" and not page.links("view=move")
        assert (await look(client, house.host(kept))).heading == "Reunião com Pessoa 0"
        assert (await client.get(house.guest(kept) + "/invite.ics")).status == 404

    tell(story)
