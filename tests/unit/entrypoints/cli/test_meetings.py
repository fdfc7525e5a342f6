"""`disparo meetings ...`, `disparo slots` and `disparo why-slot`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from disparo.domain.agenda.slot import Refusal
from disparo.domain.intervals import Interval
from disparo.entrypoints.cli import worker
from disparo.entrypoints.cli.faults import ExitCode, code_of
from disparo.ports.agenda import MeetingChangedError, SlotTakenError
from tests.unit.entrypoints.cli.agenda_files import AGENDA, ALWAYS
from tests.unit.entrypoints.cli.conftest import Cli

DAY = (datetime.now(UTC) + timedelta(days=3)).date()
AT = f"{DAY}T14:00"


@pytest.fixture
def agenda(cli: Cli, tmp_path: Path) -> Cli:
    """A command line with hosts, types and three contacts, of whom the second lives in Manaus."""
    (tmp_path / "agenda.toml").write_text(AGENDA, encoding="utf-8")
    assert cli("import", "contatos.csv").code == 0
    assert cli("hosts", "load", "agenda.toml").code == 0
    return cli


def shown(agenda: Cli, id_: str = "1") -> Any:
    return agenda("meetings", "show", id_, "--json").json


def test_slots_are_of_the_span_and_on_the_clock_of_the_contact(agenda: Cli) -> None:
    found = agenda("slots", "visita", "--from", str(DAY), "--to", str(DAY), "--contact", "2", "--json").json["items"]
    assert len(found) == 48
    assert found[0]["start_at"] == f"{DAY}T00:00:00.000-04:00"
    assert found[0]["hosts"] == ["ana"]
    one = agenda("slots", "visita", "--from", AT, "--to", f"{DAY}T14:30", "--zone", "America/Manaus").rows
    assert one == [[f"{AT}:00-04:00", f"{DAY}T14:30:00-04:00", "ana"]]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["visita", "--contact", "2", "--zone", "UTC"], 2),
        (["visita", "--zone", "Marte"], 2),
        (["visita", "--from", "amanhã"], 2),
        (["visita", "--contact", "99"], 3),
        (["nada"], 3),
    ],
)
def test_slots_of_nothing_are_refused(agenda: Cli, words, code) -> None:
    assert agenda("slots", *words).code == code


def test_an_offer_is_held_confirmed_by_number_and_shown(agenda: Cli) -> None:
    offered = agenda("meetings", "propose", "2", "visita", "--notes", "gosta de café", "--json").json
    assert offered["said"] == "offered"
    assert len(offered["meeting"]["offers"]) == 3
    assert offered["meeting"]["start_at"] is None
    refused = agenda("meetings", "confirm", "1")
    assert (refused.code, len(refused.err.splitlines())) == (2, 4)
    second = offered["meeting"]["offers"][1]["start_at"]
    done = agenda("meetings", "confirm", "1", "2", "--json").json
    assert (done["said"], done["meeting"]["start_at"]) == ("confirmed", second)
    one = shown(agenda)
    assert (one["state"], one["by"], one["notes"], one["offers"]) == ("confirmed", "operator", "gosta de café", [])
    assert [(each["host"], each["zone"]) for each in one["hosts_times"]] == [("ana", "America/Manaus")]
    assert [(each["host"], each["pending"]) for each in one["calendar"]] == [("ana", True)]
    again = agenda("meetings", "confirm", "1")
    assert (again.code, "já estava assim" in again.out) == (0, True)


def test_an_offer_is_confirmed_by_its_time_on_the_contacts_clock(agenda: Cli) -> None:
    offer = agenda("meetings", "propose", "2", "visita", "--json").json["meeting"]["offers"][0]
    assert agenda("meetings", "confirm", "1", f"{DAY}T03:33").code == 4
    assert agenda("meetings", "confirm", "1", offer["start_at"][:16]).code == 0


def test_the_same_key_offers_nothing_again_and_without_one_it_warns(agenda: Cli) -> None:
    assert agenda("meetings", "propose", "1", "visita", "--key", "a", "--json").json["said"] == "offered"
    assert agenda("meetings", "propose", "1", "visita", "--key", "a", "--json").json["said"] == "already"
    another = agenda("meetings", "propose", "1", "visita")
    assert "já tem a reunião 1, proposta" in another.err
    assert [row[0] for row in agenda("meetings", "list").rows] == ["2", "1"]


def test_a_time_is_booked_on_the_contacts_clock_once_and_the_next_one_gets_another_host(agenda: Cli) -> None:
    done = agenda("meetings", "book", "2", "visita", AT, "--json").json
    assert (done["said"], done["meeting"]["start_at"]) == ("confirmed", f"{AT}:00.000-04:00")
    assert agenda("meetings", "book", "2", "visita", AT, "--json").json["said"] == "already"
    assert agenda("meetings", "book", "1", "visita", f"{AT}-04:00", "--json").json["meeting"]["hosts"] == ["bruno"]
    full = agenda("meetings", "book", "3", "visita", f"{AT}-04:00", "--json")
    assert (full.code, full.json) == (4, {"said": "not_offered", "detail": "", "meeting": None})


def test_one_that_was_cancelled_is_booked_again_with_another_key(agenda: Cli) -> None:
    agenda("meetings", "book", "2", "visita", AT)
    assert agenda("meetings", "cancel", "1", "--reason", "viagem").code == 0
    assert shown(agenda)["reason"] == "viagem"
    assert "--key" in agenda("meetings", "book", "2", "visita", AT).err
    assert agenda("meetings", "book", "2", "visita", AT, "--key", "de novo", "--json").json["meeting"]["id"] == "2"


def test_a_meeting_is_moved_offered_other_times_and_handed_over(agenda: Cli) -> None:
    agenda("meetings", "book", "2", "visita", AT)
    moved = agenda("meetings", "reschedule", "1", f"{DAY}T16:00", "--json").json
    assert (moved["said"], moved["meeting"]["start_at"]) == ("moved", f"{DAY}T16:00:00.000-04:00")
    other = agenda("meetings", "reschedule", "1", "--json").json
    assert (other["said"], len(other["meeting"]["offers"])) == ("offered", 3)
    assert other["meeting"]["start_at"] == moved["meeting"]["start_at"]
    assert agenda("meetings", "host", "1", "bruno", "--json").json["meeting"]["hosts"] == ["bruno"]
    assert agenda("meetings", "host", "1", "carla").code == 3


def test_the_outcome_is_for_later_and_what_is_over_is_refused(agenda: Cli) -> None:
    agenda("meetings", "book", "2", "visita", AT)
    early = agenda("meetings", "outcome", "1", "held")
    assert (early.code, "ainda não começou" in early.err) == (4, True)
    assert agenda("meetings", "outcome", "1", "talvez").code == 2
    assert agenda("meetings", "decline", "1", "--json").json["said"] == "cancelled"
    refused = agenda("meetings", "reschedule", "1")
    assert (refused.code, "não está aberta" in refused.err) == (4, True)


def test_meetings_are_found_by_what_they_are(agenda: Cli) -> None:
    agenda("meetings", "book", "2", "visita", AT)
    agenda("meetings", "propose", "1", "sozinha")
    agenda("meetings", "book", "3", "visita", f"{DAY + timedelta(days=1)}T14:00")

    def found(*words: str) -> list[str]:
        return [one["id"] for one in agenda("meetings", "list", *words, "--json").json["items"]]

    assert found() == ["3", "2", "1"]
    assert found("--state", "proposed") == ["2"]
    assert found("--type", "visita", "--contact", "3") == ["3"]
    assert found("--host", "bruno") == []
    assert found("--from", str(DAY), "--to", str(DAY), "--zone", "America/Manaus") == ["1"]
    first = agenda("meetings", "list", "--limit", "2", "--json").json
    assert first["next"] == "2"
    assert found("--after", "2") == ["1"]
    assert agenda("meetings", "list", "--state", "feita").code == 2
    assert agenda("meetings", "show", "99").code == 3


def test_why_slot_tells_the_rule_of_each_host(agenda: Cli) -> None:
    agenda("meetings", "book", "2", "visita", AT)
    found = agenda("why-slot", "visita", AT, "--contact", "2", "--json").json
    assert found["bookable"]
    assert [(one["host"], one["reason"], one["detail"]) for one in found["hosts"]] == [
        ("ana", "taken", "1"),
        ("bruno", "free", ""),
    ]
    [row] = agenda("why-slot", "visita", f"{DAY}T14:10", "--host", "bruno").rows
    assert row[:3] == ["bruno", "off_grid", "30m"]
    [past] = agenda("why-slot", "sozinha", "2020-01-01T10:00", "--json").json["hosts"]
    assert past["reason"] == "past"


@pytest.mark.parametrize("time", [str(DAY), "14:00", "amanhã", "2026-02-30T10:00"])
def test_a_time_has_date_and_hour(agenda: Cli, time: str) -> None:
    result = agenda("why-slot", "visita", time)
    assert (result.code, "escreva data e hora" in result.err) == (2, True)
    assert agenda("meetings", "book", "2", "visita", time).code == 2


def test_an_hour_that_the_clock_skips_is_refused(agenda: Cli) -> None:
    result = agenda("why-slot", "visita", "2027-03-28T01:30", "--zone", "Europe/Lisbon")
    assert (result.code, "não existe no relógio de Europe/Lisbon" in result.err) == (2, True)


def test_who_cannot_be_reached_or_found_is_refused(agenda: Cli) -> None:
    assert agenda("meetings", "propose", "3", "visita", "--channel", "email").code == 2
    assert agenda("meetings", "propose", "3", "visita", "--channel", "fax").code == 2
    assert agenda("meetings", "propose", "99", "visita").code == 3
    assert agenda("meetings", "propose", "3", "nada").code == 3
    assert agenda("meetings", "confirm", "99", "1").code == 3


def test_rates_are_counted_whole_and_apart(agenda: Cli) -> None:
    agenda("meetings", "book", "2", "visita", AT)
    agenda("meetings", "propose", "1", "visita")
    agenda("meetings", "confirm", "2", "1")
    agenda("meetings", "propose", "3", "sozinha")
    whole = agenda("meetings", "rates", "--json").json
    assert (whole["meetings"], whole["offered"], whole["agreed"], whole["booked"]) == (3, 2, 1, 1)
    assert (whole["confirmation_rate"], whole["no_show_rate"], whole["upcoming"]) == (0.5, None, 2)
    apart = agenda("meetings", "rates", "--by", "type,month", "--json").json["items"]
    assert [(one["type"], one["offered"]) for one in apart] == [("sozinha", 1), ("visita", 1)]
    assert all(len(one["month"]) == 7 for one in apart)
    assert agenda("meetings", "rates", "--from", "2099-01-01", "--json").json["meetings"] == 0
    assert agenda("meetings", "rates", "--by", "cor").code == 2


def test_a_worker_that_ends_by_itself_tells_contact_and_host_first_and_waits_for_no_reminder(
    agenda: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LOOK_EVERY", timedelta(milliseconds=50))
    settings = tmp_path / "disparo.toml"
    settings.write_text(f"{settings.read_text()}\n[business_hours]\n{ALWAYS}", encoding="utf-8")
    agenda("meetings", "book", "2", "visita", AT)
    assert agenda("worker", "--until-idle").code == 0
    one = shown(agenda)
    told = {(notice["kind"], notice["state"] in ("accepted", "delivered", "read")) for notice in one["notices"]}
    assert {("confirmed", True), ("host_booked", True), ("reminder_1", False)} <= told
    assert [(each["written"], each["pending"]) for each in one["calendar"]] == [(1, False)]
    assert {row[1] for row in agenda("meetings", "show", "1").rows if len(row) == 8} >= {"confirmed", "reminder_2"}


def test_who_came_too_late_is_told_so_by_the_exit_code() -> None:
    refusal = Refusal("ana", "taken", Interval(0, 1))
    assert code_of(SlotTakenError(refusal)) is ExitCode.STATE
    assert code_of(MeetingChangedError("mudou")) is ExitCode.STATE
