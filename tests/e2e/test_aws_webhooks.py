"""The function `api` as the providers' door, on the emulator: secrets from Secrets Manager, messages in DynamoDB."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

pytest.importorskip("moto", reason="moto, of the group dev, is not installed")

from aws_local.demo_scene import ALWAYS_OPEN
from disparo.adapters.system_clock import SystemClock
from disparo.bootstrap import App, renderer
from disparo.bootstrap.cloud import open_cloud
from disparo.domain.contact import ContactDraft
from disparo.domain.message import MessageRecord, Outcome
from disparo.domain.place import Place
from disparo.domain.policies.retry import FailureClass
from disparo.entrypoints.lambdas import api, runtime
from disparo.ports.channel import Outgoing
from disparo.ports.ledger import MessageFilter
from disparo.settings import Settings
from disparo.usecases import campaigns
from tests.contract.emulator import client, create_tables, emulator
from tests.unit.entrypoints.lambdas.conftest import Watch, http_event

SECRET = {
    "endpoint": "https://graph.facebook.com/v23.0",
    "api_key": "EAAnobody",
    "phone_number_id": "106540352242922",
    "business_account_id": "102290129340398",
    "webhook_verify_token": "escolhido-por-nos",
    "app_secret": "0123456789abcdef0123456789abcdef",
}
NEWER = {**SECRET, "app_secret": "fedcba9876543210fedcba9876543210", "webhook_verify_token": "outro"}
PHONE = "+5541988880001"
ROUTE = "/webhooks/whatsapp"
PATIENCE_S = 30


class Silent:
    """A provider that takes a message and whose answer is lost."""

    async def send(self, message: Outgoing, now: datetime) -> Outcome:
        return Outcome(False, None, FailureClass.UNKNOWN, "no_answer")


@dataclass
class Installed:
    """An installation on the emulator, with one message in doubt."""

    app: App
    secrets: str
    record: MessageRecord

    def put(self, secret: dict[str, str]) -> None:
        """A new value of the WhatsApp secret."""
        manager: Any = client("secretsmanager")
        manager.put_secret_value(SecretId=f"{self.secrets}/mcp-whatsapp", SecretString=json.dumps(secret))

    def call(self, method: str, body: bytes = b"", *, query: str = "", signature: str | None = None) -> dict[str, Any]:
        """A call of Meta's, through the handler."""
        headers = {} if signature is None else {"x-hub-signature-256": signature}
        event = http_event(method, ROUTE, body or None, query=query, headers=headers, caller=None)
        answer: dict[str, Any] = api.handler(event, Watch())  # type: ignore[arg-type]
        return answer

    def state(self) -> str:
        """Where the message stands."""
        return str(runtime.run(self.app.store.ledger.get(self.record.id)).state)

    def items(self) -> list[Any]:
        """Everything in the tables."""
        dynamodb: Any = client("dynamodb")
        prefix = self.app.settings.table_prefix
        names = (f"{prefix}-{name}-dev" for name in ("campaigns", "contacts", "ledger", "control", "agenda"))
        return [sorted(map(repr, dynamodb.scan(TableName=name)["Items"])) for name in names]

    def delivered(self) -> bytes:
        """What Meta says when the message has arrived."""
        status = {
            "id": "wamid.HBgN",
            "status": "delivered",
            "timestamp": str(int(self.app.clock.now().timestamp())),
            "recipient_id": "5541988880001",
            "biz_opaque_callback_data": str(self.record.id),
        }
        metadata = {"display_phone_number": "551140000000", "phone_number_id": SECRET["phone_number_id"]}
        value = {"messaging_product": "whatsapp", "metadata": metadata, "statuses": [status]}
        entry = {"id": SECRET["business_account_id"], "changes": [{"field": "messages", "value": value}]}
        return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Installed]:
    prefix = f"t{uuid.uuid4().hex[:8]}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulator())
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    create_tables(client("dynamodb"), prefix, "dev")
    manager: Any = client("secretsmanager")
    manager.create_secret(Name=f"{prefix}/mcp-whatsapp", SecretString=json.dumps(SECRET))
    manager.create_secret(Name=f"{prefix}/links", SecretString=json.dumps({"key": "0" * 64}))
    wanted = {
        "store": "dynamodb",
        "live": True,
        "table_prefix": prefix,
        "secrets_prefix": prefix,
        "public_url": "https://a1b2c3.execute-api.us-east-1.amazonaws.com",
    }
    app = open_cloud(Settings.model_validate(wanted), SystemClock())
    runner = asyncio.Runner()
    monkeypatch.setattr(runtime, "_runner", lambda: runner)
    monkeypatch.setattr(api, "installed", lambda: app)
    api.application.cache_clear()
    yield Installed(app, prefix, runtime.run(_in_doubt(app)))
    api.application.cache_clear()
    runner.close()


def test_a_door_says_that_it_is_ours_to_who_knows_the_token(installed: Installed) -> None:
    query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={}"
    told = installed.call("GET", query=query.format("escolhido-por-nos"))
    assert (told["statusCode"], told["body"]) == (200, "1158201444")
    assert installed.call("GET", query=query.format("outro"))["statusCode"] == 401


def test_a_receipt_with_a_good_signature_settles_a_message_in_doubt(installed: Installed) -> None:
    body = installed.delivered()
    assert installed.state() == "in_doubt"
    for _ in range(2):  # Meta repeats
        assert installed.call("POST", body, signature=_signed(SECRET, body))["statusCode"] == 204
    assert installed.state() == "delivered"


@pytest.mark.parametrize("signature", [None, "sha256=00", f"sha256={'0' * 64}"])
def test_a_forged_receipt_is_refused_and_writes_nothing(installed: Installed, signature: str | None) -> None:
    before = installed.items()
    told = installed.call("POST", installed.delivered(), signature=signature)
    assert told["statusCode"] == 401
    assert "wamid" not in told["body"]
    assert installed.items() == before


def test_a_flood_of_forged_calls_does_not_ask_for_the_secret_each_time(installed: Installed) -> None:
    asked: list[bool] = []
    whole = installed.app.secrets.refresh

    async def counted(name: str) -> Any:
        asked.append(True)
        return await whole(name)

    installed.app.secrets.refresh = counted  # type: ignore[method-assign]
    for _ in range(20):
        assert installed.call("POST", installed.delivered(), signature=f"sha256={'0' * 64}")["statusCode"] == 401
    assert len(asked) == 1


def test_a_rotated_secret_holds_with_the_first_call_that_it_signs(installed: Installed) -> None:
    body = installed.delivered()
    assert installed.call("POST", b"{}", signature=_signed(SECRET, b"{}"))["statusCode"] == 400  # known, and cached
    installed.put(NEWER)
    assert installed.call("POST", body, signature=_signed(NEWER, body))["statusCode"] == 204
    assert installed.state() == "delivered"
    assert installed.call("POST", body, signature=_signed(SECRET, body))["statusCode"] == 401


def test_a_link_to_leave_by_is_signed_with_the_key_that_terraform_made(installed: Installed) -> None:
    url = installed.app.links.unsubscribe_url(installed.record.id)
    assert url is not None
    path = url.removeprefix("https://a1b2c3.execute-api.us-east-1.amazonaws.com")
    for method in ("HEAD", "GET"):
        assert _asked(method, path)["statusCode"] == 200
    assert _asked("GET", f"{path}x")["statusCode"] == 404
    assert _asked("POST", path)["statusCode"] == 200
    assert runtime.run(installed.app.store.suppressions.matching([PHONE]))


def _asked(method: str, path: str) -> dict[str, Any]:
    answer: dict[str, Any] = api.handler(http_event(method, path, caller=None), Watch())  # type: ignore[arg-type]
    return answer


def _signed(secret: dict[str, str], body: bytes) -> str:
    return "sha256=" + hmac.new(secret["app_secret"].encode(), body, hashlib.sha256).hexdigest()


async def _in_doubt(app: App) -> MessageRecord:
    """A message that was sent and whose answer was lost."""
    routes = {name: replace(route, channel=Silent()) for name, route in app.own_routes.items()}
    draft = ContactDraft("l.csv:2", Place("America/Sao_Paulo"), name="Ana", phone=PHONE, phone_key=PHONE)
    await app.store.contacts.fold("lista", [draft])
    step = {"channel": "whatsapp", "text": "Oi, tudo bem?", "approved": {"name": "oi", "language": "pt_BR"}}
    document = {"name": "camp", "list": "lista", "hours": ALWAYS_OPEN, "steps": [step]}
    await campaigns.create(app.store, document, renderer(), app.clock.now())
    await campaigns.start(app.store, "camp", app.clock.now())
    worker = app.worker("test", routes)
    working = asyncio.create_task(worker.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                rows = await app.store.ledger.page(MessageFilter(), None, 10)
                if rows and str(rows[0].state) == "in_doubt":
                    return rows[0]
                await asyncio.sleep(0.05)
    finally:
        worker.stop()
        await working
