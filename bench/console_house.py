"""A large installation to look at: its data, a key to its doors, and every address that it shows."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import urlopen

from bench.console_data import Amounts, build
from disparo.domain.principal import Principal, PrincipalKind, Role
from disparo.settings import load_settings

if TYPE_CHECKING:
    from disparo.bootstrap import App

ROOT = Path(__file__).parents[1]
PATIENCE_S = 60
SENDING = {
    "DISPARO_RATE_LIMIT_WHATSAPP_BURST": "30000",
    "DISPARO_RATE_LIMIT_WHATSAPP_HOURLY": "1000000",
    "DISPARO_RATE_LIMIT_WHATSAPP_DAILY": "1000000",
}
"""So many that the campaign is never held up while it is looked at."""

KNOWN: Mapping[str, str] = {
    "campaign": "oferta-da-semana",
    "campaign_id": "2",
    "name": "oferta-da-semana",
    "list": "clientes",
    "list_name": "clientes",
    "contact": "38",
    "contact_id": "38",
    "message": "1.1.38",
    "message_id": "1.1.38",
    "host": "ana",
    "host_id": "ana",
    "type": "demo",
    "type_id": "demo",
    "meeting": "5",
    "meeting_id": "5",
    "number": "1",
    "step": "1",
    "owner": "38",
    "year": str(datetime.now(UTC).year),
}
"""What stands in an address in the place of a name in braces."""

ASKED: Mapping[str, str] = {
    "/api/v1/contacts": "?q=maria",
    "/api/v1/slots": "?type=demo",
    "/console/contacts": "?q=maria",
}
"""Questions without which an address has no answer, or one that costs nothing."""

NEVER_ENDING = re.compile(
    r"/(events|export[^/]*)$|\.(csv|xlsx|zip)$|^/api/v1/(slots|forecasts)|/forecast|/oidc/|/setup"
)
"""Streams, files of everything, and what is reckoned on purpose (a forecast, free times) have measures of their own."""


@dataclass(frozen=True, slots=True)
class Large:
    """An installation with so much in it, and a key that may see all of it."""

    folder: Path
    key: str
    paths: Sequence[str]


@cache
def large(contacts: int) -> Large:
    """The installation of this size, made once for each run."""
    keeper = tempfile.TemporaryDirectory(prefix="disparo-bench-console-")
    _KEPT.append(keeper)  # it goes with the process
    return opened(Path(keeper.name) / "data", contacts)


_KEPT: list[Any] = []


def opened(folder: Path, contacts: int) -> Large:
    """The installation in this folder, made where there is none."""
    if not (folder / "disparo.sqlite3").exists():
        build(folder, Amounts.of(contacts), datetime.now(UTC).replace(minute=0, second=0, microsecond=0))
    app = open_house(folder)
    try:
        return Large(folder, asyncio.run(_key(app)), addresses(app))
    finally:
        app.close()


def open_house(folder: Path) -> App:
    """The installation as a program opens it."""
    from disparo.bootstrap import open_app

    settings = load_settings(config=None, tfvars=None, overrides={"data": folder}, environ=SENDING, cwd=folder)
    return open_app(settings.settings)


async def _key(app: App) -> str:
    from disparo.usecases.accounts import keys

    by = Principal(PrincipalKind.LOCAL, "bench", "bench", Role.ADMIN)
    now = app.clock.now()
    return (await keys.add(app.locks, f"bench {now:%H%M%S%f}", Role.ADMIN, by, now)).written


def addresses(app: App) -> list[str]:
    """Every address that can be looked at, with what is known put in the place of names; what is not known is left."""
    from disparo.entrypoints.http.app import create_app

    found = []
    for route in create_app(app).routes:
        inner: Any = getattr(route, "effective_route_contexts", lambda route=route: [route])()
        found += [one.path for one in inner if "GET" in (one.methods or ()) and not NEVER_ENDING.search(one.path)]
    wanted = [path for path in dict.fromkeys(found) if path.startswith(("/api/v1", "/console", "/metrics"))]
    return [filled for path in wanted if (filled := _filled(path)) is not None and "/static/" not in path]


def _filled(path: str) -> str | None:
    names = re.findall(r"\{([a-z_]+)(?::[a-z]+)?\}", path)
    if any(name not in KNOWN for name in names):
        return None
    filled = re.sub(r"\{([a-z_]+)(?::[a-z]+)?\}", lambda found: KNOWN[found[1]], path)
    return filled + ASKED.get(path, "")


@contextmanager
def serving(house: Large, core: int | None, *, sending: bool) -> Iterator[str]:
    """`disparo serve` in a process of its own, on one core; its address."""
    said = house.folder.parent / "serve.log"
    command = [sys.executable, "-m", "disparo", "--data", str(house.folder), "serve", "--port", "0"]
    with said.open("wb") as log:
        child = subprocess.Popen(
            [*command, *([] if sending else ["--no-send"])],
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **SENDING},
            preexec_fn=None if core is None else lambda: os.sched_setaffinity(0, {core}),
        )
        try:
            yield _answering(child, said)
        finally:
            child.terminate()
            child.wait(PATIENCE_S)


def _answering(child: subprocess.Popen[bytes], said: Path) -> str:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and child.poll() is None:
        if found := re.search(r"http://[^ ]+:\d+", said.read_text("utf-8", "replace")):
            with suppress(URLError), urlopen(f"{found[0]}/health", timeout=PATIENCE_S):
                return found[0]
        time.sleep(0.05)
    raise RuntimeError(f"serve does not answer:\n{said.read_text('utf-8', 'replace')}")


def week() -> tuple[datetime, datetime]:
    """The week around now."""
    now = datetime.now(UTC)
    return now - timedelta(days=3), now + timedelta(days=4)
