"""Pages of hosts and of types of meetings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

from disparo.domain.agenda.host import CalendarKind, DayLimits
from disparo.domain.agenda.notice import NoticeKind
from disparo.domain.principal import Role
from disparo.domain.template import Template
from tests.unit.entrypoints.console.agenda_site import Browser, Teller, fields_of, teller, words
from tests.unit.entrypoints.http.booking_house import ANA, DEMO, BookingHouse, at

__all__ = ["teller"]
HOST, TYPE = "/console/hosts/ana", "/console/agenda/types/demonstracao"


def changed(fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**fields, **more}


def test_a_host_whose_form_is_sent_unchanged_is_the_same_host(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        before = await house.store.hosts.host("ana")
        await browser.done(HOST, fields_of(await browser.look(HOST)))
        assert await house.store.hosts.host("ana") == before

    tell(story)


def test_hours_calendar_and_limits_of_a_host_are_changed(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        form = changed(
            fields_of(await browser.look(HOST)), days=["1", "3"], start="09:00", end="17:30", lunch_start="12:00",
            lunch_end="12:45", per_day="4", calendar_kind="google", calendar_secret="agenda-ana",
        )  # fmt: skip
        await browser.done(HOST, form)
        host = await house.store.hosts.host("ana")
        daily = host.hours.daily_in(host.place.zone)
        assert (daily.working_days, daily.start_min, daily.end_min) == ({1, 3}, 9 * 60, 17 * 60 + 30)
        assert daily.lunch == (12 * 60, 12 * 60 + 45)
        assert (host.limits, host.calendar.kind) == (DayLimits(4), CalendarKind.GOOGLE)
        again = await browser.send(HOST, form)
        assert again.status == 409 and "mudou em outra aba" in words(again), "it is at another revision now"

    tell(story)


def test_what_is_wrong_is_told_at_its_field(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        form = fields_of(await browser.look(HOST))
        for name, value in (
            ("email", "nada"), ("timezone", "Lugar/Nenhum"), ("start", "25:00"), ("per_day", "0"), ("name", ""),
            ("calendar_kind", "caldav"), ("days", []),
        ):  # fmt: skip
            answer = await browser.send(HOST, changed(form, **{name: value}))
            assert answer.status == 422, name
            where = {"calendar_kind": "calendar_secret"}.get(name, name)
            assert f'href="#f-{where}"' in answer.body.decode(), (name, words(answer)[-900:])
        assert (await house.store.hosts.host("ana")).revision == 1

    tell(story)


def test_a_new_host_and_a_new_type_begin_with_what_is_usual(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        form = changed(fields_of(await browser.look("/console/hosts/new")), id="bia", name="Bia Lima")
        assert await browser.done("/console/hosts", form) == "/console/hosts/bia"
        assert (await browser.send("/console/hosts", form)).status == 422, "there is one already"
        kind = changed(fields_of(await browser.look("/console/agenda/types/new")), id="visita", title="Visita")
        assert await browser.done("/console/agenda/types", kind) == "/console/agenda/types/visita"
        made = await house.store.hosts.type("visita")
        assert (made.hosts, made.duration, made.reminders) == (("ana",), timedelta(minutes=30), DEMO.reminders)
        listed = await browser.look("/console/hosts") + await browser.look("/console/agenda/types")
        assert "Bia Lima" in listed and "Visita" in listed

    tell(story)


def test_days_and_hours_are_blocked_and_given_back(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        await house.confirmed(at(1, 10))
        await browser.done(f"{HOST}/blocks", {"start_at": "2026-11-24", "end_at": "", "label": "feriado da firma"})
        await browser.done(
            f"{HOST}/blocks", {"start_at": "2026-11-26T14:00", "end_at": "2026-11-26T16:00", "label": ""}
        )
        first, second = (await house.store.hosts.host("ana")).blocks
        assert (first.start_at, first.end_at) == (at(1, 0), at(2, 0)), "a day without an end is that day"
        assert (second.start_at, second.end_at) == (at(3, 14), at(3, 16))
        page = await browser.look(HOST)
        assert "feriado da firma" in page and ">24 de nov. de 2026<" in page, "a whole day has no hours"
        assert ">qui., 26 de nov., 14:00 – 16:00<" in page
        await browser.done(f"{HOST}/blocks", {"start_at": "2026-12-21", "end_at": "2026-12-23", "label": "férias"})
        assert ">21 de dez. de 2026 – 23 de dez. de 2026<" in await browser.look(HOST), "its last day is included"
        await browser.done(f"{HOST}/unblock", {"start_at": at(28, 0).isoformat()})
        await browser.done(f"{HOST}/unblock", {"start_at": first.start_at.isoformat()})
        assert (await house.store.hosts.host("ana")).blocks == (second,)
        blocked = {"start_at": "2026-11-26", "end_at": "2026-11-20", "label": "férias na praia"}
        wrong = await browser.send(f"{HOST}/blocks", blocked)
        assert wrong.status == 422
        assert "férias na praia" in unescape(wrong.body.decode()), "what was written is still there"
        assert 'value="2026-11-26"' in wrong.body.decode()

    tell(story)


def test_the_health_of_calendars_is_shown(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        assert "legível" in await browser.look(HOST)
        house.calendars.fault = "credentials_refused"
        assert "conta como ocupado" in await browser.look(HOST)
        assert "credenciais recusadas" in await browser.look("/console/hosts?check=1")
        assert "credenciais recusadas" not in await browser.look("/console/hosts")

    tell(story)


def test_a_feeds_link_is_shown_and_changed(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        before = house.feed("ana")
        assert before in await browser.look(HOST)
        await browser.done(f"{HOST}/feed", {})
        after = await browser.look(HOST)
        assert before not in after
        assert (await browser.client.get(before)).status == 404

    tell(story)


def test_every_rule_of_a_type_is_changed_and_what_has_no_field_stays(tell: Teller) -> None:
    async def story(house: BookingHouse, browser: Browser) -> None:
        own = Template("confirmed", "Até {{ quando }}!", subject="Combinado")
        await house.store.hosts.put_type(replace(DEMO, messages={NoticeKind.CONFIRMED: own}))
        form = changed(
            fields_of(await browser.look(TYPE)), duration="45m", reminders="2d, 3h", no_show_after="", offers="4",
            location="Rua Um, 1", text_cancelled="Fica para outra vez.",
        )  # fmt: skip
        await browser.done(TYPE, form)
        kept = await house.store.hosts.type("demonstracao")
        assert (kept.duration, kept.offers, kept.location) == (timedelta(minutes=45), 4, "Rua Um, 1")
        assert (kept.reminders, kept.no_show_after) == ((timedelta(days=2), timedelta(hours=3)), ())
        assert kept.messages[NoticeKind.CONFIRMED].subject == "Combinado"
        assert kept.messages[NoticeKind.CANCELLED].text == "Fica para outra vez."
        assert kept.description == DEMO.description
        for name, value in (("duration", "3s"), ("reminders", "1h, 2d"), ("hosts", []), ("text_moved", "{% if %}")):
            form = fields_of(await browser.look(TYPE))
            answer = await browser.send(TYPE, changed(form, **{name: value}))
            assert (answer.status, f'href="#f-{name}"' in answer.body.decode()) == (422, True), (name, words(answer))

    tell(story)


def test_who_only_looks_is_shown_no_buttons_and_changes_nothing(tell: Teller) -> None:
    async def story(house: BookingHouse, _: Browser) -> None:
        viewer = Browser(house, Role.VIEWER)
        page = await viewer.look(HOST)
        assert "Salvar" not in page and "/unblock" not in page
        assert (await viewer.send(HOST, {"name": "X"})).status == 403
        assert (await house.store.hosts.host("ana")).name == ANA.name

    tell(story)
