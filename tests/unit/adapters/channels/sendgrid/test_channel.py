from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from disparo.adapters.channels.sendgrid.channel import SendGridChannel
from disparo.adapters.channels.sendgrid.credentials import parse
from disparo.adapters.credentials import Credentials
from disparo.adapters.http_exchange import Answer
from disparo.domain.errors import InputError
from disparo.domain.message import MessageId, Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.template import Content
from disparo.ports.channel import Closes, HasAccount, Outgoing, SendsMany

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
SECRET = {"api_key": "SG.x", "from_email": "Oi@casa.com.br"}
TAKEN = Answer(202, {"x-message-id": "14c5d75ce93.dfd.64b469"}, b"")
Reply = Callable[[list[str]], Answer | Outcome]


@dataclass
class Vault:
    """`Secrets` whose secret may change."""

    secret: dict[str, str] = field(default_factory=lambda: dict(SECRET))
    next_secret: dict[str, str] | None = None

    async def get(self, name: str) -> Mapping[str, str]:
        return self.secret

    async def refresh(self, name: str) -> Mapping[str, str]:
        if self.next_secret is not None:
            self.secret = self.next_secret
        return self.secret


@dataclass
class Server:
    """Stands where the channel's HTTP stands; `reply` is given the addresses of a request."""

    reply: Reply
    requests: list[list[str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    async def request(self, method: str, url: str, *, headers: Mapping[str, str], data: bytes) -> Answer | Outcome:
        assert (method, url) == ("POST", "https://api.sendgrid.com/v3/mail/send")
        addresses = [one["to"][0]["email"] for one in json.loads(data)["personalizations"]]
        self.requests.append(addresses)
        self.keys.append(headers["Authorization"])
        await asyncio.sleep(0)
        return self.reply(addresses)


def refusal(status: int, *errors: tuple[str | None, str]) -> Answer:
    body = {"errors": [{"field": part, "message": words, "help": None} for part, words in errors]}
    return Answer(status, {}, json.dumps(body).encode())


def outgoing(count: int, text: str = "Olá") -> list[Outgoing]:
    return [Outgoing(MessageId("3", 1, str(n)), f"p{n}@example.com", Content(text, "Oi")) for n in range(count)]


def send(reply: Reply, messages: Sequence[Outgoing], vault: Vault | None = None) -> tuple[list[Outcome], Server]:
    async def run() -> tuple[list[Outcome], Server]:
        channel = SendGridChannel(Credentials(vault or Vault(), "mcp-email", parse), timeout_s=5, connections=10)
        channel._http = server = Server(reply)  # type: ignore[assignment]
        return list(await channel.send_many(messages, NOW)), server

    return asyncio.run(run())


def naming(bad: Sequence[str], *, at_once: int) -> Reply:
    """Refuses what has bad addresses, naming some of them."""

    def reply(addresses: list[str]) -> Answer:
        places = [place for place, address in enumerate(addresses) if address in bad][:at_once]
        if not places:
            return TAKEN
        return refusal(
            400, *((f"personalizations.{place}.to.0.email", "Does not contain a valid address.") for place in places)
        )

    return reply


def failures(outcomes: Sequence[Outcome]) -> list[FailureClass | None]:
    return [one.failure for one in outcomes]


def test_all_of_a_request_are_accepted_with_its_id() -> None:
    outcomes, server = send(lambda _: TAKEN, outgoing(1000))
    assert outcomes == [Outcome(True, "14c5d75ce93.dfd.64b469")] * 1000
    assert [len(one) for one in server.requests] == [1000]


@pytest.mark.parametrize(("bad", "at_once"), [(1, 1), (3, 1), (3, 3), (30, 1), (30, 30), (100, 1)])
def test_bad_recipients_fail_and_the_others_are_sent_without_them_at_once(bad: int, at_once: int) -> None:
    messages = outgoing(100)
    addresses = [one.address for one in messages[::-1][:bad]]
    outcomes, server = send(naming(addresses, at_once=at_once), messages)
    assert failures(outcomes) == [None] * (100 - bad) + [FailureClass.RECIPIENT] * bad
    taken = [address for one in server.requests if not set(one) & set(addresses) for address in one]
    assert sorted(taken) == sorted(one.address for one in messages[: 100 - bad])
    assert len(server.requests) <= 2 * 100


def test_one_message_that_poisons_a_request_without_being_named_is_found() -> None:
    def reply(addresses: list[str]) -> Answer:
        return refusal(400, (None, "Bad Request")) if "p77@example.com" in addresses else TAKEN

    outcomes, server = send(reply, outgoing(100))
    assert [n for n, one in enumerate(outcomes) if not one.accepted] == [77]
    assert outcomes[77].failure is FailureClass.PERMANENT
    assert len(server.requests) < 20


def test_what_is_wrong_with_the_account_is_not_looked_for_among_recipients() -> None:
    outcomes, server = send(lambda _: refusal(400, ("from", "Invalid email address")), outgoing(100))
    assert set(failures(outcomes)) == {FailureClass.PERMANENT}
    assert len(server.requests) == 1


def test_too_large_a_request_is_halved_until_it_fits() -> None:
    outcomes, server = send(lambda some: TAKEN if len(some) <= 30 else refusal(413), outgoing(100))
    assert all(one.accepted for one in outcomes)
    assert sorted(len(one) for one in server.requests) == [25, 25, 25, 25, 50, 50, 100]


def test_a_message_that_is_too_large_by_itself_fails() -> None:
    outcomes, _ = send(lambda _: refusal(413), outgoing(1))
    assert [(one.failure, one.reason) for one in outcomes] == [(FailureClass.PERMANENT, "message_too_large")]


def test_a_throttled_request_waits_until_the_limit_is_reset() -> None:
    reset = Answer(429, {"x-ratelimit-reset": str(int(NOW.timestamp()) + 42)}, b"")
    outcomes, server = send(lambda _: reset, outgoing(3))
    assert {(one.failure, one.retry_after_s) for one in outcomes} == {(FailureClass.THROTTLED, 42.0)}
    assert len(server.requests) == 1


def test_what_nobody_knows_is_unknown_and_not_sent_again() -> None:
    for reply in (Answer(502, {}, b"<html>"), Outcome(False, None, FailureClass.UNKNOWN, "no_answer")):
        outcomes, server = send(lambda _, reply=reply: reply, outgoing(3))  # type: ignore[misc]
        assert set(failures(outcomes)) == {FailureClass.UNKNOWN}
        assert len(server.requests) == 1


def test_a_secret_that_was_changed_is_read_again_once() -> None:
    vault = Vault(next_secret={**SECRET, "api_key": "SG.new"})
    keys: list[str] = []
    outcomes, server = send(lambda _: refusal(401) if not keys and not keys.append("") else TAKEN, outgoing(3), vault)  # type: ignore[func-returns-value]
    assert all(one.accepted for one in outcomes)
    assert server.keys == ["Bearer SG.x", "Bearer SG.new"]


def test_what_was_taken_before_the_secret_was_refused_is_not_sent_again() -> None:
    vault = Vault(next_secret={**SECRET, "api_key": "SG.new"})
    messages = outgoing(60, "A") + [
        Outgoing(MessageId("4", 1, str(n)), f"q{n}@example.com", Content("B", "Oi")) for n in range(60)
    ]
    first_of: set[str] = set()

    def reply(addresses: list[str]) -> Answer:
        if addresses[0].startswith("q") and not first_of:
            first_of.add(addresses[0])
            return refusal(401, (None, "authorization required"))
        return TAKEN

    outcomes, server = send(reply, messages, vault)
    assert all(one.accepted for one in outcomes)
    assert sorted(one[0] for one in server.requests) == ["p0@example.com", "q0@example.com", "q0@example.com"]


def test_a_refused_secret_that_did_not_change_is_auth() -> None:
    outcomes, server = send(lambda _: refusal(403, ("from", "not a verified Sender Identity")), outgoing(3))
    assert set(failures(outcomes)) == {FailureClass.AUTH}
    assert len(server.requests) == 1


def test_a_secret_that_cannot_be_read_lets_the_messages_wait() -> None:
    outcomes, server = send(lambda _: TAKEN, outgoing(3), Vault({"from_email": "oi@casa.com.br"}))
    assert {(one.failure, one.reason) for one in outcomes} == {(FailureClass.AUTH, "secret_unusable")}
    assert not server.requests


def test_an_address_that_cannot_be_written_is_no_trouble_to_the_others() -> None:
    messages = [*outgoing(2), Outgoing(MessageId("3", 1, "9"), "joão@example.com", Content("Olá", "Oi"))]
    outcomes, server = send(lambda _: TAKEN, messages)
    assert failures(outcomes) == [None, None, FailureClass.RECIPIENT]
    assert server.requests == [["p0@example.com", "p1@example.com"]]


def test_a_batch_whose_time_is_up_asks_no_more() -> None:
    async def run() -> Sequence[Outcome]:
        channel = SendGridChannel(Credentials(Vault(), "s", parse), timeout_s=0.0, connections=10)
        channel._http = server = Server(lambda _: TAKEN)  # type: ignore[assignment]
        outcomes = await channel.send_many(outgoing(3), NOW)
        assert not server.requests
        return outcomes

    assert {(one.failure, one.reason) for one in asyncio.run(run())} == {(FailureClass.TRANSIENT, "not_in_time")}


def test_it_is_what_it_says_it_is() -> None:
    channel: Any = SendGridChannel(Credentials(Vault(), "s", parse), timeout_s=5, connections=10)
    assert isinstance(channel, SendsMany) and isinstance(channel, Closes) and isinstance(channel, HasAccount)
    assert asyncio.run(channel.account()) == "oi@casa.com.br"
    with pytest.raises(InputError):
        asyncio.run(Credentials(Vault({}), "s", parse).current())
