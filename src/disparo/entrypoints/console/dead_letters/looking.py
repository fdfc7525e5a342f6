"""Inside one dead letter: whom it was for, what it would say now, what happened, and what a redrive would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from disparo.domain.agenda.notice import own_step
from disparo.domain.errors import DisparoError
from disparo.entrypoints.console.campaigns.people import facts_in_words
from disparo.entrypoints.console.campaigns.previewing import framed
from disparo.entrypoints.console.dead_letters.advice import REFUSALS, advice
from disparo.entrypoints.console.dead_letters.chosen import PATH
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.http import compiling
from disparo.usecases import dead_letters as usecase
from disparo.usecases.messages import MessageHistory
from disparo.usecases.previews import Preview
from disparo.usecases.why import if_due

MessageIdIn = Annotated[str, Path(max_length=256)]


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PATH)
    house = console.house

    @routes.get("/{message_id}", name="dead_letters.page_of_one")
    async def show(request: Request, message_id: MessageIdIn) -> Response:
        """One of them; NotFoundError when it is none (any more)."""
        from disparo.bootstrap import senders_of

        found = await usecase.show(house.store, message_id)
        now, _ = house.clock.now(), console.words(request).gettext
        [refusal] = await usecase.prospects(house.store, [found.record], now)
        facts = await if_due(house.store, found.record, senders_of(house.settings), now)
        page = console.page(
            request,
            "dead_letters/one.html",
            found=found,
            record=found.record,
            contact=found.contact,
            campaign=found.campaign,
            step=own_step(found.record.id.step),
            refusal=refusal,
            refusals=REFUSALS,
            forcible=refusal in usecase.FORCIBLE,
            facts=facts_in_words(facts, _),
            advice=advice(found.record.reason),
            preview=await _preview(console, found),
            words_of_provider=_last_words(found),
        )
        return framed(page)

    return routes


async def _preview(console: Console, found: MessageHistory) -> Preview | None:
    """As it would read now; None for what the program itself writes (notices, answers, what was written by hand)."""
    if found.campaign.standing:
        return None
    try:
        previews: Sequence[Any] = await compiling.previewed(
            console.house, found.campaign, [found.contact], compiling.Compiled()
        )
    except DisparoError:
        return None
    return next((one for one in previews if one.step == found.record.id.step), None)


def _last_words(found: MessageHistory) -> str:
    """What the provider said last."""
    return next((line.detail for line in reversed(found.journal) if line.detail), "")
