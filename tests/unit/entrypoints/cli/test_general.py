"""What all commands share: options anywhere, one line per fault, an exit code that says of what kind it was."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO

import pytest

from disparo.entrypoints.cli import app

CSI = "\x1b["

READING = [
    ("campaign", "list"),
    ("campaign", "show", "teste"),
    ("contacts", "lists"),
    ("contacts", "list"),
    ("contacts", "list", "Ana"),
    ("contacts", "show", "1"),
    ("contacts", "suppressed"),
    ("contacts", "export", "1"),
    ("messages",),
    ("messages", "1.1.1"),
    ("dead-letters", "list"),
    ("dead-letters", "list", "--summary"),
    ("templates", "list", "teste"),
    ("templates", "preview", "teste"),
    ("why", "1.1.1"),
    ("config", "show"),
    ("config", "show", "--all"),
    ("config", "check"),
    ("doctor",),
]


@pytest.mark.parametrize("argv", READING, ids=" ".join)
def test_whatever_is_shown_is_also_one_json_document(sent, argv) -> None:
    shown = sent(*argv, "--json")
    assert shown.code == 0
    assert isinstance(shown.json, dict)


@pytest.mark.parametrize("argv", READING, ids=" ".join)
def test_a_pipe_gets_no_colours_and_no_frames(sent, argv) -> None:
    shown = sent(*argv)
    assert shown.code == 0
    assert not set("│╭─█\x1b") & set(shown.out.replace("── passo", ""))


@pytest.mark.parametrize("argv", READING, ids=" ".join)
def test_a_terminal_gets_every_command_without_a_fault(sent, argv, monkeypatch) -> None:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    assert app.run(list(argv)) == 0
    assert terminal.getvalue() or argv[:2] in (("contacts", "suppressed"), ("dead-letters", "list"))


def test_a_terminal_gets_words_and_local_time_where_a_pipe_gets_codes(sent, monkeypatch) -> None:
    piped = sent("messages", "--state", "failed")
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    assert app.run(["messages", "--state", "failed"]) == 0
    assert "missing_variable:cidade_natal" in piped.out
    assert "falta a variável cidade_natal" in terminal.getvalue()
    assert CSI in terminal.getvalue()


def test_plain_makes_a_terminal_like_a_pipe(sent, monkeypatch) -> None:
    piped = sent("messages").out
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    assert app.run(["messages", "--plain"]) == 0
    assert terminal.getvalue() == piped


def test_general_options_may_stand_before_or_behind_the_command(cli, tmp_path) -> None:
    assert cli("--data", "here", "import", "contatos.csv").code == 0
    assert cli("contacts", "lists", "--data", "here").out == "name\tcontacts\ncontatos\t3\n"
    assert (tmp_path / "here" / "disparo.sqlite3").exists()
    assert not (tmp_path / "disparo-data").exists()


def test_a_settings_file_is_named_by_an_option(cli, tmp_path) -> None:
    (tmp_path / "other.toml").write_text('data = "there"\nmax_retries = 7\n', encoding="utf-8")
    (tmp_path / "aws.tfvars").write_text("max_retries = 5\n", encoding="utf-8")
    shown = cli("config", "show", "--config", "other.toml", "--tfvars", "aws.tfvars", "--json").json["items"]
    by_name = {item["setting"]: item for item in shown}
    assert by_name["max_retries"] == {"setting": "max_retries", "value": 7, "source": "other.toml:2"}
    assert by_name["data"]["value"] == str(tmp_path / "there")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["improt"], "«improt» não é um comando; seria import?"),
        (["campaign", "strat"], "seria start?"),
        (["import"], "falta FILE"),
        (["import", "a.csv", "--dryrun"], "«--dryrun» não é uma opção; seria --dry-run?"),
        (["messages", "--limit", "abc"], "--limit: «abc» não serve; escreva um número inteiro"),
        (["messages", "--limit"], "--limit: falta o valor"),
        (["messages", "--limit", "0"], "--limit 0: escreva um número a partir de 1"),
        (["messages", "1.1.1", "2.1.1"], "sobrou «2.1.1»"),
        (["campaign", "list", "--json", "--json"], "--json foi dada mais de uma vez"),
        (["dead-letters", "redrive"], "diga quais"),
        (["contacts", "suppress"], "diga ao menos um endereço"),
        (["import", "contatos.csv", "--map", "phone"], "--map phone: escreva campo=coluna"),
        (["import", "contatos.csv", "--map", "phone=Email", "--map", "phone=Nome"], "o campo phone já foi dado"),
        (["import", "nowhere.csv"], "nowhere.csv"),
        (["campaign", "create", "nowhere.toml"], "nowhere.toml"),
        (["--config", "nowhere.toml", "config", "show"], "nowhere.toml"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(cli, argv, said) -> None:
    failed = cli(*argv)
    assert failed.code == 2
    assert failed.out == ""
    assert failed.err.startswith("erro: ")
    assert said in failed.err
    assert failed.err.count("\n") == 1


def test_several_faults_are_a_line_each(cli, tmp_path) -> None:
    (tmp_path / "disparo.toml").write_text("max_retries = -1\nlive = 7\n", encoding="utf-8")
    failed = cli("config", "show")
    assert failed.code == 2
    assert [line.startswith("erro: disparo.toml") for line in failed.err.splitlines()] == [True, True]


@pytest.mark.parametrize(
    "argv",
    [
        ["campaign", "show", "outra"],
        ["campaign", "start", "outra"],
        ["messages", "9.9.9"],
        ["messages", "--campaign", "outra"],
        ["messages", "--contact", "99"],
        ["dead-letters", "show", "9.9.9"],
        ["contacts", "show", "99"],
        ["contacts", "erase", "99"],
        ["contacts", "export", "99"],
        ["templates", "list", "outra"],
        ["why", "9.1.1"],
    ],
    ids=" ".join,
)
def test_what_is_not_there_is_exit_code_3(drafted, argv) -> None:
    failed = drafted(*argv)
    assert (failed.code, failed.out, failed.err.count("\n")) == (3, "", 1)


def test_whoever_only_looks_does_not_make_a_data_directory(cli, tmp_path) -> None:
    failed = cli("campaign", "list")
    assert failed.code == 3
    assert "--data" in failed.err
    assert not (tmp_path / "disparo-data").exists()


@pytest.mark.parametrize("event", ["pause", "resume"])
def test_an_event_that_is_no_transition_is_exit_code_4(drafted, event) -> None:
    failed = drafted("campaign", event, "teste")
    assert (failed.code, failed.out, failed.err.count("\n")) == (4, "", 1)


def test_a_file_that_is_no_database_is_exit_code_5(cli, tmp_path) -> None:
    (tmp_path / "disparo-data").mkdir()
    (tmp_path / "disparo-data" / "disparo.sqlite3").write_bytes(b"\x01" * 8192)
    failed = cli("campaign", "list")
    assert (failed.code, failed.out, failed.err.count("\n")) == (5, "", 1)


def test_a_directory_that_cannot_be_made_is_exit_code_5(cli, tmp_path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    failed = cli("--data", "file/below", "import", "contatos.csv")
    assert failed.code == 5
    assert "--data" in failed.err


def test_a_bug_is_exit_code_1_and_leaves_its_traceback_with_the_data(drafted, tmp_path, monkeypatch) -> None:
    from disparo.entrypoints.cli import contacts

    async def broken(**_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(contacts, "lists", broken)
    failed = drafted("contacts", "lists")
    assert failed.code == 1
    assert "ZeroDivisionError: a bug" in failed.err
    assert "Traceback" not in failed.err
    assert "Traceback" in (tmp_path / "disparo-data" / "disparo-erro.log").read_text(encoding="utf-8")
    assert "Traceback" in drafted("contacts", "lists", "--debug").err


def test_an_interrupt_is_exit_code_130(drafted, monkeypatch) -> None:
    from disparo.entrypoints.cli import contacts

    async def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(contacts, "lists", interrupted)
    assert drafted("contacts", "lists").code == 130


def test_a_reader_that_goes_away_is_exit_code_141(drafted, monkeypatch) -> None:
    from disparo.entrypoints.cli import contacts

    async def unread(**_: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(contacts, "lists", unread)
    monkeypatch.setattr(os, "dup2", lambda *_: 0)
    monkeypatch.setattr(sys, "stdout", _Terminal())
    assert app.run(["contacts", "lists"]) == 141


def test_help_and_version_are_given_without_data(cli) -> None:
    assert cli("--version").out.strip() == "0.1.0"
    assert "Opções gerais" in cli("--help").out
    assert "--dry-run" in cli("import", "--help").out
    assert "cancel" in cli("campaign").out


def test_help_waits_for_nothing_that_it_does_not_need() -> None:
    heavy = ("apsw", "pydantic", "holidays", "phonenumbers", "liquid", "openpyxl", "asyncio")
    source = "import sys; from disparo.entrypoints.cli.app import run; run(['--help'])\n"
    source += f"print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


class _Terminal(StringIO):
    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1


def test_confirmation_is_asked_on_a_terminal_only(drafted, monkeypatch) -> None:
    answers = _Terminal("n\n")
    monkeypatch.setattr(sys, "stdin", answers)
    monkeypatch.setattr(sys, "stdout", _Terminal())
    assert app.run(["contacts", "erase", "1"]) == 0
