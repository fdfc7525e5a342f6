"""What functions gave up, as it lies in the dead-letter queue (on AWS)."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from disparo.domain.errors import NotFoundError
from disparo.entrypoints.console.dead_letters.chosen import PATH
from disparo.entrypoints.console.forms import read_form
from disparo.entrypoints.console.shell import Console
from disparo.ports.undelivered import DeadLetterQueue
from disparo.usecases import undelivered

MOST = 50


def router(console: Console) -> APIRouter:
    """The routes; NotFoundError where there is no such queue."""
    routes = APIRouter(prefix=PATH)
    house = console.house

    def kept() -> DeadLetterQueue:
        if house.undelivered is None:
            raise NotFoundError("não há fila de cartas mortas: ela é da família AWS")
        return house.undelivered

    @routes.get("/queue", name="dead_letters.page_of_queue")
    async def queue(request: Request) -> Response:
        """Some of its entries; they stay."""
        entries = await undelivered.look(house.store, kept(), MOST, house.clock.now())
        return console.page(request, "dead_letters/queue.html", entries=entries)

    @routes.post("/queue/clear", name="dead_letters.clear_queue")
    async def clear(request: Request) -> Response:
        """Take out what asks for nothing any more, or with `everything` all of it."""
        form, words = await read_form(request), console.words(request)
        everything = form.get("everything") == "1"
        done = await undelivered.clear(house.store, kept(), MOST, house.clock.now(), everything=everything)
        request.state.audit = {"dropped": done.dropped, "left": len(done.left), "everything": everything}
        told = words.ngettext("%(count)s tirada da fila", "%(count)s tiradas da fila", done.dropped)
        left = words.ngettext("%(count)s ficou", "%(count)s ficaram", len(done.left))
        return console.redirect(request, f"{PATH}/queue", f"{told}, {left}.")

    return routes
