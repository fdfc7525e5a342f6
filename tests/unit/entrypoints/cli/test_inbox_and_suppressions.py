from __future__ import annotations

import asyncio
import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.domain.contact import Channel
from disparo.domain.receipt import Notice
from disparo.domain.suppression import hashed_key
from disparo.ports.inbox import Heard
from tests.unit.entrypoints.cli.conftest import Cli

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def answered(sent: Cli, tmp_path: Path) -> Cli:
    """A command line where Ana asked something, a stranger wrote, and a provider said something of the account."""
    [found] = list((tmp_path / "disparo-data").glob("*.sqlite3")) or list((tmp_path / "disparo-data").glob("*.db"))
    database = Database(found)
    inbox = open_store(database).inbox

    async def write() -> None:
        ana = Heard("w:1", Channel.WHATSAPP, "wa", "+5541998887701", "1", "1.1.1", "Quanto\ncusta?", "question", AT)
        who = Heard("w:2", Channel.SMS, "sms", "+5511900000000", None, None, "quem é", "question", AT)
        assert await inbox.keep(ana, AT)
        assert await inbox.keep(who, AT.replace(hour=13))
        assert await inbox.keep_notice(Notice("whatsapp", "n1", "account_update", AT, '{"a":1}'), AT)

    asyncio.run(write())
    database.close()
    return sent


def test_replies_are_listed_newest_first_page_by_page(answered: Cli) -> None:
    first = answered("inbox", "list", "--limit", "1", "--json").json
    [stranger] = first["items"]
    assert (stranger["contact"], stranger["contact_id"], stranger["text"]) == ("+5511900000000", None, "quem é")
    rest = answered("inbox", "list", "--after", first["next"], "--json").json
    assert [(one["contact"], one["intent"]) for one in rest["items"]] == [("Ana Souza", "question")]
    assert rest["next"] is None
    assert [row[1] for row in answered("inbox", "list", "--contact", "1").rows] == ["Ana Souza"]


def test_an_entry_is_shown_with_its_conversation(answered: Cli) -> None:
    _, ana = answered("inbox", "list", "--json").json["items"]
    told = answered("inbox", "show", ana["id"], "--json").json
    assert (told["text"], told["key"], told["message_id"]) == ("Quanto\ncusta?", "+5541998887701", "1.1.1")
    assert [one["id"] for one in told["conversation"]] == [ana["id"]]
    assert "1.1.1" in [one["id"] for one in told["messages"]]
    assert "Ana Souza" in answered("inbox", "show", ana["id"]).out
    assert answered("inbox", "show", "x").code == 3


def test_what_is_dealt_with_is_no_longer_pending(answered: Cli) -> None:
    stranger, ana = answered("inbox", "list", "--pending", "--json").json["items"]
    assert answered("inbox", "handle", ana["id"], "--json").json["items"] == [{"id": ana["id"], "handled": True}]
    assert "já estava" in answered("inbox", "handle", ana["id"]).out
    assert [one["id"] for one in answered("inbox", "list", "--pending", "--json").json["items"]] == [stranger["id"]]
    assert answered("inbox", "handle").code == 2
    assert answered("inbox", "handle", "nada").code == 3


def test_notices_are_listed(answered: Cli) -> None:
    [notice] = answered("inbox", "notices", "--json").json["items"]
    assert (notice["provider"], notice["kind"], notice["detail"]) == ("whatsapp", "account_update", '{"a":1}')


def test_a_list_is_imported_and_what_waits_is_cancelled(drafted: Cli, tmp_path: Path) -> None:
    assert drafted("campaign", "start", "teste").code == 0
    (tmp_path / "lista.csv").write_text("Telefone\n(41) 99888-7701\n123\n", encoding="utf-8")
    result = drafted("suppressions", "import", "lista.csv", "--json").json
    assert (result["rows"], result["addresses"], result["rejected"]) == (2, 1, 1)
    assert result["by_reason"] == {"phone_too_short": 1}
    with (tmp_path / "lista.rejeitados.csv").open(encoding="utf-8-sig") as file:
        assert [row[0] for row in csv.reader(file, delimiter=";")][1:] == ["3"]
    assert drafted("worker", "--until-idle").code == 0
    rows = drafted("messages", "--contact", "1", "--json").json["items"]
    assert {(one["state"], one["reason"]) for one in rows} == {("cancelled", "do_not_call")}
    others = drafted("messages", "--contact", "2", "--json").json["items"]
    assert "do_not_call" not in {one["reason"] for one in others}


def test_a_hashed_list_holds_for_contacts_that_come_later(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "lista.txt").write_text("41998887701\nbruno@example.com\n", encoding="utf-8")
    assert "2 endereços" in cli("suppressions", "import", "lista.txt", "--hash").out
    kept = [one["key"] for one in cli("suppressions", "list", "--json").json["items"]]
    assert kept == sorted(map(hashed_key, ("+5541998887701", "bruno@example.com")))
    for command in (
        ["import", "contatos.csv"], ["campaign", "create", "teste.toml"], ["campaign", "start", "teste"],
        ["worker", "--until-idle"],
    ):  # fmt: skip
        assert cli(*command).code == 0
    reasons = {one["contact"]: one["reason"] for one in cli("messages", "--step", "1", "--json").json["items"]}
    assert (reasons["Ana Souza"], reasons["Bruno Lima"]) == ("do_not_call", "do_not_call")
    assert reasons["Carla Dias"] != "do_not_call"
    assert cli("suppressions", "remove", "41 99888-7701", "--json").json["items"][0]["lifted"]


def test_a_list_of_one_channel_says_so_and_a_wrong_file_is_refused(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "lista.txt").write_text("41998887701\n", encoding="utf-8")
    cli("suppressions", "import", "lista.txt", "--channel", "sms")
    [kept] = cli("suppressions", "list", "--json").json["items"]
    assert (kept["channel"], kept["reason"], kept["source"]) == ("sms", "do_not_call", "lista.txt:1")
    assert cli("suppressions", "import", "nada.txt").code == 2
    assert cli("suppressions", "import", "lista.txt", "--channel", "fax").code == 2
