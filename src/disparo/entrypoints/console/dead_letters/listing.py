"""Dead letters by reason, and one by one, the latest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from disparo.domain.campaign import Campaign
from disparo.domain.contact import Contact
from disparo.domain.message import MessageRecord
from disparo.entrypoints.console.dead_letters.advice import advice
from disparo.entrypoints.console.dead_letters.chosen import PATH, Chosen, grouped, of_group
from disparo.entrypoints.console.shell import Console
from disparo.ports.contacts import known_contact
from disparo.ports.store import Store
from disparo.usecases import dead_letters as usecase

PAGE = 30
MOST_REASONS = 12
MOST_PLACES = 6
"""Reasons, and campaigns of each, that are told one by one."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter and what it belongs to; `refusal` is why it would not go again, where that was asked."""

    record: MessageRecord
    campaign: Campaign
    contact: Contact | None
    refusal: usecase.Refusal | None = None


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PATH)
    house = console.house

    @routes.get("", name="dead_letters.page")
    async def page(request: Request, after: Annotated[str | None, Query(max_length=200)] = None) -> Response:
        """Groups, filters and the list."""
        chosen = Chosen.of(request.query_params)
        counts = await usecase.summary(house.store, None)
        wanted, count = await chosen.wanted(house.store), chosen.count(counts)
        found = usecase.Latest([], None)
        if count or not chosen.fields:  # what the counters know nothing of is not looked for among all
            found = await usecase.latest(house.store, wanted, after or None, PAGE)
        fitting = [one for one in counts if chosen.fits(one)]
        return console.page(
            request,
            "dead_letters/list.html",
            chosen=chosen,
            groups=list(grouped(fitting).items()),
            most_reasons=MOST_REASONS,
            most_places=MOST_PLACES,
            of_group=of_group,
            advice=advice,
            count=count,
            all_count=sum(one.count for one in counts),
            letters=await letters(house.store, found.records),
            after=found.after,
            behind=after,
            campaigns=list({one.campaign_id: one.campaign for one in counts}.items()),
            reasons=sorted({one.reason for one in counts}),
            has_queue=house.undelivered is not None,
        )

    return routes


async def letters(
    store: Store, records: Sequence[MessageRecord], refusals: Sequence[usecase.Refusal | None] = ()
) -> list[Letter]:
    """These with their campaigns and contacts."""
    campaigns = {one: await store.campaigns.get(one) for one in {record.id.campaign_id for record in records}}
    return [
        Letter(
            record,
            campaigns[record.id.campaign_id],
            await known_contact(store.contacts, record.id.contact_id),
            refusals[number] if refusals else None,
        )
        for number, record in enumerate(records)
    ]
