"""The agenda's calendar, choosing a time, the rates, and why a time is not offered."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from disparo.domain.agenda.calendar_event import BusyTimes
from disparo.domain.agenda.host import Block, Host
from disparo.domain.instants import to_ms
from disparo.domain.intervals import Interval
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.principal import Role
from disparo.entrypoints.console.agenda import calendar
from tests.unit.entrypoints.console.agenda_site import Browser, Teller, teller
from tests.unit.entrypoints.http.booking_house import ANA, BRASILIA, BookingHouse, Walls, at

__all__ = ["teller"]
TUESDAY_10 = "2026-11-24T13:00:00Z"


def test_a_week_shows_what_is_agreed_offered_blocked_and_taken(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        agreed = await house.confirmed(at(1, 10), "um")
        offered = await house.proposed("dois")
        blocked = Block(at(3, 9), at(3, 11), "dentista")
        await house.store.hosts.put_host(replace(ANA, blocks=(blocked,)))
        house.calendars.busy_times = [Interval(to_ms(at(4, 14)), to_ms(at(4, 15)))]
        page = await browser.look("/console/agenda")
        assert f'href="/console/meetings/{agreed.id}"' in page
        held = re.findall(rf'class="occasion info dashed[^"]*" href="/console/meetings/{offered.id}"', page)
        assert len(held) == 3, "each of the offered times is held"
        assert "dentista" in page and "Ocupado" in page
        assert "week-now" in page and 'title="Fechado"' in page
        later = await browser.look("/console/agenda?day=2026-12-07")
        assert f"/console/meetings/{agreed.id}" not in later and "week-now" not in later

    tell(story)


def test_what_became_of_a_meeting_is_said_in_words_too(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        held, missed = await house.confirmed(at(1, 10), "um"), await house.confirmed(at(1, 15), "dois")
        house.clock.at = at(1, 17)
        await house.desk.outcome(held.id, True, house.clock.now(), "operator")
        await house.desk.outcome(missed.id, False, house.clock.now(), "operator")
        page = await browser.look("/console/agenda")
        assert "realizada · Demonstração do produto" in page and "faltou · Demonstração do produto" in page

    tell(story)


def test_a_free_half_hour_begins_a_new_meeting_and_a_taken_one_does_not(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        await house.confirmed(at(1, 10))
        page = await browser.look("/console/agenda")
        free = set(re.findall(r"/console/agenda/new\?host=ana&at=(2026-11-24T[\d%A]+Z)", page))
        assert "2026-11-24T13%3A30%3A00Z" in free
        assert "2026-11-24T13%3A00%3A00Z" not in free, "there is a meeting"
        assert not any(one.startswith("2026-11-24T15") for one in free), "lunch"
        watching = await Browser(house, Role.VIEWER).look("/console/agenda")
        assert "/console/agenda/new" not in watching

    tell(story)


def test_several_hosts_stand_side_by_side(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        for number in range(8):
            await house.store.hosts.put_host(
                Host(f"h{number}", f"Host {number}", Place(BRASILIA), BusinessHours(), active=number != 7)
            )
        week = await browser.look("/console/agenda")
        assert week.count('<th scope="row">') == calendar.SIDE_BY_SIDE
        assert "Pessoas 1 a 7 de 8" in week and "Host 7" not in week.split("</select>")[-1]
        rest = await browser.look("/console/agenda?page=1")
        assert rest.count('<th scope="row">') == 1
        day = await browser.look("/console/agenda?view=day&who=type:demonstracao")
        assert "columns-1" in day and 'aria-label="segunda-feira, 23 de novembro de 2026"' in day
        assert "columns-7" in await browser.look("/console/agenda?view=day")
        await browser.look("/console/agenda?day=ontem&view=mes&who=host:nada&page=99")

    tell(story)


def test_a_calendar_that_does_not_answer_is_named_and_the_page_comes_all_the_same(
    tell: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent(Walls):
        async def busy(self, *_: Any) -> BusyTimes:
            await asyncio.Event().wait()
            raise NotImplementedError

    async def story(house: BookingHouse, browser: Browser) -> None:
        monkeypatch.setattr(calendar, "PATIENCE", timedelta(milliseconds=10))
        meeting = await house.confirmed(at(1, 10))
        silent = Silent()
        house.calendars.of = lambda _: silent  # type: ignore[method-assign]
        page = await browser.look("/console/agenda")
        assert "O calendário de Ana Souza não pôde ser lido (provedor não respondeu)" in page
        assert f"/console/meetings/{meeting.id}" in page
        assert 'class="free' not in page, "unreadable is busy"
        await house.store.hosts.put_host(replace(ANA, id="bia", name="Bia Lima"))
        team = await browser.look("/console/agenda")
        assert team.count("calendário ilegível") == 2
        assert team.count('title="O calendário não pôde ser lido"') == 2 * 7, "none of their days looks free"

    tell(story)


def test_a_meeting_is_booked_with_the_host_whose_time_was_clicked(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        await house.store.hosts.put_host(replace(ANA, id="bia", name="Bia"))
        await house.put_type(hosts=("ana", "bia"))
        search = await browser.look(f"/console/agenda/new?host=bia&at={TUESDAY_10}&q=Pessoa")
        assert f"contact={house.contact_id}" in search and "p0@example.com" in search
        page = await browser.look(f"/console/agenda/new?host=bia&at={TUESDAY_10}&contact={house.contact_id}")
        assert 'value="2026-11-24T13:00:00+00:00" required checked' in page
        form = {"contact": house.contact_id, "type": "demonstracao", "host": "bia", "key": "k", "start_at": TUESDAY_10}
        path = await browser.done("/console/agenda/book", {**form, "notes": "traga café"})
        assert await browser.done("/console/agenda/book", form) == path, "sent twice is once"
        [meeting] = await house.meetings()
        assert (meeting.hosts, meeting.notes, path) == (("bia",), "traga café", f"/console/meetings/{meeting.id}")
        taken = await browser.look(f"/console/agenda/new?host=bia&at={TUESDAY_10}&contact={house.contact_id}")
        assert "não está livre para esta reunião" in taken and "Este contato já tem uma reunião" in taken
        for start_at in ("hoje", TUESDAY_10):
            again = {**form, "key": start_at, "start_at": start_at, "notes": "traga café & pão"}
            back = await browser.done("/console/agenda/book", again)
            assert "traga café & pão" in await browser.look(back), f"{start_at}: nothing that was written is lost"

    tell(story)


def test_what_is_previewed_is_what_is_offered(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        page = await browser.look(f"/console/agenda/new?contact={house.contact_id}&type=demonstracao")
        shown = re.findall(r'<span class="number">\d</span>([^<]+)</span>', page)
        form = {"contact": house.contact_id, "type": "demonstracao", "key": "k", "channel": "email", "language": "en"}
        path = await browser.done("/console/agenda/propose", form)
        [meeting] = await house.meetings()
        assert (len(shown), len(meeting.offers), meeting.language) == (3, 3, "en")
        formats = [f"{one.start_at - timedelta(hours=3):%H:%M}" for one in meeting.offers]
        assert [text[-5:] for text in shown] == formats
        assert "reservados até" in await browser.look(path)

    tell(story)


def test_why_a_time_is_not_offered_has_an_answer(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        meeting = await house.confirmed(at(1, 10))
        asked = "/console/agenda/why?type=demonstracao&at="
        assert f"ocupado pela reunião {meeting.id}" in await browser.look(asked + "2026-11-24T10:00")
        assert "pode ser marcada" in await browser.look(asked + "2026-11-24T10:30")
        assert "almoço" in await browser.look(asked + "2026-11-24T12:00")
        assert "escreva dia e hora" in await browser.look(asked + "amanhã")
        assert "não existe" in await browser.look("/console/agenda/why?type=nada&at=2026-11-24T10:00")
        english = await browser.client.get(
            asked + "2026-11-24T12:00", headers={"accept": "text/html", "accept-language": "en"}
        )
        assert "outside of the host" in english.body.decode()

    tell(story)


def test_rates_are_of_the_meetings_that_were_proposed(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        meeting = await house.proposed("um")
        await house.desk.take(meeting.id, meeting.offers[0].start_at, house.clock.now(), "contact")
        await house.proposed("dois")
        page = await browser.look("/console/agenda/rates")
        assert "50,0%" in page and "Ana Souza" in page
        house.clock.at += timedelta(days=40)
        assert "Nenhuma proposta no período" in await browser.look("/console/agenda/rates?days=28&by=campaign")
        await browser.look("/console/agenda/rates?days=365&by=type&host=ana&type=demonstracao")

    tell(story)
