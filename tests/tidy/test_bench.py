"""The benches run: tiny sizes through the same code, so that a change of the product cannot leave them behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import availability, claiming, cold, console, dispatch, forecasting, importing, providers
from bench.__main__ import BENCHES
from bench.emulated import running_emulators
from bench.measured import Numbers, medians
from bench.report import Aim, Section, write_page
from bench.samples import write_csv, write_xlsx
from bench.sink import running_sink
from bench.sizes import SMOKE
from tests.tidy.source_tree import ROOT

PAGE = ROOT / "docs" / "performance.md"


def test_messages_reach_an_instant_channel() -> None:
    _happened(dispatch.product(messages=30, concurrency=5, url=None, uvloop=False))


@pytest.mark.enable_socket
def test_messages_travel_to_a_sink_of_our_own() -> None:
    with running_sink() as url:
        _happened(dispatch.product(messages=30, concurrency=5, url=url, uvloop=False))
        _happened(dispatch.bare_client(messages=30, concurrency=5, url=url, uvloop=False))


@pytest.mark.enable_socket
def test_messages_travel_to_emulated_providers() -> None:
    with running_emulators(latency_s=0.0) as secrets:
        for channel in ("whatsapp", "email"):
            _happened(providers.product(channel, messages=30, connections=5, secrets=secrets, uvloop=False))
        _happened(providers.bare_client(messages=30, connections=5, secrets=secrets, uvloop=False))


def test_the_bare_store_takes_every_message() -> None:
    _happened(dispatch.bare_sqlite(messages=30, batch=10))


def test_claims_find_what_is_due_in_every_kind_of_backlog(tmp_path: Path) -> None:
    folder = str(tmp_path)
    for contacts in (150, 300):
        _happened(claiming.launch(folder, contacts))
    claiming.variants(folder, small=150, large=300, lanes=3)
    names = ["150", "300", "later", "closed"]
    assert len(claiming.claims(folder, names, repetitions=1)) == 2 * len(names)
    assert claiming.bare_claims(backlog=150, repetitions=1)["cpu_ms"] > 0


def test_contact_files_are_imported(tmp_path: Path) -> None:
    table, book = str(write_csv(tmp_path / "lista.csv", 20)), str(write_xlsx(tmp_path / "lista.xlsx", 20))
    _happened(importing.product(table, 20))
    _happened(importing.product(book, 20))
    for numbers in (
        importing.bare_csv(table, 20),
        importing.bare_calamine(book, 20),
        importing.bare_openpyxl(book, 20),
    ):
        _happened(numbers)
    _happened(importing.bare_store(20))


def test_a_forecast_foresees_every_message() -> None:
    _happened(forecasting.product(20))


def test_times_to_offer_are_found_for_a_team_with_limits() -> None:
    numbers = availability.product(hosts=3, busy=20, meetings=5, repetitions=1)
    assert numbers["best_ms"] > 0
    assert numbers["listed"] > 3


def test_a_cold_import_is_timed() -> None:
    _happened(cold.product("json"))


def test_medians_are_of_each_number() -> None:
    runs: list[Numbers] = [{"elapsed_s": 1.0, "x": 5.0}, {"elapsed_s": 9.0, "x": 1.0}, {"elapsed_s": 2.0, "x": 3.0}]
    assert medians(runs) == {"elapsed_s": 2.0, "x": 3.0, "spread_s": 8.0}


def test_results_replace_those_between_the_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- bench:machine -->\n<!-- end -->\nb\n<!-- bench:x -->\nold\n<!-- end -->\nc\n", "utf-8")
    section = Section("x", "Title", ("", "s"), [("one", "2")]).with_aims(Aim("fast", "2 s", False))
    write_page(page, [section], "a machine")
    text = page.read_text("utf-8")
    assert text.startswith("a\n<!-- bench:machine -->\na machine\n<!-- end -->\nb\n<!-- bench:x -->\nTitle:\n")
    assert "| one | 2 |" in text
    assert "- fast: **2 s**, **missed**\n<!-- end -->\nc\n" in text
    assert "old" not in text


def test_the_page_has_a_place_for_every_bench() -> None:
    text = PAGE.read_text("utf-8")
    assert not [key for key in (*BENCHES, "launch", "machine") if text.count(f"<!-- bench:{key} -->\n") != 1]


def _happened(numbers: Numbers) -> None:
    assert numbers["elapsed_s"] > 0
    assert numbers["per_second"] > 0


def test_the_console_is_read_in_a_small_installation() -> None:
    section = console.reads(SMOKE)
    assert len(section.rows) > 20
    assert all(float(middle) >= 0 for _, middle, _ in section.rows)
