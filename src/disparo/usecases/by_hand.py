"""Writing to one contact, behind the same limits, hours, opt-outs and ledger as everything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from disparo.domain.campaign import Campaign, CampaignKind, Step
from disparo.domain.contact import Channel, Contact
from disparo.domain.errors import InputError, NotFoundError
from disparo.domain.hand_message import HandMessage, HandPurpose
from disparo.domain.message import MessageId, MessageState
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.policies.eligibility import eligible
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.template import RenderError, Template, check_size
from disparo.domain.waiting import Wait, WaitUnit
from disparo.ports.channel import Inspects
from disparo.ports.inbox import SERVICE_WINDOW
from disparo.ports.ledger import NewMessage
from disparo.ports.renderer import Renderer
from disparo.ports.standing import ALWAYS, NOBODY, standing
from disparo.ports.store import Store
from disparo.usecases.carriers import Carrier

FIRST = 0
"""Priority of what a person writes: somebody waits for it."""
TESTS_AN_HOUR = 30
"""So many tests go by one sender in an hour: whoever tests knows no hours."""
_RECENT = 20
"""So many of a contact's entries are looked at for the sender that they wrote to last."""
_PLAIN = Template("à mão", "{{ texto }}")
_PLAIN_MAIL = Template("à mão", "{{ texto }}", "{{ assunto }}")


@dataclass(frozen=True, slots=True)
class HandDraft:
    """What is to be written to whom.

    `key` tells it from any other text to this contact: the same one again is not sent again (I11). Without a `sender`
    it goes by the one that the contact last wrote to, else by the channel's first.
    """

    contact_id: str
    channel: Channel
    template: Template
    key: str
    by: str
    variables: Mapping[str, str] = field(default_factory=dict)
    sender: str | None = None
    test: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """Where a text is in the ledger, and whether it goes at once or waits for its contact's hours."""

    message_id: MessageId
    purpose: HandPurpose


def plain(text: str, channel: Channel, subject: str | None = None) -> tuple[Template, Mapping[str, str]]:
    """A template and its variables that say a text as it stands, whatever braces are in it."""
    if not text.strip():
        raise InputError("escreva o texto da mensagem")
    if channel is Channel.EMAIL:
        if not (subject or "").strip():
            raise InputError("escreva o assunto do e-mail")
        return _PLAIN_MAIL, {"texto": text, "assunto": " ".join((subject or "").split())}
    return _PLAIN, {"texto": text}


async def write(
    store: Store,
    draft: HandDraft,
    renderer: Renderer,
    carriers: Sequence[Carrier],
    hours: BusinessHours,
    place: Place,
    now: datetime,
) -> Written:
    """Enter a text into the ledger, from where it goes as soon as hours, limits and its sender's health allow.

    An answer to who wrote less than a day ago knows no hours; anything else keeps to `hours` where the contact is
    (`place`, where nothing better is known). InputError, with nothing kept, when the contact has no such address, opted
    out, or could not be sent this by its provider; NotFoundError when there is no such contact or sender.
    """
    contact = await store.contacts.get(draft.contact_id)
    await _refuse_who_must_not(store, contact, draft.channel)
    carrier = await _carrier(store, contact, draft, carriers)
    answers = await _wrote_lately(store, contact, draft.channel, carrier[0].name, now)
    _refuse_what_cannot(draft, carrier, renderer, answers=answers)
    purpose = HandPurpose.TEST if draft.test else HandPurpose.ANSWER if answers else HandPurpose.NOTE
    text = await store.hand_messages.keep(
        HandMessage(
            contact.id, draft.key, draft.channel, carrier[0].name, draft.template, draft.variables, draft.by, now
        )
    )
    if (before := await _entered_as_other(store, text, purpose)) is not None:
        return before
    campaign = await standing(store.campaigns, _campaign(purpose, draft.channel, text.sender, hours, place, now), now)
    if campaign.kind is not CampaignKind.HAND:
        raise InputError(f'há uma campanha com o nome "{campaign.name}", que é das mensagens à mão; troque o dela')
    row = NewMessage(contact.id, text.step, draft.channel, contact.place or place, MessageState.DUE, FIRST, now)
    await store.ledger.enter(campaign, [row], now)
    return Written(MessageId(campaign.id, text.step, contact.id), purpose)


async def _entered_as_other(store: Store, text: HandMessage, purpose: HandPurpose) -> Written | None:
    """Where a text is already that came before, when the contact had written, or had not yet (I2)."""
    for other in HandPurpose:
        if other is purpose:
            continue  # to enter it again does nothing
        try:
            campaign = await store.campaigns.get(f"{other.prefix}{text.sender}")
            row = await store.ledger.get(MessageId(campaign.id, text.step, text.contact_id))
        except NotFoundError:
            continue
        return Written(row.id, other)
    return None


async def _refuse_who_must_not(store: Store, contact: Contact, channel: Channel) -> None:
    suppressed = await store.suppressions.matching(contact.keys)
    found = eligible(channel, phone=contact.phone, email=contact.email, keys=contact.keys, suppressions=suppressed)
    if found.ok:
        return
    if contact.address(channel) is None:
        raise InputError(f"este contato não tem endereço para {channel}")
    raise InputError("este contato pediu para não receber mensagens, ou está bloqueado; nada será enviado a ele")


async def _carrier(store: Store, contact: Contact, draft: HandDraft, carriers: Sequence[Carrier]) -> Carrier:
    of_channel = {sender.name: (sender, channel) for sender, channel in carriers if sender.channel is draft.channel}
    if not of_channel:
        raise InputError(f"nenhum remetente leva {draft.channel}; veja: disparo senders")
    if draft.sender is not None:
        if draft.sender not in of_channel:
            raise InputError(f'não há remetente "{draft.sender}" para {draft.channel}; há: {", ".join(of_channel)}')
        return of_channel[draft.sender]
    heard = await store.inbox.page(None, _RECENT, contact_id=contact.id)
    written_to = (one.heard.sender for one in heard if one.heard.channel is draft.channel)
    name = next((one for one in written_to if one in of_channel), next(iter(of_channel)))
    return of_channel[name]


async def _wrote_lately(store: Store, contact: Contact, channel: Channel, sender: str, now: datetime) -> bool:
    heard_at = await store.inbox.last_heard(channel, sender, contact.keys)
    return heard_at is not None and now < heard_at + SERVICE_WINDOW


def _refuse_what_cannot(draft: HandDraft, carrier: Carrier, renderer: Renderer, *, answers: bool) -> None:
    """What the last look or the provider would refuse anyway is told while its author is still there."""
    sender, channel = carrier
    try:
        content = renderer.compile(draft.template).render(draft.variables)
    except RenderError as error:
        raise InputError(str(error)) from None
    if problem := check_size(content, draft.channel):
        raise InputError(str(problem))
    if draft.channel is Channel.WHATSAPP and not answers and draft.template.approved is None:
        raise InputError(
            "a pessoa não escreveu nas últimas 24 horas: o WhatsApp só leva um modelo aprovado; escolha um modelo, "
            "ou escreva por outro canal"
        )
    if isinstance(channel, Inspects) and (refusal := channel.problem(draft.template)) is not None:
        raise InputError(f"{sender.name}: {refusal}")


def _campaign(
    purpose: HandPurpose, channel: Channel, sender: str, hours: BusinessHours, place: Place, now: datetime
) -> Campaign:
    subject = "{{ assunto }}" if channel is Channel.EMAIL else None
    return Campaign(
        id="",
        name=f"{purpose.prefix}{sender}",
        list_name=NOBODY,
        steps=(Step(channel, Template("à mão", "{{ texto }}", subject), Wait(0, WaitUnit.MINUTES)),),
        hours=hours if purpose is HandPurpose.NOTE else ALWAYS,
        place=place,
        created_at=now,
        limits={channel: Limits(hourly=TESTS_AN_HOUR)} if purpose is HandPurpose.TEST else {},
        deadline=timedelta(days=1),
        kind=CampaignKind.HAND,
        senders=(sender,),
    )
