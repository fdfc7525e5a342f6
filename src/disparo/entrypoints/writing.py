"""Writing to one contact by hand: the way from a form or a request to `usecases.by_hand`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.place import Place
from disparo.entrypoints.http.installation import Installation
from disparo.usecases.by_hand import HandDraft, Written, plain, write


@dataclass(frozen=True, slots=True)
class HandOrder:
    """A text as it stands, or a template of the library that the contact's own values fill in."""

    contact_id: str
    channel: Channel
    key: str
    by: str
    text: str = ""
    subject: str = ""
    template: str | None = None
    sender: str | None = None


async def write_by_hand(house: Installation, order: HandOrder) -> Written:
    """Enter it into the ledger; InputError and NotFoundError as `usecases.by_hand.write` has them."""
    from disparo.bootstrap import renderer

    contact = await house.store.contacts.get(order.contact_id)
    if order.template is None:
        template, variables = plain(order.text, order.channel, order.subject)
    else:
        kept = await house.store.templates.get(order.template)
        if kept.channel is not order.channel:
            raise InputError(f"template: este modelo é de {kept.channel}, não de {order.channel}")
        template, variables = kept.template, contact.variables
    draft = HandDraft(contact.id, order.channel, template, order.key, order.by, variables, order.sender)
    compiled = renderer()
    await asyncio.to_thread(compiled.compile, template)  # a long one would keep everybody waiting
    hours = house.settings.hours()
    return await write(house.store, draft, compiled, house.carriers, hours, Place(hours.zone), house.clock.now())
