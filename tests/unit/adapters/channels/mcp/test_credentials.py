"""The secret of a sender that goes through an MCP server: what is read, and what is refused in which words."""

from __future__ import annotations

import json

import pytest

from disparo.adapters.channels.mcp.credentials import parse
from disparo.adapters.channels.mcp.profiles import PROFILES
from disparo.adapters.mcp.connection import HttpServer, StdioServer
from disparo.domain.errors import InputError
from disparo.domain.policies.retry import FailureClass
from tests.unit.adapters.channels.mcp.samples import SECRET

HIDDEN = "do-not-show-this"


def test_a_program_and_its_tool() -> None:
    account = parse("mcp-sender", {**SECRET, "from_email": " a@ex.com ", "empty": " "})
    assert account.server == StdioServer("a-program", ("--quiet",), {"API_KEY": "very secret"})
    assert account.profile.tool == "send"
    assert account.profile.arguments == {"to": "{to}", "text": "{text}"}
    assert account.extras == {"from_email": "a@ex.com"}


def test_a_server_at_an_address() -> None:
    server = '{"url": "https://mcp.example.com/mcp", "headers": {"Authorization": "Bearer x"}}'
    account = parse("mcp-sender", {**SECRET, "server": server})
    assert account.server == HttpServer("https://mcp.example.com/mcp", {"Authorization": "Bearer x"})


def test_no_secret_is_in_a_representation() -> None:
    for server in (
        {"command": "run", "args": [HIDDEN], "env": {"KEY": HIDDEN}},
        {"url": f"https://ex.com/{HIDDEN}", "headers": {"Authorization": f"Bearer {HIDDEN}"}},
    ):
        account = parse("mcp-sender", {**SECRET, "server": json.dumps(server), "extra": HIDDEN})
        assert HIDDEN not in repr(account)
        assert any(HIDDEN in one for one in account.hidden)


def test_a_profile_brings_everything_and_gives_way_to_what_the_secret_says() -> None:
    named = {"server": SECRET["server"], "profile": "resend-mcp"}
    assert parse("s", named).profile == PROFILES["resend-mcp"]
    changed = parse("s", {**named, "tool": "send-mail", "at_once": "9", "failures": '{"odd": "recipient"}'}).profile
    assert (changed.tool, changed.at_once) == ("send-mail", 9)
    assert changed.arguments == PROFILES["resend-mcp"].arguments
    assert changed.failures[0].failure is FailureClass.RECIPIENT
    assert changed.failures[1:] == PROFILES["resend-mcp"].failures
    assert changed.repeats_safely
    assert not parse("s", {**named, "arguments": SECRET["arguments"]}).profile.repeats_safely


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"server": ""}, "server"),
        ({"server": HIDDEN}, "server"),
        ({"server": f'["{HIDDEN}"]'}, "server"),
        ({"server": f'{{"command": "{HIDDEN}", "url": "{HIDDEN}"}}'}, "server"),
        ({"server": f'{{"comand": "{HIDDEN}"}}'}, "server"),
        ({"server": '{"command": ""}'}, "server.command"),
        ({"server": f'{{"command": "x", "args": "{HIDDEN}"}}'}, "server.args"),
        ({"server": '{"command": "x", "env": {"PORT": 8000}}'}, "server.env"),
        ({"server": f'{{"url": "{HIDDEN}"}}'}, "server.url"),
        ({"server": f'{{"url": "ftp://{HIDDEN}/"}}'}, "server.url"),
        ({"server": '{"url": "http://[::1"}'}, "server.url"),
        ({"server": f'{{"url": "https://ex.com", "headers": {{"X": "a\\n{HIDDEN}"}}}}'}, "server.headers"),
        ({"profile": HIDDEN}, "profile"),
        ({"tool": ""}, "tool"),
        ({"arguments": ""}, "arguments"),
        ({"arguments": "{}"}, "arguments"),
        ({"arguments": f'["{HIDDEN}"]'}, "arguments"),
        ({"arguments": '{"to": "{too}"}'}, "arguments"),
        ({"success": f'{{"contains": "{HIDDEN}"}}'}, "success"),
        ({"success": '{"equals": true}'}, "success"),
        ({"success": f'{{"pointer": "{HIDDEN}"}}'}, "success.pointer"),
        ({"success": f'{{"matches": "({HIDDEN}"}}'}, "success.matches"),
        ({"success": json.dumps({"not_matches": "x" * 501})}, "success.not_matches"),
        ({"id": "{}"}, "id"),
        ({"id": '{"pattern": "*"}'}, "id.pattern"),
        ({"failures": f'{{"{HIDDEN}": "bad"}}'}, "failures"),
        ({"failures": '{"(": "recipient"}'}, "failures"),
        ({"at_once": "0"}, "at_once"),
        ({"at_once": "many"}, "at_once"),
        ({"arguments": "", "profile": "workspace-mcp"}, "user_google_email"),
        ({"arguments": "", "profile": "excellario/whatsapp-mcp-server"}, "arguments"),
    ],
)
def test_what_is_wrong_is_named_and_not_shown(fields: dict[str, str], named: str) -> None:
    with pytest.raises(InputError) as refused:
        parse("mcp-sender", {**SECRET, **fields})
    assert str(refused.value).startswith(f"segredo mcp-sender, campo {named}: ")
    assert HIDDEN not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_can_be_used_with_what_it_needs(profile: str) -> None:
    needed = dict.fromkeys(PROFILES[profile].needs, "x")
    arguments = {} if PROFILES[profile].arguments else {"arguments": SECRET["arguments"]}
    account = parse("s", {"server": SECRET["server"], "profile": profile, **needed, **arguments})
    assert account.profile.tool == PROFILES[profile].tool


def test_a_secret_within_an_argument_or_an_address_is_hidden_alone_too() -> None:
    tool = {"tool": "send", "arguments": json.dumps({"to": "{to}"})}
    program = parse("mcp-sms", {**tool, "server": json.dumps({"command": "x", "args": ["--api-key=s3cr3t-1"]})})
    address = parse("mcp-sms", {**tool, "server": json.dumps({"url": "https://m.example/mcp?token=s3cr3t-2"})})
    assert "s3cr3t-1" in program.hidden
    assert "s3cr3t-2" in address.hidden


def test_a_key_among_the_arguments_is_not_shown() -> None:
    server = json.dumps({"url": "https://m.example/mcp"})
    account = parse("mcp-sms", {"tool": "send", "arguments": json.dumps({"key": "s3cr3t-3"}), "server": server})
    assert "s3cr3t-3" not in repr(account)
