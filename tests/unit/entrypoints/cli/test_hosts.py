"""`disparo hosts ...`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from disparo.adapters.files.agenda_file import read_agenda_file
from disparo.domain.agenda.agenda_document import parse_agenda
from disparo.domain.agenda.host_document import parse_host
from tests.unit.entrypoints.cli.agenda_files import AGENDA
from tests.unit.entrypoints.cli.conftest import Cli


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "agenda.toml"
    path.write_text(AGENDA, encoding="utf-8")
    return path


@pytest.fixture
def agenda(cli: Cli, file: Path) -> Cli:
    """A command line with two hosts and two types of meetings."""
    assert cli("hosts", "load", str(file)).code == 0
    return cli


def test_a_file_is_loaded_once_and_what_changed_is_told(agenda: Cli, file: Path) -> None:
    same = agenda("hosts", "load", str(file), "--json").json["items"]
    assert {one["change"] for one in same} == {"unchanged"}
    file.write_text(AGENDA.replace('"Ana Souza"', '"Ana Dias"'), encoding="utf-8")
    changed = [
        one for one in agenda("hosts", "load", str(file), "--json").json["items"] if one["change"] != "unchanged"
    ]
    assert changed == [{"kind": "host", "id": "ana", "change": "changed", "keys": ["name"]}]
    assert agenda("hosts", "show", "ana", "--json").json["name"] == "Ana Dias"


def test_checking_a_file_keeps_nothing_and_needs_no_data(cli: Cli, file: Path, tmp_path: Path) -> None:
    found = cli("hosts", "load", str(file), "--check", "--json").json
    assert {one["change"] for one in found["items"]} == {"created"}
    assert not (tmp_path / "disparo-data").exists()
    assert cli("hosts", "list").code == 3


def test_every_fault_of_a_file_is_a_line(cli: Cli, file: Path) -> None:
    file.write_text(AGENDA.replace('"any"', '"melhor"').replace('"America/Manaus"', '"Marte"'), encoding="utf-8")
    result = cli("hosts", "load", str(file))
    assert result.code == 2
    assert [line.split(":")[1].strip().split(" ")[0] for line in result.err.splitlines()] == [
        "hosts[1].timezone",
        "types[1].assignment",
    ]


def test_hosts_without_hours_have_those_of_the_settings(cli: Cli, file: Path, tmp_path: Path) -> None:
    file.write_text('[[hosts]]\nid = "eva"\nname = "Eva"\n', encoding="utf-8")
    settings = tmp_path / "disparo.toml"
    settings.write_text(settings.read_text() + 'business_hours_start = "07:15"\n', encoding="utf-8")
    assert cli("hosts", "load", str(file)).code == 0
    assert cli("hosts", "show", "eva", "--json").json["hours"]["startTime"] == "07:15"


def test_hosts_and_types_are_listed_and_shown(agenda: Cli) -> None:
    assert [row[:3] for row in agenda("hosts", "list").rows] == [
        ["ana", "Ana Souza", "America/Manaus"],
        ["bruno", "Bruno Lima", "America/Sao_Paulo"],
    ]
    assert agenda("hosts", "show", "ana", "--json").json["types"] == ["sozinha", "visita"]
    assert [row[0] for row in agenda("hosts", "types").rows] == ["sozinha", "visita"]
    one = agenda("hosts", "types", "visita", "--json").json
    assert (one["duration"], one["assignment"], one["revision"]) == ("30m", "any", 1)
    assert agenda("hosts", "show", "carla").code == 3
    assert agenda("hosts", "types", "nada").code == 3


def test_what_is_shown_of_a_host_can_be_loaded_again(agenda: Cli, file: Path) -> None:
    kept = parse_agenda(read_agenda_file(file)).hosts[0]
    shown = agenda("hosts", "show", "ana", "--json").json
    assert parse_host({key: shown[key] for key in shown if key not in ("types", "revision")}) == kept


def test_a_block_is_of_whole_days_in_the_hosts_zone_and_twice_is_as_once(agenda: Cli) -> None:
    done = agenda("hosts", "block", "ana", "2099-12-21", "2099-12-22", "--label", "férias", "--json").json
    assert (done["start_at"], done["end_at"]) == ("2099-12-21T00:00:00.000-04:00", "2099-12-23T00:00:00.000-04:00")
    assert done["changed"]
    assert "já estava bloqueado" in agenda("hosts", "block", "ana", "2099-12-21", "2099-12-22", "--label", "férias").out
    [block] = agenda("hosts", "show", "ana", "--json").json["blocks"]
    assert (block["number"], block["label"]) == (1, "férias")
    assert agenda("hosts", "unblock", "ana", "2099-12-21").code == 0
    gone = agenda("hosts", "unblock", "ana", "2099-12-21")
    assert (gone.code, "não tem nenhum" in gone.err) == (2, True)


def test_a_block_that_ends_before_it_begins_is_refused(agenda: Cli) -> None:
    assert agenda("hosts", "block", "ana", "2099-12-22", "2099-12-21").code == 2
    assert agenda("hosts", "block", "ana", "amanhã", "2099-12-21").code == 2


def test_meetings_inside_of_a_block_stand_and_are_told(agenda: Cli) -> None:
    assert agenda("import", "contatos.csv").code == 0
    day = datetime.now(UTC).date() + timedelta(days=2)
    assert agenda("meetings", "book", "1", "visita", f"{day}T14:00-04:00", "--zone", "UTC").code == 0
    result = agenda("hosts", "block", "ana", str(day), str(day), "--json")
    assert result.json["meetings"] == ["1"]
    assert "continuam marcadas nesse tempo: 1" in result.err


def test_the_feed_is_a_link_of_the_public_address(agenda: Cli, tmp_path: Path) -> None:
    refused = agenda("hosts", "feed", "ana")
    assert (refused.code, "public_url" in refused.err) == (2, True)
    settings = tmp_path / "disparo.toml"
    settings.write_text(settings.read_text() + 'public_url = "https://agenda.example.com"\n', encoding="utf-8")
    url = agenda("hosts", "feed", "ana", "--json").json["url"]
    assert url.startswith("https://agenda.example.com/book/f.")
    assert agenda("hosts", "feed", "carla").code == 3


def test_calendars_are_asked_and_one_that_cannot_be_read_is_exit_code_2(agenda: Cli, file: Path) -> None:
    assert {row[2] for row in agenda("hosts", "check").rows} == {"true"}
    remote = AGENDA.replace('email = "ana@example.com"', 'calendar = { kind = "caldav", secret = "nada" }')
    file.write_text(remote, encoding="utf-8")
    assert agenda("hosts", "load", str(file)).code == 0
    result = agenda("hosts", "check", "--json")
    assert result.code == 2
    assert [(one["host"], one["readable"]) for one in result.json["items"]] == [("ana", False), ("bruno", True)]
    assert agenda("hosts", "check", "bruno").code == 0
