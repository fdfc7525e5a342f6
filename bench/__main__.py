"""`python -m bench`: measure everything, print it, and with --write put it into the page of results."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import apsw

from bench import availability, claiming, cold, console, dispatch, forecasting, importing, providers
from bench.report import Section, write_page
from bench.sizes import FULL, QUICK, SMOKE, Sizes

BENCHES: dict[str, Callable[[Sizes], Section | list[Section]]] = {
    "instant": dispatch.instant,
    "http": dispatch.over_http,
    "emulator": providers.over_latency,
    "batch": providers.by_batch,
    "claim": claiming.claim_cost,
    "csv": importing.csv_import,
    "xlsx": importing.xlsx_import,
    "forecast": forecasting.forecasting,
    "availability": availability.proposals,
    "cold": cold.cold_starts,
    "reads": console.reads,
    "pages": console.pages,
    "load": console.under_load,
}
LIBRARIES = ("aiohttp", "uvloop", "python-liquid", "python-calamine", "openpyxl")


def measure(names: Iterable[str], sizes: Sizes) -> list[Section]:
    """Run some benches one after the other; each result is printed as it comes."""
    sections: list[Section] = []
    for name in names:
        found = BENCHES[name](sizes)
        for section in found if isinstance(found, list) else [found]:
            print(f"\n{section.markdown()}", flush=True)
            sections.append(section)
    return sections


def machine() -> str:
    """Where, when and with what was measured."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores ({model or platform.machine()}), "
        f"{platform.system()} {platform.release().partition('-')[0]}, {platform.python_implementation()} "
        f"{platform.python_version()}, disparo {version('disparo')}, SQLite {apsw.sqlite_lib_version()}, {libraries}. "
        f"Load before the run: {_load()}."
    )


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def main(arguments: list[str]) -> int:
    """Measure; 1 when a full run missed an aim."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="BENCH", help=f"some of: {', '.join(BENCHES)} (default: all)")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the results between the marks of this page")
    parser.add_argument("--size", choices=("full", "quick", "smoke"), default="full")
    parser.add_argument("--rounds", type=int, help="of how many alternating rounds the medians are")
    wanted = parser.parse_args(arguments)
    if unknown := set(wanted.names) - BENCHES.keys():
        parser.error(f"there is no bench {', '.join(sorted(unknown))}; there are: {', '.join(BENCHES)}")
    sizes = {"full": FULL, "quick": QUICK, "smoke": SMOKE}[wanted.size]
    if wanted.rounds:
        sizes = replace(sizes, rounds=wanted.rounds, import_rounds=wanted.rounds)
    described = machine()
    print(described)
    sections = measure(wanted.names or BENCHES, sizes)
    if wanted.write:
        write_page(wanted.write, sections, described)
    missed = [aim for section in sections for aim in section.aims if not aim.met]
    return 1 if missed and wanted.size == "full" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
