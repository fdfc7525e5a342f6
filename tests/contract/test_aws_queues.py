"""Queues and secrets on the emulator: what our doubles assume is what SQS and Secrets Manager do."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from disparo.adapters.aws import clients
from disparo.adapters.aws.dead_letter_queue import SqsDeadLetterQueue
from disparo.adapters.aws.secrets import SecretsManager
from disparo.adapters.aws.tables import TABLES
from disparo.adapters.aws.ticket_queue import SqsTicketQueue, ticket_of
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError, StoreError
from disparo.domain.message import MessageId
from disparo.domain.ticket import Ticket
from disparo.entrypoints.cli.app import run
from disparo.ports.undelivered import UndeliveredKind
from tests.contract.emulator import CREDENTIALS, client, create_tables, emulator

NOON = datetime(2026, 11, 23, 15, tzinfo=UTC)


@pytest.fixture
def url() -> str:
    """A queue of its own."""
    return str(client("sqs").create_queue(QueueName=f"q{uuid.uuid4().hex[:12]}")["QueueUrl"])


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """botocore's own settings lead to the emulator."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulator())
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", CREDENTIALS["aws_access_key_id"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", CREDENTIALS["aws_secret_access_key"])
    monkeypatch.setenv("AWS_DEFAULT_REGION", CREDENTIALS["region_name"])
    clients.client.cache_clear()
    yield
    clients.client.cache_clear()


def ticket(number: int) -> Ticket:
    return Ticket(MessageId("1", 1, str(number)), "sms", Channel.SMS, 1, NOON, None, NOON + timedelta(minutes=1))


def test_tickets_come_out_as_they_went_in(url: str) -> None:
    sqs = client("sqs")
    queue = SqsTicketQueue(lambda: sqs, url)
    asyncio.run(queue.put([(ticket(number), timedelta(0)) for number in range(13)]))
    assert asyncio.run(queue.depth()) == 13
    got = [
        ticket_of(one["Body"])
        for _ in range(5)
        for one in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    ]
    assert sorted(one.id for one in got) == sorted(ticket(number).id for number in range(13))


def test_a_delayed_ticket_cannot_be_taken_yet(url: str) -> None:
    sqs = client("sqs")
    asyncio.run(SqsTicketQueue(lambda: sqs, url).put([(ticket(1), timedelta(seconds=900))]))
    assert not sqs.receive_message(QueueUrl=url).get("Messages")


def test_a_queue_that_is_not_there_is_said_so() -> None:
    sqs = client("sqs")
    queue = SqsTicketQueue(lambda: sqs, f"{emulator()}/123456789012/absent")
    with pytest.raises(StoreError, match="send_queue_url"):
        asyncio.run(queue.depth())
    with pytest.raises(StoreError, match="1 de 1"):
        asyncio.run(queue.put([(ticket(1), timedelta(0))]))


def test_dead_letters_are_announced_looked_at_left_and_dropped(url: str) -> None:
    sqs = client("sqs")
    queue = SqsDeadLetterQueue(lambda: sqs, url)
    assert asyncio.run(queue.announce([(ticket(number).id, "held_in_doubt") for number in range(12)])).count == 0
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(ticket(99).to_json()))
    found = asyncio.run(queue.look(50))
    assert len(found) == 13
    assert sum(one.kind is UndeliveredKind.TICKET for one in found) == 1
    assert asyncio.run(queue.look(50)) == []
    asyncio.run(queue.leave(found))
    again = asyncio.run(queue.look(50))
    assert {one.message_id for one in again} == {one.message_id for one in found}
    asyncio.run(queue.drop(again))
    assert asyncio.run(SqsTicketQueue(lambda: sqs, url).depth()) == 0


def test_a_secret_is_made_filled_and_rotated() -> None:
    manager, path = client("secretsmanager"), f"p{uuid.uuid4().hex[:8]}/dev"
    secrets = SecretsManager(lambda: manager, path)
    with pytest.raises(InputError, match=f"{path}/mcp-email"):
        asyncio.run(secrets.get("mcp-email"))
    manager.create_secret(Name=f"{path}/mcp-email")
    with pytest.raises(InputError, match="vazio"):
        asyncio.run(secrets.get("mcp-email"))
    for key in ("one", "two"):
        manager.put_secret_value(SecretId=f"{path}/mcp-email", SecretString=json.dumps({"api_key": key}))
        assert asyncio.run(secrets.refresh("mcp-email")) == {"api_key": key}
    assert asyncio.run(secrets.get("mcp-email")) == {"api_key": "two"}


@pytest.mark.usefixtures("environ")
def test_the_command_lists_and_empties_the_queue(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prefix = f"t{uuid.uuid4().hex[:12]}"
    create_tables(client("dynamodb"), prefix, "dev")
    settings = {"STORE": "dynamodb", "TABLE_PREFIX": prefix, "SEND_DLQ_URL": url, "SEND_QUEUE_URL": url}
    for name, value in settings.items():
        monkeypatch.setenv(f"DISPARO_{name}", value)
    for body in (json.dumps(ticket(1).to_json()), "poison", json.dumps({"dead_letter": 1, "id": "9.1.9"})):
        client("sqs").send_message(QueueUrl=url, MessageBody=body)

    def told(*words: str) -> object:
        code = run([*words, "--json"])
        said = capsys.readouterr()
        assert code == 0, said
        return json.loads(said.out)

    listed = told("dead-letters", "queue")
    assert isinstance(listed, dict)
    kinds = {(one["kind"], one["over"]) for one in listed["items"]}
    assert {("poison", False), ("dead_letter", True)} < kinds
    done = told("dead-letters", "queue", "--clear", "--everything")
    assert isinstance(done, dict)
    assert (done["dropped"], done["left"]) == (3, [])
    assert told("dead-letters", "list") == {"items": [], "next": None}


@pytest.mark.usefixtures("environ")
def test_the_doctor_looks_at_tables_and_queues(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prefix = f"t{uuid.uuid4().hex[:12]}"
    for name, value in {"STORE": "dynamodb", "TABLE_PREFIX": prefix, "SEND_QUEUE_URL": url}.items():
        monkeypatch.setenv(f"DISPARO_{name}", value)
    assert run(["doctor", "--json"]) == 2
    missing = [one for one in json.loads(capsys.readouterr().out)["items"] if one["check"] == "aws"]
    assert [one["level"] for one in missing] == ["error"] * len(TABLES) + ["ok"]
    create_tables(client("dynamodb"), prefix, "dev")
    assert run(["doctor", "--json"]) == 0
    assert "send_queue_url" in capsys.readouterr().out
