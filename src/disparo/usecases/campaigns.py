"""What people do with campaigns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from disparo.domain.campaign import (
    AGENDA_PREFIX,
    ANSWERS_PREFIX,
    CAMPAIGN_LIFECYCLE,
    Campaign,
    CampaignEvent,
    CampaignKind,
    CampaignState,
)
from disparo.domain.campaign_document import parse_campaign
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError, NotFoundError, TransitionError
from disparo.domain.hand_message import HandPurpose
from disparo.domain.instants import from_ms
from disparo.domain.message import SENT, SETTLED, UNSENT_ENDS, MessageState
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import HoursDecision
from disparo.domain.policies.circuit_breaker import Admission, admit
from disparo.domain.policies.lane_opening import lane_decision
from disparo.domain.sender import Sender
from disparo.ports.campaigns import Tally
from disparo.ports.renderer import Renderer
from disparo.ports.store import Store
from disparo.usecases.carriers import Carrier, refuse_what_nobody_carries
from disparo.usecases.sender_look import next_permit


@dataclass(frozen=True, slots=True)
class StepReport:
    """One step: its messages by state, and of those that ended unsent by reason."""

    number: int
    channel: Channel
    template: str
    states: Mapping[str, int]
    ends: Sequence[Tally]
    """Messages that ended without being sent, by state and reason, most frequent first."""
    replied: int
    opted_out: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Messages of all steps; `messages` = open + sent + failed + dead + cancelled + expired."""

    messages: int
    open: int
    """Not at their end yet, of unknown outcome included."""
    sent: int
    """Taken by the provider; `delivered` and `read` are parts of it, as far as receipts told."""
    delivered: int
    read: int
    failed: int
    dead: int
    cancelled: int
    expired: int
    replied: int
    opted_out: int


@dataclass(frozen=True, slots=True)
class LaneReport:
    """Where a lane stands now: open until, or closed until, and why."""

    channel: Channel
    place: Place
    hours: HoursDecision


@dataclass(frozen=True, slots=True)
class SenderReport:
    """Where a sender stands now: its breaker, and when it may send the campaign's next message.

    `limited_by` is the window that the next permit waits for (`<book>:<window>`), "" when it may send at once.
    """

    channel: Channel
    name: str
    breaker: Admission
    next_permit_at: datetime
    limited_by: str


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """Where a campaign stands; `contacts` are those entered, before the start those of the list.

    `done` is the share of messages at their end, from 0.0 to 1.0. Lanes are told while it is running.
    """

    campaign: Campaign
    contacts: int
    steps: Sequence[StepReport]
    totals: Totals
    done: float
    lanes: Sequence[LaneReport]
    senders: Sequence[SenderReport]


async def create(store: Store, document: Mapping[str, object], renderer: Renderer, now: datetime) -> Campaign:
    """Keep a campaign as a draft.

    InputError, with nothing kept, when the document or a template is wrong, the name is taken or the list is empty;
    NotFoundError when there is no such list.
    """
    campaign = read(document, renderer, now)
    await audience(store, campaign)
    return await store.campaigns.add(campaign)


async def start(store: Store, name: str, now: datetime, carriers: Sequence[Carrier] = ()) -> Campaign:
    """Let a draft begin, for the contacts that its list has now. TransitionError when it is no draft.

    InputError when a template is not one that its senders' provider takes, or there is no such sender.
    """
    campaign = await store.campaigns.get(name)
    _check(campaign, CampaignEvent.START)
    await audience(store, campaign)
    refuse_what_nobody_carries(campaign, carriers)
    return await store.campaigns.apply(campaign.id, CampaignEvent.START, now)


async def pause(store: Store, name: str, now: datetime) -> Campaign:
    """Begin no more messages from the next claim on; what a provider has goes on. TransitionError unless running."""
    return await _move(store, name, CampaignEvent.PAUSE, now)


async def resume(store: Store, name: str, now: datetime) -> Campaign:
    """Go on after a pause; the deadline went on meanwhile. TransitionError unless paused."""
    return await _move(store, name, CampaignEvent.RESUME, now)


async def cancel(store: Store, name: str, now: datetime) -> Campaign:
    """End a campaign for good: what was not sent is cancelled. TransitionError when it has ended."""
    return await _move(store, name, CampaignEvent.CANCEL, now)


async def update(
    store: Store,
    name: str,
    document: Mapping[str, object],
    renderer: Renderer,
    now: datetime,
    carriers: Sequence[Carrier] = (),
) -> Campaign:
    """Change hours, limits, templates, waits and variables, of a running campaign from the next claim on.

    Waits that have begun keep their end. InputError, with nothing changed, for a document that is wrong, and for what
    a started campaign can no longer change: its name, its list, its steps, and how contacts are told apart by place.
    A completed campaign may be changed too, before its dead letters are sent again; a cancelled one may not
    (TransitionError).
    """
    old, new = await store.campaigns.get(name), read(document, renderer, now)
    if old.state is CampaignState.CANCELLED:
        raise TransitionError(f'a campanha "{old.name}" {_STANDING[old.state]}')
    if new.name != old.name:
        raise InputError(f'name: o arquivo é da campanha "{new.name}", não de "{old.name}"; o nome não pode mudar')
    if old.state is CampaignState.DRAFT:
        await audience(store, new)
    else:
        _refuse_other_places(old, new)
        refuse_what_nobody_carries(new, carriers)
    return await store.campaigns.replace(replace(new, id=old.id))


async def report(store: Store, name: str, now: datetime, senders: Sequence[Sender] = ()) -> CampaignReport:
    """Where a campaign stands at `now`; of `senders` those that it uses are looked at. NotFoundError when unknown.

    From the counters, so it costs the same whatever the number of messages.
    """
    campaign = await store.campaigns.get(name)
    tally = await store.campaigns.tally(campaign.id)
    steps = [_step_report(campaign, number, tally) for number in range(1, len(campaign.steps) + 1)]
    totals = _totals(steps)
    entered = sum(steps[0].states.values())
    entering = not (campaign.launched or campaign.standing or campaign.ended_at)
    contacts = await _listed(store, campaign.list_name) if entering else entered
    return CampaignReport(
        campaign,
        contacts or 0,
        steps,
        totals,
        (totals.messages - totals.open) / totals.messages if totals.messages else 0.0,
        await _lanes(store, campaign, now),
        await _senders(store, campaign, senders, now),
    )


_STANDING: Mapping[CampaignState, str] = {
    CampaignState.DRAFT: "é um rascunho; para começar: disparo campaign start",
    CampaignState.RUNNING: "está em andamento; para suspender: disparo campaign pause",
    CampaignState.PAUSED: "está pausada; para continuar: disparo campaign resume",
    CampaignState.COMPLETED: "já terminou; o que falhou se reenvia com: disparo dead-letters redrive",
    CampaignState.CANCELLED: "foi cancelada, para sempre; crie outra, com outro nome",
}


_WHAT_FOR = {
    CampaignKind.SERVICE: "responde a quem escreve",
    CampaignKind.AGENDA: "avisa das reuniões",
    CampaignKind.HAND: "leva o que se escreve à mão",
}
_OWNERS = {
    CampaignKind.SERVICE: "das respostas automáticas",
    CampaignKind.AGENDA: "dos avisos da agenda",
    CampaignKind.HAND: "das mensagens escritas à mão",
}
_PREFIXES = (
    (ANSWERS_PREFIX, CampaignKind.SERVICE),
    (AGENDA_PREFIX, CampaignKind.AGENDA),
    *((purpose.prefix, CampaignKind.HAND) for purpose in HandPurpose),
)


async def _move(store: Store, name: str, event: CampaignEvent, now: datetime) -> Campaign:
    campaign = await store.campaigns.get(name)
    if campaign.standing and event is CampaignEvent.CANCEL:
        raise TransitionError(f'a campanha "{campaign.name}" {_WHAT_FOR[campaign.kind]} e não se cancela; suspenda-a')
    _check(campaign, event)
    return await store.campaigns.apply(campaign.id, event, now)


def _check(campaign: Campaign, event: CampaignEvent) -> None:
    """Refuse in words of the person who asks; that nothing changes between this and the write is the store's to see."""
    if not CAMPAIGN_LIFECYCLE.allows(campaign.state, event):
        raise TransitionError(f'a campanha "{campaign.name}" {_STANDING[campaign.state]}')


def read(document: Mapping[str, object], renderer: Renderer, now: datetime) -> Campaign:
    """The draft that a document describes, its templates tried; InputError. Nothing is asked of a store."""
    campaign = parse_campaign(document, created_at=now)
    if campaign.standing:
        raise InputError(f'kind: "{campaign.kind}" é {_OWNERS[campaign.kind]}; retire a chave')
    for prefix, kind in _PREFIXES:
        if campaign.name.startswith(prefix):
            raise InputError(f'name: "{prefix}…" é {_OWNERS[kind]}; escolha outro nome')
    for step in campaign.steps:
        renderer.compile(step.template)
    return campaign


async def _listed(store: Store, list_name: str) -> int | None:
    """How many contacts a list has; None when there is no such list."""
    return next((one.contacts for one in await store.contacts.lists() if one.name == list_name), None)


async def audience(store: Store, campaign: Campaign) -> None:
    """NotFoundError when there is no such list, InputError when it is empty."""
    advice = f"importe contatos: disparo import ARQUIVO --list {campaign.list_name}"
    contacts = await _listed(store, campaign.list_name)
    if contacts is None:
        raise NotFoundError(f'list: a lista "{campaign.list_name}" não existe; {advice}')
    if contacts == 0:
        raise InputError(f'list: a lista "{campaign.list_name}" está vazia; {advice}')


def _refuse_other_places(old: Campaign, new: Campaign) -> None:
    """Messages keep the place that they were entered with, so what would need another one comes too late."""
    if new.place != old.place:
        raise InputError(
            f'timezone: a campanha "{old.name}" já começou com {old.place}; deixe assim ou crie outra, com outro nome'
        )
    if new.hours.regional_holidays and not old.hours.regional_holidays:
        raise InputError(
            f'hours.regionalHolidays: a campanha "{old.name}" começou sem feriados estaduais; deixe false, '
            "ou escreva as datas em hours.holidays"
        )


def _step_report(campaign: Campaign, number: int, tally: Sequence[Tally]) -> StepReport:
    states, noted = Counter[str](), Counter[str]()
    ends = []
    for one in tally:
        if one.step != number:
            continue
        if one.state in _STATES:
            states[one.state] += one.count
        else:
            noted[one.state] += one.count
        if one.state in UNSENT_ENDS:
            ends.append(one)
    ends.sort(key=lambda one: -one.count)
    step = campaign.step(number)
    return StepReport(number, step.channel, step.template.name, states, ends, noted["replied"], noted["opted_out"])


_STATES = frozenset(str(state) for state in MessageState)


def _totals(steps: Sequence[StepReport]) -> Totals:
    states = Counter[str]()
    for step in steps:
        states.update(step.states)
    counted = {state: states[state] for state in ("failed", "dead", "cancelled", "expired")}
    return Totals(
        messages=states.total(),
        open=sum(count for state, count in states.items() if state not in SETTLED),
        sent=sum(count for state, count in states.items() if state in SENT),
        delivered=states["delivered"] + states["read"],
        read=states["read"],
        **counted,
        replied=sum(step.replied for step in steps),
        opted_out=sum(step.opted_out for step in steps),
    )


async def _lanes(store: Store, campaign: Campaign, now: datetime) -> list[LaneReport]:
    lanes = [lane for lane in await store.ledger.lanes() if lane.campaign_id == campaign.id]
    return [LaneReport(lane.channel, lane.place, lane_decision(campaign, lane.place, now)) for lane in lanes]


async def _senders(store: Store, campaign: Campaign, senders: Sequence[Sender], now: datetime) -> list[SenderReport]:
    used = dict.fromkeys(step.channel for step in campaign.steps)
    serving = [one for channel in used for one in senders if one.channel is channel and campaign.goes_by(one.name)]
    return [await _sender(store, campaign, sender, now) for sender in serving]


async def _sender(store: Store, campaign: Campaign, sender: Sender, now: datetime) -> SenderReport:
    admission = admit(sender.breaker, await store.ledger.breaker(sender.name), now)
    grant = await next_permit(store.ledger, sender, campaign, now)
    if grant.next_at_ms is None:
        return SenderReport(sender.channel, sender.name, admission, now, "")
    return SenderReport(sender.channel, sender.name, admission, from_ms(grant.next_at_ms), grant.reason)
