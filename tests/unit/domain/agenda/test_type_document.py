"""Types of meetings as their document tells them, and what is said of a wrong one."""

from __future__ import annotations

import tomllib
from datetime import timedelta

import pytest

from disparo.domain.agenda.meeting_type import WAKING_HOURS, Assignment, MeetingType, OutsideHours
from disparo.domain.agenda.notice import NoticeKind
from disparo.domain.agenda.type_document import TYPE_KEYS, parse_type, type_document
from disparo.domain.errors import InputError
from disparo.domain.policies.business_hours import DailyHours
from disparo.domain.template import Template
from disparo.domain.whatsapp_content import Approved, Choice, Choices

FULL = """
id = "demonstracao"
title = "Demonstração"
hosts = ["ana", "bruno"]
assignment = "any"
duration = "45m"
buffer_before = "5m"
buffer_after = "15m"
grid = "1h"
min_notice = "2h"
horizon = "21d"
contact_holidays = false
offers = 4
answer_within = "12h"
max_proposals = 2
max_reschedules = 0
latest_change = "3h"
reminders = ["2d", "24h", "30m"]
reminder_outside = "earlier"
no_show_after = []
briefing_before = "1h"
location = "Rua XV, 10"
description = "Uma conversa.\\nSem compromisso."
online = true
public = true
active = false

[contact_hours]
startTime = "09:00"

[messages.proposal]
subject = "Horários"
text = "Olá {{ nome }}"
html = "<p>Olá</p>"
choices = [{ id = "1", title = "Primeiro" }]

[messages.proposal.approved]
name = "proposta"
language = "pt_BR"
body = ["{{ nome }}"]

[messages.briefing]
name = "resumo"
text = "Reunião às {{ hora }}"
"""
LEAST = {"id": "visita", "title": "Visita", "hosts": ["ana"]}


def faults_of(**changes: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        parse_type({**LEAST, **changes})
    return str(caught.value).split("\n")


def fault_of(**changes: object) -> str:
    (fault,) = faults_of(**changes)
    return fault


def test_every_key_is_read() -> None:
    values = tomllib.loads(FULL)
    assert {*values} == {*TYPE_KEYS}
    found = parse_type(values)
    assert (found.id, found.title, found.hosts) == ("demonstracao", "Demonstração", ("ana", "bruno"))
    assert found.assignment is Assignment.ANY
    spans = (found.duration, found.buffer_before, found.buffer_after, found.grid)
    assert [span // timedelta(minutes=1) for span in spans] == [45, 5, 15, 60]
    spans = (found.min_notice, found.horizon, found.answer_within, found.latest_change, found.briefing_before)
    assert [span / timedelta(hours=1) for span in spans] == [2, 21 * 24, 12, 3, 1]
    assert found.reminders == (timedelta(days=2), timedelta(days=1), timedelta(minutes=30))
    assert (found.reminder_outside, found.no_show_after) == (OutsideHours.EARLIER, ())
    assert (found.offers, found.max_proposals, found.max_reschedules) == (4, 2, 0)
    assert (found.contact_holidays, found.online, found.public, found.active) == (False, True, True, False)
    assert (found.location, found.description) == ("Rua XV, 10", "Uma conversa.\nSem compromisso.")


def test_own_texts_have_the_parts_of_every_channel() -> None:
    messages = parse_type(tomllib.loads(FULL)).messages
    assert messages == {
        NoticeKind.PROPOSAL: Template(
            "demonstracao-proposal",
            "Olá {{ nome }}",
            "Horários",
            "<p>Olá</p>",
            Approved("proposta", "pt_BR", body=("{{ nome }}",)),
            Choices((Choice("1", "Primeiro"),)),
        ),
        NoticeKind.BRIEFING: Template("resumo", "Reunião às {{ hora }}"),
    }


def test_the_document_is_json_and_reads_back_as_the_same_type() -> None:
    found = parse_type(tomllib.loads(FULL))
    document = type_document(found)
    assert parse_type(document) == found
    assert type_document(parse_type(document)) == document
    assert document["horizon"] == "21d"


def test_id_title_and_hosts_are_enough() -> None:
    assert parse_type(LEAST) == MeetingType("visita", "Visita", ("ana",))


def test_hours_of_contacts_that_are_half_told_are_else_those_of_people_who_are_awake() -> None:
    hours = parse_type({**LEAST, "contact_hours": {"startTime": "09:00"}}).contact_hours
    assert hours.default == DailyHours(frozenset(range(1, 8)), 9 * 60, 20 * 60, None)
    assert not hours.public_holidays
    assert parse_type(LEAST).contact_hours == WAKING_HOURS


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"duration": "0m"}, 'duration = "0m": escreva de "5m" a "12h"'),
        ({"duration": "3d"}, 'duration = "3d": escreva de "5m" a "12h"'),
        ({"duration": "30"}, 'duration: espera "30"'),
        ({"duration": 30}, "duration = 30: escreva um texto entre aspas"),
        ({"min_notice": "2du"}, 'min_notice: "2du": dias úteis não servem aqui'),
        ({"grid": "0m"}, 'grid = "0m": escreva de "5m" a "1d"'),
        ({"buffer_before": "5h"}, 'buffer_before = "5h": escreva de "0m" a "4h"'),
        ({"buffer_after": "-5m"}, 'buffer_after: espera "-5m"'),
        ({"horizon": "400d"}, 'horizon = "400d": escreva de "5m" a "366d"'),
        ({"min_notice": "30d"}, 'horizon = "30d": não vai além de min_notice = "30d"'),
        ({"offers": 11}, "offers = 11: escreva um número inteiro de 1 a 10"),
        ({"offers": 0}, "offers = 0: escreva um número inteiro de 1 a 10"),
        ({"max_reschedules": -1}, "max_reschedules = -1"),
        ({"answer_within": "0m"}, 'answer_within = "0m"'),
        ({"reminders": ["3d", "2d", "1d", "1h"]}, "reminders = "),
        ({"reminders": ["1h", "24h"]}, "da mais distante à mais próxima"),
        ({"reminders": ["1h", "1h"]}, "sem repetir"),
        ({"reminders": ["0m"]}, 'escreva de "1m" a "30d" em cada uma'),
        ({"reminders": "24h"}, 'reminders = "24h": escreva até 3 durações entre colchetes'),
        ({"no_show_after": ["1d", "2d", "3d", "4d"]}, "no_show_after = "),
        ({"no_show_after": ["2d", "1h"]}, "da menor à maior"),
        ({"assignment": "best"}, 'assignment = "best": escreva "round_robin" ou "any" ou "together"'),
        ({"hosts": []}, "hosts = []: escreva os ids dos anfitriões"),
        ({"hosts": ["ana", "ana"]}, "um anfitrião está duas vezes"),
        (
            {"hosts": [f"h{i}" for i in range(9)], "assignment": "together"},
            'são 9; com assignment = "together" cabem 8',
        ),
        ({"contact_hours": {"endTime": "8h"}}, 'contact_hours.endTime = "8h"'),
        ({"location": "x" * 501}, "tem 501 letras; cabem 500"),
        ({"online": 1}, "online = 1: escreva true ou false"),
        ({"messages": {"propose": {"text": "x"}}}, 'messages.propose: chave desconhecida; você quis dizer "proposal"?'),
        ({"messages": {"proposal": {}}}, "messages.proposal.text: falta"),
        ({"messages": {"proposal": {"text": "x", "approved": 1}}}, "sob [messages.proposal.approved]"),
        ({"messages": {"proposal": {"text": "x", "choices": 1}}}, "sob [[messages.proposal.choices]]"),
        (
            {"messages": {"briefing": {"text": "x", "choices": [{"id": "1", "title": "a"}]}}},
            "messages.briefing.choices: briefing vai por e-mail ao anfitrião e não leva choices",
        ),
        ({"idade": 1}, "idade: chave desconhecida"),
    ],
)
def test_what_is_wrong_is_told_with_place_and_what_to_write(changes, words) -> None:
    assert words in fault_of(**changes)


def test_what_is_missing_is_told_all_at_once() -> None:
    with pytest.raises(InputError) as caught:
        parse_type({"duration": "1s"})
    lines = str(caught.value).split("\n")
    assert [line.partition(":")[0] for line in lines] == ["id", "title", "hosts", "duration"]


def test_many_hosts_are_fine_where_one_of_them_is_enough() -> None:
    hosts = [f"h{number}" for number in range(50)]
    assert len(parse_type({**LEAST, "hosts": hosts}).hosts) == 50


def test_the_bounds_themselves_are_allowed() -> None:
    found = parse_type({**LEAST, "duration": "12h", "grid": "5m", "buffer_before": "4h", "horizon": "366d"})
    assert found.duration == timedelta(hours=12)
    assert parse_type({**LEAST, "duration": "5m", "grid": "24h", "offers": 10}).grid == timedelta(days=1)
