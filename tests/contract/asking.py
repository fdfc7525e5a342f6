"""Random requests that change something, with ids that there are, for a story that nobody thought of."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.contract.walking import MADE_UP, known
from tests.unit.entrypoints.http.conftest import Answer, Client

Request = tuple[str, str, Any]

TEXTS = ("Oi", "Olá {{ nome }}", "x" * 300, "{{ quebrado", "SAIR", "<b>")
CHANNELS = ("whatsapp", "email", "sms")
FIRST = datetime(2026, 11, 27, 11, tzinfo=UTC)


class Asker:
    """Draws requests; `names` is what there was when it looked last."""

    def __init__(self, seed: int, names: dict[str, list[str]]) -> None:
        self._draw, self._seed, self.names = random.Random(seed), seed, names
        self._numbers = 0

    def one(self) -> Request:
        """The next request."""
        kinds: tuple[Callable[[], Request], ...] = (
            *(self._contact, self._changed_contact, self._unwanted, self._wanted_again, self._campaign),
            *(self._order, self._other_limits, self._copy, self._trial, self._template, self._redrive),
            *(self._answer, self._outcome, self._block, self._offer, self._booking, self._agreement, self._move),
            *(self._end, self._held, self._account, self._endpoint, self._erasure),
        )
        return self._of(*kinds)()

    def _of(self, *things: Any) -> Any:
        return self._draw.choice(things)

    def _any(self, name: str) -> str:
        some = self.names[name] if self._draw.random() < 0.95 else []
        some = some or [one for one in MADE_UP if one not in ("", "..")]
        return str(self._draw.choice(some))

    def _fresh(self) -> str:
        self._numbers += 1
        return f"n{self._seed}-{self._numbers}"

    def _phone(self) -> str:
        return f"+55 41 98000-{self._draw.randrange(200):04}"

    def _at(self) -> str:
        return (FIRST + timedelta(minutes=30 * self._draw.randrange(300))).isoformat()

    def _contact(self) -> Request:
        email = self._of(None, f"p{self._draw.randrange(90)}@example.com", "X@EXAMPLE.COM")
        one = {"list": self._of("clientes", "leads", "outra"), "name": self._of("Ana", "Zé", None), "email": email}
        return "POST", "/api/v1/contacts", {**one, "phone": self._of(None, self._phone())}

    def _changed_contact(self) -> Request:
        change = self._of({"name": "Novo"}, {"phone": self._phone()}, {"variables": {"nome": "x"}}, {"email": None})
        return "PATCH", f"/api/v1/contacts/{self._any('contact_id')}", change

    def _unwanted(self) -> Request:
        address = self._of(f"p{self._draw.randrange(60)}@example.com", self._phone(), self._any("address"), "nada")
        return "POST", "/api/v1/suppressions", {"address": address, **self._of({}, {"channel": self._of(*CHANNELS)})}

    def _wanted_again(self) -> Request:
        return "DELETE", f"/api/v1/suppressions/{self._any('address')}", None

    def _campaign(self) -> Request:
        steps = [
            {"channel": self._of(*CHANNELS), "text": self._of(*TEXTS), "subject": "s", "wait": self._of("0m", "1h")}
        ]
        lists = ("clientes", "leads", "nenhuma")
        return "POST", "/api/v1/campaigns", {"name": self._fresh(), "list": self._of(*lists), "steps": steps}

    def _order(self) -> Request:
        return "POST", f"/api/v1/campaigns/{self._any('name')}/{self._of('start', 'pause', 'resume', 'cancel')}", None

    def _other_limits(self) -> Request:
        limits = {"limits": {"whatsapp": {"hourly": self._draw.randrange(1, 90)}}}
        return "PATCH", f"/api/v1/campaigns/{self._any('name')}", self._of(limits, {"deadline": "9d"})

    def _copy(self) -> Request:
        return "POST", f"/api/v1/campaigns/{self._any('name')}/duplicate", {"name": self._fresh()}

    def _trial(self) -> Request:
        wanted = {"address": "+5541988887777", "contact": self._any("contact_id"), "step": self._of(1, 2)}
        return "POST", f"/api/v1/campaigns/{self._any('name')}/test", wanted

    def _template(self) -> Request:
        path = f"/api/v1/templates/{self._any('template')}"
        document = {"channel": self._of(*CHANNELS), "text": self._of(*TEXTS)}
        new = ("POST", "/api/v1/templates", {"name": self._fresh(), **document})
        return self._of(new, ("PUT", path, document), ("POST", f"{path}/preview", {"contact": self._any("contact_id")}))

    def _redrive(self) -> Request:
        wanted = ({"ids": [self._any("dead")]}, {"ids": [self._any("message_id")]}, {"campaign": self._any("name")})
        return "POST", "/api/v1/dead-letters/redrive", self._of(*wanted)

    def _answer(self) -> Request:
        body = {"channel": self._of(*CHANNELS), "text": self._of(*TEXTS)}
        return "POST", f"/api/v1/inbox/{self._any('owner')}/reply", body

    def _outcome(self) -> Request:
        said = self._of("done", "interested", "not_interested", "opt_out", "other")
        entries = self._of([], [self._any("entry")])
        return "POST", f"/api/v1/inbox/{self._any('owner')}/outcome", {"outcome": said, "entries": entries}

    def _block(self) -> Request:
        path, day = f"/api/v1/hosts/{self._any('host_id')}/blocks", self._of("2026-12-21", "2026-11-30")
        block = {"start_at": day, "end_at": self._of("2027-01-03", "2026-11-01"), "label": "f"}
        return self._of(("POST", path, block), ("DELETE", f"{path}/{day}", None))

    def _wish(self) -> dict[str, str]:
        return {"contact_id": self._any("contact_id"), "type": self._any("type_id")}

    def _offer(self) -> Request:
        return "POST", "/api/v1/meetings/propose", {**self._wish(), "channel": self._of(*CHANNELS)}

    def _booking(self) -> Request:
        return "POST", "/api/v1/meetings/book", {**self._wish(), "start_at": self._at()}

    def _of_meeting(self, what: str, body: object) -> Request:
        return "POST", f"/api/v1/meetings/{self._any('meeting_id')}/{what}", body

    def _agreement(self) -> Request:
        return self._of_meeting("confirm", self._of({"number": 1}, {"number": 2}, {"start_at": self._at()}))

    def _move(self) -> Request:
        return self._of_meeting(
            *self._of(("move", {"start_at": self._at()}), ("hand-over", {"host": self._any("host_id")}))
        )

    def _end(self) -> Request:
        return self._of_meeting(self._of("cancel", "decline", "offer"), {})

    def _held(self) -> Request:
        return self._of_meeting("outcome", {"held": self._of(True, False)})

    def _account(self) -> Request:
        change = self._of({"role": "admin"}, {"role": "viewer"}, {"disabled": True}, {"disabled": False})
        new = ("POST", "/api/v1/accounts", {"name": "N", "email": f"{self._fresh()}@example.com"})
        return self._of(new, ("PATCH", f"/api/v1/accounts/{self._any('account_id')}", change))

    def _endpoint(self) -> Request:
        path = f"/api/v1/webhooks/{self._any('endpoint_id')}"
        return self._of(("POST", f"{path}/test", None), ("PATCH", path, {"types": ["message.dead"]}))

    def _erasure(self) -> Request:
        path = f"/api/v1/contacts/{self._any('contact_id')}"
        return ("DELETE", path, None) if self._draw.random() < 0.2 else ("GET", f"{path}/export", None)


async def at_random(client: Client, seed: int, count: int) -> AsyncIterator[Answer]:
    """The answers to so many requests."""
    asker = Asker(seed, await known(client))
    for at in range(count):
        if at % 25 == 24:
            asker.names = await known(client)
        yield await client.ask(*asker.one())
