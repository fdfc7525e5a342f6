"""From a contact file to a finished campaign, by command lines."""

from __future__ import annotations

import json
from pathlib import Path


def test_an_import_tells_what_became_of_every_row(cli, tmp_path) -> None:
    done = cli("import", "contatos.csv")
    assert done.code == 0
    assert "lista contatos: 5 linhas: 3 novos, 2 sem uso" in done.out
    assert "O telefone tem dígitos de menos." in done.out
    assert (tmp_path / "contatos.rejeitados.csv").exists()
    assert "contatos.rejeitados.csv" in done.out


def test_the_same_file_again_changes_nothing(cli) -> None:
    cli("import", "contatos.csv")
    again = cli("import", "contatos.csv", "--json").json
    assert (again["created"], again["unchanged"], again["rejected"]) == (0, 3, 2)
    assert cli("contacts", "lists").rows == [["contatos", "3"]]


def test_a_dry_run_keeps_nothing_and_writes_no_report(cli, tmp_path) -> None:
    before = sorted(tmp_path.iterdir())
    tried = cli("import", "contatos.csv", "--dry-run", "--json").json
    assert (tried["dry_run"], tried["rows"], tried["rejected"]) == (True, 5, 2)
    assert tried["sample"][0]["phone"] == "+5541998887701"
    assert "phone ← Telefone" in cli("import", "contatos.csv", "--dry-run").out
    assert sorted(tmp_path.iterdir()) == before


def test_columns_are_named_by_hand(cli, tmp_path) -> None:
    (tmp_path / "odd.csv").write_text("A;B\nAna;41 99888-7701\n", encoding="utf-8")
    assert cli("import", "odd.csv", "--list", "odd").code == 2
    assert cli("import", "odd.csv", "--list", "odd", "--map", "phone=B", "--map", "name=A").code == 0
    assert cli("contacts", "list", "--list", "odd", "--json").json["items"][0]["name"] == "Ana"


def test_a_csv_file_has_no_sheet(cli) -> None:
    assert cli("import", "contatos.csv", "--sheet", "2").code == 2


def test_contacts_are_given_in_pages(drafted) -> None:
    first = drafted("contacts", "list", "--limit", "2", "--json").json
    rest = drafted("contacts", "list", "--limit", "2", "--after", first["next"], "--json").json
    assert [item["name"] for item in first["items"] + rest["items"]] == ["Ana Souza", "Bruno Lima", "Carla Dias"]
    assert rest["next"] is None
    assert "--after 2" in drafted("contacts", "list", "--limit", "2").err


def test_a_person_is_found_by_name_number_or_address(drafted) -> None:
    for text in ("ana", "(41) 99888-7701", "ANA@example.com"):
        assert [row[1] for row in drafted("contacts", "list", text).rows] == ["Ana Souza"]
    assert drafted("contacts", "list", "ana", "--list", "contatos").code == 2
    assert drafted("contacts", "list", "--list", "nowhere").code == 2


def test_a_suppressed_address_shows_wherever_its_contact_does(drafted) -> None:
    assert drafted("contacts", "suppress", "41 99888-7701", "ana@example.com", "--channel", "sms").code == 0
    assert [item["channel"] for item in drafted("contacts", "suppressed", "--json").json["items"]] == ["sms", "sms"]
    assert drafted("contacts", "list", "ana", "--json").json["items"][0]["blocked"] == ["by_hand", "by_hand"]
    lifted = drafted("contacts", "unsuppress", "ana@example.com", "--json").json
    assert lifted == {"items": [{"address": "ana@example.com", "lifted": True}]}
    assert "não estava bloqueado" in drafted("contacts", "unsuppress", "ana@example.com").out


def test_suppressions_are_given_in_pages_that_meet(drafted) -> None:
    drafted("contacts", "suppress", "ana@example.com", "bruno@example.com", "carla@example.com")
    first = drafted("contacts", "suppressed", "--limit", "2", "--json").json
    rest = drafted("contacts", "suppressed", "--limit", "2", "--after", first["next"], "--json").json
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [2, 1, None]


def test_wrong_addresses_and_channels_are_refused(drafted) -> None:
    assert drafted("contacts", "suppress", "nobody").code == 2
    assert "whatsapp, email, sms" in drafted("contacts", "suppress", "ana@example.com", "--channel", "fax").err


def test_an_erased_person_is_gone_from_what_is_shown(drafted) -> None:
    assert drafted("contacts", "erase", "1", "--yes", "--json").json["contact_id"] == "1"
    assert "Ana" not in drafted("contacts", "show", "1", "--json").out
    assert drafted("contacts", "list", "ana").out == ""


def test_an_export_goes_to_a_file_or_to_the_screen(drafted, tmp_path) -> None:
    shown = drafted("contacts", "export", "1").json
    assert shown["contact"]["email"] == "ana@example.com"
    assert drafted("contacts", "export", "1", "--output", "ana.json").code == 0
    assert json.loads((tmp_path / "ana.json").read_text(encoding="utf-8")) == shown
    assert drafted("contacts", "export", "1", "--output", "nowhere/ana.json").code == 2


def test_a_campaign_warns_of_contacts_whose_message_could_not_be_written(cli) -> None:
    cli("import", "contatos.csv")
    made = cli("campaign", "create", "teste.toml", "--json")
    assert made.json["state"] == "draft"
    assert made.json["warnings"] == ["passo 1, falta a variável cidade_natal: 1 de 3 contatos ficariam sem ela"]
    assert "aviso: passo 1" in made.err


def test_a_campaign_brings_its_audience(cli, tmp_path) -> None:
    with_audience(tmp_path)
    made = cli("campaign", "create", "teste.toml", "--json").json
    assert (made["import"]["created"], made["contacts"]) == (3, 3)


def test_a_refused_campaign_imports_nothing(cli, tmp_path) -> None:
    text = with_audience(tmp_path)
    for wrong in (text.replace("{{ nome }}", "{{ nome"), text.replace("startTime", "start")):
        (tmp_path / "wrong.toml").write_text(wrong, encoding="utf-8")
        failed = cli("campaign", "create", "wrong.toml")
        assert failed.code == 2
        assert "erro: " in failed.err
    assert cli("contacts", "lists").out == ""
    assert not (tmp_path / "contatos.rejeitados.csv").exists()


def test_a_name_that_is_taken_says_how_to_change_what_has_it(drafted) -> None:
    failed = drafted("campaign", "create", "teste.toml")
    assert failed.code == 2
    assert "disparo campaign update teste" in failed.err


def test_hours_that_a_campaign_does_not_tell_are_those_of_the_settings(cli, tmp_path) -> None:
    text = (tmp_path / "teste.toml").read_text(encoding="utf-8")
    bare = text[: text.index("[hours]")] + text[text.index("[[steps]]") :]
    (tmp_path / "teste.toml").write_text(bare, encoding="utf-8")
    with (tmp_path / "disparo.toml").open("a", encoding="utf-8") as file:
        file.write('business_hours_timezone = "America/Manaus"\n')
    cli("import", "contatos.csv")
    assert cli("campaign", "create", "teste.toml", "--json").json["created_at"].endswith("-04:00")


def test_a_campaign_goes_through_its_life(drafted) -> None:
    for event, state in (("start", "running"), ("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")):
        assert drafted("campaign", event, "teste", "--json").json["state"] == state
        assert drafted("campaign", "list").rows[0][2] == state


def test_a_campaign_is_updated_and_its_steps_stay_once_it_has_started(drafted, tmp_path) -> None:
    drafted("campaign", "start", "teste")
    text = (tmp_path / "teste.toml").read_text(encoding="utf-8")
    (tmp_path / "new.toml").write_text(text.replace("Tudo bem", "Como vai"), encoding="utf-8")
    (tmp_path / "other.toml").write_text(text.replace('"whatsapp"', '"sms"'), encoding="utf-8")
    assert drafted("campaign", "update", "teste", "new.toml").code == 0
    assert "Como vai" in drafted("templates", "preview", "teste").out
    assert drafted("campaign", "update", "teste", "other.toml").code == 2


def test_a_running_campaign_shows_what_holds_it(drafted) -> None:
    drafted("campaign", "start", "teste")
    shown = drafted("campaign", "show", "teste", "--json").json
    assert shown["contacts"] == 3, "those of its list, until each of them has entered"
    assert [step["channel"] for step in shown["steps"]] == ["whatsapp", "email"]
    assert [sender["name"] for sender in shown["senders"]] == ["whatsapp", "email"]


def test_a_finished_campaign_shows_each_step_in_cumulative_numbers(sent) -> None:
    shown = sent("campaign", "show", "teste", "--json").json
    first, second = shown["steps"]
    assert (shown["state"], shown["done"]) == ("completed", 1.0)
    assert (first["sent"], first["failed"], second["sent"]) == (2, 1, 2)
    assert first["ends"] == [{"state": "failed", "reason": "missing_variable:cidade_natal", "count": 1}]
    assert [row[:3] for row in sent("campaign", "show", "teste").rows] == [
        ["1", "whatsapp", "teste-1"],
        ["2", "email", "teste-2"],
    ]


def with_audience(folder: Path) -> str:
    """Let the campaign file name a contact file instead of a list; its new text."""
    file = folder / "teste.toml"
    text = file.read_text(encoding="utf-8").replace('list = "contatos"', 'audience = "contatos.csv"')
    file.write_text(text, encoding="utf-8")
    return text


def test_numbers_of_a_file_are_of_the_country_that_is_set(cli, tmp_path) -> None:
    (tmp_path / "lisboa.csv").write_text("Nome,Telefone\nRui,912 345 678\n", encoding="utf-8")
    with (tmp_path / "disparo.toml").open("a", encoding="utf-8") as file:
        file.write('default_region = "PT"\n')
    assert cli("import", "lisboa.csv", "--list", "lisboa", "--json").json["created"] == 1
    assert cli("contacts", "list", "--list", "lisboa", "--json").json["items"][0]["phone"] == "+351912345678"
