"""What becomes of a message when the MCP server, the way to it or the secret is not as it should be."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from disparo.adapters.channels.mcp.credentials import parse
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from tests.contract.mcp_servers import KNOWN, Faked
from tests.contract.mcp_stage import NOW, Gate, Given, by_http, channel, journal_of, outgoing, program, served

PLAIN = "codechap/mcp-server-whatsapp"
SECRET = "a-secret-of-the-server"


def sent(secret: dict[str, str] | Given, text: str = "Oi", timeout_s: float = 20.0, **given: Any) -> Outcome:
    async def scene() -> Outcome:
        sender = channel(secret, timeout_s)
        try:
            return await sender.send(outgoing(text, **given), NOW)
        finally:
            await sender.close()

    return asyncio.run(scene())


def over_http(
    act: Callable[[str, Gate], Awaitable[Any]], *, legacy: bool = False, profile: str = PLAIN
) -> tuple[Any, Faked]:
    faked = Faked(KNOWN[profile])

    async def scene() -> Any:
        async with served(faked, legacy=legacy) as (url, gate):
            return await act(url, gate)

    return asyncio.run(scene()), faked


async def once(secret: dict[str, str] | Given, text: str = "Oi", timeout_s: float = 20.0, **given: Any) -> Outcome:
    sender = channel(secret, timeout_s)
    outcome = await sender.send(outgoing(text, **given), NOW)
    await sender.close()
    return outcome


@asynccontextmanager
async def dropping(url: str, word: bytes, times: int = 1) -> AsyncIterator[str]:
    """A way to a server on which the connection is cut right behind a request with this word, `times` times."""
    left = times

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: Callable[[], None] | None) -> None:
        nonlocal left
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
            if cut is not None and word in data and left:
                left -= 1
                cut()
                return
        writer.close()

    async def way(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        further, back = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)

        def cut() -> None:
            # The request has to be read before its connection goes, else the server never sees it.
            for one in (writer, back):
                asyncio.get_running_loop().call_later(0.2, one.transport.abort)

        await asyncio.gather(pump(reader, back, cut), pump(further, writer, None), return_exceptions=True)

    async with await asyncio.start_server(way, "127.0.0.1", 0) as server:
        yield url.replace(str(urlsplit(url).port), str(server.sockets[0].getsockname()[1]))


def test_a_program_that_dies_during_a_call_leaves_the_message_in_doubt(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    outcome = sent(program(PLAIN, journal), "crash")
    assert (outcome.failure, outcome.reason) == (FailureClass.UNKNOWN, "no_answer")
    assert len(journal_of(journal)) == 1


@pytest.mark.parametrize("command", ["/not/there", "false"])
def test_a_program_that_does_not_start_was_given_nothing(command: str) -> None:
    secret = {"server": json.dumps({"command": command}), "profile": PLAIN}
    outcome = sent(secret)
    assert (outcome.failure, outcome.reason) == (FailureClass.TRANSIENT, "not_connected")


def test_a_server_that_nobody_listens_at_was_given_nothing() -> None:
    outcome = sent(by_http(PLAIN, "http://127.0.0.1:1/mcp"))
    assert (outcome.failure, outcome.reason) == (FailureClass.TRANSIENT, "not_connected")


def test_a_server_that_is_gone_by_the_next_message_was_given_nothing() -> None:
    async def scene() -> tuple[Outcome, Outcome]:
        async with served(Faked(KNOWN[PLAIN])) as (url, _):
            sender = channel(by_http(PLAIN, url))
            first = await sender.send(outgoing(), NOW)
        second = await sender.send(outgoing(number=2), NOW)
        await sender.close()
        return first, second

    first, second = asyncio.run(scene())
    assert first.accepted
    assert (second.failure, second.reason) == (FailureClass.TRANSIENT, "not_connected")


def test_an_answer_that_was_lost_leaves_one_message_in_doubt_and_the_others_alone() -> None:
    async def act(url: str, gate: Gate) -> list[Outcome]:
        async with dropping(url, b"slowly") as way:
            sender = channel(by_http(PLAIN, way))
            await sender.send(outgoing(), NOW)
            outcomes = await asyncio.gather(
                sender.send(outgoing("slowly"), NOW), *(sender.send(outgoing(number=n), NOW) for n in (2, 3))
            )
            await sender.close()
            return outcomes

    (doubtful, *others), faked = over_http(act)
    assert (doubtful.failure, doubtful.reason) == (FailureClass.UNKNOWN, "no_answer")
    assert [one.accepted for one in others] == [True, True]
    assert len(faked.calls) == 4


def test_a_lost_answer_is_asked_for_again_where_the_tool_takes_a_key() -> None:
    async def act(url: str, gate: Gate) -> tuple[Outcome, bool]:
        async with dropping(url, b"cut here") as way:
            # The answer comes 0.01 s after the request and the cut 0.2 s: hold it back for longer.
            gate.held_s = 0.4
            sender = channel(by_http("resend-mcp", way))
            outcome = await sender.send(outgoing("cut here", email=True), NOW)
            safe = sender.repeats_safely
            await sender.close()
            return outcome, safe

    (outcome, safe), faked = over_http(act, profile="resend-mcp")
    assert (outcome.accepted, safe) == (True, True)
    assert (len(faked.calls), faked.sent) == (2, 1)


def test_a_server_that_never_answers_takes_no_longer_than_it_may(tmp_path: Path) -> None:
    async def act(url: str, gate: Gate) -> tuple[Outcome, float]:
        begun = asyncio.get_running_loop().time()
        outcome = await once(by_http(PLAIN, url), "slowly", 2.0)
        return outcome, asyncio.get_running_loop().time() - begun

    (outcome, took), _ = over_http(act)
    assert (outcome.failure, outcome.reason) == (FailureClass.UNKNOWN, "no_answer")
    assert took < 4


@pytest.mark.parametrize(
    ("status", "failure", "reason"),
    [
        (401, "auth", "credentials_refused"),
        (403, "auth", "credentials_refused"),
        (413, "permanent", "message_too_large"),
        (429, "throttled", "provider_throttled"),
        (422, "permanent", "request_refused"),
        (301, "auth", "redirected"),
        (408, "unknown", "no_answer"),
        (500, "unknown", "no_answer"),
        (503, "unknown", "no_answer"),
    ],
)
def test_what_http_says_of_a_call_has_its_class(status: int, failure: str, reason: str) -> None:
    async def act(url: str, gate: Gate) -> Outcome:
        gate.statuses["tools/call"] = status
        return await once(by_http(PLAIN, url))

    outcome, faked = over_http(act)
    assert (outcome.failure, outcome.reason) == (FailureClass(failure), reason)
    assert outcome.retry_after_s == 7
    assert faked.calls == []


def test_a_session_that_the_server_has_forgotten_is_opened_anew() -> None:
    async def act(url: str, gate: Gate) -> list[Outcome]:
        sender = channel(by_http(PLAIN, url))
        outcomes = [await sender.send(outgoing(), NOW)]
        gate.once["tools/call"] = 404
        outcomes.append(await sender.send(outgoing(number=2), NOW))
        await sender.close()
        return outcomes

    outcomes, faked = over_http(act, legacy=True)
    assert [one.accepted for one in outcomes] == [True, True]
    assert len(faked.calls) == 2


def test_a_refused_secret_is_read_again_once() -> None:
    async def act(url: str, gate: Gate) -> tuple[Outcome, Outcome, int]:
        old, new = by_http(PLAIN, url), by_http(PLAIN, url)
        new["server"] = new["server"].replace(SECRET, "a-newer-secret")
        gate.token = "a-newer-secret"
        secrets = Given(old, new)
        sender = channel(secrets)
        first = await sender.send(outgoing(), NOW)
        gate.token = "another"
        second = await sender.send(outgoing(number=2), NOW)
        await sender.close()
        return first, second, secrets.refreshed

    (first, second, refreshed), _ = over_http(act)
    assert first.accepted
    assert (second.failure, second.reason, refreshed) == (FailureClass.AUTH, "credentials_refused", 1)


@pytest.mark.parametrize(
    ("code", "failure"), [(-32601, "permanent"), (-32602, "permanent"), (-32603, "unknown"), (-32000, "unknown")]
)
def test_what_json_rpc_says_has_its_class(code: int, failure: str, tmp_path: Path) -> None:
    assert sent(program(PLAIN, tmp_path / "journal"), f"code {code}").failure == FailureClass(failure)


def test_a_tool_that_asks_for_a_person_is_of_no_use(tmp_path: Path) -> None:
    outcome = sent(program(PLAIN, tmp_path / "journal"), "needs a person")
    assert (outcome.failure, outcome.reason) == (FailureClass.PERMANENT, "input_required")


@pytest.mark.parametrize(
    ("fields", "failure", "reason"),
    [
        ({"tool": "send_it"}, "auth", "tool_missing"),
        ({"tool": "send_*"}, None, ""),
        ({"arguments": '{"to": "{to}", "text": "{text}"}'}, "auth", "arguments_do_not_fit"),
        ({"arguments": '{"to": "{to}", "body": 7}'}, "auth", "arguments_do_not_fit"),
        ({"arguments": '{"to": "{subject}", "body": "{text}"}'}, "auth", "arguments_do_not_fit"),
    ],
)
def test_a_call_that_the_tools_schema_refuses_is_not_made(
    fields: dict[str, str], failure: str | None, reason: str, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    outcome = sent({**program(PLAIN, journal), **fields})
    assert (outcome.failure, outcome.reason) == (failure and FailureClass(failure), reason)
    assert len(journal_of(journal)) == (failure is None)


def test_what_only_this_message_says_wrong_is_the_messages_fault(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    arguments = json.dumps({"to": ["{to}"], "subject": "s", "body": "b", "mimeType": "{text}"})
    outcome = sent({**program("gongrzhe/gmail-mcp-server", journal), "arguments": arguments}, "no type")
    assert (outcome.failure, outcome.reason) == (FailureClass.PERMANENT, "arguments_refused")
    assert outcome.detail == "mimeType: enum"
    assert journal_of(journal) == []


def test_no_secret_and_nothing_of_a_person_is_shown(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = "Olá, Ana Maria Souza"
    failures = json.dumps({"ugly": "permanent"})
    known = KNOWN["lharries/whatsapp-mcp"]
    echo = f"ugly: {text} for +5541988880001 or ana@example.com with {SECRET}"
    secret = {**program("lharries/whatsapp-mcp", tmp_path / "journal"), "failures": failures}
    account = parse("mcp-sender", secret)
    assert SECRET not in repr(account)
    outcome = sent(secret, text)
    assert outcome.accepted
    judged = account.profile.judge(_answer(echo), (*account.hidden, text, "+5541988880001"))
    assert judged.failure is FailureClass.PERMANENT
    assert not any(part in repr(judged) for part in (text, "55419", "ana@", SECRET))
    shown = capfd.readouterr()
    assert SECRET not in shown.out + shown.err
    assert known.tool not in shown.err


def _answer(text: str) -> Any:
    from disparo.adapters.mcp.connection import ToolAnswer

    return ToolAnswer(text)


def test_a_program_that_never_greets_was_given_nothing_and_is_ended() -> None:
    async def scene() -> tuple[Outcome, float]:
        secret = {"server": json.dumps({"command": "sleep", "args": ["600"]}), "profile": PLAIN}
        begun, sender = asyncio.get_running_loop().time(), channel(secret, 1.0)
        outcome = await sender.send(outgoing(), NOW)
        took = asyncio.get_running_loop().time() - begun
        await sender.close()
        return outcome, took

    outcome, took = asyncio.run(scene())
    assert (outcome.failure, outcome.reason) == (FailureClass.TRANSIENT, "not_connected")
    assert took < 3
    running = subprocess.run(["ps", "-eo", "ppid,args"], capture_output=True, text=True, check=True).stdout
    assert f"{os.getpid()} sleep 600" not in " ".join(running.split())


def test_a_send_that_is_given_up_harms_no_other() -> None:
    async def act(url: str, gate: Gate) -> Outcome:
        sender = channel(by_http(PLAIN, url, at_once="1"))
        given_up = asyncio.create_task(sender.send(outgoing("slowly"), NOW))
        while not gate.traffic or gate.traffic[-1][0]["method"] != "tools/list":
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        given_up.cancel()
        outcome = await sender.send(outgoing(number=2), NOW)
        await sender.close()
        return outcome

    outcome, faked = over_http(act)
    assert outcome.accepted
    assert len(faked.calls) == 2


def test_a_process_may_run_one_event_loop_after_another(tmp_path: Path) -> None:
    sender = channel(program(PLAIN, tmp_path / "journal"))
    assert asyncio.run(sender.send(outgoing(), NOW)).accepted
    assert asyncio.run(sender.send(outgoing(number=2), NOW)).accepted
    assert len({call["pid"] for call in journal_of(tmp_path / "journal")}) == 2


def test_without_the_sdk_messages_wait_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("disparo.adapters.mcp.wire", "mcp"):
        monkeypatch.setitem(sys.modules, name, None)
    outcome = sent(program(PLAIN, tmp_path / "journal"))
    assert (outcome.failure, outcome.reason, outcome.detail) == (
        FailureClass.AUTH,
        "sdk_missing",
        "pip install disparo[mcp]",
    )
