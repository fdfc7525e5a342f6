"""Alarms told to a real web server and a real mail server on this machine, and to SendGrid's form of mails."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
from pathlib import Path
from typing import Any

from aiohttp import web

from disparo.adapters.alarm_mail import AlarmMail
from disparo.adapters.alarm_webhook import AlarmWebhook
from disparo.adapters.outside_world import OutsideWorld
from disparo.adapters.webhook_post import GuardedPost
from disparo.domain.alarm import AlarmChange, AlarmName, AlarmStanding, AlarmState, Unit
from tests.contract.sendgrid_server import SendGridServer, request_schema, running
from tests.contract.smtp_stage import Postmaster, real_server
from tests.contract.test_sendgrid import Vault
from tests.contract.test_sendgrid import channel as sendgrid
from tests.contract.test_smtp import NOW, channel, secret
from tests.contract.test_webhook_post import receiver


def change(name: AlarmName = AlarmName.DLQ_MESSAGES) -> AlarmChange:
    return AlarmChange(AlarmState.OK, AlarmStanding(name, AlarmState.ALARM, NOW, NOW, 3.0, 0.0, Unit.COUNT))


def test_a_webhook_gets_its_json_and_a_redirect_is_not_followed() -> None:
    seen: list[Any] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.append((request.path, request.headers["webhook-id"], await request.json()))
        return web.Response(status=204 if request.path == "/alarmes" else 307, headers={"Location": "/alarmes"})

    async def story() -> tuple[str | None, ...]:
        post = GuardedPost(OutsideWorld(["127.0.0.1"]))
        async with receiver(answer) as port:
            ways = [AlarmWebhook(f"http://127.0.0.1:{port}{path}", post) for path in ("/alarmes", "/outra")]
            reasons = tuple([await way.tell(change(), NOW) for way in ways])
        await post.close()
        return reasons

    assert asyncio.run(story()) == (None, "answered_307")
    assert [path for path, _, _ in seen] == ["/alarmes", "/outra"]
    assert seen[0][1] == seen[0][2]["data"]["id"] == change().id


def test_a_webhook_in_our_own_network_is_never_asked() -> None:
    async def story() -> None:
        post = GuardedPost(OutsideWorld())
        seen: list[str] = []

        async def answer(request: web.Request) -> web.StreamResponse:
            seen.append(request.path)
            return web.Response()

        async with receiver(answer) as port:
            reason = await AlarmWebhook(f"https://127.0.0.1:{port}/", post).tell(change(), NOW)
        await post.close()
        assert reason is not None
        assert reason.endswith(("_unusable", "_refused"))
        assert seen == []

    asyncio.run(story())


def test_a_mail_server_gets_a_mail_for_each_change_that_is_none_of_the_others() -> None:
    async def story() -> None:
        postmaster = Postmaster()
        async with real_server(postmaster, login=False) as port:
            smtp = channel(secret(port))
            way = AlarmMail("plantao@exemplo.com.br", lambda: [smtp], page="https://disparo.exemplo.com.br/console")
            for name in (AlarmName.DLQ_MESSAGES, AlarmName.NO_TICK):
                assert await way.tell(change(name), NOW) is None
            await smtp.close()
        first, second = (email.message_from_bytes(one.content, policy=email.policy.default) for one in postmaster.taken)
        assert first["To"] == "plantao@exemplo.com.br"
        assert first["Subject"] == "[ALARME] Cartas mortas: em alarme"
        assert first["Message-ID"] != second["Message-ID"]
        body = first.get_body(("plain",))
        assert body is not None
        assert "Messages that were given up and wait for a person: 3; limit: 0." in body.get_content()

    asyncio.run(story())


def test_sendgrid_takes_the_mail_and_carries_back_an_id_of_no_campaign(contracts: Path) -> None:
    async def story() -> None:
        server = SendGridServer(request_schema(contracts))
        async with running(server):
            opened = sendgrid(Vault(endpoint=server.url, from_name="Casa"))
            reason = await AlarmMail("plantao@exemplo.com.br", lambda: [opened]).tell(change(), NOW)
            await opened.close()
        assert (reason, server.faults) == (None, [])
        [document] = server.taken
        assert "Cartas mortas" in json.dumps(document, ensure_ascii=False)
        [person] = document["personalizations"]
        assert person["to"] == [{"email": "plantao@exemplo.com.br"}]
        assert any(value.startswith("0.3.") for value in person["custom_args"].values())

    asyncio.run(story())
