"""The public page of a type: anybody finds a free time and books it once; what is wrong comes back with the form."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from disparo.domain.agenda.meeting import MeetingState
from disparo.domain.contact import Channel
from disparo.domain.intervals import Interval
from disparo.entrypoints.http.app import create_app
from disparo.usecases.agenda.visitors import LIST
from tests.unit.entrypoints.http.booking_house import (
    ANA,
    DEMO,
    BookingHouse,
    Page,
    Teller,
    at,
    look,
    send,
    teller,
    written,
)
from tests.unit.entrypoints.http.conftest import Answer, Client

tell = teller
PAGE = "/agendar/demonstracao"
KEY = "chave-do-formulario"
BIA = {
    "name": "Bia Lima",
    "email": "bia@example.com",
    "phone": "41 98888-1234",
    "note": "Quero ver relatórios",
    "key": KEY,
}


async def book(client: Client, form: dict[str, str], status: int = 303, path: str = PAGE) -> Answer:
    """Send the form."""
    answer = await send(client, path, {**form, "at": form.get("at", written(at(3, 9)))})
    assert answer.status == status, answer.body[-500:]
    return answer


def test_free_times_are_shown_by_day_and_week(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        await house.confirmed(at(3, 9))
        page = await look(client, PAGE, **{"accept-language": "pt-BR,pt;q=0.9,en;q=0.8"})
        assert page.heading == "Demonstração do produto" and "Quinta-feira, 26 de novembro" in page.text
        assert page.links("at=2026-11-26T12%3A30Z") and not page.links("at=2026-11-26T12%3A00Z")
        assert "Pessoa" not in page.text
        [later] = page.links("from=2026-11-30")
        assert not page.of("a", rel="prev")
        page = await look(client, PAGE + later)
        assert page.of("a", rel="prev") and page.links("at=2026-12-01")
        assert await house.store.contacts.page(LIST, None, 5) == []

    tell(story)


def test_the_first_days_shown_are_those_on_which_something_is_free(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        house.calendars.busy_times.append(Interval(0, int(at(16, 0).timestamp() * 1000)))
        page = await look(client, PAGE)
        assert page.links("at=2026-12-09") and page.of("a", rel="prev")
        house.calendars.fault = "timeout"
        page = await look(client, PAGE)
        assert "Não há horários livres nestes dias" in page.text and page.of("a", rel="next")
        for strange in ("2020-01-01", "9999-12-31", "amanhã", "2026-02-30"):
            await look(client, PAGE + "?from=" + strange)

    tell(story)


def test_anybody_books_and_gets_to_the_page_of_the_meeting(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        form = await look(client, PAGE + "?lang=pt&at=" + written(at(3, 9)))
        assert form.heading == "Seus dados" and "09:00 – 09:30" in form.text
        [key] = [one["value"] for one in form.of("input", name="key")]
        answer = await book(client, {**BIA, "key": str(key)}, path=PAGE + "?lang=pt")
        assert answer.headers["location"].startswith("../book/g.")
        page = await look(client, answer.headers["location"].removeprefix(".."))
        assert page.heading == "Sua reunião está marcada"
        [contact] = await house.store.contacts.page(LIST, None, 5)
        assert (contact.name, contact.email, contact.phone) == ("Bia Lima", "bia@example.com", None)
        [meeting] = await house.meetings()
        assert (meeting.channel, meeting.language) == (Channel.EMAIL, "pt")
        assert meeting.notes == "Quero ver relatórios\nTel.: +5541988881234"

    tell(story)


def test_the_same_form_again_books_nothing_more_and_another_person_has_no_use_for_its_key(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        first = await book(client, BIA)
        for again in (BIA, {**BIA, "at": written(at(4, 9))}):
            answer = await book(client, again)
            assert "said=already" in answer.headers["location"]
            assert answer.headers["location"].partition("?")[0] == first.headers["location"].partition("?")[0]
        assert len(await house.meetings()) == 1
        other = await book(client, {**BIA, "email": "eva@example.com", "phone": "", "at": written(at(4, 9))})
        assert "said=confirmed" in other.headers["location"]
        assert len(await house.meetings()) == 2

    tell(story)


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"name": " \u200b\x00 "}, "name", "Escreva seu nome"),
        ({"name": "Grátis em www.golpe.com"}, "name", "sem endereços de sites"),
        ({"name": "ganhe https://x"}, "name", "sem endereços de sites"),
        ({"email": "bia@"}, "email", "Este e-mail não parece certo"),
        ({"phone": "12"}, "phone", "Este número não parece certo"),
        ({"email": "", "phone": ""}, "email", "Escreva um e-mail ou um celular"),
        ({"note": "ã" * 1001}, "note", "longo demais: até 1000"),
        ({"website": "http://golpe"}, "website", "Deixe vazio"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    tell: Teller, changed: dict[str, str], field: str, words: str
) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        page = Page(await book(client, {**BIA, **changed}, 422, PAGE + "?lang=pt"))
        assert page.title.startswith("Erro:") and words in page.text
        assert page.links("#" + field) == ["#" + field]
        [wrong] = [one for one in (*page.of("input"), *page.of("textarea")) if one.get("id") == field]
        if field != "website":
            assert wrong["aria-invalid"] == "true" and f"{field}-wrong" in str(wrong["aria-describedby"])
        kept = {str(one["name"]): one["value"] for one in page.of("input") if one.get("name")}
        assert all(kept[name] == BIA[name] for name in ("name", "email", "phone", "key") if name not in changed)
        assert await house.meetings() == [] and await house.store.contacts.page(LIST, None, 5) == []

    tell(story)


def test_what_is_typed_is_shown_as_text_and_bounded(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        body = (await book(client, {**BIA, "name": '"><script>x', "email": "<b>", "note": "</textarea><i>"}, 422)).body
        assert b"<script" not in body and b"<b>" not in body and b"<i>" not in body
        await book(client, {**BIA, "name": "Zoë 👩‍👩‍👧 " + "O" * 500})
        [contact] = await house.store.contacts.page(LIST, None, 5)
        assert contact.name.startswith("Zoë 👩‍👩‍👧 OO") and len(contact.name) == 100

    tell(story)


def test_a_time_taken_meanwhile_keeps_the_form_and_offers_the_nearest(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        await house.confirmed(at(3, 9))
        page = Page(await book(client, BIA, 409, PAGE + "?lang=pt"))
        assert page.heading == "Este horário não está mais livre"
        offered = [str(one["value"]) for one in page.of("input", type="radio")]
        assert len(offered) == 6 and written(at(3, 9, 30)) in offered
        assert [one["value"] for one in page.of("input", name="name")] == ["Bia Lima"]
        wrong = Page(await book(client, {**BIA, "at": ""}, 422, PAGE + "?lang=pt"))
        assert "Escolha um horário" in wrong.heading and wrong.of("input", type="radio")
        await book(client, {**BIA, "at": offered[0]})
        shown = await look(client, PAGE + "?lang=pt&at=" + written(at(3, 9)))
        assert "não está mais livre" in shown.text and shown.links("at=2026-11-26T12%3A30Z")

    tell(story)


def test_a_calendar_that_cannot_be_read_keeps_the_form_for_later(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        house.calendars.fault = "timeout"
        page = Page(await book(client, BIA, 503, PAGE + "?lang=pt"))
        assert "Não deu para ler a agenda agora" in page.text
        assert [one["value"] for one in page.of("input", name="email")] == ["bia@example.com"]
        house.calendars.fault = ""
        await book(client, BIA)

    tell(story)


def test_times_out_of_reach_are_not_booked(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        for when in (at(-3, 9), at(0, 10), at(5, 9), at(3, 9, 10), at(3, 12), at(200, 9)):
            await book(client, {**BIA, "at": written(when)}, 409)
            await look(client, PAGE + "?at=" + written(when))
        assert await house.meetings() == []

    tell(story)


def test_pages_that_are_not_open_are_all_the_same(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        await house.store.hosts.put_type(replace(DEMO, id="interna", public=False))
        await house.store.hosts.put_type(replace(DEMO, id="antiga", active=False))
        await house.store.hosts.put_type(replace(DEMO, id="vazia", hosts=("bruno",)))
        bodies = set()
        for name in ("interna", "antiga", "vazia", "nenhuma", "x" * 3000, "%2e%2e"):
            answer = await client.get("/agendar/" + name)
            assert answer.status == 404
            bodies.add(answer.body)
            await book(client, BIA, 404, "/agendar/" + name)
        assert len(bodies) == 1
        await house.store.hosts.put_host(replace(ANA, active=False))
        assert (await client.get(PAGE)).status == 404

    tell(story)


def test_the_zone_that_is_shown_is_the_one_that_is_booked_for(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        page = await look(client, PAGE + "?lang=pt&tz=Europe/Lisbon")
        assert "(GMT+0)" in page.text and page.links("tz=Europe%2FLisbon&at=2026-11-26T12%3A00Z")
        assert not page.links("at=2026-11-26T20%3A30Z"), "20:30 in Lisbon is later than people want to meet"
        answer = await book(client, BIA, path=PAGE + "?tz=Europe/Lisbon")
        assert "tz=Europe%2FLisbon" in answer.headers["location"]
        [meeting] = await house.meetings()
        assert meeting.place.zone == "Europe/Lisbon"

    tell(story)


def test_without_a_public_address_the_booking_is_told_at_once(tmp_path: Path) -> None:
    async def story() -> None:
        house = BookingHouse(tmp_path, None)
        await house.settle()
        client = Client(create_app(house), house)
        page = Page(await book(client, BIA, 200, PAGE + "?lang=pt"))
        assert page.heading == "Sua reunião está marcada" and "09:00 – 09:30" in page.text
        assert [one.state for one in await house.meetings()] == [MeetingState.CONFIRMED]

    asyncio.run(story())


def test_two_at_once_get_one_time_once(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        forms = [{**BIA, "email": f"p{number}@example.com", "phone": ""} for number in range(5)]
        asked = [send(client, PAGE, {**form, "at": written(at(3, 9))}) for form in forms]
        statuses = sorted(answer.status for answer in await asyncio.gather(*asked))
        assert statuses == [303, 409, 409, 409, 409]
        assert len(await house.meetings()) == 1

    tell(story)


def test_a_form_without_its_key_is_not_one_of_ours(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        for key in ("", "kurz", "x" * 100):
            await book(client, {**BIA, "key": key}, 400)
        pages = [await look(client, PAGE + "?at=" + written(at(3, 9))) for _ in range(2)]
        keys = {str(one["value"]) for page in pages for one in page.of("input", name="key")}
        assert len(keys) == 2
        assert await house.meetings() == []

    tell(story)


def test_the_horizon_ends_the_list(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        await house.put_type(horizon=timedelta(days=6))
        page = await look(client, PAGE)
        assert page.links("at=2026-11-26") and not page.of("a", rel="next")

    tell(story)


def test_one_address_keeps_a_few_meetings_open_and_no_more(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        for number, hour in enumerate((9, 11, 14)):
            await book(client, {**BIA, "key": KEY + str(number), "at": written(at(3, hour))})
        await book(client, {**BIA, "key": KEY + "2", "at": written(at(3, 14))})  # the same once more
        answer = await book(client, {**BIA, "key": KEY + "3", "at": written(at(3, 16))}, 409)
        assert "reuniões demais" in Page(answer).text
        assert len(await house.meetings()) == 3

    tell(story)
