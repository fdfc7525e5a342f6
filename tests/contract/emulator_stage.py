"""Emulators with a door that they call, and requests as a sender makes them."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import aiohttp

from disparo.adapters.channels.sandbox.script import Rates, Script
from disparo.simulation.emulators.plan import Plan
from disparo.simulation.emulators.server import Running, emulators
from tests.contract.callback_door import Door, open_door

ANA = "+5511999990000"
AT_ONCE = Plan(Script(latency_s=(0.0, 0.0), rates=Rates(read=0.0)), pace=0.0, window=False, deferred=0.0)
"""Everything goes well, and comes back at once: sent and delivered."""


@dataclass(frozen=True)
class Stage:
    """Emulators, the door that they call, and a sender's session."""

    running: Running
    door: Door
    session: aiohttp.ClientSession

    async def whatsapp(self, body: object, *, key: str | None = None, number: str | None = None) -> tuple[int, Any]:
        """Ask WhatsApp for a message."""
        secret = self.running.secrets["mcp-whatsapp"]
        url = f"{secret['endpoint']}/{number or secret['phone_number_id']}/messages"
        return await self._post(url, json.dumps(body), {"Authorization": f"Bearer {key or secret['api_key']}"})

    async def sendgrid(self, body: object, *, key: str | None = None) -> tuple[int, Any]:
        """Ask SendGrid for mails."""
        secret = self.running.secrets["mcp-email"]
        headers = {"Authorization": f"Bearer {key or secret['api_key']}"}
        return await self._post(f"{secret['endpoint']}/mail/send", json.dumps(body), headers)

    async def twilio(self, form: Mapping[str, str], *, token: str | None = None) -> tuple[int, Any]:
        """Ask Twilio for a message."""
        secret = self.running.secrets["mcp-sms"]
        login = base64.b64encode(f"{secret['account_sid']}:{token or secret['auth_token']}".encode()).decode()
        url = f"{secret['endpoint']}/2010-04-01/Accounts/{secret['account_sid']}/Messages.json"
        headers = {"Authorization": f"Basic {login}", "Content-Type": "application/x-www-form-urlencoded"}
        return await self._post(url, urlencode(form), headers)

    async def _post(self, url: str, data: str, headers: Mapping[str, str]) -> tuple[int, Any]:
        told = {"Content-Type": "application/json", **headers}
        async with self.session.post(url, data=data.encode(), headers=told) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None


@asynccontextmanager
async def stage(plan: Plan = AT_ONCE, **more: Any) -> AsyncIterator[Stage]:
    """Emulators that post to a door."""
    async with (
        open_door() as door,
        emulators(plan, webhook_base_url=door.url, **more) as running,
        aiohttp.ClientSession() as session,
    ):
        yield Stage(running, door, session)


def rated(**rates: float) -> Plan:
    """`AT_ONCE` with these rates of the sandbox."""
    return replace(AT_ONCE, script=replace(AT_ONCE.script, rates=replace(AT_ONCE.script.rates, **rates)))


def text_to(to: str = ANA, body: str = "Olá", opaque: str = "3.1.57") -> dict[str, Any]:
    """A free text."""
    shared = {"messaging_product": "whatsapp", "to": to, "biz_opaque_callback_data": opaque}
    return {**shared, "type": "text", "text": {"body": body}}


def template_to(to: str = ANA, name: str = "oferta", *texts: str, opaque: str = "3.1.57") -> dict[str, Any]:
    """An approved template."""
    body = {"type": "body", "parameters": [{"type": "text", "text": text} for text in texts]}
    template = {"name": name, "language": {"code": "pt_BR"}, "components": [body]}
    shared = {"messaging_product": "whatsapp", "to": to, "biz_opaque_callback_data": opaque}
    return {**shared, "type": "template", "template": template}


def buttons_to(to: str = ANA) -> dict[str, Any]:
    """A question with two buttons."""
    buttons = [{"type": "reply", "reply": {"id": one, "title": one.title()}} for one in ("sim", "parar")]
    interactive = {"type": "button", "body": {"text": "Vamos?"}, "action": {"buttons": buttons}}
    shared = {name: value for name, value in text_to(to).items() if name != "text"}
    return {**shared, "type": "interactive", "interactive": interactive}


def mail_to(*emails: str, sender: str = "loja@example.com") -> dict[str, Any]:
    """A mail with a text of each recipient's own."""
    people = [
        {
            "to": [{"email": email}],
            "subject": "Oi, %nome%",
            "substitutions": {"%nome%": email.partition("@")[0]},
            "custom_args": {"disparo_id": f"3.1.{number}"},
            "headers": {
                "List-Unsubscribe": f"<http://127.0.0.1/u/{number}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        }
        for number, email in enumerate(emails)
    ]
    content = [{"type": "text/plain", "value": "Olá, %nome%!"}, {"type": "text/html", "value": "<p>Olá, %nome%!</p>"}]
    return {"personalizations": people, "from": {"email": sender}, "content": content}


def everything_to(email: str) -> dict[str, Any]:
    """A mail with all that SendGrid's specification knows."""
    mail = mail_to(email)
    mail["personalizations"][0] |= {
        "from": mail["from"],
        "cc": [{"email": "copia@example.com"}],
        "bcc": [{"email": "oculta@example.com"}],
        "send_at": 5,
        "dynamic_template_data": {"nome": "Ana"},
    }
    attachment = {"content": "YQ==", "filename": "a.txt", "type": "text/plain", "disposition": "inline"}
    return mail | {
        "attachments": [{**attachment, "content_id": "a"}],
        "categories": ["ofertas"],
        "asm": {"group_id": 1, "groups_to_display": [1, 2]},
        "send_at": 5,
        "batch_id": "lote",
        "ip_pool_name": "grupo",
        "template_id": "d-1",
        "reply_to": {"email": "loja@example.com", "name": "Loja"},
        "headers": {"X-Um": "um"},
        "custom_args": {"um": "1"},
        "mail_settings": {"sandbox_mode": {"enable": False}, "footer": {"enable": True, "text": "x"}},
        "tracking_settings": {"click_tracking": {"enable": True}, "ganalytics": {"utm_source": "x"}},
    }


def list_to(to: str = ANA) -> dict[str, Any]:
    """A list with all that may be around it."""
    sections = [
        {"title": "Terça", "rows": [{"id": "1", "title": "10h", "description": "de manhã"}]},
        {"title": "Quarta", "rows": [{"id": "2", "title": "15h"}]},
    ]
    interactive = {
        "type": "list",
        "header": {"type": "text", "text": "Quando?"},
        "body": {"text": "Escolha"},
        "footer": {"text": "SAIR para sair"},
        "action": {"button": "Ver", "sections": sections},
    }
    context = {"context": {"message_id": "wamid.x"}, "recipient_type": "individual"}
    return {**buttons_to(to), **context, "interactive": interactive}


def sms_to(to: str = ANA, body: str = "Olá", sender: str = "+12025550100", door: str = "") -> dict[str, str]:
    """A text message, with its StatusCallback when there is a door."""
    callback = {"StatusCallback": f"{door}/webhooks/twilio?id=3.1.57&x=a%20b"} if door else {}
    return {"To": to, "From": sender, "Body": body, **callback}
