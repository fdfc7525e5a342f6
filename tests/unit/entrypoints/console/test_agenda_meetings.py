"""A meeting's page and what is done with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from disparo.domain.agenda.meeting import MeetingState
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.place import Place
from disparo.domain.principal import Role
from tests.unit.entrypoints.console.agenda_site import Browser, Teller, teller
from tests.unit.entrypoints.http.booking_house import ANA, BookingHouse, at

__all__ = ["teller"]


def test_a_page_tells_everything_of_a_meeting(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        meeting = await house.confirmed(at(2, 10), notes="<script>alert(1)</script>")
        page = await browser.look(f"/console/meetings/{meeting.id}")
        for said in ("Reunião com Pessoa 0", "Confirmação", "1º lembrete", "planejado", "a escrever", "Ana Souza"):
            assert said in page, said
        assert "Resumo para o anfitrião" in page and "https://casa.com.br/book/" in page
        raw = (await browser.client.get(f"/console/meetings/{meeting.id}", headers={"accept": "text/html"})).body
        assert b"<script>alert" not in raw
        assert "Não há nada aqui" in await browser.look("/console/meetings/999", 404)
        watching = await Browser(house, Role.VIEWER).look(f"/console/meetings/{meeting.id}")
        assert "/cancel" not in watching and "hand-over" not in watching

    tell(story)


def test_one_of_the_offered_times_is_confirmed(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        meeting = await house.proposed()
        path = f"/console/meetings/{meeting.id}"
        chosen = meeting.offers[1].start_at
        assert chosen.isoformat() in await browser.look(path)
        assert await browser.done(f"{path}/confirm", {"start_at": chosen.isoformat()}) == path
        now = await house.now(meeting)
        assert (now.state, now.slot and now.slot.start_at) == (MeetingState.CONFIRMED, chosen)

    tell(story)


def test_a_meeting_is_moved_to_a_free_time_or_to_any_that_nobody_has(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        meeting = await house.confirmed(at(1, 10))
        other = await house.confirmed(at(1, 15), "outra")
        path = f"/console/meetings/{meeting.id}"
        page = await browser.look(f"{path}/move")
        assert at(2, 9).isoformat() in page and at(1, 15).isoformat() not in page
        await browser.done(f"{path}/move", {"start_at": at(2, 9).isoformat()})
        assert (await house.now(meeting)).slot.start_at == at(2, 9)
        await browser.done(f"{path}/move", {"other": "2026-11-25T09:10"})
        assert (await house.now(meeting)).slot.start_at == at(2, 9, 10), "off the grid, as operators may"
        await browser.done(f"{path}/move", {"other": "2026-11-24T15:10"})
        assert (await house.now(meeting)).slot.start_at == at(2, 9, 10), f"meeting {other.id} is there"
        assert (await browser.send(f"{path}/move", {})).status == 422

    tell(story)


def test_a_meeting_is_called_off_with_its_reason(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        meeting = await house.confirmed(at(1, 10))
        path = f"/console/meetings/{meeting.id}"
        assert "Isto não se desfaz" in await browser.look(path)
        await browser.done(f"{path}/cancel", {"reason": "a Ana está doente"})
        now = await house.now(meeting)
        assert (now.state, now.reason, now.by) == (MeetingState.CANCELLED, "a Ana está doente", "operator")
        page = await browser.look(path)
        assert "a Ana está doente" in page and f"{path}/cancel" not in page

    tell(story)


def test_what_became_of_a_meeting_is_noted_and_mended(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        meeting = await house.confirmed(at(1, 10))
        path = f"/console/meetings/{meeting.id}"
        assert f"{path}/held" not in await browser.look(path), "it has not begun"
        house.clock.at = at(1, 10) + timedelta(minutes=40)
        assert f"{path}/held" in await browser.look(path)
        await browser.done(f"{path}/no-show", {})
        assert (await house.now(meeting)).state is MeetingState.NO_SHOW
        await browser.done(f"{path}/held", {})
        assert (await house.now(meeting)).state is MeetingState.HELD

    tell(story)


def test_other_times_are_offered_a_refusal_noted_and_a_meeting_handed_over(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        await house.store.hosts.put_host(replace(ANA, id="bia", name="Bia Lima"))
        meeting = await house.confirmed(at(1, 10))
        path = f"/console/meetings/{meeting.id}"
        assert '<option value="bia">' in await browser.look(path)
        await browser.done(f"{path}/hand-over", {"host": "bia"})
        assert (await house.now(meeting)).hosts == ("bia",)
        await browser.done(f"{path}/offer", {})
        assert len((await house.now(meeting)).offers) == 3
        await browser.done(f"{path}/decline", {})
        now = await house.now(meeting)
        assert (now.offers, now.state) == ((), MeetingState.CONFIRMED), "the offers beside it go, it stands"

    tell(story)


def test_times_of_a_contact_elsewhere_are_told_on_both_clocks(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        west = Place("America/Manaus", "BR-AM")
        agreed = await house.confirmed(at(1, 10), "um", place=west)
        page = await browser.look(f"/console/meetings/{agreed.id}")
        assert "10:00–10:30" in page and "Para o contato, em Manaus: ter., 24 de nov., 09:00." in page
        moving = await browser.look(f"/console/meetings/{agreed.id}/move")
        assert "Agora: ter., 24 de nov., 09:00" in moving and "no relógio do contato, em Manaus" in moving
        near = await house.confirmed(at(2, 10), "dois")
        assert "Para o contato" not in await browser.look(f"/console/meetings/{near.id}"), "it is the same clock"

    tell(story)


def test_a_refusal_is_asked_about_and_says_what_it_ends(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        offered = await house.proposed("um")
        asked = await browser.look(f"/console/meetings/{offered.id}")
        assert 'popovertarget="decline"' in asked and "nada mais é proposto" in asked
        agreed = await house.confirmed(at(1, 10), "dois")
        assert "A reunião combinada é cancelada" in await browser.look(f"/console/meetings/{agreed.id}")
        await house.desk.offer_again(agreed.id, house.clock.now(), "operator")
        assert "o que já foi combinado continua valendo" in await browser.look(f"/console/meetings/{agreed.id}")

    tell(story)


async def _none() -> list[MeetingType]:
    return []


def test_before_there_is_a_type_every_page_that_needs_one_leads_to_making_it(
    tell: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        await house.put_type(active=False)
        assert "Falta um tipo de reunião" in await browser.look("/console/agenda/new")
        assert "Nenhuma reunião ainda" in await browser.look("/console/meetings")
        monkeypatch.setattr(house.store.hosts, "types", _none)
        for path in ("/console/meetings", "/console/agenda/why", "/console/agenda/new"):
            assert 'href="/console/agenda/types/new"' in await browser.look(path)
        assert "Para marcar e propor reuniões falta um tipo" in await browser.look("/console/agenda")

    tell(story)


def test_meetings_are_listed_by_filter(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        first = await house.confirmed(at(1, 10), "um")
        second = await house.confirmed(at(2, 10), "dois")
        await house.desk.cancel(second.id, "", house.clock.now(), "operator")
        row = '<tr data-href="/console/meetings/{}">'
        whole = await browser.look("/console/meetings")
        assert row.format(first.id) in whole and row.format(second.id) in whole
        only = await browser.look("/console/meetings?state=confirmed&host=ana&type=demonstracao&when=upcoming")
        assert row.format(first.id) in only and row.format(second.id) not in only
        assert "Nenhuma reunião aqui" in await browser.look("/console/meetings?when=past")
        await browser.look("/console/meetings?state=azul&after=xyz&contact=" + "9" * 50)

    tell(story)
