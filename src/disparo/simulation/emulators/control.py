"""The emulators' own paths, by which tests and people order faults, see what was taken, and write as a person would.

They answer this machine only, and what is posted must be `application/json`, so that no web page can use them behind
its reader's back.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from disparo.domain.errors import InputError
from disparo.simulation.emulators.faults import FaultOrders, fault_of
from disparo.simulation.emulators.taken import TakenLog
from disparo.simulation.emulators.twilio import TwilioEmulator
from disparo.simulation.emulators.whatsapp import WhatsappEmulator

if TYPE_CHECKING:
    from aiohttp import web

MOST_SHOWN = 1000

Answering: TypeAlias = "Callable[[web.Request], Awaitable[web.Response]]"


class Control:
    """Answers `/__emulator__/…`."""

    def __init__(self, faults: FaultOrders, log: TakenLog, whatsapp: WhatsappEmulator, twilio: TwilioEmulator) -> None:
        self._faults, self._log, self._whatsapp, self._twilio = faults, log, whatsapp, twilio

    def routes(self) -> list[web.RouteDef]:
        """Its paths."""
        from aiohttp import web

        return [
            web.post("/__emulator__/faults", _here(self.order)),
            web.get("/__emulator__/faults", _here(self.coming)),
            web.delete("/__emulator__/faults", _here(self.clear)),
            web.get("/__emulator__/taken", _here(self.taken)),
            web.post("/__emulator__/inbound", _here(self.inbound)),
        ]

    async def order(self, request: web.Request) -> web.Response:
        """Order a fault, or a list of them."""
        try:
            document = await _document(request)
            faults = [fault_of(one) for one in (document if isinstance(document, list) else [document])]
        except InputError as error:
            return _answer(400, {"error": str(error)})
        self._faults.order(*faults)
        return _answer(200, {"ordered": len(faults)})

    async def coming(self, request: web.Request) -> web.Response:  # noqa: ARG002
        """The faults that have not all happened."""
        return _answer(200, [asdict(fault) for fault in self._faults.coming()])

    async def clear(self, request: web.Request) -> web.Response:  # noqa: ARG002
        """Forget every fault."""
        self._faults.clear()
        return _answer(200, {"ordered": 0})

    async def taken(self, request: web.Request) -> web.Response:
        """What was taken, from `after` on, of one `provider` or to one address (`to`); `next` is where to go on."""
        query = request.query
        after = int(query["after"]) if query.get("after", "").isdecimal() else 0
        asked = {name: query[name] for name in ("provider", "to") if name in query}
        everything = self._log.everything
        page = everything[after : after + MOST_SHOWN]
        found = [asdict(one) for one in page if all(getattr(one, name) == value for name, value in asked.items())]
        return _answer(200, {"items": found, "next": after + len(page), "total": len(everything)})

    async def inbound(self, request: web.Request) -> web.Response:
        """A person writes: `provider` (whatsapp or twilio), `from`, `text`, and which WhatsApp id it `answers`."""
        try:
            document = await _document(request)
            if not isinstance(document, Mapping):
                raise InputError("a JSON object")
            sender, text = (_told(document, name) for name in ("from", "text"))
            provider, answers = document.get("provider"), document.get("answers")
            if provider not in ("whatsapp", "twilio") or not isinstance(answers, str | None):
                raise InputError("provider: whatsapp or twilio; answers: a text")
        except InputError as error:
            return _answer(400, {"error": str(error)})
        if provider == "whatsapp":
            self._whatsapp.write(sender, text, answers)
        else:
            self._twilio.write(sender, text)
        return _answer(200, {"written": text})


def _here(answer: Answering) -> Answering:
    async def guarded(request: web.Request) -> web.Response:
        if request.remote not in ("127.0.0.1", "::1"):
            return _answer(403, {"error": "only from the machine itself"})
        return await answer(request)

    return guarded


async def _document(request: web.Request) -> Any:
    if request.content_type != "application/json":
        raise InputError("Content-Type: application/json")
    try:
        return json.loads(await request.read())
    except (ValueError, RecursionError):
        raise InputError("no JSON") from None


def _told(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise InputError(f"{name}: a text")
    return value


def _answer(status: int, document: object) -> web.Response:
    from aiohttp import web

    text = json.dumps(document, ensure_ascii=False, default=datetime.isoformat)
    return web.Response(status=status, text=text, content_type="application/json")
