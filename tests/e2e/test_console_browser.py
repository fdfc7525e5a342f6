"""The console in real Chromium over a real `disparo serve`: one person does the whole job of a day."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e import console_day as day
from tests.e2e import console_tour as tour
from tests.e2e.console_house import ConsoleHouse, console_house
from tests.e2e.console_person import PHONE, WIDE, Person

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no chromium on this machine: apt-get install chromium"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[ConsoleHouse]:
    with console_house(
        tmp_path / "casa", sandbox_permanent_rate=0.2, sandbox_latency_ms_min=500, sandbox_latency_ms_max=900
    ) as place:
        yield place


@pytest.mark.skipif("DISPARO_SLOW" not in os.environ, reason="takes minutes: DISPARO_SLOW=1, as .ci/run sets")
def test_one_person_does_the_whole_job(browser: Browser, house: ConsoleHouse, tmp_path: Path) -> None:
    ana = Person(house, browser.new_context(locale="pt-BR", viewport=WIDE, accept_downloads=True))
    day.make_the_first_account(ana)
    secret = day.turn_on_the_second_factor(ana)
    day.sign_out(ana)
    day.sign_in_by_keyboard(ana, secret)
    day.say_who_gives_meetings(ana)
    refused = day.import_contacts(ana, day.contact_file(tmp_path))
    assert "Zap Errado" in refused
    day.write_a_campaign(ana)
    day.try_it_out(ana)
    day.start_by_keyboard(ana)
    day.watch_it_go(ana)
    day.lose_power_and_come_back(ana)
    contact, offer = day.somebody_answers(ana)
    guest = Person(house, browser.new_context(locale="pt-BR", viewport=PHONE))
    day.take_a_time(guest, offer)
    day.see_the_meeting(ana, contact)
    day.redrive_a_dead_letter(ana)
    day.answer_by_hand(ana, contact)
    paths = tour.addresses(ana)
    tour.look_at_all(ana, paths)
    day.sign_out(ana)
    faults = "\n".join(ana.faults + guest.faults + house.said)
    assert not faults, faults


def test_all_of_it_is_done_without_a_script(browser: Browser, tmp_path: Path) -> None:
    with console_house(tmp_path / "casa", sandbox_latency_ms_min=0, sandbox_latency_ms_max=5) as house:
        context = browser.new_context(locale="pt-BR", viewport=PHONE, java_script_enabled=False, accept_downloads=True)
        ana = Person(house, context, script=False)
        day.make_the_first_account(ana)
        day.sign_out(ana)
        day.sign_in(ana)
        day.without_a_script(ana, day.contact_file(tmp_path, people=6))
        assert ana.faults == []
