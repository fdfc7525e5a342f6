"""What the command line did is in the audit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw
import pytest

from disparo.entrypoints.cli.app import COMMANDS
from disparo.entrypoints.cli.audit_trail import CHANGING

LOOKING = {
    *("campaign list", "campaign show", "contacts lists", "contacts list", "contacts show", "contacts suppressed"),
    *("suppressions list", "inbox list", "inbox show", "inbox notices", "hosts list", "hosts show", "hosts types"),
    *("hosts feed", "hosts check", "slots", "why-slot", "meetings list", "meetings show", "meetings rates", "messages"),
    *("dead-letters list", "dead-letters show", "dead-letters queue", "templates list", "templates preview", "why"),
    *("forecast", "cost", "demo", "senders", "serve", "sandbox serve", "worker", "aws package", "config show"),
    *("config check", "doctor", "numbers", "alarms", "alarms test", "mcp"),
    *("accounts list", "keys list", "webhooks list", "webhooks log"),
}
"""These change nothing that people would ask about, or only what a worker does by itself."""

OWN = ("accounts", "keys", "webhooks")
"""Commands of these groups write their own entries."""


def entries(folder: Path) -> list[tuple[Any, ...]]:
    connection = apsw.Connection(str(folder / "disparo-data" / "disparo.sqlite3"))
    found = connection.execute("SELECT actor, action, object FROM audit ORDER BY id").fetchall()
    connection.close()
    return found


def test_what_changed_something_is_told_by_whom_and_of_what(drafted: Any, tmp_path: Path) -> None:
    assert drafted("campaign", "start", "teste").code == 0
    assert drafted("campaign", "pause", "teste", "--json").code == 0
    assert entries(tmp_path)[-2:] == [
        ("local:local", "campaign.start", "name=teste"),
        ("local:local", "campaign.pause", "name=teste"),
    ]


def test_what_was_refused_or_only_looked_at_leaves_nothing(drafted: Any, tmp_path: Path) -> None:
    before = entries(tmp_path)
    assert drafted("campaign", "pause", "teste").code != 0
    assert drafted("campaign", "list").code == 0
    assert entries(tmp_path) == before


def test_no_address_of_anybody_is_in_it(drafted: Any, tmp_path: Path) -> None:
    assert drafted("contacts", "suppress", "41 99888-7701").code == 0
    assert drafted("suppressions", "add", "ana@example.com").code == 0
    told = str(entries(tmp_path))
    assert "suppressions.add" in told
    assert not any(one in told for one in ("99888", "ana@"))


@pytest.mark.parametrize("path", COMMANDS)
def test_of_every_command_it_is_decided_whether_it_changes_something(path: str) -> None:
    assert (path in CHANGING) + (path in LOOKING) + path.startswith(OWN) >= 1, f"is {path!r} a change?"
