"""Sending one step of a campaign to an address of our own, to see it where contacts will."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from disparo.domain.campaign import Campaign
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.errors import InputError
from disparo.domain.phone_number import PhoneError, parse_phone
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.template import UNSUBSCRIBE_LINK
from disparo.ports.renderer import Renderer
from disparo.ports.store import Store
from disparo.usecases.by_hand import HandDraft, Written, write
from disparo.usecases.carriers import Carrier

LIST = "testes"
"""Where the addresses of those who try things are kept."""


@dataclass(frozen=True, slots=True)
class TrialOrder:
    """Which step goes where. `contact_id` names the contact whose variables fill it in, `values` go before them.

    `key` tells this trial from any other: the same one again is not sent again.
    """

    campaign: Campaign
    step: int
    address: str
    by: str
    key: str
    contact_id: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    public_url: str | None = None


async def send(
    store: Store,
    order: TrialOrder,
    renderer: Renderer,
    carriers: Sequence[Carrier],
    hours: BusinessHours,
    now: datetime,
) -> Written:
    """Enter the trial; it goes at once, whatever the hours, within its sender's limits.

    InputError, with nothing sent, for an address that is none of its channel, one that is suppressed, and what its
    provider would refuse: WhatsApp takes only approved templates for who has not written for a day. NotFoundError for
    a contact that is not there.
    """
    campaign = order.campaign
    if not 1 <= order.step <= len(campaign.steps):
        raise InputError(f"step: a campanha tem {len(campaign.steps)} passos; escreva de 1 a {len(campaign.steps)}")
    step = campaign.step(order.step)
    draft = _draft(step.channel, order.address, campaign)
    sample = await store.contacts.get(order.contact_id) if order.contact_id is not None else None
    variables = campaign.variables_for({**(sample.variables if sample else {}), **order.values})
    if step.channel is Channel.EMAIL and order.public_url is not None:
        variables.setdefault(UNSUBSCRIBE_LINK, f"{order.public_url}/u/0.0.0.exemplo")
    [result] = await store.contacts.fold(LIST, [draft])
    sender = _sender(campaign, carriers, step.channel)
    hand = HandDraft(result.contact_id, step.channel, step.template, order.key, order.by, variables, sender, test=True)
    return await write(store, hand, renderer, carriers, hours, campaign.place, now)


def _sender(campaign: Campaign, carriers: Sequence[Carrier], channel: Channel) -> str | None:
    """The first of the channel's senders that the campaign goes by; None leaves it to who writes by hand."""
    mine = (sender.name for sender, _ in carriers if sender.channel is channel and campaign.goes_by(sender.name))
    return next(mine, None)


def _draft(channel: Channel, address: str, campaign: Campaign) -> ContactDraft:
    source = f"{LIST}:1"
    try:
        if channel is Channel.EMAIL:
            mail = parse_email(address)
            return ContactDraft(source, campaign.place, "Teste", email=mail.address, email_key=mail.key)
        phone = parse_phone(address)
        return ContactDraft(source, phone.place or campaign.place, "Teste", phone=phone.e164, phone_key=phone.key)
    except EmailError:
        raise InputError(f'address: "{address[:60]}" não é um e-mail; escreva um, como ana@exemplo.com.br') from None
    except PhoneError:
        raise InputError(f'address: "{address[:60]}" não é um telefone; escreva com DDD, como +5541988887777') from None
