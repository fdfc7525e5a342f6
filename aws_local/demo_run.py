"""The demo campaign on the functions that run here, from the upload of its contacts to its end."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from aws_local.demo_scene import LIST, MANY, SECRET, People, campaign_document, webhook_body
from aws_local.ending import Ending, ending_of
from aws_local.meeting import Booked, Booking
from aws_local.running import House
from aws_local.trouble import Trouble
from disparo.adapters.channels.sandbox.callback import sign
from disparo.domain.campaign import CampaignState
from disparo.domain.message import MessageState
from disparo.ports.callback import Told

if TYPE_CHECKING:
    from disparo.bootstrap import App
    from disparo.domain.campaign import Campaign

LOOK_EVERY_S = 1.0
TELL_EVERY_S = 10.0
RECEIPTS_WITHIN_S = 30.0
JSON = {"Content-Type": "application/json"}
DOOR = "/webhooks/sandbox"
CSV = {"Content-Type": "text/csv"}  # without one, urllib calls it a form, whose body moto takes for parameters

Say = Callable[[str], None]


class DemoFailedError(Exception):
    """The demo did not come to its end; the message says where it stands."""


@dataclass(slots=True)
class Demo:
    """One run. `app` only looks at the tables, as a person's terminal does; all that changes goes through functions."""

    house: House
    app: App
    say: Say
    trouble: Trouble
    patience_s: float = 420.0

    async def play(self, file: Path) -> tuple[Ending, Booked]:
        """Run it, judged by the sandbox's log, and somebody's way to a meeting beside it. DemoFailedError."""
        booking = Booking(self.app, self._ask, self._bring_answers, self._open)
        campaign, booked = await asyncio.gather(self.run(file), booking.play())
        log, _ = await self.app.make_outbox().read(0, MANY)
        own = [one for one in log if one.id.startswith(f"{campaign.id}.")]
        return await ending_of(self.app.store, campaign, own, self.app.settings), booked

    async def run(self, file: Path) -> Campaign:
        """Upload, import, create, start, wait for the end; the campaign. DemoFailedError."""
        await self._import(file)
        document = campaign_document()
        await self._ask("POST", "/api/v1/campaigns", document)
        await self._ask("POST", f"/api/v1/campaigns/{document['name']}/start")
        campaign = await self.app.store.campaigns.get(document["name"])
        self.say(f"campaign {campaign.name} started")
        try:
            await self._until_ended(campaign)
        finally:
            self.trouble.end()
        return campaign

    async def _import(self, file: Path) -> None:
        announced = await self._ask("POST", "/api/v1/imports", {"file": file.name, "list": LIST})
        upload = announced["upload"]
        request = urllib.request.Request(
            upload["url"], file.read_bytes(), {**CSV, **upload["headers"]}, method=upload["method"]
        )
        await asyncio.to_thread(lambda: urllib.request.urlopen(request).close())
        until = time.monotonic() + self.patience_s
        while (record := await self._ask("GET", f"/api/v1/imports/{announced['id']}"))["state"] != "completed":
            if record["state"] == "failed" or time.monotonic() > until:
                raise DemoFailedError(f"the import stands at {record}")
            await asyncio.sleep(LOOK_EVERY_S)
        self.say(f"imported {record['counts']['rows']} rows, {record['counts']['created']} contacts")

    async def _until_ended(self, campaign: Campaign) -> None:
        people, waiting = People(self.app.make_outbox()), list[Told]()
        until, told_at, ended_at = time.monotonic() + self.patience_s, 0.0, None
        while True:
            waiting = await self._bring_answers([*waiting, *await people.answers()])
            await asyncio.to_thread(self.trouble.make, self.house.functions, self.say)
            states = await self._states(campaign)
            now = time.monotonic()
            if now - told_at >= TELL_EVERY_S:
                self.say(", ".join(f"{state} {count}" for state, count in sorted(states.items())) or "not launched")
                told_at = now
            if ended_at is None and await self._state(campaign) is CampaignState.COMPLETED:
                ended_at = now
            arrived = not states.get(MessageState.ACCEPTED, 0)
            if ended_at is not None and (arrived or now > ended_at + RECEIPTS_WITHIN_S):
                return
            if now > until:
                raise DemoFailedError(f"after {self.patience_s:.0f} s the campaign stands at {states}")
            await asyncio.sleep(LOOK_EVERY_S)

    async def _bring_answers(self, waiting: list[Told]) -> list[Told]:
        """Call us as the provider would, once more for what was not taken; what was not taken this time either."""
        refused = []
        for told in waiting:
            now = self.app.clock.now()
            body = webhook_body(told)
            headers = {**JSON, **sign(SECRET, token_hex(8), body, now)}
            response = await asyncio.to_thread(self.house.gateway.request, "POST", DOOR, body, headers)
            if response.status != HTTPStatus.NO_CONTENT:
                refused.append(told)
        return refused

    async def _open(self, path: str) -> tuple[int, str]:
        response = await asyncio.to_thread(self.house.gateway.request, "GET", path)
        return response.status, response.body.decode()

    async def _state(self, campaign: Campaign) -> CampaignState:
        return (await self.app.store.campaigns.get(campaign.id)).state

    async def _states(self, campaign: Campaign) -> dict[str, int]:
        counted: dict[str, int] = {}
        for one in await self.app.store.campaigns.tally(campaign.id):
            if one.state in set(MessageState):
                counted[one.state] = counted.get(one.state, 0) + one.count
        return counted

    async def _ask(self, method: str, path: str, body: object = None) -> Any:
        content = b"" if body is None else json.dumps(body, default=str).encode()
        response = await asyncio.to_thread(self.house.gateway.request, method, path, content, JSON)
        if response.status >= 400:
            raise DemoFailedError(f"{method} {path}: {response.status} {response.body.decode()}")
        return response.json()
