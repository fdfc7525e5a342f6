from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from disparo.adapters.files.campaign_file import read_campaign_file
from disparo.adapters.files.document_file import TEMPLATE_FILE_KEYS
from disparo.domain.campaign_document import parse_campaign
from disparo.domain.errors import InputError

ROOT = Path(__file__).parents[4]
CREATED_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
STEP = '[[steps]]\nchannel = "whatsapp"\n'

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Put a file into the campaign's folder."""

    def put(name: str, content: str | bytes) -> Path:
        path = tmp_path / "campanhas" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put


def first_step(document: Mapping[str, object]) -> dict[str, Any]:
    steps = document["steps"]
    assert isinstance(steps, list)
    step: dict[str, Any] = steps[0]
    return step


def fault(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_campaign_file(path)
    return str(caught.value)


def test_a_template_file_becomes_the_text_of_the_step(write: Write) -> None:
    write("modelos/oi.liquid", "\ufeffOi, {{ nome }}!\r\n\r\nAté já.\r\n\r\n")
    document = read_campaign_file(write("c.toml", STEP + 'template_file = "modelos/oi.liquid"'))
    assert first_step(document) == {"channel": "whatsapp", "text": "Oi, {{ nome }}!\n\nAté já."}


def test_an_html_file_becomes_the_html_of_the_step(write: Write) -> None:
    write("oi.html", "<p>Oi</p>\n")
    document = read_campaign_file(write("c.toml", STEP + 'text = "Oi"\nhtml_file = "oi.html"'))
    assert first_step(document)["html"] == "<p>Oi</p>"


def test_hours_may_be_a_json_file(write: Write) -> None:
    write("horario.json", '{"startTime": "09:00"}')
    document = read_campaign_file(write("c.toml", 'hours = "horario.json"'))
    assert document["hours"] == {"startTime": "09:00"}


def test_a_byte_order_mark_and_windows_line_ends_are_read(write: Write) -> None:
    assert read_campaign_file(write("c.toml", '\ufeffname = "natal"\r\n')) == {"name": "natal"}


def test_a_document_of_the_wrong_shape_is_left_to_the_parser(write: Write) -> None:
    assert read_campaign_file(write("c.toml", 'steps = ["a"]')) == {"steps": ["a"]}
    assert read_campaign_file(write("d.toml", "steps = 1\nhours = 2")) == {"steps": 1, "hours": 2}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('name = "a"\n\nlist "b"\n', "linha 3, coluna 6"),
        ('name = "a"\nname = "b"\n', "linha 2"),
        ('name = "a"\ntext = """\nOi\n', "linha 3"),
        ('name = "a', "linha 1"),
        ("[steps]\nx = 1\n[[steps]]\n", "linha 3"),
    ],
)
def test_a_syntax_error_names_file_and_line(write: Write, content: str, line: str) -> None:
    path = write("c.toml", content)
    assert fault(path).startswith(f"{path}: {line}")


@pytest.mark.parametrize("content", ["a = " + "[" * 50_000, "a = " + "1" * 10_000])
def test_what_breaks_the_parser_is_an_error_of_the_file(write: Write, content: str) -> None:
    assert "não é um TOML legível" in fault(write("c.toml", content))


def test_text_that_is_not_utf_8_names_its_line(write: Write) -> None:
    assert "linha 2: não é texto em UTF-8" in fault(write("c.toml", 'name = "a"\n# olá\n'.encode("cp1252")))


def test_a_binary_is_no_campaign(write: Write) -> None:
    assert "não é um arquivo de texto" in fault(write("c.toml", b"PK\x03\x04\0\0\0\0"))


def test_a_file_above_the_limit_is_refused(write: Write) -> None:
    assert "passa de 1024 KiB" in fault(write("c.toml", b"#" * (1024 * 1024 + 1)))
    assert read_campaign_file(write("d.toml", b"#" * (1024 * 1024))) == {}


def test_a_missing_file_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    assert fault(tmp_path / "nada.toml") == f"{tmp_path / 'nada.toml'}: não existe; confira o nome e a pasta"
    assert "é uma pasta" in fault(tmp_path)
    assert "não é um arquivo comum" in fault(tmp_path / "pipe.toml")
    assert fault(tmp_path / ("x" * 5000)).endswith("File name too long")


@pytest.mark.parametrize("name", ["../fora.txt", "a/../../fora.txt", "/etc/hostname", "link/fora.txt", "fora.txt"])
def test_files_outside_of_the_folder_are_refused(write: Write, tmp_path: Path, name: str) -> None:
    (tmp_path / "fora.txt").write_text("segredo")
    path = write("c.toml", STEP + f'template_file = "{name}"')
    (path.parent / "link").symlink_to(tmp_path)
    (path.parent / "fora.txt").symlink_to(tmp_path / "fora.txt")
    line = fault(path)
    assert line.startswith(f'{path}: steps[1].template_file = "{name}": fica fora da pasta')
    assert "segredo" not in line


def test_a_link_inside_the_folder_is_followed(write: Write) -> None:
    target = write("modelos/oi.liquid", "Oi")
    (target.parent / "link.liquid").symlink_to(target)
    document = read_campaign_file(write("c.toml", STEP + 'template_file = "modelos/link.liquid"'))
    assert first_step(document)["text"] == "Oi"


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ('template_file = "nada.liquid"', "não existe"),
        ('template_file = "volta"', ": não "),
        ('template_file = "."', "é uma pasta"),
        ('template_file = ""', "escreva entre aspas"),
        ("template_file = 3", "escreva entre aspas"),
        ('template_file = "a\\u0000b"', "escreva entre aspas"),
        ('template_file = "grande.txt"', "passa de 64 KiB"),
        ('text = "Oi"\ntemplate_file = "oi.txt"', "já tem text"),
    ],
)
def test_a_wrong_template_file_is_told_with_its_step(write: Write, line: str, advice: str) -> None:
    write("oi.txt", "Oi")
    write("grande.txt", "a" * (64 * 1024 + 1))
    path = write("c.toml", STEP + 'text = "Oi"\n' + STEP + line)
    (path.parent / "volta").symlink_to("volta")
    assert fault(path).startswith(f"{path}: steps[2].template_file = ")
    assert advice in fault(path)


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        ('{"a": 1,\n}', "linha 2, coluna 1: não é JSON"),
        ("[1]", "objeto JSON"),
        ("[" * 60_000, "não é um JSON legível"),
        ("9" * 10_000, "não é um JSON legível"),
    ],
)
def test_a_wrong_hours_file_is_told(write: Write, content: str, advice: str) -> None:
    write("horario.json", content)
    path = write("c.toml", 'hours = "horario.json"')
    assert fault(path).startswith(f'{path}: hours = "horario.json": ')
    assert advice in fault(path)


def test_all_missing_files_are_told_at_once(write: Write) -> None:
    path = write("c.toml", 'hours = "h.json"\n' + STEP + 'template_file = "t"\nhtml_file = "h"')
    places = [line.removeprefix(f"{path}: ").split(" = ")[0] for line in fault(path).split("\n")]
    assert places == ["steps[1].template_file", "steps[1].html_file", "hours"]


def test_the_examples_of_the_page_are_right_with_the_files_that_they_name(write: Write) -> None:
    page = (ROOT / "docs" / "campaign-file.md").read_text("utf-8")
    for name, content in (
        ("horario.json", "{}"),
        ("modelos/boas-vindas.liquid", "Oi"),
        ("modelos/boas-vindas.html", "<p>"),
    ):
        write(name, content)
    for example in re.findall(r"```toml\n(.*?)```", page, re.DOTALL):
        document = read_campaign_file(write("c.toml", example))
        assert parse_campaign(document, created_at=CREATED_AT).steps
    assert all(f"`{key}`" in page for key in TEMPLATE_FILE_KEYS)
