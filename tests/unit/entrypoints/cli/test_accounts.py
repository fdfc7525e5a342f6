from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from disparo.adapters.embedded.audit import SqliteAudit
from disparo.adapters.embedded.database import Database
from disparo.bootstrap import DATABASE
from disparo.domain.audit import AuditFilter

Cli = Callable[..., Any]


def test_somebody_is_invited_listed_given_a_role_and_disabled(cli: Cli) -> None:
    made = cli("accounts", "add", "Ana@Exemplo.com.br", "--name", "Ana Souza", "--admin", "--json")
    assert made.code == 0, made.err
    assert re.fullmatch(r"/console/setup\?token=[0-9a-f]{12}\.[\w-]{40,}", made.json["link"])
    assert (made.json["email"], made.json["role"]) == ("ana@exemplo.com.br", "admin")
    assert cli("accounts", "add", "bia@exemplo.com.br").code == 0
    assert cli("accounts", "role", "bia@exemplo.com.br", "viewer").code == 0
    assert cli("accounts", "disable", "bia@exemplo.com.br").code == 0
    items = {one["email"]: one for one in cli("accounts", "list", "--json").json["items"]}
    assert (items["bia@exemplo.com.br"]["role"], items["bia@exemplo.com.br"]["disabled"]) == ("viewer", True)
    assert items["bia@exemplo.com.br"]["name"] == "bia"
    assert cli("accounts", "disable", "bia@exemplo.com.br", "--undo", "--json").json["disabled"] is False
    assert "link" in cli("accounts", "password", "bia@exemplo.com.br", "--json").json
    assert cli("accounts", "reset-2fa", "bia@exemplo.com.br", "--json").json["second_factor"] is False


def test_the_last_admin_stays(cli: Cli) -> None:
    cli("accounts", "add", "ana@exemplo.com.br", "--admin")
    for command in (("disable", "ana@exemplo.com.br"), ("role", "ana@exemplo.com.br", "operator")):
        refused = cli("accounts", *command)
        assert refused.code == 4
        assert "último admin" in refused.err


def test_without_an_address_there_is_a_link_for_who_administers_only(cli: Cli) -> None:
    assert cli("accounts", "add").code == 2
    made = cli("accounts", "add", "--admin")
    assert re.fullmatch(r"/console/setup\?token=setup\.[\w-]{40,}\n", made.out)
    assert cli("accounts", "list", "--json").json["items"] == []


def test_wrong_input_is_named(cli: Cli) -> None:
    assert "e-mail" in cli("accounts", "add", "ana", "--name", "Ana").err
    assert "--role" in cli("accounts", "add", "ana@exemplo.com.br", "--role", "chefe").err
    cli("accounts", "add", "ana@exemplo.com.br")
    assert "já é de outra" in cli("accounts", "add", "ANA@exemplo.com.br").err
    assert cli("accounts", "role", "bia@exemplo.com.br", "admin").code == 3
    assert cli("keys", "add", "CRM", "--resource", "Contatos!").code == 2
    assert cli("keys", "add", "CRM", "--days", "0").code == 2
    assert cli("keys", "revoke", "nada").code == 3


def test_a_key_is_shown_once(cli: Cli) -> None:
    made = cli("keys", "add", "CRM", "--role", "operator", "--resource", "contacts", "--days", "30", "--json").json
    assert re.fullmatch(r"dk_[0-9a-f]{12}_[\w-]{43}", made["secret"])
    assert made["secret"].split("_")[1] == made["id"]
    listed = cli("keys", "list", "--json")
    [item] = listed.json["items"]
    assert (item["role"], item["resources"], item["state"]) == ("operator", ["contacts"], "active")
    assert made["secret"].split("_", 2)[2] not in listed.out
    assert cli("keys", "revoke", made["id"], "--json").json["state"] == "revoked"
    assert cli("keys", "list", "--json").json["items"][0]["state"] == "revoked"


def test_what_is_done_here_is_in_the_audit_without_secrets(cli: Cli) -> None:
    link = cli("accounts", "add", "ana@exemplo.com.br", "--json").json["link"]
    secret = cli("keys", "add", "CRM", "--json").json["secret"]
    database = Database(Path("disparo-data") / DATABASE)
    entries = asyncio.run(SqliteAudit(database).page(AuditFilter(), None, 10))
    database.close()
    assert [(one.action, one.actor) for one in entries] == [
        ("keys.add", "local:local"),
        ("accounts.add", "local:local"),
    ]
    for hidden in (link.partition(".")[2], secret.split("_", 2)[2], "ana@exemplo.com.br"):
        assert hidden not in repr(entries)
