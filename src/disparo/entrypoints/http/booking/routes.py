"""`/book/{token}` and `/agendar/{type_id}`: where links to meetings lead, and where anybody books."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response

from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.errors import NotFoundError, StoreError
from disparo.entrypoints.http.booking.feed import NoEventError, feed, invite
from disparo.entrypoints.http.booking.gate import Gate, form_of
from disparo.entrypoints.http.booking.guest import GuestPage
from disparo.entrypoints.http.booking.host import HostPage
from disparo.entrypoints.http.booking.pages import page
from disparo.entrypoints.http.booking.public import NoSuchTypeError, PublicPage, open_type
from disparo.entrypoints.http.booking.refusals import RefusedError
from disparo.entrypoints.http.booking.subject import Subject, subject_of
from disparo.entrypoints.http.booking.visit import Visit, visit_of
from disparo.entrypoints.http.installation import Installation, Report
from disparo.entrypoints.http.turnstile import TooManyError, Turnstile
from disparo.ports.links import AgendaLink, LinkExpiredError, LinkPurpose

AT_WORK = 16
"""Pages that are made at once: each may ask hosts' calendars."""

MOST_WAITING = 100
LONGEST_TOKEN = 400
_LONGEST_TYPE = 64
_LOOK = ["GET", "HEAD"]
_BUSY_S = 5
_NOWHERE = ("UTC",)


def router(house: Installation, report: Report) -> APIRouter:
    """The routes; whoever has a link needs nothing else.

    Looking changes nothing, as programs that look for harmful links open them, too. What fails is told on a page, and
    `report` hears of a store that cannot be reached.
    """
    routes, desk = APIRouter(include_in_schema=False), _Reception(house, report)

    @routes.api_route("/book/{token}", methods=_LOOK)
    async def look(token: str, request: Request) -> Response:
        return await desk.answer(request, lambda: desk.look(request, token))

    @routes.post("/book/{token}")
    async def act(token: str, request: Request) -> Response:
        return await desk.answer(request, lambda: desk.act(request, token))

    @routes.api_route("/book/{token}/invite.ics", methods=_LOOK)
    async def add(token: str, request: Request) -> Response:
        return await desk.answer(request, lambda: desk.add(request, token))

    @routes.api_route("/agendar/{type_id}", methods=_LOOK)
    async def choose(type_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda: desk.choose(request, type_id))

    @routes.post("/agendar/{type_id}")
    async def book(type_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda: desk.book(request, type_id))

    return routes


class _Reception:
    """Lets in who may pass, and leads each to their page."""

    def __init__(self, house: Installation, report: Report) -> None:
        self._house, self._report = house, report
        self._gate, self._turnstile = Gate(), Turnstile(AT_WORK, MOST_WAITING)

    async def answer(self, request: Request, make: Callable[[], Awaitable[Response]]) -> Response:
        """What was asked for, or a page that says why not."""
        try:
            self._gate.pass_client(request, self._house.clock.now())
            return await make()
        except RefusedError as error:
            return self._sorry(request, error.words, error.status, error.retry_s)
        except LinkExpiredError:
            return self._sorry(request, "expired_link", 410)
        except NoEventError:
            return self._sorry(request, "no_event", 404)
        except NoSuchTypeError:
            return self._sorry(request, "no_type", 404)
        except NotFoundError:
            return self._sorry(request, "gone", 404)
        except TooManyError:
            return self._sorry(request, "busy", 503, _BUSY_S)
        except StoreError as error:
            self._report("store_failed", error)
            return self._sorry(request, "down", 503, _BUSY_S)

    def _sorry(self, request: Request, words: str, status: int, retry_s: int | None = None) -> Response:
        visit = self._visit(request, _NOWHERE)
        return page("message.html", visit, {"words": words, "seconds": retry_s}, status, retry_s)

    def _visit(self, request: Request, zones: tuple[str, ...], language: str | None = None) -> Visit:
        return visit_of(
            request.query_params,
            request.headers.get("accept-language", ""),
            self._house.clock.now(),
            self._house.wording,
            zones=zones,
            language=language,
            company=self._house.settings.company_name,
        )

    def _link(self, request: Request, token: str) -> AgendaLink:
        """What a link stands for; those of ours are counted, others are only looked at."""
        now = self._house.clock.now()
        if len(token) > LONGEST_TOKEN:
            raise NotFoundError("este link não é nosso")
        link = self._house.links.agenda_link(token, now)
        self._gate.pass_link(request, token, now)
        return link

    async def _meeting(self, link: AgendaLink) -> Meeting:
        if link.purpose is LinkPurpose.FEED:
            raise NotFoundError("este link não é de uma reunião")
        return await self._house.store.meetings.get(link.name)

    async def _page(self, request: Request, token: str, link: AgendaLink) -> GuestPage | HostPage:
        subject = await subject_of(self._house.store.hosts, await self._meeting(link))
        if link.purpose is LinkPurpose.HOST:
            zones, language = _of_host(subject)
            return HostPage(self._house, subject, self._visit(request, zones, language), token)
        visit = self._visit(request, subject.zones(), subject.meeting.language)
        return GuestPage(self._house, subject, visit, token)

    async def look(self, request: Request, token: str) -> Response:
        """A meeting's page, or a host's feed."""
        link = self._link(request, token)
        async with self._turnstile.passed():
            if link.purpose is LinkPurpose.FEED:
                return await feed(self._house, link, self._visit(request, _NOWHERE))
            return await (await self._page(request, token, link)).show()

    async def act(self, request: Request, token: str) -> Response:
        """What a button of a meeting's page asks for."""
        link = self._link(request, token)
        form = await form_of(request, self._house.settings.public_url)
        async with self._turnstile.passed():
            return await (await self._page(request, token, link)).act(form)

    async def add(self, request: Request, token: str) -> Response:
        """A meeting as a file for calendars."""
        link = self._link(request, token)
        return await invite(self._house, await self._meeting(link), link.purpose, self._visit(request, _NOWHERE))

    async def choose(self, request: Request, type_id: str) -> Response:
        """A type's free times."""
        async with self._turnstile.passed():
            return await (await self._public(request, type_id)).show()

    async def book(self, request: Request, type_id: str) -> Response:
        """A booking by anybody."""
        form = await form_of(request, self._house.settings.public_url)
        async with self._turnstile.passed():
            return await (await self._public(request, type_id)).book(form)

    async def _public(self, request: Request, type_id: str) -> PublicPage:
        if len(type_id) > _LONGEST_TYPE:
            raise NoSuchTypeError("não há página pública com este nome")
        kind, hosts = await open_type(self._house.store.hosts, type_id)
        self._gate.pass_type(request, type_id, self._house.clock.now())
        return PublicPage(self._house, kind, hosts, self._visit(request, _zones_of(hosts)))


def _of_host(subject: Subject) -> tuple[tuple[str, ...], str | None]:
    """The hosts' zones before the contact's, and the first host's language."""
    zones = (*_zones_of(subject.hosts), subject.meeting.place.zone)
    return zones, subject.hosts[0].language if subject.hosts else None


def _zones_of(hosts: tuple[Host, ...]) -> tuple[str, ...]:
    return tuple(host.place.zone for host in hosts)
