"""Looking at messages: what went, what did not, and why."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path


def test_messages_show_what_the_sandbox_took(sent) -> None:
    items = sent("messages", "--campaign", "teste", "--step", "1", "--json").json["items"]
    assert [(item["contact"], item["state"] == "failed", item["text"]) for item in items] == [
        ("Ana Souza", False, "Oi Ana Souza, de Lapa"),
        ("Bruno Lima", False, "Oi Bruno Lima, de Tefé"),
        ("Carla Dias", True, None),
    ]
    assert datetime.fromisoformat(items[0]["changed_at"]).utcoffset() is not None


def test_messages_are_chosen_and_given_in_pages(sent) -> None:
    def found(*argv: str) -> list[str]:
        return [row[0] for row in sent("messages", *argv).rows]

    assert found("--contact", "3") == ["1.1.3", "1.2.3"]
    assert found("--state", "failed", "--state", "cancelled") == ["1.1.3", "1.2.3"]
    assert found("--state", "failed,cancelled") == ["1.1.3", "1.2.3"]
    assert found("--reason", "missing_variable:cidade_natal") == ["1.1.3"]
    assert found("--limit", "2") + found("--limit", "10", "--after", "1.2.1") == found()
    assert "há mais" not in sent("messages", "--limit", "6").err
    assert sent("messages", "--state", "gone").code == 2


def test_a_message_shows_its_history_and_its_text(sent) -> None:
    shown = sent("messages", "1.2.1", "--json").json
    assert (shown["subject"], shown["text"]) == ("Oi Ana Souza", "Tudo bem, Ana Souza?")
    assert "accept" in [line["event"] for line in shown["journal"]]
    assert "Tudo bem, Ana Souza?" in sent("messages", "1.2.1").out


def test_why_gives_the_verdict(sent) -> None:
    shown = sent("why", "1.1.3", "--json").json
    assert (shown["verdict"], shown["state"]) == ("failed", "failed")
    assert shown["facts"][0]["detail"] == "missing_variable:cidade_natal"


def test_why_of_a_draft_says_that_it_has_not_begun(drafted) -> None:
    assert drafted("why", "teste.1.1", "--json").json["verdict"] == "campaign_draft"


def test_dead_letters_are_counted_listed_and_shown(sent) -> None:
    assert sent("dead-letters", "list", "--summary").rows == [
        ["teste", "1", "whatsapp", "failed", "missing_variable:cidade_natal", "1"]
    ]
    assert [row[0] for row in sent("dead-letters", "list").rows] == ["1.1.3"]
    assert sent("dead-letters", "list", "--summary", "--reason", "other").out == ""
    assert "missing_variable" in sent("dead-letters", "show", "1.1.3").out
    assert sent("dead-letters", "show", "1.1.1").code == 3


def test_dead_letters_are_sent_again_by_name_or_by_what_they_have_in_common(sent) -> None:
    assert sent("dead-letters", "redrive", "1.1.1", "--campaign", "teste").code == 2
    refused = sent("dead-letters", "redrive", "1.1.1", "--json").json
    assert refused == {"redriven": 0, "refused": [{"id": "1.1.1", "reason": "not_a_dead_letter"}]}
    assert sent("dead-letters", "redrive", "--campaign", "teste", "--force", "--json").json["redriven"] == 1
    assert sent("messages", "1.1.3", "--json").json["state"] == "due"


def test_templates_tell_which_variables_they_read(drafted) -> None:
    items = drafted("templates", "list", "teste", "--json").json["items"]
    assert items[0]["variables"] == ["cidade_natal", "nome"]
    assert drafted("templates", "list", "teste.toml").out == drafted("templates", "list", "teste").out


def test_a_preview_is_what_the_contact_would_get(drafted) -> None:
    assert "Oi Bruno Lima, de Tefé" in drafted("templates", "preview", "teste", "--contact", "2").out
    items = drafted("templates", "preview", "teste.toml", "--limit", "2", "--json").json["items"]
    assert [(item["contact"], item["step"], item["ok"]) for item in items] == [
        ("Ana Souza", 1, True),
        ("Ana Souza", 2, True),
        ("Bruno Lima", 1, True),
        ("Bruno Lima", 2, True),
    ]


def test_a_preview_names_what_is_missing_and_ends_with_2(drafted) -> None:
    shown = drafted("templates", "preview", "teste", "--contact", "3")
    assert shown.code == 2
    assert "NÃO SAIRIA: falta a variável cidade_natal" in shown.out
    assert "não tem endereço para este canal" in shown.out


def test_a_preview_of_a_file_reads_its_audience_and_keeps_nothing(cli, tmp_path) -> None:
    with_audience(tmp_path)
    assert "Oi Ana Souza, de Lapa" in cli("templates", "preview", "teste.toml").out
    assert not (tmp_path / "disparo-data").exists()
    assert not (tmp_path / "contatos.rejeitados.csv").exists()


def with_audience(folder: Path) -> str:
    """Let the campaign file name a contact file instead of a list; its new text."""
    file = folder / "teste.toml"
    text = file.read_text(encoding="utf-8").replace('list = "contatos"', 'audience = "contatos.csv"')
    file.write_text(text, encoding="utf-8")
    return text
