"""The settings' pages, as an admin and as a viewer use them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from disparo.domain.audit import AuditEntry
from disparo.domain.principal import Principal, PrincipalKind, Role
from disparo.domain.session import csrf_token
from disparo.entrypoints.console.settings.audit_words import ACTIONS, action_words, object_link, plain
from disparo.entrypoints.console.settings.meanings import MEANINGS
from disparo.entrypoints.console.settings.topics import TOPICS
from disparo.entrypoints.console.words import words_of
from disparo.entrypoints.http.app import create_app
from disparo.settings import Settings, load_settings
from disparo.settings.configuration import Configuration
from disparo.settings.editable import EDITABLE
from tests.account_scene import signed_in
from tests.unit.entrypoints.console.visitor import Seen, Visitor
from tests.unit.entrypoints.http.conftest import MONDAY, House

HOME = "/console/settings"
PAGES = ("", "/limits", "/general", "/alarms", "/privacy", "/hours", "/year", "/senders", "/all", "/system")


class Desk:
    """Somebody of a role at an installation whose settings come from files."""

    def __init__(self, folder: Path, role: Role = Role.ADMIN, **environ: str) -> None:
        self.house = House(folder / "files")
        loaded = load_settings(environ={"DISPARO_DATA": str(folder / "data"), **environ}, cwd=folder)
        self.house.settings = loaded.settings
        self.house.configuration = Configuration(loaded, lambda: self.house.settings, self._adopt)
        self.file = folder / "data" / "console.json"
        self.visitor = Visitor(self.house)
        browser = asyncio.run(signed_in(self.house.locks, role, MONDAY))
        self.headers = {**browser.headers, "accept": "text/html"}
        self.visitor.csrf = csrf_token(browser.token)

    def _adopt(self, settings: Settings) -> None:
        self.house.settings = settings

    def get(self, path: str) -> Seen:
        return self.visitor.ask("GET", HOME + path, headers=self.headers)

    def post(self, path: str, form: dict[str, Any]) -> Seen:
        return self.visitor.post(HOME + path, form, **self.headers)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_every_setting_that_may_be_changed_has_one_place_where_it_is(desk: Desk) -> None:
    named = [field.name for topic in TOPICS.values() for field in topic.fields]
    assert sorted([*named, "business_hours"]) == sorted(EDITABLE)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", [Role.ADMIN, Role.VIEWER])
def test_pages_are_there_for_whom_they_are(tmp_path: Path, path: str, role: Role) -> None:
    seen = Desk(tmp_path, role).get(path)
    assert seen.status == 200
    changes = 'action="/console/settings' in seen.text and "Salvar" in seen.text
    assert changes == (role is Role.ADMIN and path in ("/limits", "/general", "/alarms", "/privacy", "/hours"))
    assert ("/console/settings/audit" in seen.text) == (role is Role.ADMIN and path == "")


def test_who_only_reads_is_told_in_words_what_a_form_offers(tmp_path: Path) -> None:
    seen = Desk(tmp_path, Role.VIEWER).get("/limits").text
    assert "sem limite" in seen and "nenhum</span>" not in seen
    assert "Multiplica: 1, 2, 4, 8 s" in seen and "exponential" not in seen


def test_only_what_was_changed_in_the_form_is_written(desk: Desk) -> None:
    page = {"shown": ["rate_limit_sms_hourly", "rate_limit_sms_burst", "jitter", "max_retries"], "revision": "0"}
    form = {**page, "rate_limit_sms_hourly": "", "rate_limit_sms_burst": "5", "jitter": "1", "max_retries": "3"}
    seen = desk.post("/limits", form)
    assert (seen.status, seen.location) == (303, f"{HOME}/limits")
    assert json.loads(desk.file.read_text()) == {"jitter": True, "rate_limit_sms_hourly": "none"}
    entry = asyncio.run(desk.house.audited())[0]
    assert entry.action == "settings.change"
    assert entry.detail == {"jitter": "false → true", "rate_limit_sms_hourly": "50 → none"}
    assert "mudado aqui" in desk.get("/limits").text


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_written(desk: Desk) -> None:
    seen = desk.post("/limits", {"shown": ["max_retries", "jitter"], "max_retries": "999"})
    assert seen.status == 422
    assert 'id="f-max_retries-error"' in seen.text
    assert not desk.file.exists()


def test_a_form_that_somebody_else_was_faster_than_is_shown_again(desk: Desk) -> None:
    desk.post("/general", {"shown": "company_name", "company_name": "Um", "revision": "0"})
    seen = desk.post("/general", {"shown": "company_name", "company_name": "Dois", "revision": "0"})
    assert seen.status == 409
    assert "mudou em outra aba" in seen.text
    assert 'value="Dois"' in seen.text
    assert json.loads(desk.file.read_text()) == {"company_name": "Um"}


def test_a_change_is_undone(desk: Desk) -> None:
    desk.post("/general", {"shown": "company_name", "company_name": "Um"})
    assert "Voltar a" in desk.get("/general").text
    seen = desk.post("/undo", {"undo": "company_name", "company_name": "whatever"})
    assert (seen.status, seen.location) == (303, f"{HOME}/general")
    assert json.loads(desk.file.read_text()) == {}
    assert desk.post("/undo", {"undo": "public_url"}).status == 404


def test_what_the_environment_says_is_only_shown(tmp_path: Path) -> None:
    seen = Desk(tmp_path, DISPARO_MAX_RETRIES="8").get("/limits").text
    assert "env DISPARO_MAX_RETRIES" in seen
    assert 'name="max_retries"' not in seen


def test_a_viewer_can_change_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Role.OPERATOR)
    for path in ("/limits", "/hours", "/undo"):
        assert desk.post(path, {"shown": "max_retries", "max_retries": "5", "undo": "max_retries"}).status == 403
    assert not desk.file.exists()
    assert desk.get("/audit").status == 403


def test_hours_are_written_as_a_document(desk: Desk) -> None:
    form = {
        **{"zone": "America/Sao_Paulo", "days": ["1", "2", "6"], "start": "09:00", "end": "17:30"},
        **{"public": "1", "holidays": "2026-12-24\n2026-12-26, 2026-12-24", "state": "BR-PR"},
        **{"zone_0": "Europe/London", "start_0": "10:00", "end_0": "", "zone_1": ""},
    }
    assert desk.post("/hours", form).status == 303
    document = json.loads(desk.file.read_text())["business_hours"]
    assert document["workingDays"] == [1, 2, 6]
    assert document["holidays"] == ["2026-12-24", "2026-12-26"]
    assert (document["state"], document["regionalHolidays"], document["lunchBreak"]) == ("PR", False, None)
    assert document["timezones"]["Europe/London"]["startTime"] == "10:00"
    assert document["timezones"]["Europe/London"]["endTime"] == "17:30"
    assert desk.house.settings.hours().state == "PR"
    assert 'value="Europe/London"' in desk.get("/hours").text


def test_hours_that_cannot_be_are_said_at_their_field(desk: Desk) -> None:
    form = {"zone": "America/Sao_Paulo", "days": ["1"], "start": "25:00", "end": "17:30"}
    seen = desk.post("/hours", form)
    assert seen.status == 422
    assert 'id="f-start-error"' in seen.text
    assert not desk.file.exists()
    assert desk.post("/hours", {**form, "start": "09:00", "city": "Nowhere"}).status == 422


def test_a_year_of_a_state_has_its_holidays(desk: Desk) -> None:
    assert "Revolução Constitucionalista" in desk.get("/year?year=2026&place=BR-SP").text
    assert "Revolução Constitucionalista" not in desk.get("/year?year=2026&place=BR-PR").text
    assert desk.get("/year?place=BR-QQ").status == 422


def test_settings_are_found_by_name_value_and_source(desk: Desk) -> None:
    found = desk.get("/all?q=dispar+prefix").text
    assert "table_prefix" in found
    assert "max_retries" not in found
    assert "Nenhuma assim" in desk.get("/all?q=%3Cscript%3E").text


def test_every_setting_has_its_meaning_in_portuguese() -> None:
    assert MEANINGS.keys() == Settings.model_fields.keys()


def test_the_audit_tells_in_words_and_leads_to_the_thing(desk: Desk) -> None:
    entry = AuditEntry(MONDAY, "user:1", "<b>Ana</b>", "campaigns.page_start", "name=boas-vindas")
    asyncio.run(desk.house.store.audit.append(entry))
    text = desk.get("/audit").text
    assert "iniciou uma campanha" in text
    assert 'href="/console/campaigns/boas-vindas"' in text
    assert "<b>Ana</b>" not in text
    assert "iniciou uma campanha" not in desk.get("/audit?what=contacts.").text
    assert desk.get("/audit?since=yesterday").status == 200
    file = desk.get("/audit/export.csv")
    assert file.status == 200
    assert "campaigns.page_start" in file.text


def test_an_action_of_a_page_is_the_same_as_that_of_the_api() -> None:
    for action in ("campaigns.page_start", "inbox.reply_by_page", "meetings.page.no_show", "audit.export_page"):
        assert plain(action) in ACTIONS
    assert action_words("from.another.version", words_of("en")) == "from.another.version"


def test_what_is_gone_has_no_link() -> None:
    entry = AuditEntry(MONDAY, "user:1", "Ana", "contacts.erase", "contact_id=7")
    assert object_link(entry, words_of("pt-BR")) == ("7", "")


def test_who_asks_is_told_apart_by_role_in_the_receipts(desk: Desk) -> None:
    asyncio.run(desk.house.store.audit.append(AuditEntry(MONDAY, "user:1", "Ana", "contacts.erase", "contact_id=7")))
    assert "Apagamentos feitos" in desk.get("/privacy").text
    assert Principal(PrincipalKind.USER, "1", "x", Role.VIEWER).role is Role.VIEWER


def test_every_action_that_changes_something_has_words(tmp_path: Path) -> None:
    """Routes by which nobody who is known does anything are told of by what signs people in."""
    api = create_app(House(tmp_path))  # type: ignore[arg-type]
    unsafe: set[str] = set()
    for route in api.routes:
        inner: Any = getattr(route, "effective_route_contexts", lambda route=route: [route])()
        for one in inner:
            if set(one.methods or ()) - {"GET", "HEAD", "OPTIONS"} and one.path.startswith(("/api/v1/", "/console/")):
                unsafe.add(plain(one.name))
    assert len(unsafe) > 50
    assert not sorted(unsafe - ACTIONS.keys())
