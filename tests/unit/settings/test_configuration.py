"""Changing settings while an installation runs."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from disparo.domain.errors import InputError, RevisionError, StoreError, TransitionError
from disparo.settings import Settings, check_settings, load_settings
from disparo.settings.configuration import Configuration, SettingView, faults_of
from disparo.settings.console_file import CONSOLE_FILE
from disparo.settings.editable import EDITABLE, LIVE
from disparo.settings.load import as_given


class Running:
    """A process that goes by settings and takes over what it is given."""

    def __init__(self, folder: Path, **environ: str) -> None:
        loaded = load_settings(environ={"DISPARO_DATA": str(folder / "data"), **environ}, cwd=folder)
        self.settings = loaded.settings
        self.configuration = Configuration(loaded, lambda: self.settings, self.adopt)
        self.file = folder / "data" / CONSOLE_FILE

    def adopt(self, settings: Settings) -> None:
        self.settings = self.settings.model_copy(update={name: getattr(settings, name) for name in LIVE})

    def view(self, name: str) -> SettingView:
        return next(one for one in self.configuration.views() if one.name == name)


def test_what_may_be_changed_are_settings_and_none_that_locks_people_out_or_tells_a_secret() -> None:
    assert set(Settings.model_fields) >= EDITABLE >= LIVE
    forbidden = (
        "oidc",
        "secret",
        "_url",
        "session",
        "proxies",
        "gateway",
        "outside",
        "senders",
        "data",
        "live",
        "store",
    )
    assert not [name for name in EDITABLE if any(word in name for word in forbidden)]


def test_a_change_holds_at_once_and_after_a_restart_over_what_files_say(tmp_path: Path) -> None:
    (tmp_path / "disparo.toml").write_text("rate_limit_sms_hourly = 7\n")
    running = Running(tmp_path)
    changes = running.configuration.change({"rate_limit_sms_hourly": "9", "company_name": "Ótica Sol"})
    assert [(one.name, one.old, one.new) for one in changes] == [
        ("company_name", "", "Ótica Sol"),
        ("rate_limit_sms_hourly", 7, 9),
    ]
    assert running.settings.rate_limit_sms_hourly == 9
    assert Running(tmp_path).settings.company_name == "Ótica Sol"
    view = running.view("rate_limit_sms_hourly")
    assert (view.source, view.beneath, view.edited, view.overruled) == ("console", 7, True, False)
    assert json.loads(running.file.read_text()) == {"company_name": "Ótica Sol", "rate_limit_sms_hourly": 9}


def test_the_file_is_its_owners_alone_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    running = Running(tmp_path)
    running.configuration.change({"max_retries": 5})
    assert stat.S_IMODE(running.file.stat().st_mode) == 0o600
    assert [one.name for one in running.file.parent.iterdir()] == [CONSOLE_FILE]


def test_a_change_that_is_taken_back_leaves_what_the_files_say(tmp_path: Path) -> None:
    running = Running(tmp_path)
    running.configuration.change({"max_retries": 5, "jitter": True})
    running.configuration.change({"max_retries": None})
    assert running.settings.max_retries == 3
    assert json.loads(running.file.read_text()) == {"jitter": True}


def test_the_environment_wins_and_the_change_is_said_to_have_no_effect(tmp_path: Path) -> None:
    running = Running(tmp_path, DISPARO_MAX_RETRIES="8")
    running.configuration.change({"max_retries": 5})
    view = running.view("max_retries")
    assert (running.settings.max_retries, view.overruled, view.source) == (8, True, "env DISPARO_MAX_RETRIES")
    said = [one for one in check_settings(running.configuration.read()) if one.key == "max_retries"]
    assert [one.level for one in said] == ["warning"]
    assert "env DISPARO_MAX_RETRIES" in said[0].text


def test_nothing_is_written_when_one_of_several_is_wrong(tmp_path: Path) -> None:
    running = Running(tmp_path)
    wanted = {"max_retries": 5, "alarm_disk_percent": 101, "rate_limit_sms_burst": 0}
    with pytest.raises(InputError) as caught:
        running.configuration.change(wanted)
    assert {name for name, _ in faults_of(caught.value)} == {"alarm_disk_percent", "rate_limit_sms_burst"}
    assert not running.file.exists()
    assert running.settings.max_retries == 3


@pytest.mark.parametrize("name", ["public_url", "data", "senders", "oidc_issuer", "no_such_setting"])
def test_what_may_not_be_changed_is_refused(tmp_path: Path, name: str) -> None:
    running = Running(tmp_path)
    with pytest.raises(InputError, match=name):
        running.configuration.change({name: "https://example.com"})
    assert not running.file.exists()


def test_hours_are_a_document_and_never_a_file_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "hours.json").write_text('{"startTime": "09:00"}')
    running = Running(tmp_path)
    with pytest.raises(InputError, match="objeto"):
        running.configuration.change({"business_hours": "hours.json"})
    with pytest.raises(InputError) as caught:
        running.configuration.change({"business_hours": {"startTime": "25:00"}})
    assert [name for name, _ in faults_of(caught.value)] == ["business_hours"]
    running.configuration.change({"business_hours": {"startTime": "09:00", "endTime": "17:00"}})
    assert running.settings.hours_document()["startTime"] == "09:00"


def test_what_holds_after_a_restart_waits_for_it(tmp_path: Path) -> None:
    running = Running(tmp_path)
    running.configuration.change({"alarm_errors": 99})
    view = running.view("alarm_errors")
    assert (view.value, view.written, view.live) == (10, 99, False)


def test_a_change_meant_for_another_revision_is_refused(tmp_path: Path) -> None:
    running = Running(tmp_path)
    seen = running.configuration.revision
    running.configuration.change({"max_retries": 5}, seen)
    with pytest.raises(RevisionError):
        running.configuration.change({"max_retries": 6}, seen)
    assert running.settings.max_retries == 5
    running.configuration.change({"max_retries": 6}, running.configuration.revision)
    assert running.settings.max_retries == 6


def test_a_file_with_a_fault_leaves_what_was_and_is_told(tmp_path: Path) -> None:
    running = Running(tmp_path)
    running.configuration.change({"max_retries": 5})
    running.file.write_text('{"public_url": "https://example.com"}')
    assert running.configuration.read().settings.max_retries == 5
    assert "public_url" in running.configuration.fault
    for text in ("[]", "{", "\0"):
        running.file.write_text(text)
        running.configuration.read()
        assert CONSOLE_FILE in running.configuration.fault
    running.file.unlink()
    running.configuration.read()
    assert running.configuration.fault == ""


def test_on_aws_and_without_files_nothing_can_be_changed(tmp_path: Path) -> None:
    cloud = Running(tmp_path, DISPARO_STORE="dynamodb", DISPARO_AWS_REGION="us-east-1")
    (tmp_path / "data").mkdir()
    cloud.file.write_text('{"max_retries": 9}')
    assert cloud.configuration.read().settings.max_retries == 3
    given = Settings(data=tmp_path)
    for configuration in (cloud.configuration, Configuration(as_given(given), lambda: given, lambda _: None)):
        assert not configuration.editable
        with pytest.raises(TransitionError):
            configuration.change({"max_retries": 5})


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    running = Running(tmp_path)
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises((StoreError, InputError)):
        running.configuration.change({"max_retries": 5})
