"""The claim: permits, due rows and intent in one transaction."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import apsw

from disparo.adapters.embedded.permits import load_book, load_breaker, save_book, save_breaker
from disparo.adapters.embedded.rows import Row, fetch, fetch_one, instant
from disparo.adapters.embedded.tallies import Tallies
from disparo.domain.contact import Channel
from disparo.domain.instants import MILLISECOND, from_ms, to_ms
from disparo.domain.lane import OpenLane
from disparo.domain.message import Claimed, MessageId
from disparo.domain.place import Place
from disparo.domain.policies.circuit_breaker import admit, begin_probe
from disparo.domain.policies.rate_limit import Grant, PermitBook, reserve
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
UPDATE message SET state = 'sending', reason = '', fence = ?, due_at = ?, claimed_at = ?, sender = ?, changed_at = ?
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
    offered = reserve([book.copy()], count, to_ms(request.now), request.horizon // MILLISECOND)
    until = instant(offered.next_at_ms)
    if not offered.count:
        return Claim([], until, offered.reason, blocked=True)
    given_before = book.given
    taking = _Taking(connection, request, book, probe=admission.allowed is not None)
    taking.share_out(offered.count)
    if taking.messages:
        save_book(connection, taking.book, given_before)
        taking.save_turns()
        taking.tallies.save(connection)
        if taking.probe:
            save_breaker(connection, sender.name, begin_probe(breaker, request.now + sender.lease))
    if len(taking.messages) == offered.count < count:
        return Claim(taking.messages, until, offered.reason, blocked=True)
    return Claim(taking.messages, taking.next_at(count), taking.reason)


@dataclass(slots=True)
class _Taking:
    """One claim on its way."""

    connection: apsw.Connection
    request: ClaimRequest
    book: PermitBook
    probe: bool
    messages: list[Claimed] = field(default_factory=list)
    served: Counter[str] = field(default_factory=Counter)
    tallies: Tallies = field(default_factory=Tallies)
    blocked_until_ms: int | None = None
    reason: str = ""

    def share_out(self, count: int) -> None:
        """Give each campaign an equal share, in turn; what one does not need goes to the others."""
        hungry = self._campaigns_in_turn()
        while hungry and len(self.messages) < count:
            still_hungry = []
            for position, lanes in enumerate(hungry):
                share = -(-(count - len(self.messages)) // (len(hungry) - position))
                if share and self._serve(lanes, share):
                    still_hungry.append(lanes)
            hungry = still_hungry

    def _campaigns_in_turn(self) -> list[list[OpenLane]]:
        by_campaign: dict[str, list[OpenLane]] = {}
        for lane in self.request.lanes:
            by_campaign.setdefault(lane.campaign_id, []).append(lane)
        turns = {str(campaign): turn for campaign, turn in fetch(self.connection, TURNS, (self.book.name,))}
        return [by_campaign[campaign] for campaign in sorted(by_campaign, key=lambda campaign: turns.get(campaign, 0))]

    def _serve(self, lanes: Sequence[OpenLane], share: int) -> bool:
        """Take up to `share` messages of one campaign; whether it may want more."""
        campaign_id, sender = lanes[0].campaign_id, self.request.sender
        own = load_book(self.connection, sender.campaign_book(campaign_id), lanes[0].limits, share)
        books, own_before = [self.book, own], own.given
        now_ms, horizon_ms = to_ms(self.request.now), self._horizon_ms(lanes)
        # Permits are never given back, so first see how many there would be, then take those that have a message.
        possible = reserve([book.copy() for book in books], share, now_ms, horizon_ms)
        rows = self._due_rows(lanes, possible.count)
        if len(rows) == possible.count < share:  # with fewer rows than permits no limit stands in the way
            self._blocked_by_own_limit(possible)
        if rows:
            grant = reserve(books, len(rows), now_ms, horizon_ms)
            self._begin(rows, [from_ms(at) for at, times in grant.runs for _ in range(times)], lanes)
            save_book(self.connection, own, own_before)
            self.served[campaign_id] += len(rows)
        return len(rows) == share

    def save_turns(self) -> None:
        """Whoever got most goes behind the others, so that what cannot be divided goes round."""
        most = max(self.served.values())
        turns = ({"sender": self.book.name, "campaign": int(one)} for one, got in self.served.items() if got == most)
        self.connection.executemany(SAVE_TURN, turns)

    def _horizon_ms(self, lanes: Sequence[OpenLane]) -> int:
        closings = [lane.closes_at - self.request.now for lane in lanes if lane.closes_at is not None]
        return max(0, (min([self.request.horizon, *closings]) - MILLISECOND) // MILLISECOND)

    def _blocked_by_own_limit(self, possible: Grant) -> None:
        until_ms = possible.next_at_ms
        if until_ms is not None and (self.blocked_until_ms is None or until_ms < self.blocked_until_ms):
            self.blocked_until_ms, self.reason = until_ms, possible.reason

    def _due_rows(self, lanes: Sequence[OpenLane], count: int) -> list[Row]:
        rows: list[Row] = []
        for priority, ids in _by_priority(lanes):
            if len(rows) >= count:
                break
            wanted = {"lanes": ids, "priority": priority, "now": to_ms(self.request.now), "count": count - len(rows)}
            rows.extend(fetch(self.connection, DUE, wanted))
        return rows

    def _begin(self, rows: Sequence[Row], moments: Sequence[datetime], lanes: Sequence[OpenLane]) -> None:
        now_ms, name = to_ms(self.request.now), self.request.sender.name
        lease_ms = to_ms(max(moments) + self.request.sender.lease)
        self.connection.executemany(
            BEGIN, ((row[3], lease_ms, now_ms, name, now_ms, row[0], row[1], row[2]) for row in rows)
        )
        closings = {lane.id: lane.closes_at for lane in lanes}
        for row, moment in zip(rows, moments, strict=True):
            self.tallies.move(row[0], row[2], ("due", ""), ("sending", ""))
            self.messages.append(_claimed(row, name, moment, closings[row[12]], probe=self.probe))

    def next_at(self, count: int) -> datetime | None:
        """When it is worth asking again."""
        if len(self.messages) == count:
            return self.request.now
        wishes = (instant(self.blocked_until_ms), self._next_due())
        return min((at for at in wishes if at is not None), default=None)

    def _next_due(self) -> datetime | None:
        now_ms = to_ms(self.request.now)
        found = [
            row[0]
            for priority, ids in _by_priority(self.request.lanes)
            for row in fetch(self.connection, NEXT_DUE, {"lanes": ids, "priority": priority, "now": now_ms})
        ]
        return instant(min((at for at in found if at is not None), default=None))


def _by_priority(lanes: Sequence[OpenLane]) -> list[tuple[int, str]]:
    """For each priority, most urgent first, the lanes that may hold it, as JSON."""
    priorities = sorted({priority for lane in lanes for priority in lane.priorities})
    with_priority = {priority: [lane.id for lane in lanes if priority in lane.priorities] for priority in priorities}
    return [(priority, json.dumps(ids)) for priority, ids in with_priority.items()]


def _claimed(row: Row, sender: str, moment: datetime, closes_at: datetime | None, *, probe: bool) -> Claimed:
    campaign, contact, step, fence, retries, channel, place, phone, email, phone_key, email_key, variables, _ = row
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
        probe=probe,
    )
