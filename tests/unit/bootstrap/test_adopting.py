"""An open installation goes by other settings."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from disparo.bootstrap import open_app
from disparo.bootstrap.app import App
from disparo.settings import load_settings


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    opened = open_app(load_settings(environ={"DISPARO_DATA": str(tmp_path / "data")}, cwd=tmp_path))
    yield opened
    opened.close()


def test_senders_routes_and_carriers_have_new_limits_at_once(app: App) -> None:
    routes, before = app.own_routes, app.own_routes["sms"].channel
    assert [sender.limits.hourly for sender, _ in app.carriers if sender.name == "sms"] == [50]
    app.configuration.change({"rate_limit_sms_hourly": 7, "max_retries": 9})
    assert (routes["sms"].sender.limits.hourly, routes["email"].sender.retry.max_retries) == (7, 9)
    assert routes["sms"].channel is before, "what carries it stays as it is"
    assert routes is app.own_routes
    assert [sender.limits.hourly for sender, _ in app.carriers if sender.name == "sms"] == [7]
    assert [one.sender.limits.hourly for one in app.senders if one.sender.name == "sms"] == [7]


def test_what_is_kept_and_for_how_long_is_what_the_settings_say_then(app: App) -> None:
    sweep = app.retention
    app.configuration.change({"inbox_retention_days": 30, "business_hours": {"startTime": "09:00", "endTime": "17:00"}})
    assert app.retention is not sweep
    assert app.settings.hours_document()["startTime"] == "09:00"


def test_what_needs_a_restart_stays_as_it_was(app: App) -> None:
    app.configuration.change({"alarm_errors": 99, "opt_out_answer": "Pronto."})
    assert app.settings.alarm_errors == 10
    assert app.settings.opt_out_answer != "Pronto."
    waiting = [one.name for one in app.configuration.views() if one.value != one.written]
    assert waiting == ["opt_out_answer", "alarm_errors"]


def test_a_secret_that_is_missing_is_no_fault_of_the_sandbox(app: App) -> None:
    assert asyncio.run(app.sender_faults()) == [None, None, None]


def test_without_files_nothing_can_be_changed(tmp_path: Path) -> None:
    from disparo.settings import Settings

    opened = open_app(Settings(data=tmp_path / "other"))
    assert not opened.configuration.editable
    opened.close()
