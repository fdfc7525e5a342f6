"""Events on their whole way: from the change in the store to a real server that verifies them as the page says."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from disparo.adapters.liquid import LiquidRenderer
from disparo.adapters.standard_webhooks import sign
from disparo.bootstrap import open_app
from disparo.domain.campaign import CampaignEvent
from disparo.domain.contact import ContactDraft
from disparo.domain.errors import InputError
from disparo.domain.place import Place
from disparo.domain.webhook import EventType
from disparo.domain.webhook_delivery import DeliveryState
from disparo.settings import Settings
from disparo.usecases import campaigns, webhooks
from disparo.usecases.webhooks import EndpointOrder
from tests.contract.test_webhook_post import receiver

PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"


def settings(folder: Path) -> Settings:
    return Settings(data=folder, outside_private_networks_allowed=("127.0.0.1",))


def page_verifies() -> Callable[[str, dict[str, str], bytes], bool]:
    """The function that the page shows to whoever receives."""
    [source] = re.findall(r"```python\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(source, names)
    verified: Callable[[str, dict[str, str], bytes], bool] = names["verified"]
    return verified


def test_a_campaign_that_starts_is_told_to_a_server_that_verifies_it(tmp_path: Path) -> None:
    heard: list[tuple[dict[str, str], bytes]] = []
    statuses = [503, 200]

    async def answer(request: web.Request) -> web.StreamResponse:
        heard.append((dict(request.headers), await request.read()))
        return web.Response(status=statuses.pop(0), text="obrigado")

    async def story() -> str:
        app = open_app(settings(tmp_path))
        try:
            async with receiver(answer) as port:
                order = EndpointOrder(f"http://127.0.0.1:{port}/x", frozenset({EventType.CAMPAIGN_STARTED}))
                made = await webhooks.add(app.hooks, order, app.clock.now())

                draft = ContactDraft("lista.csv:2", Place("America/Sao_Paulo"), name="Ana", phone="+5541988887777")
                await app.store.contacts.fold("lista", [draft])
                document = {"name": "camp", "list": "lista", "steps": [{"channel": "sms", "text": "Oi"}]}
                campaign = await campaigns.create(app.store, document, LiquidRenderer(), app.clock.now())
                await app.store.campaigns.apply(campaign.id, CampaignEvent.START, app.clock.now())
                announce = app.own_engine.announce
                assert announce is not None
                await announce.run(app.clock.now() + timedelta(seconds=2))  # when its proof is looked for
                [one] = await app.store.webhooks.page(made.endpoint.id, None, 5)
                assert (one.state, one.attempts[0].status) == (DeliveryState.PENDING, 503)
                again = await webhooks.send_again(app.hooks, (made.endpoint.id, one.event_id), app.clock.now())
                assert again.state is DeliveryState.DELIVERED
                await app.close_channels()
                return made.secret
        finally:
            app.close()

    secret = asyncio.run(story())
    verified = page_verifies()
    names = {(one["Webhook-Id"] if "Webhook-Id" in one else one["webhook-id"]) for one, _ in heard}
    assert len(heard) == 2
    assert len(names) == 1
    for headers, body in heard:
        lower = {name.lower(): value for name, value in headers.items()}
        assert verified(secret, lower, body)
        assert not verified(secret, lower, body + b" ")
        told = json.loads(body)
        assert (told["type"], told["data"]["campaign"]) == ("campaign.started", "camp")


def test_the_signature_is_that_of_the_specifications_example() -> None:
    """Standard Webhooks specification, "Signature scheme"; the vector is that of its reference libraries' tests."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    assert headers["webhook-signature"] == "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert sign(secret, headers["webhook-id"], body, datetime.fromtimestamp(1614265330, UTC)) == headers


def test_without_the_setting_nothing_goes_to_this_machine(tmp_path: Path) -> None:
    async def story() -> None:
        app = open_app(Settings(data=tmp_path))
        try:
            with pytest.raises(InputError, match="outside_private_networks_allowed"):
                await webhooks.add(app.hooks, EndpointOrder("http://127.0.0.1:8080/"), app.clock.now())
        finally:
            app.close()

    asyncio.run(story())
