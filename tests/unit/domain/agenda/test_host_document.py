"""Hosts as their document tells them, and what is said of a wrong one."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime

import pytest

from disparo.domain.agenda.host import Block, CalendarKind, CalendarRef, DayLimits
from disparo.domain.agenda.host_document import host_document, parse_host
from disparo.domain.errors import InputError
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours, DailyHours

FULL = """
id = "ana"
name = "Ana Souza"
timezone = "America/Manaus"
region = "BR-AM"
email = "Ana <ana@EXAMPLE.com>"
phone = "(92) 99999-0000"
calendar = { kind = "google", secret = "agenda-ana", name = "vendas@example.com" }
limits = { per_day = 5, per_week = 20 }
active = false
language = "en"

[hours]
startTime = "09:00"
endTime = "17:00"

[[blocks]]
start_at = 2026-12-21
end_at = 2026-12-23
label = "férias"

[[blocks]]
start_at = 2026-11-24T14:00:00
end_at = 2026-11-24T17:30:00-03:00
"""


def faults_of(**changes: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        parse_host({"id": "ana", "name": "Ana", **changes})
    return str(caught.value).split("\n")


def fault_of(**changes: object) -> str:
    (fault,) = faults_of(**changes)
    return fault


def test_every_key_is_read() -> None:
    host = parse_host(tomllib.loads(FULL))
    assert (host.id, host.name, host.place) == ("ana", "Ana Souza", Place("America/Manaus", "BR-AM"))
    assert (host.email, host.phone) == ("ana@example.com", "+5592999990000")
    assert host.hours == BusinessHours(default=DailyHours(start_min=540, end_min=1020, lunch=None))
    assert host.calendar == CalendarRef(CalendarKind.GOOGLE, "agenda-ana", "vendas@example.com")
    assert host.limits == DayLimits(5, 20)
    assert (host.active, host.language, host.revision) == (False, "en", 0)


def test_dates_of_a_block_are_whole_days_of_the_hosts_zone_and_an_hour_without_offset_is_its_clock() -> None:
    host = parse_host(tomllib.loads(FULL))
    assert host.blocks == (
        Block(datetime(2026, 12, 21, 4, tzinfo=UTC), datetime(2026, 12, 24, 4, tzinfo=UTC), "férias"),
        Block(datetime(2026, 11, 24, 18, tzinfo=UTC), datetime(2026, 11, 24, 20, 30, tzinfo=UTC)),
    )


def test_the_document_is_json_and_reads_back_as_the_same_host() -> None:
    host = parse_host(tomllib.loads(FULL))
    document = host_document(host)
    assert document["blocks"][0]["start_at"] == "2026-12-21T04:00:00+00:00"
    assert parse_host(document) == host
    assert host_document(parse_host(document)) == document


def test_id_and_name_are_enough() -> None:
    host = parse_host({"id": "ana", "name": "Ana"})
    assert host.place == Place("America/Sao_Paulo")
    assert host.hours == BusinessHours()
    assert (host.calendar, host.limits, host.blocks) == (CalendarRef(), DayLimits(), ())
    assert (host.active, host.language, host.email, host.phone) == (True, "pt", None, None)


def test_the_zone_is_that_of_the_hours_when_no_other_is_told() -> None:
    assert parse_host({"id": "a", "name": "A", "hours": {"timezone": "Europe/Lisbon"}}).place == Place("Europe/Lisbon")


def test_a_phone_without_country_is_of_the_hosts_country() -> None:
    host = parse_host({"id": "a", "name": "A", "region": "PT", "timezone": "Europe/Lisbon", "phone": "912 345 678"})
    assert host.phone == "+351912345678"


def test_a_midnight_that_is_skipped_begins_the_day_at_the_end_of_the_gap() -> None:
    block = {"start_at": "2018-11-04", "end_at": "2018-11-04"}
    host = parse_host({"id": "a", "name": "A", "timezone": "America/Sao_Paulo", "blocks": [block]})
    assert host.blocks[0] == Block(datetime(2018, 11, 4, 3, tzinfo=UTC), datetime(2018, 11, 5, 2, tzinfo=UTC))


@pytest.mark.parametrize("wrong", ["Ana", "-ana", "ana souza", "é", "a" * 41, "", 7])
def test_an_id_is_short_and_plain(wrong) -> None:
    assert any(line.startswith("id = ") for line in faults_of(id=wrong))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"timezone": "America/Curitiba"}, "timezone: fuso"),
        ({"region": "PR"}, 'region: "PR": escreva o país também'),
        ({"email": "ana@"}, 'email: "ana@" não é um e-mail'),
        ({"phone": "123"}, 'phone: "123" não é um telefone'),
        ({"hours": {"startTime": "25:00"}}, 'hours.startTime = "25:00"'),
        ({"language": "es"}, 'language: "es": escreva "pt" ou "en"'),
        ({"active": "sim"}, 'active = "sim": escreva true ou false'),
        ({"limits": {"per_day": 0}}, "limits.per_day = 0: escreva um número inteiro de 1"),
        ({"limits": {"per_month": 9}}, "limits.per_month: chave desconhecida"),
        ({"calendar": {"kind": "outlook"}}, 'calendar.kind = "outlook": escreva "local" ou "google"'),
        (
            {"calendar": {"kind": "google"}},
            "calendar.secret: falta; um calendário google precisa do nome de um segredo",
        ),
        ({"calendar": {"secret": "x"}}, 'calendar.secret = "x": o calendário local não leva'),
        ({"blocks": [{"start_at": "2026-12-21"}]}, "blocks[1].end_at: falta"),
        ({"blocks": [{"start_at": "2026-13-01", "end_at": "2026-12-21"}]}, 'blocks[1]: "2026-13-01": escreva uma data'),
        ({"blocks": [{"start_at": "2026-12-21", "end_at": "2026-12-20"}]}, "blocks[1]: termina antes de começar"),
        ({"blocks": [{"start_at": 5, "end_at": "2026-12-20"}]}, 'blocks[1]: "5": escreva uma data'),
        ({"blocks": {"start_at": "2026-12-21"}}, "escreva cada um sob [[blocks]]"),
        ({"telefone": "1"}, "telefone: chave desconhecida"),
    ],
)
def test_what_is_wrong_is_told_with_place_and_what_to_write(changes, words) -> None:
    assert words in fault_of(**changes)


def test_all_faults_are_told_at_once() -> None:
    found = faults_of(id="Ana", email="ana", timezone="Marte", limits={"per_day": "muitas"})
    assert [line.split(":")[0].split(" ")[0] for line in found] == ["timezone", "id", "email", "limits.per_day"]


def test_a_wrong_zone_hides_no_fault_of_a_block() -> None:
    block = {"start_at": "2026-12-21", "end_at": "2026-12-20"}
    assert len(faults_of(timezone="Marte", blocks=[block])) == 2
