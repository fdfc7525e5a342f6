"""An installation in memory with hosts, types and meetings, the real desk and calendars that can break."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from disparo.adapters.babel_wording import BabelWording
from disparo.adapters.icalendar.invitations import ICalendar
from disparo.adapters.signed_links import SignedLinks
from disparo.domain.agenda.calendar_event import BusyTimes, CalendarEvent, WriteResult, Written
from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.contact import Channel
from disparo.domain.intervals import Interval
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from disparo.entrypoints.http.app import create_app
from disparo.ports.desk import Answer as Told
from disparo.ports.desk import Said, Wish
from disparo.ports.links import AgendaLink, LinkPurpose, feed_url, guest_url, host_url
from disparo.usecases.agenda.desk import AgendaDesk
from tests.unit.entrypoints.http.conftest import MONDAY, Answer, Client, House

ORIGIN = "https://casa.com.br"
OWN = {"sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}
BRASILIA = "America/Sao_Paulo"
ANA = Host("ana", "Ana Souza", Place(BRASILIA, "BR-SP"), BusinessHours(), email="ana@casa.com.br")
DEMO = MeetingType(
    "demonstracao",
    "Demonstração do produto",
    ("ana",),
    description="Mostramos o produto com os seus dados\ne respondemos às suas perguntas.",
    location="Por vídeo",
    public=True,
)


@dataclass
class Walls:
    """Everybody's calendar: what is in it, and whether it can be read."""

    busy_times: list[Interval] = field(default_factory=list)
    fault: str = ""

    def of(self, host: Host) -> Walls:
        return self

    async def busy(self, host: Host, start_at: datetime, end_at: datetime, besides: frozenset[str]) -> BusyTimes:
        return BusyTimes(self.busy_times, self.fault)

    async def put(self, host: Host, event: CalendarEvent, etag: str) -> Written:
        return Written(WriteResult.DONE)

    async def remove(self, host: Host, event: CalendarEvent, etag: str) -> Written:
        return Written(WriteResult.DONE)


class BookingHouse(House):
    """It has a host, Ana, and a type, `demonstracao`, once `settle` was awaited."""

    def __init__(self, folder: Path, public_url: str | None = ORIGIN) -> None:
        super().__init__(folder)
        self.settings = self.settings.model_copy(update={"public_url": public_url, "company_name": "Casa"})
        self.links = SignedLinks(public_url, lambda: b"0123456789abcdef")
        self.wording, self.invitations, self.calendars = BabelWording(), ICalendar(), Walls()
        self.desk = AgendaDesk(self.store, self.calendars, lambda: "casa")
        self.contact_id = ""

    async def settle(self) -> None:
        """The host, the type and a contact."""
        await self.store.hosts.put_host(ANA)
        await self.store.hosts.put_type(DEMO)
        [self.contact_id] = await self.people(1)

    async def put_type(self, **changes: Any) -> None:
        """The type, otherwise."""
        await self.store.hosts.put_type(replace(DEMO, **changes))

    def wish(self, key: str, **changes: Any) -> Wish:
        """What leads to a meeting with the contact."""
        place = Place(BRASILIA, "BR-PR")
        return replace(Wish(DEMO.id, self.contact_id, Channel.EMAIL, place, key), **changes)

    async def proposed(self, key: str = "um", **changes: Any) -> Meeting:
        """A meeting of which three times are offered."""
        return told(await self.desk.propose(self.wish(key, **changes), self.clock.now()), Said.OFFERED)

    async def confirmed(self, start_at: datetime, key: str = "um", **changes: Any) -> Meeting:
        """A meeting that is agreed."""
        wish = self.wish(key, **changes)
        return told(await self.desk.book(wish, start_at, self.clock.now(), "operator"), Said.CONFIRMED)

    async def now(self, meeting: Meeting) -> Meeting:
        """The meeting as it is now."""
        return await self.store.meetings.get(meeting.id)

    async def meetings(self) -> list[Meeting]:
        """All of them."""
        return list(await self.store.meetings.of_contacts([str(number) for number in range(1, 50)]))

    def guest(self, meeting: Meeting) -> str:
        """The path of the contact's link."""
        return path_of(guest_url(self.links, meeting))

    def host(self, meeting: Meeting) -> str:
        """The path of the host's link."""
        return path_of(host_url(self.links, meeting))

    def feed(self, host_id: str) -> str:
        """The path of a host's feed."""
        return path_of(feed_url(self.links, host_id))

    def link(self, purpose: LinkPurpose, name: str, until: datetime | None = None) -> str:
        """The path of any link."""
        return path_of(self.links.agenda_url(AgendaLink(purpose, name), until))


Story = Callable[[BookingHouse, Client], Awaitable[None]]
Teller = Callable[[Story], None]


@pytest.fixture(name="tell")
def teller(tmp_path: Path) -> Teller:
    """Lets a story run in a house of its own."""

    def run(story: Story) -> None:
        async def all_of_it() -> None:
            house = BookingHouse(tmp_path)
            await house.settle()
            await story(house, Client(create_app(house), house))

        asyncio.run(all_of_it())

    return run


def path_of(url: str | None) -> str:
    """An address below ours, without the host."""
    return (url or "").removeprefix(ORIGIN)


def told(answer: Told, said: Said) -> Meeting:
    """The meeting of an answer that says so."""
    assert answer.said is said and answer.meeting is not None, answer
    return answer.meeting


def at(days: int, hour: int, minute: int = 0) -> datetime:
    """So many days after Monday, by Brasilia's clock (UTC-3)."""
    return MONDAY.replace(hour=0, minute=0) + timedelta(days=days, hours=hour + 3, minutes=minute)


def written(instant: datetime) -> str:
    """An instant as forms and addresses have it."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


class Page(HTMLParser):
    """A page as people and programs find it: its text, and its elements."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        html = answer.body.decode()
        self.feed(html)
        bare = re.sub(r"<(style|title)>.*?</\1>", "", html, flags=re.S)
        self.text = " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())
        self.title = unescape(re.findall(r"<title>(.*?)</title>", html, re.S)[0])
        self.heading = " ".join(unescape(re.findall(r"<h1>(.*?)</h1>", html, re.S)[0]).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        """The elements of a tag with these attributes."""
        found = [attributes for name, attributes in self.found if name == tag]
        return [one for one in found if all(one.get(key) == value for key, value in wanted.items())]

    def links(self, containing: str = "") -> list[str]:
        """Where its links lead."""
        return [href for one in self.of("a") if containing in (href := one.get("href") or "")]

    def buttons(self) -> list[str | None]:
        """What its buttons ask for."""
        return [one.get("value") for one in self.of("button", name="do")]


async def look(client: Client, path: str, status: int = 200, **headers: str) -> Page:
    """The page at an address."""
    answer = await client.get(path, headers=headers)
    assert answer.status == status, (answer.status, answer.body[-400:])
    return Page(answer)


async def send(client: Client, path: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
    """A form, as our own page sends it."""
    return await client.post(path, urlencode(form).encode(), headers={**OWN, **(headers or {})})
