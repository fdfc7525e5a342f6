"""The claim: permits and a lease in one transaction, then the intent of each message that begins at once.

Where a kill may come, and what it leaves: before the transaction nothing; behind it permits that nobody uses and
messages that are due as they were, held by a lease until their moment is over; in the middle of the rows some that
have begun and will be in doubt when the lease runs out. Permits are never given back, so no limit is passed (I4).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from disparo.adapters.aws.contact_items import contact_of, is_active, person_key
from disparo.adapters.aws.due import DueRow, DueRows, due_rows
from disparo.adapters.aws.enrolment import AwsRow, Enrolment
from disparo.adapters.aws.enrolments import Act, Enrolments
from disparo.adapters.aws.leases import Held, held_ahead, lease_put
from disparo.adapters.aws.ledger_keys import Place as EnrolmentPlace
from disparo.adapters.aws.ledger_keys import place_of
from disparo.adapters.aws.permits import (
    KeptBook,
    book_key,
    breaker_key,
    breaker_of,
    breaker_put,
    load_book,
    version_of,
)
from disparo.adapters.aws.revision import REVISION_KEY, revision
from disparo.adapters.aws.tables import (
    ABSENT,
    CONTACTS,
    CONTROL,
    MOST_IN_TRANSACTION,
    Change,
    Check,
    Condition,
    ConditionFailedError,
    Item,
    Tables,
)
from disparo.adapters.aws.tallies import Tallies
from disparo.domain.contact import Contact
from disparo.domain.instants import MILLISECOND, from_ms, to_ms
from disparo.domain.message import Claimed, MessageState
from disparo.domain.place import Place
from disparo.domain.policies.circuit_breaker import Admission, abandon_probe, admit, begin_probe
from disparo.domain.policies.rate_limit import MOMENT_TOLERANCE, Grant, reserve
from disparo.domain.sharing import Sharing, Taken
from disparo.domain.ticket import Ticket
from disparo.ports.ledger import Claim, ClaimRequest

HELD_BEHIND = MOMENT_TOLERANCE + timedelta(seconds=4)
"""How long after the last of its moments a claim ahead still holds what has not begun: none of it can leave then."""

_CHANGES_BESIDE_BOOKS = 4
_CHANGES_OF_A_BOOK = 2
MOST_CAMPAIGNS = (MOST_IN_TRANSACTION - _CHANGES_BESIDE_BOOKS) // _CHANGES_OF_A_BOOK - 1
"""One claim serves no more of them than fit into its transaction; the others are served by the next ones."""


@dataclass(slots=True)
class _Decided:
    """What a claim wants to take."""

    sharing: Sharing[DueRow]
    books: list[KeptBook]
    due: DueRows
    offered: Grant
    count: int
    admission: Admission
    breaker: Item | None
    lease_until: datetime
    left_out: bool
    """Whether campaigns that could be served had no room."""

    @property
    def probe(self) -> bool:
        """Whether a half-open breaker lets this one message through."""
        return self.admission.allowed is not None


async def take(tables: Tables, request: ClaimRequest) -> Claim:
    """Take what the request allows; see `Ledger.claim`."""
    while True:
        if await revision(tables) != request.revision:
            return Claim(stale=True)
        decided = await _decide(tables, request)
        if isinstance(decided, Claim):
            return decided
        if not decided.sharing.taken:
            return _answer(request, decided, [])
        try:
            await tables.transact(_changes(request, decided))
        except ConditionFailedError:
            continue  # another claim at this sender, or a change of campaigns, was faster
        return _answer(request, decided, await _begin(tables, request, decided))


async def _decide(tables: Tables, request: ClaimRequest) -> _Decided | Claim:
    """Which messages may go: read everything, write nothing."""
    sender, now = request.sender, request.now
    breaker, book_item = await tables.get_many([(CONTROL, breaker_key(sender.name)), (CONTROL, book_key(sender.name))])
    admission = admit(sender.breaker, breaker_of(breaker), now)
    if admission.allowed == 0:
        return Claim([], admission.changes_at, admission.reason, blocked=True)
    count = request.count if admission.allowed is None else min(request.count, admission.allowed)
    kept = await load_book(tables, book_item, sender.name, sender.limits, count)
    offered = reserve([kept.book.copy()], count, to_ms(now), request.horizon // MILLISECOND, request.pace)
    if not offered.count:
        return Claim([], _instant(offered.next_at_ms), offered.reason, blocked=True)
    due = await due_rows(tables, request.lanes, offered.count, now, await held_ahead(tables, now))
    own = await _own_books(tables, request, due, count)
    served, left_out = _fitting(request, own, kept.turns)
    sharing = Sharing(kept.book, now, request.horizon, lambda lane: own[lane.campaign_id].book, due.of, request.pace)
    sharing.share_out([lane for lane in request.lanes if lane.campaign_id in served], offered.count, kept.turns)
    kept.serve(sharing.most_served())
    lease_until = max((one.permit_at for one in sharing.taken), default=now) + sender.lease
    books = [kept, *(own[campaign] for campaign in sharing.served if sharing.served[campaign])]
    return _Decided(sharing, books, due, offered, count, admission, breaker, lease_until, left_out)


async def _own_books(tables: Tables, request: ClaimRequest, due: DueRows, count: int) -> dict[str, KeptBook]:
    """The books of the campaigns that have something due."""
    lanes = {lane.campaign_id: lane for lane in request.lanes if due.by_campaign.get(lane.campaign_id)}
    names = {campaign: request.sender.campaign_book(campaign) for campaign in lanes}
    items = await tables.get_many([(CONTROL, book_key(name)) for name in names.values()])
    books = await asyncio.gather(
        *(
            load_book(tables, item, name, lanes[campaign].limits, count)
            for (campaign, name), item in zip(names.items(), items, strict=True)
        )
    )
    return dict(zip(names, books, strict=True))


def _fitting(request: ClaimRequest, own: Mapping[str, KeptBook], turns: Mapping[str, int]) -> tuple[set[str], bool]:
    """Whom one transaction can serve, those served longest ago before others, and whether somebody is left out.

    Whom a limit of its own holds back takes up no room.
    """
    if len(own) <= MOST_CAMPAIGNS:
        return {*own}, False
    now_ms, horizon_ms = to_ms(request.now), request.horizon // MILLISECOND
    free = [one for one, kept in own.items() if reserve([kept.book.copy()], 1, now_ms, horizon_ms, request.pace).count]
    free.sort(key=lambda campaign: turns.get(campaign, 0))
    left_out = free[MOST_CAMPAIGNS:]
    return {*own} - {*left_out}, bool(left_out)


def _changes(request: ClaimRequest, decided: _Decided) -> list[Change | Check]:
    """Everything that must happen together."""
    ahead = request.horizon > timedelta(0)
    taken = decided.sharing.taken
    held_until = max(one.permit_at for one in taken) + HELD_BEHIND
    held = [one.row.held for one in taken]
    changes: list[Change | Check] = [
        Check(CONTROL, REVISION_KEY, when=_revision_is(request.revision)),
        lease_put(held, ahead=ahead, until=decided.lease_until, held_until=min(held_until, decided.lease_until)),
    ]
    for book in decided.books:
        changes.extend(book.changes())
    if decided.probe:
        probing = begin_probe(breaker_of(decided.breaker), decided.lease_until)
        changes.append(breaker_put(request.sender.name, probing, version_of(decided.breaker)))
    return changes


def _revision_is(number: int) -> Condition:
    return {"value": number} if number else {"pk": ABSENT}


async def _begin(tables: Tables, request: ClaimRequest, decided: _Decided) -> list[Claimed]:
    """The claimed messages, begun unless their moments lie ahead."""
    ahead = request.horizon > timedelta(0)
    taken = decided.sharing.taken
    if not ahead:
        taken = await _begun(tables, request, decided, taken)
        if decided.probe and not taken:
            await _give_up_probe(tables, request, decided)
    keys = [person_key(one.row.held.contact) or {} for one in taken]
    people = await tables.get_many([(CONTACTS, key) for key in keys])
    return [
        _claimed(
            one.row.enrolment,
            Ticket(
                one.row.enrolment.id_of(one.row.held.step),
                request.sender.name,
                one.row.enrolment.rows[one.row.held.step].channel,
                one.row.held.fence,
                one.permit_at,
                one.row.lane.closes_at,
                decided.lease_until,
                decided.probe,
            ),
            contact_of(person) if person is not None and is_active(person) else None,
            begun=not ahead,
        )
        for one, person in zip(taken, people, strict=True)
    ]


async def _begun(
    tables: Tables, request: ClaimRequest, decided: _Decided, taken: Sequence[Taken[DueRow]]
) -> list[Taken[DueRow]]:
    """Record the intent of each; those of which another worker was faster are left out."""
    lease_ms, now_ms, sender = to_ms(decided.lease_until), to_ms(request.now), request.sender.name

    def beginning(held: Sequence[Held]) -> Act[list[int]]:
        return lambda one: [each.step for each in held if one.begin(each.step, each.fence, lease_ms, sender, now_ms)]

    steps: dict[EnrolmentPlace, list[Held]] = {}
    for one in taken:
        steps.setdefault(one.row.held.place, []).append(one.row.held)
    tallies = Tallies()
    done = await Enrolments(tables).change({place: beginning(held) for place, held in steps.items()}, tallies)
    await tallies.flush(tables)
    return [one for one in taken if one.row.held.step in done.get(one.row.held.place, [])]


async def _give_up_probe(tables: Tables, request: ClaimRequest, decided: _Decided) -> None:
    """The message of a probe was taken by another: another may try at once."""
    item = await tables.get(CONTROL, breaker_key(request.sender.name))
    breaker = breaker_of(item)
    if breaker.probe_until == decided.lease_until:
        await tables.write_many([breaker_put(request.sender.name, abandon_probe(breaker), version_of(item))])


def _answer(request: ClaimRequest, decided: _Decided, messages: list[Claimed]) -> Claim:
    offered, sharing = decided.offered, decided.sharing
    if len(sharing.taken) == offered.count < decided.count:
        return Claim(messages, _instant(offered.next_at_ms), offered.reason, blocked=True)
    if len(sharing.taken) == decided.count or (sharing.taken and decided.left_out):
        return Claim(messages, request.now, sharing.reason)
    wishes = (_instant(sharing.blocked_until_ms), decided.due.next_at)
    return Claim(messages, min((at for at in wishes if at is not None), default=None), sharing.reason)


def _instant(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else from_ms(at_ms)


async def pick_up(
    tables: Tables, ticket: Ticket, now: datetime, known: dict[EnrolmentPlace, Enrolment]
) -> Claimed | None:
    """What a ticket stands for; see `Ledger.pick_up`. Its enrolment becomes `known`, for `begin`."""
    place = place_of(ticket.id.campaign_id, ticket.id.contact_id)
    if place is None or now >= ticket.lease_until:
        return None
    [one] = await Enrolments(tables).load([place])
    row = one.rows.get(ticket.id.step) if one else None
    if one is None or row is None or not _waits_for(row, ticket):
        return None
    person = await tables.get(CONTACTS, person_key(ticket.id.contact_id) or {})
    contact = contact_of(person) if person is not None and is_active(person) else None
    known[place] = one
    return _claimed(one, ticket, contact, begun=False)


def _waits_for(row: AwsRow, ticket: Ticket) -> bool:
    return row.state is MessageState.DUE and row.fence == ticket.fence - 1


def _claimed(one: Enrolment, ticket: Ticket, contact: Contact | None, *, begun: bool) -> Claimed:
    row = one.rows[ticket.id.step]
    return Claimed(
        id=ticket.id,
        channel=row.channel,
        sender=ticket.sender,
        place=Place.parse(row.place),
        fence=ticket.fence,
        retries_used=row.retries,
        permit_at=ticket.permit_at,
        closes_at=ticket.closes_at,
        phone=contact.phone if contact else None,
        email=contact.email if contact else None,
        keys=contact.keys if contact else (),
        variables=contact.variables if contact else {},
        lease_until=ticket.lease_until,
        probe=ticket.probe,
        begun=begun,
    )


async def begin(tables: Tables, message: Claimed, now: datetime, known: dict[EnrolmentPlace, Enrolment]) -> bool:
    """Record the intent of one message; see `Ledger.begin`. It is counted together with its outcome.

    An enrolment that is `known` is not read again: it is written only when it is still as it was.
    """
    place = place_of(message.id.campaign_id, message.id.contact_id)
    if place is None:
        return False
    lease_ms, now_ms = to_ms(message.lease_until), to_ms(now)

    def act(one: Enrolment) -> bool:
        return one.begin(message.id.step, message.fence, lease_ms, message.sender, now_ms, counted=False)

    was = {place: known.pop(place)} if place in known else {}
    return (await Enrolments(tables).change({place: act}, Tallies(), was)).get(place, False)
