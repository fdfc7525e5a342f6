"""A story after which an installation holds something of everything, told through its own API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import FastAPI

from disparo.domain.contact import Channel
from disparo.domain.principal import Role
from disparo.domain.receipt import Receipt, ReceiptKind, Reply, SuppressionCause
from disparo.ports.ledger import MessageFilter
from disparo.usecases.accounts import sessions
from tests.account_scene import HOME, somebody
from tests.contract.lived_in import OPEN_ALWAYS, House
from tests.unit.entrypoints.http.conftest import Client
from tests.unit.entrypoints.http.forms import posted

SENT = ("accepted", "delivered", "read")
NAMES = ("Ana", "João", "Mária", "Zé", "Çelso", "ana", "Érica", "Bia", "Yara", "Öscar", "Lia", "Rui")
CITIES = ("Curitiba", "São Paulo", "Manaus", "Recife")
AREAS = (41, 11, 92, 81)
HEAD = "Nome;Celular;E-mail;Empresa;Cidade\n"


@dataclass
class Storyteller:
    """Tells it to one installation."""

    house: House
    client: Client

    async def asked(self, method: str, path: str, body: object = None, status: int = 200) -> Any:
        """A request that must go well."""
        answer = await self.client.ask(method, path, body)
        assert answer.status == status, (method, path, answer.status, answer.body)
        return answer.json if answer.body else None

    async def pass_by(self, **time: float) -> None:
        """Let time go on, and what is due in it happen."""
        self.house.clock.at += timedelta(**time)
        await self.house.work()

    @property
    def now(self) -> datetime:
        return self.house.clock.now()

    async def people(self) -> None:
        """Files: good, partly wrong, useless; people by hand, somebody in two lists, one of them erased."""
        await self._file("clientes", _rows(0, 60))
        self.house.clock.at += timedelta(minutes=1)
        wrong = "Sem Nada;;;;\nZap Errado;123;;;\nCorreio Errado;;isto não é;;\n"
        await self._file("leads", wrong + _rows(50, 95))
        self.house.clock.at += timedelta(minutes=1)
        await self._file("vazia", "", name="vazia.csv")
        for number in range(3):
            one = {"list": "parceiros", "name": f"Parceira {number}", "email": f"parceira{number}@example.com"}
            await self.asked("POST", "/api/v1/contacts", one, 201)
        await self.asked("PATCH", "/api/v1/contacts/4", {"name": "Zé da Silva", "variables": {"nome": "Zé"}})
        await self.asked("DELETE", "/api/v1/contacts/12")
        await self.asked("POST", "/api/v1/imports", {"file": "por-vir.csv", "list": "leads"}, 201)

    async def _file(self, list_name: str, rows: str, name: str = "pessoas.csv") -> None:
        answer = await posted(self.client, "/api/v1/imports", (HEAD + rows).encode(), name, list=list_name)
        assert answer.status == 202, answer.body

    async def unwanted(self) -> None:
        """Addresses that want nothing, of one channel or all."""
        for number in range(6):
            body = {"address": f"+55 41 97777-{number:04}", **({"channel": "sms"} if number % 2 else {})}
            await self.asked("POST", "/api/v1/suppressions", body, 201)
            self.house.clock.at += timedelta(seconds=number % 3)
        await self.asked("POST", "/api/v1/suppressions", {"address": "p5@example.com"}, 201)
        file = b"e-mail\n" + b"".join(b"fora%d@example.com\n" % number for number in range(5))
        assert (await posted(self.client, "/api/v1/suppressions/import", file, "fora.csv")).status < 300

    async def doors(self) -> None:
        """Accounts, keys, endpoints, templates."""
        locks = self.house.app.locks
        for number, role in enumerate((Role.ADMIN, Role.OPERATOR, Role.VIEWER), 1):
            account = await locks.store.accounts.add(
                somebody(role, self.now, id=f"c{number}", name=f"Pessoa {number}", email=f"c{number}@example.com")
            )
            self.house.clock.at += timedelta(seconds=1)
            await sessions.begin(locks, account, HOME, self.now)
        await self.asked("POST", "/api/v1/accounts", {"name": "Nova", "email": "nova@example.com"}, 201)
        await self.asked("PATCH", "/api/v1/accounts/c3", {"disabled": True})
        for number in range(3):
            await self.asked("POST", "/api/v1/keys", {"name": f"Chave {number}", "role": "viewer"}, 201)
            self.house.clock.at += timedelta(seconds=1)
        keys = await self.asked("GET", "/api/v1/keys")
        await self.asked("DELETE", f"/api/v1/keys/{keys[0]['id']}")
        for number in range(2):
            body = {"url": f"https://exemplo.com.br/{number}", "description": f"Gancho {number}"}
            await self.asked("POST", "/api/v1/webhooks", body, 201)
        for name, more in (
            ("oi", {"channel": "whatsapp", "text": "Oi, {{ nome | primeiro_nome }}!"}),
            ("carta", {"channel": "email", "subject": "Para {{ nome }}", "text": "Olá, {{ nome }}!"}),
            ("curta", {"channel": "sms", "text": "Oi {{ nome }}"}),
        ):
            await self.asked("POST", "/api/v1/templates", {"name": name, **more}, 201)
        self.house.clock.at += timedelta(seconds=1)
        await self.asked("PUT", "/api/v1/templates/oi", {"channel": "whatsapp", "text": "Olá, {{ nome }}!"})

    async def hosts(self) -> None:
        """Who gives meetings, and of which types."""
        for name in ("ana", "bruno", "carla"):
            hours = {**OPEN_ALWAYS, "startTime": "08:00", "endTime": "18:00"}
            document = {"id": name, "name": name.title(), "email": f"{name}@example.com", "hours": hours}
            await self.asked("PUT", f"/api/v1/hosts/{name}", document, 201)
        block = {"start_at": "2026-12-21", "end_at": "2027-01-03", "label": "férias"}
        await self.asked("POST", "/api/v1/hosts/bruno/blocks", block, 201)
        demo = {"title": "Demonstração", "hosts": ["ana", "bruno"], "duration": "30m", "reminders": ["24h", "1h"]}
        talk = {"title": "Conversa", "hosts": ["carla"], "duration": "60m", "public": True, "min_notice": "0m"}
        for name, document in (("demo", demo), ("conversa", talk)):
            more = {"contact_hours": {**OPEN_ALWAYS, "startTime": "07:00", "endTime": "21:00"}}
            await self.asked("PUT", f"/api/v1/meeting-types/{name}", {**document, **more}, 201)

    async def campaigns(self) -> None:
        """One that has run to its end, one under way, one paused, cancelled, and a draft."""
        await self._campaign("boas-vindas", "clientes", ("whatsapp", "email"))
        await self.asked("POST", "/api/v1/campaigns/boas-vindas/start")
        self.house.clock.at += timedelta(minutes=1)
        await self._campaign("oferta", "leads", ("whatsapp", "whatsapp"), limits={"whatsapp": {"burst": 20}})
        await self.asked("POST", "/api/v1/campaigns/oferta/start")
        self.house.clock.at += timedelta(minutes=1)
        await self._campaign("convite", "parceiros", ("email",))
        await self.asked("POST", "/api/v1/campaigns/convite/start")
        self.house.clock.at += timedelta(minutes=1)
        await self._campaign("rascunho", "leads", ("sms",))
        await self._campaign("desistida", "leads", ("sms",))
        await self.asked("POST", "/api/v1/campaigns/desistida/start")
        await self.house.app.own_engine.launch.run(self.now)
        await self.asked("POST", "/api/v1/campaigns/desistida/cancel")
        await self.asked("POST", "/api/v1/campaigns/convite/pause")
        await self.asked("POST", "/api/v1/campaigns/boas-vindas/duplicate", {"name": "boas-vindas-2"}, 201)

    async def _campaign(self, name: str, list_name: str, channels: tuple[str, ...], **more: object) -> None:
        text = "Oi {{ nome }}, da {{ empresa | default: 'casa' }}."
        steps = [
            {
                "channel": one,
                "wait": "1d" if at else "0m",
                "text": text,
                **({"subject": "Oi"} if one == "email" else {}),
            }
            for at, one in enumerate(channels)
        ]
        document = {"name": name, "list": list_name, "steps": steps, "hours": OPEN_ALWAYS, "deadline": "60d", **more}
        await self.asked("POST", "/api/v1/campaigns", document, 201)

    async def echoes(self) -> None:
        """What comes back of what was sent: receipts, answers, a stranger, opt-outs."""
        sent = [row for row in await self._rows("boas-vindas") if row.state in SENT and row.id.step == 1]
        inbound = self.house.app.inbound()
        for at, row in enumerate(sent):
            kind = (ReceiptKind.DELIVERED, ReceiptKind.READ, ReceiptKind.FAILED, None)[at % 4]
            if kind is not None:
                self.house.clock.at += timedelta(seconds=1)
                cause = SuppressionCause.BOUNCED if at == 10 else None
                one = Receipt("sandbox", f"r{at}", str(row.id), kind, self.now, suppress=cause, reason="bounced")
                await inbound.take_receipts([one], self.now)
        texts = ("Sim, tenho interesse", "Quanto custa?", "SAIR", "Agora não", "<b>oi</b>", "podemos falar amanhã?")
        for at, row in enumerate(sent[::3]):
            self.house.clock.at += timedelta(seconds=at % 2)  # two at one instant
            text = texts[at % len(texts)]
            await inbound.take_reply(Reply("sandbox", f"a{at}", str(row.id), text, self.now), self.now)
        for at in range(3):
            stranger = Reply(
                "sandbox",
                f"s{at}",
                None,
                f"Quem é? {at}",
                self.now,
                channel=Channel.WHATSAPP,
                address=f"+551199999000{at % 2}",
                sender="whatsapp",
            )
            self.house.clock.at += timedelta(seconds=1)
            await inbound.take_reply(stranger, self.now)

    async def _rows(self, campaign: str) -> list[Any]:
        found = await self.house.app.store.campaigns.get(campaign)
        rows = await self.house.app.store.ledger.page(MessageFilter(campaign_id=found.id), None, 1000)
        return sorted(rows, key=lambda one: one.id)

    async def inbox(self) -> None:
        """Answers by hand, and conversations that are done with."""
        found = (await self.asked("GET", "/api/v1/inbox"))["items"]
        owners = sorted(one["owner"] for one in found if one["owner"].isdigit())
        await self.asked(
            "POST", f"/api/v1/inbox/{owners[0]}/reply", {"channel": "whatsapp", "text": "Posso ligar?"}, 202
        )
        for owner in owners[1:3]:
            await self.asked("POST", f"/api/v1/inbox/{owner}/outcome", {"outcome": "done", "entries": []})

    async def meetings(self) -> None:
        """Offered, agreed, moved, called off, held, missed, handed over."""
        path = "/api/v1/meetings"
        offered = await self.asked(
            "POST", f"{path}/propose", {"contact_id": "20", "type": "demo", "channel": "whatsapp"}, 201
        )
        await self.asked("POST", f"{path}/propose", {"contact_id": "21", "type": "demo", "channel": "whatsapp"}, 201)
        await self.asked("POST", f"{path}/{offered['meeting']['id']}/confirm", {"number": 1})
        free = (await self.asked("GET", "/api/v1/slots?type=conversa&limit=60"))["items"]
        booked = [await self._booked(str(30 + at), free[at * 2]["start_at"]) for at in range(8)]
        await self.asked("POST", f"{path}/{booked[0]}/move", {"start_at": free[40]["start_at"]})
        await self.asked("POST", f"{path}/{booked[1]}/cancel", {"reason": "viajou"})
        await self.asked("POST", f"{path}/{booked[2]}/decline")
        self.house.clock.at = datetime.fromisoformat(free[8]["end_at"]) + timedelta(minutes=1)
        await self.asked("POST", f"{path}/{booked[3]}/outcome", {"held": True})
        await self.asked("POST", f"{path}/{booked[4]}/outcome", {"held": False})

    async def _booked(self, contact: str, start_at: str) -> str:
        wish = {"contact_id": contact, "type": "conversa", "start_at": start_at, "channel": "whatsapp"}
        return str((await self.asked("POST", "/api/v1/meetings/book", wish, 201))["meeting"]["id"])

    async def troubles(self) -> None:
        """Messages that go again."""
        await self.pass_by(minutes=5)
        dead = (await self.asked("GET", "/api/v1/dead-letters"))["items"]
        await self.asked("POST", "/api/v1/dead-letters/redrive", {"ids": [dead[0]["id"]]})


async def tell(house: House, api: FastAPI) -> None:
    """The whole of it; about four days."""
    one = Storyteller(house, Client(api, house.app))  # type: ignore[arg-type]
    await one.people()
    await one.unwanted()
    await one.doors()
    await one.hosts()
    await one.campaigns()
    await one.pass_by()
    for _ in range(8):
        await one.pass_by(minutes=20)
    await one.echoes()
    await one.inbox()
    await one.pass_by(hours=6)
    await one.meetings()
    await one.pass_by(hours=26)
    await one.troubles()
    await one.pass_by(minutes=1)


def _rows(first: int, end: int) -> str:
    return "".join(
        f"{NAMES[at % 12]} {'Silva' if at % 5 else 'Souza'} {at:02};+55 {AREAS[at % 4]} 9{80_000_000 + at * 7_919};"
        f"{f'p{at}@example.com' if at % 4 else ''};Firma {at % 3};{CITIES[at % 4]}\n"
        for at in range(first, end)
    )
