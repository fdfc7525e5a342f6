"""The agenda's file and the files that it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from disparo.adapters.files.agenda_file import read_agenda_file
from disparo.domain.agenda.agenda_document import parse_agenda
from disparo.domain.agenda.notice import NoticeKind
from disparo.domain.errors import InputError

AGENDA = """
[[hosts]]
id = "ana"
name = "Ana"
hours = "horario.json"

[[types]]
id = "visita"
title = "Visita"
hosts = ["ana"]

[types.messages.proposal]
template_file = "textos/proposta.txt"
html_file = "textos/proposta.html"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "textos").mkdir()
    (tmp_path / "textos" / "proposta.txt").write_text("Olá {{ nome }}\n", encoding="utf-8")
    (tmp_path / "textos" / "proposta.html").write_text("<p>Olá</p>\n", encoding="utf-8")
    (tmp_path / "horario.json").write_text('{"startTime": "09:00", "endTime": "17:00"}', encoding="utf-8")
    path = tmp_path / "agenda.toml"
    path.write_text(AGENDA, encoding="utf-8")
    return path


def test_named_files_are_read_into_the_document(file: Path) -> None:
    agenda = parse_agenda(read_agenda_file(file))
    template = agenda.types[0].messages[NoticeKind.PROPOSAL]
    assert (template.text, template.html) == ("Olá {{ nome }}", "<p>Olá</p>")
    assert agenda.hosts[0].hours.default.start_min == 9 * 60


def test_every_named_file_that_is_missing_is_told(file: Path) -> None:
    (file.parent / "textos" / "proposta.txt").unlink()
    (file.parent / "horario.json").write_text("[]", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_agenda_file(file)
    faults = str(caught.value).split("\n")
    assert len(faults) == 2
    assert 'hosts[1].hours = "horario.json": o arquivo deve conter um objeto JSON' in faults[0]
    assert "types[1].messages.proposal.template_file" in faults[1]


def test_a_file_outside_of_the_folder_is_refused(file: Path) -> None:
    file.write_text(AGENDA.replace("textos/proposta.txt", "../proposta.txt"), encoding="utf-8")
    with pytest.raises(InputError, match="fica fora da pasta"):
        read_agenda_file(file)


@pytest.mark.parametrize("text", ["hosts = 1", "hosts = [1]", "[types]\nmessages = 1", "[[types]]\nmessages = 1"])
def test_other_shapes_are_left_for_the_reader_of_the_document(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        parse_agenda(read_agenda_file(file))


def test_a_file_that_is_no_toml_is_told_by_line(file: Path) -> None:
    file.write_text("[[hosts]]\nid = ana\n", encoding="utf-8")
    with pytest.raises(InputError, match="linha 2"):
        read_agenda_file(file)
