"""The people of a campaign: their messages, filtered, and everything that happened to one of them, with why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from disparo.domain.campaign import Campaign
from disparo.domain.errors import InputError, NotFoundError
from disparo.domain.message import MessageId, MessageRecord, MessageState
from disparo.entrypoints.console.campaigns.places import PATH
from disparo.entrypoints.console.campaigns.standing import Translate, wait_in_words
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.words import mark
from disparo.entrypoints.http.campaign_export import Exports
from disparo.entrypoints.words import words
from disparo.ports.contacts import known_contact
from disparo.ports.ledger import JournalEntry, MessageFilter
from disparo.usecases import messages
from disparo.usecases.why import Explanation, Fact, Remark, Verdict
from disparo.usecases.why import why as explain

PAGE = 50
Name = Annotated[str, Path(max_length=100)]
_S = MessageState

GROUPS: Mapping[str, tuple[str, frozenset[MessageState] | None]] = {
    "": (mark("Todas"), None),
    "open": (mark("Por enviar"), frozenset({_S.WAITING, _S.DUE, _S.CLAIMED, _S.SENDING})),
    "sent": (mark("Enviadas"), frozenset({_S.ACCEPTED, _S.DELIVERED, _S.READ})),
    "doubt": (mark("Em dúvida"), frozenset({_S.IN_DOUBT})),
    "unsent": (mark("Não saíram"), frozenset({_S.FAILED, _S.DEAD, _S.CANCELLED, _S.EXPIRED})),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One message of a person: why it stands where it does, and what happened to it."""

    record: MessageRecord | None
    step: int
    explanation: Explanation
    facts: Sequence[tuple[str, Any]]
    journal: Sequence[JournalEntry]


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PATH)
    house = console.house
    exports = Exports(house)

    @routes.get("/{name}/people", name="campaigns.people")
    async def people(
        request: Request,
        name: Name,
        group: Annotated[str, Query(max_length=20)] = "",
        state: Annotated[str, Query(max_length=20)] = "",
        reason: Annotated[str | None, Query(max_length=200)] = None,
        step: Annotated[str, Query(max_length=3)] = "",
        after: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Response:
        """Messages of a campaign, those of one contact one behind the other."""
        campaign = await house.store.campaigns.get(name)
        number = int(step) if step.isascii() and step.isdecimal() and 1 <= int(step) <= len(campaign.steps) else None
        wanted = MessageFilter(campaign.id, _states(group, state), step=number, reason=reason or None)
        found = await messages.page(house.store, wanted, _cursor(after), PAGE + 1)
        shown = found[:PAGE]
        contacts = {row.id.contact_id: await known_contact(house.store.contacts, row.id.contact_id) for row in shown}
        return console.page(
            request,
            "campaigns/people.html",
            campaign=campaign,
            rows=[(row, contacts[row.id.contact_id]) for row in shown],
            after=str(shown[-1].id) if len(found) > PAGE else None,
            behind=after,
            group=group if group in GROUPS else "",
            state=state,
            reason=reason or "",
            step=number,
            groups={key: text for key, (text, _) in GROUPS.items()},
        )

    @routes.get("/{name}/people/{contact_id}", name="campaigns.person")
    async def person(request: Request, name: Name, contact_id: Annotated[str, Path(max_length=40)]) -> Response:
        """Everything that a campaign did with one contact, and why."""
        _ = console.words(request).gettext
        campaign = await house.store.campaigns.get(name)
        contact = await house.store.contacts.get(contact_id)
        told = await _told(console, campaign, contact_id, _)
        return console.page(
            request, "campaigns/person.html", campaign=campaign, contact=contact, told=told, journal_tone=_tone
        )

    @routes.get("/{name}/export.csv", name="campaigns.page_csv")
    async def as_csv(name: Name, group: Annotated[str, Query(max_length=20)] = "") -> Response:
        """Every message as CSV."""
        campaign = await house.store.campaigns.get(name)
        return await exports.csv(campaign, MessageFilter(campaign.id, _states(group, "")))

    @routes.get("/{name}/export.xlsx", name="campaigns.page_xlsx")
    async def as_xlsx(name: Name, group: Annotated[str, Query(max_length=20)] = "") -> Response:
        """Every message as a workbook."""
        campaign = await house.store.campaigns.get(name)
        return await exports.xlsx(campaign, MessageFilter(campaign.id, _states(group, "")))

    return routes


def _states(group: str, state: str) -> frozenset[MessageState] | None:
    if state in set(MessageState):
        return frozenset({MessageState(state)})
    return GROUPS[group][1] if group in GROUPS else None


def _cursor(after: str | None) -> str | None:
    """A cursor that was made up begins anew."""
    try:
        return None if not after else str(MessageId.parse(after))
    except (InputError, NotFoundError):
        return None


async def _told(console: Console, campaign: Campaign, contact_id: str, _: Translate) -> Sequence[Told]:
    from disparo.bootstrap import senders_of

    house = console.house
    rows = await house.store.ledger.rows_of(campaign.id, contact_id)
    senders, now = senders_of(house.settings), house.clock.now()
    told = []
    for row in rows:
        found = await explain(house.store, str(row.id), senders, now)
        journal = await house.store.ledger.journal(row.id)
        told.append(Told(row, row.id.step, found, facts_in_words(found.facts, _), journal))
    if not rows:
        found = await explain(house.store, f"{campaign.id}.1.{contact_id}", senders, now)
        told.append(Told(None, 1, found, facts_in_words(found.facts, _), ()))
    return told


def facts_in_words(facts: Sequence[Fact], _: Translate) -> Sequence[tuple[str, Any]]:
    """Each fact as a sentence, and until when it holds; what only repeats the one before is left out."""
    told: list[tuple[str, Any]] = []
    for fact in facts:
        if fact.code == Remark.LAST_WORD and fact.detail in ("", str(facts[0].code), *_SAME.get(facts[0].code, ())):
            continue
        told.append((_sentence(fact, _), fact.until))
    return told


_SAME: Mapping[str, tuple[str, ...]] = {
    "accepted": ("accept",),
    "delivered": ("deliver",),
    "cancelled": ("cancel",),
    "expired": ("expire",),
}
"""The event that led to a verdict says nothing new."""


def _sentence(fact: Fact, _: Translate) -> str:
    said, detail = words(fact.code, _), fact.detail
    head, colon, tail = detail.partition(":")
    match fact.code:
        case Verdict.WITH_A_WORKER:
            detail = ""
        case Verdict.WAITING_FOR_STEP:
            return _("Espera o passo %(number)s", number=detail)
        case Remark.EARLIER_STEP:
            detail = words(tail, _)
        case Remark.FOLLOWS:
            detail = f"{words(head, _)}, {wait_in_words(tail, _)}"
        case Verdict.NOT_DUE_YET:
            detail = wait_in_words(detail, _)
        case _ if words(detail, _) == detail and colon:
            detail = f"{words(head, _)}, {words(tail, _)}"
        case _:
            detail = words(detail, _) if detail else ""
    text = f"{said}: {detail}" if detail else said
    return text[:1].upper() + text[1:]


def _tone(event: str) -> str:
    """The colour of an event in a timeline."""
    return next((tone for tone, events in _TONES.items() if event in events), "neutral")


_TONES: Mapping[str, frozenset[str]] = {
    "good": frozenset({"deliver", "read", "replied", "confirm"}),
    "accent": frozenset({"accept", "redrive", "resend"}),
    "warn": frozenset({"retry", "doubt", "hold", "release"}),
    "bad": frozenset({"reject", "exhaust", "expire", "opted_out"}),
}
