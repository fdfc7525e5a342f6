"""A meeting, from a message to its confirmation, through the functions: while the demo campaign runs beside it.

Somebody says yes to a campaign that offers times, opens the page that the offer leads to, and picks the second time by
answering. What the sandbox took then must be the offer, the confirmations by both channels, and a word to the host.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aws_local.demo_scene import ALWAYS_OPEN, MANY
from disparo.adapters.channels.sandbox.outbox import Entry
from disparo.domain.agenda.host_document import parse_host
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.notice import NoticeKind, NoticeStep
from disparo.domain.agenda.type_document import parse_type
from disparo.domain.contact import ContactDraft
from disparo.domain.errors import NotFoundError
from disparo.domain.message import MessageId
from disparo.domain.place import Place
from disparo.domain.receipt import Reply
from disparo.ports.callback import Told

if TYPE_CHECKING:
    from disparo.bootstrap import App

LIST = CAMPAIGN = "conversas"
LOOK_EVERY_S = 1.0
SETTLED_WITHIN = timedelta(minutes=2)
PICKED = 2
ZONE = "America/Sao_Paulo"

PERSON = ContactDraft(
    "conversas.csv:1",
    Place(ZONE),
    name="Bia Campos",
    phone="+5541988880001",
    phone_key="+5541988880001",
    email="bia@example.com",
    email_key="bia@example.com",
    variables={"nome": "Bia"},
)
HOSTS: Sequence[Mapping[str, object]] = [
    {
        "id": name,
        "name": name.title(),
        "email": f"{name}@example.com",
        "timezone": "America/Sao_Paulo",
        "hours": ALWAYS_OPEN,
    }
    for name in ("ana", "bruno")
]
TYPE: Mapping[str, object] = {
    "id": "conversa",
    "title": "Conversa",
    "hosts": ["ana", "bruno"],
    "duration": "30m",
    "min_notice": "1d",
}
DOCUMENT: Mapping[str, object] = {
    "name": CAMPAIGN,
    "list": LIST,
    "hours": ALWAYS_OPEN,
    "steps": [{"channel": "whatsapp", "text": "Oi {{ nome }}, vamos conversar?", "meeting": "conversa"}],
}
EXPECTED = ("confirmed +", "confirmed @", "host_booked @", "proposal +")
"""The notices that have to go, with the kind of address that each goes to."""

_PAGE = re.compile(r"/book/[\w.~-]+")

Ask = Callable[..., Awaitable[Any]]
Tell = Callable[[list[Told]], Awaitable[list[Told]]]
Open = Callable[[str], Awaitable[tuple[int, str]]]


class MeetingFailedError(Exception):
    """It did not come to a meeting; the message says what was waited for."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What came of it."""

    state: str
    picked: bool
    page: int
    page_says_when: bool
    notices: Sequence[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """The time that was picked is agreed, the page could be opened, and everybody was told once."""
        agreed = self.state == MeetingState.CONFIRMED and self.picked
        return agreed and self.page == 200 and self.page_says_when and tuple(self.notices) == EXPECTED


@dataclass(slots=True)
class Booking:
    """One person's way to a meeting. `ask` calls the API, `tell` our door as the provider does, `open_page` a page."""

    app: App
    ask: Ask
    tell: Tell
    open_page: Open

    async def play(self) -> Booked:
        """Play it. MeetingFailedError when something does not come."""
        campaign_id = await self._prepare()
        invited = await self._message("the campaign's message", lambda one: one.id.startswith(f"{campaign_id}."))
        await self._answer(invited, "Sim, quero!")
        offer = await self._message("the offer", lambda one: _kind(one) is NoticeKind.PROPOSAL)
        contact_id = MessageId.parse(invited.id).contact_id
        proposed = await self._meeting(contact_id)
        found = _PAGE.search(offer.text)
        if found is None:
            raise MeetingFailedError("the offer leads to no page")
        status, page = await self.open_page(found[0])
        await self._answer(offer, str(PICKED))
        meeting = await self._meeting(contact_id)
        slot = proposed.offers[PICKED - 1]
        clock = self.app.wording.clock(slot.start_at, ZONE, "pt")
        return Booked(
            str(meeting.state), meeting.slot == slot, status, clock in page, await self._notices(len(EXPECTED))
        )

    async def _prepare(self) -> str:
        """As an operator would: hosts and types by the terminal, the campaign by the API; the campaign's id."""
        for host in HOSTS:
            await self.app.store.hosts.put_host(parse_host(host))
        await self.app.store.hosts.put_type(parse_type(TYPE))
        await self.app.store.contacts.fold(LIST, [PERSON])
        await self.ask("POST", "/api/v1/campaigns", DOCUMENT)
        await self.ask("POST", f"/api/v1/campaigns/{CAMPAIGN}/start")
        return (await self.app.store.campaigns.get(CAMPAIGN)).id

    async def _answer(self, to: Entry, text: str) -> None:
        now = self.app.clock.now()
        waiting = [Told([], [Reply("sandbox", f"{to.id}:{text}", to.id, text, now)])]
        while waiting := await self.tell(waiting):
            await asyncio.sleep(LOOK_EVERY_S)

    async def _message(self, name: str, fits: Callable[[Entry], bool]) -> Entry:
        until = time.monotonic() + SETTLED_WITHIN.total_seconds()
        while time.monotonic() < until:
            found = [one for one in await self._taken() if fits(one)]
            if found:
                return found[0]
            await asyncio.sleep(LOOK_EVERY_S)
        raise MeetingFailedError(f"{name} did not come within {SETTLED_WITHIN}")

    async def _notices(self, wanted: int) -> list[str]:
        """The notices that were taken, sorted, once there are so many."""
        until = time.monotonic() + SETTLED_WITHIN.total_seconds()
        while True:
            told = [(kind, one) for one in await self._taken() if (kind := _kind(one)) is not None]
            if len(told) >= wanted or time.monotonic() > until:
                return sorted(f"{kind} {'@' if '@' in one.address else '+'}" for kind, one in told)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _taken(self) -> list[Entry]:
        entries, _ = await self.app.make_outbox().read(0, MANY)
        return entries

    async def _meeting(self, contact_id: str) -> Meeting:
        [meeting] = await self.app.store.meetings.of_contacts([contact_id])
        return meeting


def _kind(entry: Entry) -> NoticeKind | None:
    """Which notice a message is; None for a campaign's own."""
    try:
        step = NoticeStep.parse(MessageId.parse(entry.id).step)
    except NotFoundError:
        return None
    return None if step is None else step.kind
