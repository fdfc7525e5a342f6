"""The contact's page: what it shows of each state, and what its buttons do, once, however often they are pressed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.intervals import Interval
from disparo.ports.desk import Said
from tests.unit.entrypoints.http.booking_house import BookingHouse, Page, Teller, at, look, send, teller, written
from tests.unit.entrypoints.http.conftest import Client

tell = teller


async def press(house: BookingHouse, client: Client, meeting: Meeting, do: str, query: str = "", **form: str) -> Page:
    """Press a button of the contact's page and follow it to where it leads."""
    path = house.guest(meeting)
    answer = await send(client, path + query, {"do": do, **form})
    assert answer.status == 303, answer.body[-300:]
    location = answer.headers["location"]
    return await look(client, path + location if location.startswith("?") else "/book/" + location.removeprefix("./"))


def test_offered_times_are_shown_in_the_contacts_zone_and_looking_changes_nothing(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.proposed()
        for _ in range(2):
            page = await look(client, house.guest(meeting))
            assert page.heading == "Escolha um horário"
            assert [one["value"] for one in page.of("input", type="radio")] == [
                written(offer.start_at) for offer in meeting.offers
            ]
            assert "15:00 – 15:30" in page.text and "horário de Brasília (GMT-3)" in page.text
            assert page.buttons() == ["take", "other"]
        for query in ("?at=" + written(meeting.offers[1].start_at), "?view=decline", "?view=move", "?do=take"):
            await look(client, house.guest(meeting) + query)
        assert await house.now(meeting) == meeting

    tell(story)


def test_an_offered_time_in_the_address_is_one_button_away(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.proposed()
        chosen = meeting.offers[1].start_at
        page = await look(client, house.guest(meeting) + "?at=" + written(chosen))
        assert page.heading == "Confirmar este horário?"
        assert {one["value"] for one in page.of("input", name="at")} == {written(chosen)}
        assert page.buttons()[0] == "take" and not page.of("input", type="radio")
        for wrong in (written(chosen + timedelta(minutes=30)), "amanhã", "2026-11-25T10:00"):
            again = await look(client, house.guest(meeting) + "?at=" + wrong)
            assert again.of("p", role="alert") and len(again.of("input", type="radio")) == 3

    tell(story)


def test_taking_an_offer_confirms_it_once_and_the_second_click_says_so(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.proposed()
        chosen = written(meeting.offers[0].start_at)
        page = await press(house, client, meeting, "take", at=chosen)
        assert page.heading == "Sua reunião está marcada"
        assert page.title.startswith("Horário confirmado. – ")
        assert [one["role"] for one in page.of("p", **{"class": "notice good"})] == ["status"]
        once = await house.now(meeting)
        assert (once.state, once.by) == (MeetingState.CONFIRMED, "contact")
        again = await press(house, client, meeting, "take", at=chosen)
        assert "Isso já estava feito" in again.text
        assert await house.now(meeting) == once

    tell(story)


def test_without_a_choice_the_form_comes_back_and_says_what_is_missing(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.proposed()
        answer = await send(client, house.guest(meeting), {"do": "take"})
        page = Page(answer)
        assert answer.status == 422 and page.title.startswith("Erro:")
        [group] = page.of("fieldset")
        assert page.of("p", id=str(group["aria-describedby"]))
        assert await house.now(meeting) == meeting

    tell(story)


def test_a_time_that_went_to_somebody_else_leads_to_other_offers(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.proposed()
        chosen = meeting.offers[0].span
        house.calendars.busy_times.append(Interval(chosen.start_ms, chosen.end_ms))
        page = await press(house, client, meeting, "take", at=written(meeting.offers[0].start_at))
        assert "acabou de ser ocupado" in page.text
        offered = [one["value"] for one in page.of("input", type="radio")]
        assert len(offered) == 3 and written(meeting.offers[0].start_at) not in offered

    tell(story)


def test_a_calendar_that_cannot_be_read_books_nothing_and_says_to_come_later(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.proposed()
        house.calendars.fault = "forbidden"
        page = await press(house, client, meeting, "take", at=written(meeting.offers[0].start_at))
        assert "Não deu para ler a agenda agora" in page.text
        assert page.of("p", **{"class": "notice bad"}) == [{"class": "notice bad", "role": "alert"}]
        assert await house.now(meeting) == meeting

    tell(story)


def test_none_of_them_suits(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.proposed()
        for _ in range(2):
            before = await house.now(meeting)
            page = await press(house, client, meeting, "other")
            assert "Aqui estão outros horários" in page.text
            assert not set(before.offers) & set((await house.now(meeting)).offers)
        assert "limite" in (await press(house, client, meeting, "other")).text
        free = await look(client, house.guest(meeting) + "?view=move")
        page = await press(house, client, meeting, "move", "?view=move", at=written(at(3, 9)))
        assert free.links("at=2026-11-26T12%3A00Z") and page.heading == "Sua reunião está marcada"

    tell(story)


def test_declining_takes_a_second_look_and_never_undoes_what_is_agreed(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting, agreed = await house.proposed(), await house.confirmed(at(3, 9), "dois")
        assert (await look(client, house.guest(meeting) + "?view=decline")).buttons() == ["decline"]
        page = await press(house, client, meeting, "decline")
        assert page.heading == "Tudo bem: nada foi marcado"
        for button in ("decline", "keep"):  # of a tab that was left open
            await press(house, client, agreed, button)
        assert await house.now(agreed) == agreed

    tell(story)


def test_what_is_agreed_can_be_attended_moved_and_cancelled(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(3, 9))
        assert "Obrigado por avisar" in (await press(house, client, meeting, "come")).text
        assert "Você confirmou presença" in (await look(client, house.guest(meeting))).text
        week = await look(client, house.guest(meeting) + "?view=move")
        assert "quinta-feira, 26 de novembro, das 09:00 às 09:30" in week.text
        choose = await look(client, house.guest(meeting) + "?view=move&at=" + written(at(3, 9, 30)))
        assert choose.heading == "Mudar para este horário?" and choose.buttons() == ["move"]
        page = await press(house, client, meeting, "move", "?view=move", at=written(at(3, 9, 30)))
        assert "Reunião remarcada" in page.text and "09:30 – 10:00" in page.text
        assert "Você vem?" in page.text, "they said that they will come to another time"
        page = await press(house, client, meeting, "cancel", "?view=cancel", reason="viajo\r\n\u202eamanhã\x07 ")
        assert page.heading == "Reunião cancelada"
        assert (await house.now(meeting)).reason == "viajo\namanhã"

    tell(story)


def test_a_time_that_is_gone_while_moving_shows_the_days_around_it(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(3, 9))
        await house.confirmed(at(4, 10), "dois", contact_id=(await house.people(2))[1])
        page = await press(house, client, meeting, "move", "?view=move", at=written(at(4, 10)))
        assert "não está mais disponível" in page.text and page.heading == "Remarcar: escolha outro horário"
        assert not page.links("at=2026-11-27T13%3A00Z") and page.links("at=2026-11-27T13%3A30Z")

    tell(story)


def test_too_late_and_too_often_are_said_before_and_after(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(3, 9))
        for hour in (10, 11):
            await press(house, client, meeting, "move", at=written(at(3, hour)))
        page = await look(client, house.guest(meeting))
        assert "já foi remarcada o máximo de vezes" in page.text and not page.links("view=move")
        assert "O limite de mudanças" in (await press(house, client, meeting, "move", at=written(at(4, 9)))).text
        other = await house.confirmed(at(3, 14), "dois")
        house.clock.at = at(3, 13)
        page = await look(client, house.guest(other))
        assert "Falta pouco" in page.text and not page.links("view=move") and page.links("view=cancel")
        late = await press(house, client, other, "move", at=written(at(4, 9)))
        assert "Ela já começou, ou falta pouco" in late.text
        house.clock.at = at(3, 14, 10)
        page = await look(client, house.guest(other))
        assert page.heading == "Sua reunião é agora" and page.buttons() == [] and not page.links("view=cancel")
        house.clock.at = at(3, 18)
        assert (await look(client, house.guest(other))).heading == "Esta reunião já passou"

    tell(story)


def test_offers_that_ran_out_can_be_had_anew(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.proposed()
        house.clock.at += timedelta(days=2)
        page = await look(client, house.guest(meeting))
        assert page.heading == "Estes horários já não estão reservados" and not page.of("input", type="radio")
        assert len((await press(house, client, meeting, "other")).of("input", type="radio")) == 3

    tell(story)


@pytest.mark.parametrize("end", ["cancelled", "declined", "expired", "no_show"])
def test_what_is_over_says_so_and_leads_to_one_new_meeting(tell: Teller, end: str) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await (house.proposed() if end in ("declined", "expired") else house.confirmed(at(1, 9)))
        house.clock.at += timedelta(days=2)
        now = house.clock.now()
        ends = {
            "cancelled": lambda: house.desk.cancel(meeting.id, "", now, "host"),
            "declined": lambda: house.desk.no(meeting.id, now),
            "expired": lambda: house.desk.expire(meeting.id, now),
            "no_show": lambda: house.desk.outcome(meeting.id, False, now, "host"),
        }
        await ends[end]()
        assert (await look(client, house.guest(meeting))).links("view=again")
        assert (await look(client, house.guest(meeting) + "?view=again")).links("view=again&at=")
        page = await press(house, client, meeting, "again", "?view=again", at=written(at(4, 9)))
        assert page.heading == "Sua reunião está marcada"
        await press(house, client, meeting, "again", "?view=again", at=written(at(4, 10)))
        booked = [one for one in await house.meetings() if one.state is MeetingState.CONFIRMED]
        assert [one.slot.start_at for one in booked if one.slot] == [at(4, 9)]

    tell(story)


def test_a_meeting_that_took_place_is_thanked_for_and_changes_no_more(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(1, 9))
        house.clock.at += timedelta(days=2)
        await house.desk.outcome(meeting.id, True, house.clock.now(), "host")
        page = await look(client, house.guest(meeting))
        assert page.heading == "Esta reunião aconteceu" and page.buttons() == [] and not page.links("view=")
        assert "não dá mais para mudar" in (await press(house, client, meeting, "cancel")).text

    tell(story)


def test_times_offered_beside_an_agreed_one_are_taken_or_let_go_of(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(3, 9))
        for button in ("keep", "take"):
            answer = await house.desk.offer_again(meeting.id, house.clock.now(), "contact")
            assert answer.said is Said.OFFERED
            page = await look(client, house.guest(meeting))
            assert "continua valendo" in page.text and page.buttons() == ["take", "keep"]
            offered = str(page.of("input", type="radio")[0]["value"])
            after = await press(house, client, meeting, button, at=offered)
            assert ("Mantido" if button == "keep" else "Reunião remarcada") in after.text
        slot = (await house.now(meeting)).slot
        assert slot is not None and written(slot.start_at) == offered

    tell(story)


def test_an_address_cannot_claim_what_is_not_so(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(3, 9))
        for said in ("cancelled", "offered", "attending", "declined", "held", "<b>", "said_gone"):
            page = await look(client, house.guest(meeting) + f"?said={said}")
            assert not [one for one in page.of("p") if "notice" in (one.get("class") or "")], said

    tell(story)


def test_no_page_of_a_contact_tells_who_they_or_others_are(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.proposed(notes="segredo do anfitrião")
        other = await house.confirmed(at(3, 9), "dois", contact_id=(await house.people(2))[1], notes="outro segredo")
        for query in ("", "?view=move", "?view=decline", "?at=" + written(at(3, 9))):
            body = (await client.get(house.guest(meeting) + query)).body.decode()
            for personal in ("Pessoa", "example.com", "8888", "segredo", "ana@casa", other.uid):
                assert personal not in body, (query, personal)
        for path in (house.guest(other), house.guest(other) + "/invite.ics"):
            body = (await client.get(path)).body.decode()
            assert not [one for one in ("Pessoa", "p1@", "8888", "segredo", "ana@") if one in body], path

    tell(story)


def test_the_page_says_whose_it_is_and_where_to_go(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        house.settings = house.settings.model_copy(update={"company_name": "Casa & Cia"})
        await house.put_type(location="https://meet.example.com/sala")
        meeting = await house.confirmed(at(3, 9))
        answer = await client.get(house.guest(meeting))
        assert b"<header>Casa &amp; Cia</header>" in answer.body
        assert Page(answer).links("meet.example.com/sala")[0] == "https://meet.example.com/sala"

    tell(story)


def test_two_clicks_at_once_do_it_once_and_nothing_else(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        agreed, proposed = await house.confirmed(at(3, 9)), await house.proposed("dois")
        await house.desk.offer_again(agreed.id, house.clock.now(), "contact")
        await asyncio.gather(*(send(client, house.guest(agreed), {"do": "keep"}) for _ in range(4)))
        kept = await house.now(agreed)
        assert (kept.state, kept.slot, kept.offers) == (MeetingState.CONFIRMED, agreed.slot, ())
        forms = [{"do": "take", "at": written(offer.start_at)} for offer in proposed.offers]
        await asyncio.gather(*(send(client, house.guest(proposed), form) for form in (*forms, {"do": "decline"})))
        taken = await house.now(proposed)
        assert taken.state in (MeetingState.CONFIRMED, MeetingState.DECLINED) and taken.reschedules <= 1

    tell(story)
