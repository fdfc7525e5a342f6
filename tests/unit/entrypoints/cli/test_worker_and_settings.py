"""The worker, the settings that it follows, and what is said about an installation."""

from __future__ import annotations

import json
import signal
import sys
from io import StringIO
from pathlib import Path

import pytest

from disparo.entrypoints.cli import doctor
from disparo.entrypoints.cli.printing import Output
from disparo.entrypoints.cli.session import Session
from disparo.entrypoints.cli.settings_watch import SettingsWatch
from disparo.entrypoints.cli.worker_log import WorkerLog


def test_a_worker_with_nothing_to_do_ends_when_asked_to(cli) -> None:
    done = cli("worker", "--until-idle", "--name", "w1")
    assert done.code == 0
    assert [line.split("  ", 1)[1] for line in done.out.splitlines()] == [
        f"worker w1 começou, dados em {Path.cwd() / 'disparo-data'}",
        "nenhuma campanha tem o que enviar",
        "worker w1 terminou",
    ]


def test_a_worker_writes_json_lines_when_asked_or_set_to(cli, monkeypatch) -> None:
    for argv in (["--json"], []):
        lines = [json.loads(line) for line in cli("worker", "--until-idle", *argv).out.splitlines()]
        assert [line["event"] for line in lines] == ["worker_started", "worker_idle", "worker_stopped"]
        monkeypatch.setenv("DISPARO_LOG_FORMAT", "json")


def test_a_paused_campaign_is_nothing_to_wait_for(drafted) -> None:
    drafted("campaign", "start", "teste")
    drafted("campaign", "pause", "teste")
    assert "campanha teste: pausada" in drafted("worker", "--until-idle").out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_worker_in_good_order(cli, monkeypatch, number) -> None:
    monkeypatch.setattr(WorkerLog, "note_campaigns", _raising(number))
    stopped = cli("worker", "--json")
    assert stopped.code == 0
    events = [json.loads(line)["event"] for line in stopped.out.splitlines()]
    assert events == ["worker_started", "worker_stopping", "worker_stopped"]


def _raising(number: signal.Signals):
    async def note(*_: object) -> None:
        signal.raise_signal(number)

    return note


@pytest.fixture
def watched(cli, tmp_path):
    """A watch over `disparo.toml`, with the routes that it changes and what it said."""
    from disparo.bootstrap import open_app

    said = StringIO()
    session = Session(Output(said, sys.stderr), environ={}, cwd=tmp_path)
    app = open_app(session.settings)
    routes = app.routes()
    changes: list[str] = []
    watch = SettingsWatch(
        session, routes, WorkerLog(session.out, as_json=True, zone="UTC"), lambda: changes.append("changed")
    )
    yield watch, routes, said, changes
    app.close()


def _append(path: Path, line: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def test_new_limits_and_retries_reach_the_senders(watched, tmp_path) -> None:
    watch, routes, said, changes = watched
    channels = {name: route.channel for name, route in routes.items()}
    _append(tmp_path / "disparo.toml", "rate_limit_sms_hourly = 7\nmax_retries = 9")
    watch.look()
    assert routes["sms"].sender.limits.hourly == 7
    assert {route.sender.retry.max_retries for route in routes.values()} == {9}
    assert {name: route.channel for name, route in routes.items()} == channels
    assert json.loads(said.getvalue())["changed"] == "max_retries = 9, rate_limit_sms_hourly = 7"
    assert changes == ["changed"]


def test_a_file_with_a_fault_is_told_once_and_the_old_values_stay(watched, tmp_path) -> None:
    watch, routes, said, changes = watched
    before = dict(routes)
    _append(tmp_path / "disparo.toml", "max_retries = -1")
    watch.look()
    watch.look()
    assert routes == before
    assert [json.loads(line)["event"] for line in said.getvalue().splitlines()] == ["settings_refused"]
    assert changes == []


@pytest.mark.parametrize(
    "line", ['[senders.um]\nchannel = "sms"\nprovider = "pombo"', '[senders.sms]\nchannel = "email"\nprovider = "smtp"']
)
def test_senders_that_cannot_be_leave_the_worker_as_it_is(watched, tmp_path, line) -> None:
    watch, routes, said, changes = watched
    before = dict(routes)
    _append(tmp_path / "disparo.toml", line)
    watch.look()
    assert routes == before
    assert {json.loads(line)["event"] for line in said.getvalue().splitlines()} == {"settings_refused"}
    assert changes == []


def test_a_sender_does_not_change_its_channel_while_it_works(cli, tmp_path) -> None:
    from disparo.bootstrap import open_app

    config = tmp_path / "disparo.toml"
    kept = config.read_text()
    config.write_text(kept + '\n[senders.um]\nchannel = "sms"\nprovider = "sandbox"\n')
    session = Session(Output(StringIO(), sys.stderr), environ={}, cwd=tmp_path)
    app = open_app(session.settings)
    routes = app.routes()
    watch = SettingsWatch(session, routes, WorkerLog(session.out, as_json=True, zone="UTC"), lambda: None)
    config.write_text(kept + '\n[senders.um]\nchannel = "email"\nprovider = "sandbox"\n')
    watch.look()
    assert routes["um"].sender.channel == "sms"
    app.close()


def test_a_secret_among_the_settings_is_not_said(watched, tmp_path) -> None:
    watch, _, said, _ = watched
    _append(tmp_path / "disparo.toml", 'sandbox_webhook_secret = "a-very-secret-value"')
    watch.look()
    assert "sandbox_webhook_secret" in said.getvalue()
    assert "a-very-secret-value" not in said.getvalue()


def test_a_file_that_was_only_touched_changes_nothing(watched, tmp_path) -> None:
    watch, routes, said, changes = watched
    before = dict(routes)
    _append(tmp_path / "disparo.toml", "# nothing")
    watch.look()
    assert (routes, said.getvalue(), changes) == (before, "", [])


def test_settings_say_where_they_come_from(cli, monkeypatch) -> None:
    monkeypatch.setenv("DISPARO_MAX_RETRIES", "4")
    rows = {row[0]: row[1:] for row in cli("config", "show").rows}
    assert rows["max_retries"] == ["4", "env DISPARO_MAX_RETRIES"]
    assert rows["rate_limit_whatsapp_burst"] == ["1000", "disparo.toml:1"]
    assert rows["rate_limit_sms_daily"] == ["none", "padrão"]
    assert "lambda_timeout_api" not in rows
    assert "lambda_timeout_api" in cli("config", "show", "--all").out


def test_advice_that_something_cannot_work_is_exit_code_2(cli, tmp_path) -> None:
    assert cli("config", "check").code == 0
    _append(tmp_path / "disparo.toml", "visibility_timeout_seconds = 1")
    checked = cli("config", "check", "--json")
    assert checked.code == 2
    assert "error" in {item["level"] for item in checked.json["items"]}


def _levels(result) -> dict[str, str]:
    return {item["check"]: item["level"] for item in result.json["items"]}


def test_a_sound_installation_is_told_so(drafted) -> None:
    seen = drafted("doctor", "--json")
    assert seen.code == 0
    assert set(_levels(seen)) == {
        *("python", "sqlite", "time_zones", "settings", "sending"),
        *("data", "disk", "fsync", "database", "schema", "clock"),
    }
    assert "error" not in _levels(seen).values()


def test_the_doctor_changes_nothing(cli, tmp_path) -> None:
    before = sorted(tmp_path.iterdir())
    assert cli("doctor").code == 0
    assert sorted(tmp_path.iterdir()) == before


def test_a_damaged_file_is_found(drafted, tmp_path) -> None:
    (tmp_path / "disparo-data" / "disparo.sqlite3").write_bytes(b"\x01" * 8192)
    seen = drafted("doctor", "--json")
    assert (seen.code, _levels(seen)["database"]) == (2, "error")


def test_wrong_settings_are_found(cli, tmp_path) -> None:
    _append(tmp_path / "disparo.toml", "max_retries = -1")
    seen = cli("doctor", "--json")
    assert (seen.code, _levels(seen)["settings"]) == (2, "error")


def test_a_directory_that_is_a_file_is_found(cli, tmp_path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert _levels(cli("--data", "file", "doctor", "--json"))["data"] == "error"


def test_an_old_sqlite_is_refused_and_a_full_disk_is_warned_of(cli, monkeypatch) -> None:
    monkeypatch.setattr(doctor, "LEAST_SQLITE", (99, 0, 0))
    monkeypatch.setattr(doctor, "LEAST_FREE_BYTES", 1 << 80)
    levels = _levels(cli("doctor", "--json"))
    assert (levels["sqlite"], levels["disk"]) == ("error", "warning")


def test_a_clock_behind_the_last_message_is_found(sent, tmp_path) -> None:
    import apsw

    connection = apsw.Connection(str(tmp_path / "disparo-data" / "disparo.sqlite3"))
    connection.execute("UPDATE permit_book SET last_at = last_at + 3600000")
    connection.close()
    seen = sent("doctor", "--json")
    assert (seen.code, _levels(seen)["clock"]) == (2, "error")


def test_data_of_a_newer_version_are_refused(drafted, tmp_path) -> None:
    import apsw

    connection = apsw.Connection(str(tmp_path / "disparo-data" / "disparo.sqlite3"))
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    assert _levels(drafted("doctor", "--json"))["schema"] == "error"
    assert drafted("campaign", "list").code in (2, 5)


def test_what_is_changed_in_the_console_of_another_process_is_followed(cli, tmp_path) -> None:
    from disparo.bootstrap import open_app

    session = Session(Output(StringIO(), sys.stderr), environ={}, cwd=tmp_path)
    worker, console = open_app(session.loaded), open_app(session.read_settings())
    log = WorkerLog(session.out, as_json=True, zone="UTC")
    watch = SettingsWatch(session, worker.own_routes, log, lambda: None, worker.adopt)
    console.configuration.change({"rate_limit_sms_hourly": 7, "company_name": "Ótica"})
    watch.look()
    assert worker.own_routes["sms"].sender.limits.hourly == 7
    assert worker.settings.company_name == "Ótica"
    worker.close()
    console.close()
    shown = json.loads(cli("config", "show", "--json").out)["items"]
    assert next(one["source"] for one in shown if one["setting"] == "company_name") == "console"
