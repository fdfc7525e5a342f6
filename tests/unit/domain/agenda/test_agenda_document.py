"""The agenda's file as a whole."""

from __future__ import annotations

import pytest

from disparo.domain.agenda.agenda_document import parse_agenda
from disparo.domain.errors import InputError

ANA = {"id": "ana", "name": "Ana"}
VISIT = {"id": "visita", "title": "Visita", "hosts": ["ana"]}


def faults_of(document, known_hosts=()) -> list[str]:
    with pytest.raises(InputError) as caught:
        parse_agenda(document, known_hosts)
    return str(caught.value).split("\n")


def test_hosts_and_types_come_in_the_order_of_the_file() -> None:
    agenda = parse_agenda({"hosts": [{"id": "z", "name": "Z"}, ANA], "types": [VISIT]})
    assert [host.id for host in agenda.hosts] == ["z", "ana"]
    assert [one.id for one in agenda.types] == ["visita"]


def test_a_type_may_name_a_host_that_is_known_already() -> None:
    assert parse_agenda({"types": [VISIT]}, {"ana"}).types[0].hosts == ("ana",)


def test_a_host_that_nobody_knows_is_told_beside_other_faults() -> None:
    assert faults_of({"types": [{**VISIT, "offers": 0}]}) == [
        "types[1].offers = 0: escreva um número inteiro de 1 a 10, sem aspas, ou retire a chave",
        'types[1].hosts: "ana" não é conhecido; escreva esse anfitrião sob [[hosts]] neste arquivo',
    ]


def test_an_id_is_there_once() -> None:
    faults = faults_of({"hosts": [ANA, ANA], "types": [VISIT, VISIT]})
    assert faults == [
        'hosts[2].id = "ana": já está em hosts[1]; dê outro id a um dos dois',
        'types[2].id = "visita": já está em types[1]; dê outro id a um dos dois',
    ]


def test_a_host_and_a_type_may_share_an_id() -> None:
    assert parse_agenda({"hosts": [ANA], "types": [{**VISIT, "id": "ana"}]})


def test_faults_of_all_tables_are_told_with_their_numbers() -> None:
    faults = faults_of({"hosts": [ANA, {"id": "b"}], "types": [VISIT, {**VISIT, "id": "x", "grid": "0m"}]})
    assert [fault.split(":")[0] for fault in faults] == ["hosts[2].name", 'types[2].grid = "0m"']


@pytest.mark.parametrize("document", [{}, {"hosts": []}, {"hosts": [], "types": []}])
def test_a_file_without_anything_is_refused(document) -> None:
    assert "escreva ao menos um anfitrião, sob [[hosts]]" in faults_of(document)[0]


@pytest.mark.parametrize("document", [{"host": [ANA]}, {"hosts": ANA}, {"hosts": [1]}])
def test_other_shapes_are_refused(document) -> None:
    assert faults_of(document)
