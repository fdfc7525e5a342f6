"""The claim: permits, due rows and intent in one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import apsw

from disparo.adapters.embedded.permits import load_book, load_breaker, save_book, save_breaker
from disparo.adapters.embedded.rows import Row, fetch, fetch_one, instant
from disparo.adapters.embedded.settling import key_of
from disparo.adapters.embedded.tallies import Tallies
from disparo.domain.contact import Channel
from disparo.domain.instants import MILLISECOND, to_ms
from disparo.domain.lane import OpenLane
from disparo.domain.message import Claimed, MessageId, MessageState
from disparo.domain.place import Place
from disparo.domain.policies.circuit_breaker import admit, begin_probe
from disparo.domain.policies.rate_limit import PermitBook, reserve
from disparo.domain.sharing import Sharing
from disparo.domain.ticket import Ticket
from disparo.ports.ledger import Claim, ClaimRequest

REVISION = "SELECT value FROM control WHERE name = 'revision'"

TURNS = "SELECT campaign_id, turn FROM turn WHERE sender = ?"

SAVE_TURN = """
INSERT INTO turn VALUES (:sender, :campaign, (SELECT coalesce(max(turn), 0) + 1 FROM turn WHERE sender = :sender))
ON CONFLICT (sender, campaign_id) DO UPDATE SET turn = excluded.turn
"""

DUE = """
-- Due rows of some lanes in the order of the lanes, oldest first inside one, with what sending them needs.
SELECT m.campaign_id, m.contact_id, m.step, m.fence + 1, m.retries, l.channel, l.place,
       c.phone, c.email, c.phone_key, c.email_key, c.variables, m.lane_id
FROM json_each(:lanes) AS wanted
CROSS JOIN message AS m INDEXED BY message_due
CROSS JOIN lane AS l ON l.id = m.lane_id
CROSS JOIN contact AS c ON c.id = m.contact_id
WHERE m.state = 'due' AND m.lane_id = wanted.value AND m.priority = :priority AND m.due_at <= :now
LIMIT :count
"""

NEXT_DUE = """
SELECT min((SELECT min(due_at) FROM message INDEXED BY message_due
            WHERE state = 'due' AND lane_id = wanted.value AND priority = :priority AND due_at > :now))
FROM json_each(:lanes) AS wanted
"""

BEGIN = """
UPDATE message SET state = ?, reason = '', fence = ?, due_at = ?, claimed_at = ?, sender = ?, changed_at = ?
WHERE campaign_id = ? AND contact_id = ? AND step = ?
"""


def take(connection: apsw.Connection, request: ClaimRequest) -> Claim:
    """Take what the request allows; see `Ledger.claim`."""
    if fetch_one(connection, REVISION) != (request.revision,):
        return Claim(stale=True)
    sender = request.sender
    breaker = load_breaker(connection, sender.name)
    admission = admit(sender.breaker, breaker, request.now)
    if admission.allowed == 0:
        return Claim([], admission.changes_at, admission.reason, blocked=True)
    count = request.count if admission.allowed is None else min(request.count, admission.allowed)
    book = load_book(connection, sender.name, sender.limits, count)
    offered = reserve([book.copy()], count, to_ms(request.now), request.horizon // MILLISECOND, request.pace)
    until = instant(offered.next_at_ms)
    if not offered.count:
        return Claim([], until, offered.reason, blocked=True)
    given_before = book.given
    taking = _Taking(connection, request, count)
    sharing = Sharing(book, request.now, request.horizon, taking.own_book, taking.due_rows, request.pace)
    sharing.share_out(request.lanes, offered.count, _turns(connection, sender.name))
    messages = taking.begin(sharing, probe=admission.allowed is not None)
    if messages:
        save_book(connection, book, given_before)
        for own in sharing.own_books.values():
            save_book(connection, own, taking.given_before[own.name])
        _save_turns(connection, sender.name, sharing.most_served())
        if admission.allowed is not None:
            save_breaker(connection, sender.name, begin_probe(breaker, messages[0].lease_until))
    if len(messages) == offered.count < count:
        return Claim(messages, until, offered.reason, blocked=True)
    if len(messages) == count:
        return Claim(messages, request.now, sharing.reason)
    wishes = (instant(sharing.blocked_until_ms), taking.next_due())
    return Claim(messages, min((at for at in wishes if at is not None), default=None), sharing.reason)


def _turns(connection: apsw.Connection, sender: str) -> dict[str, int]:
    return {str(campaign): turn for campaign, turn in fetch(connection, TURNS, (sender,))}


def _save_turns(connection: apsw.Connection, sender: str, campaigns: Sequence[str]) -> None:
    connection.executemany(SAVE_TURN, ({"sender": sender, "campaign": int(campaign)} for campaign in campaigns))


@dataclass(slots=True)
class _Taking:
    """One claim's way to the rows and books that it needs."""

    connection: apsw.Connection
    request: ClaimRequest
    count: int
    given_before: dict[str, int] = field(default_factory=dict)

    def own_book(self, lane: OpenLane) -> PermitBook:
        """A campaign's own book at this sender."""
        name = self.request.sender.campaign_book(lane.campaign_id)
        book = load_book(self.connection, name, lane.limits, self.count)
        self.given_before[name] = book.given
        return book

    def due_rows(self, lanes: Sequence[OpenLane], count: int) -> list[Row]:
        """The first due rows of these lanes, by priority."""
        rows: list[Row] = []
        for priority, ids in _by_priority(lanes):
            if len(rows) >= count:
                break
            wanted = {"lanes": ids, "priority": priority, "now": to_ms(self.request.now), "count": count - len(rows)}
            rows.extend(fetch(self.connection, DUE, wanted))
        return rows

    def begin(self, sharing: Sharing[Row], *, probe: bool) -> list[Claimed]:
        """Write down who has which row, and the intent with it unless the moments lie ahead."""
        if not sharing.taken:
            return []
        ahead = self.request.horizon > timedelta(0)
        state = MessageState.CLAIMED if ahead else MessageState.SENDING
        now_ms, name = to_ms(self.request.now), self.request.sender.name
        lease_until = max(one.permit_at for one in sharing.taken) + self.request.sender.lease
        lease_ms = to_ms(lease_until)
        rows = [one.row for one in sharing.taken]
        self.connection.executemany(
            BEGIN, ((state, row[3], lease_ms, now_ms, name, now_ms, row[0], row[1], row[2]) for row in rows)
        )
        tallies = Tallies()
        for row in rows:
            tallies.move(row[0], row[2], (MessageState.DUE, ""), (state, ""))
        tallies.save(self.connection)
        closings = {lane.id: lane.closes_at for lane in self.request.lanes}
        return [
            _claimed(
                one.row[:-1], name, one.permit_at, closings[one.row[-1]], lease_until, probe=probe, begun=not ahead
            )
            for one in sharing.taken
        ]

    def next_due(self) -> datetime | None:
        """When the next row of these lanes is due."""
        now_ms = to_ms(self.request.now)
        found = [
            row[0]
            for priority, ids in _by_priority(self.request.lanes)
            for row in fetch(self.connection, NEXT_DUE, {"lanes": ids, "priority": priority, "now": now_ms})
        ]
        return instant(min((at for at in found if at is not None), default=None))


PICK_UP = """
-- What was claimed ahead and has not begun, with what sending it needs.
SELECT m.campaign_id, m.contact_id, m.step, m.fence, m.retries, l.channel, l.place,
       c.phone, c.email, c.phone_key, c.email_key, c.variables
FROM message AS m JOIN lane AS l ON l.id = m.lane_id JOIN contact AS c ON c.id = m.contact_id
WHERE m.campaign_id = ? AND m.contact_id = ? AND m.step = ? AND m.state = 'claimed' AND m.fence = ? AND m.due_at > ?
"""


def pick_up(connection: apsw.Connection, ticket: Ticket, now: datetime) -> Claimed | None:
    """A claimed message by its ticket; see `Ledger.pick_up`."""
    row = fetch_one(connection, PICK_UP, (*key_of(ticket.id), ticket.fence, to_ms(now)))
    if row is None:
        return None
    return _claimed(
        row, ticket.sender, ticket.permit_at, ticket.closes_at, ticket.lease_until, probe=ticket.probe, begun=False
    )


def _by_priority(lanes: Sequence[OpenLane]) -> list[tuple[int, str]]:
    """For each priority, most urgent first, the lanes that may hold it, as JSON."""
    priorities = sorted({priority for lane in lanes for priority in lane.priorities})
    with_priority = {priority: [lane.id for lane in lanes if priority in lane.priorities] for priority in priorities}
    return [(priority, json.dumps(ids)) for priority, ids in with_priority.items()]


def _claimed(
    row: Row,
    sender: str,
    moment: datetime,
    closes_at: datetime | None,
    lease_until: datetime,
    *,
    probe: bool,
    begun: bool,
) -> Claimed:
    campaign, contact, step, fence, retries, channel, place, phone, email, phone_key, email_key, variables = row
    return Claimed(
        id=MessageId(str(campaign), step, str(contact)),
        channel=Channel(channel),
        sender=sender,
        place=Place.parse(place),
        fence=fence,
        retries_used=retries,
        permit_at=moment,
        closes_at=closes_at,
        phone=phone,
        email=email,
        keys=tuple(key for key in (phone_key, email_key) if key),
        variables=json.loads(variables),
        lease_until=lease_until,
        probe=probe,
        begun=begun,
    )
