"""The ledger in SQLite."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import apsw

from disparo.adapters.embedded import claiming, enrolling, listing, settling
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.last_look import last_look
from disparo.adapters.embedded.permits import PRUNE, given_since, load_book, load_breaker
from disparo.adapters.embedded.rows import MESSAGE_COLUMNS, fetch, fetch_one, instant, message_of
from disparo.adapters.embedded.tallies import Tallies
from disparo.domain.campaign import Campaign
from disparo.domain.contact import Channel
from disparo.domain.errors import NotFoundError
from disparo.domain.instants import MILLISECOND, from_ms, to_ms
from disparo.domain.lane import Lane
from disparo.domain.message import Claimed, MessageEvent, MessageId, MessageRecord, MessageState
from disparo.domain.place import Place
from disparo.domain.policies.circuit_breaker import Breaker
from disparo.domain.policies.rate_limit import HISTORY_KEPT, PermitBook
from disparo.domain.sender import Sender
from disparo.domain.settlement import Settlement
from disparo.domain.ticket import Ticket
from disparo.ports.ledger import (
    Claim,
    ClaimRequest,
    Doubt,
    JournalEntry,
    LaunchPage,
    MessageFilter,
    NewMessage,
    Trouble,
)

LANES = """
SELECT l.id, l.campaign_id, l.channel, l.place, l.priorities
FROM campaign AS c JOIN lane AS l ON l.campaign_id = c.id WHERE c.state = 'running' ORDER BY l.id
"""

LAPSED = """
SELECT campaign_id, contact_id, step, fence, state FROM message INDEXED BY message_watch
WHERE state IN ('claimed', 'sending', 'in_doubt') AND state IN ('claimed', 'sending') AND due_at <= ?
ORDER BY due_at LIMIT ?
"""

DOUBTS = f"""
SELECT {MESSAGE_COLUMNS}, m.sender, m.claimed_at
FROM message AS m INDEXED BY message_watch JOIN lane AS l ON l.id = m.lane_id
WHERE m.state IN ('claimed', 'sending', 'in_doubt') AND m.state = 'in_doubt' AND m.due_at <= ?
ORDER BY m.due_at LIMIT ?
"""

LOOK_AGAIN = """
UPDATE message SET due_at = ? WHERE campaign_id = ? AND contact_id = ? AND step = ? AND state = 'in_doubt'
"""

NEXT_WATCH = (
    "SELECT min(due_at) FROM message INDEXED BY message_watch WHERE state IN ('claimed', 'sending', 'in_doubt')"
)

SWEEPABLE = """
SELECT contact_id, step FROM message
WHERE campaign_id = :campaign AND contact_id > :cursor AND contact_id <= :stop AND state IN ('waiting', 'due')
"""

SWEEP_STOP = """
-- The contact up to which one sweep goes, so that a contact's rows end together.
SELECT max(contact_id), count(*) FROM
(SELECT DISTINCT contact_id FROM message WHERE campaign_id = :campaign AND contact_id > :cursor LIMIT :limit)
"""

ONE = f"""
SELECT {MESSAGE_COLUMNS} FROM message AS m JOIN lane AS l ON l.id = m.lane_id
WHERE m.campaign_id = ? AND m.contact_id = ? AND m.step = ?
"""

OF_CONTACT = f"""
SELECT {MESSAGE_COLUMNS} FROM message AS m JOIN lane AS l ON l.id = m.lane_id
WHERE m.campaign_id = ? AND m.contact_id = ? ORDER BY m.step
"""

HAS_REPLIED = """
-- A reply counts until a person sends one of the messages again all the same.
SELECT 1 FROM journal WHERE campaign_id = :campaign AND contact_id = :contact AND event = 'replied'
AND number > coalesce((SELECT max(number) FROM journal
                       WHERE campaign_id = :campaign AND contact_id = :contact AND event = 'redrive'), 0)
LIMIT 1
"""

JOURNAL = """
SELECT at, event, attempt, reason, detail, provider_id FROM journal
WHERE campaign_id = ? AND contact_id = ? AND step = ? ORDER BY number
"""

SWEEP_CURSOR = "SELECT sweep_cursor FROM campaign WHERE id = ?"

MOVE_SWEEP = "UPDATE campaign SET sweep_cursor = ? WHERE id = ?"

TAKE_ROLE = """
INSERT INTO role VALUES (:name, :holder, :until) ON CONFLICT (name) DO UPDATE
SET holder = excluded.holder, until = excluded.until WHERE holder = excluded.holder OR until <= :now
RETURNING 1
"""


LAPSE = {"claimed": MessageEvent.RELEASE, "sending": MessageEvent.DOUBT}
"""What was claimed and had not begun surely was not sent."""

BEGIN = """
UPDATE message SET state = 'sending', claimed_at = ?, changed_at = ?
WHERE campaign_id = ? AND contact_id = ? AND step = ? AND state = 'claimed' AND fence = ? AND due_at > ? RETURNING 1
"""


class SqliteLedger:
    """`Ledger` in the tables message, lane, tally, journal, permit and breaker."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def revision(self) -> int:
        """See `Ledger.revision`."""
        [(revision,)] = fetch(self._db.reader, claiming.REVISION)
        return int(revision)

    async def lanes(self) -> Sequence[Lane]:
        """See `Ledger.lanes`."""
        return [
            Lane(lane, str(campaign), Channel(channel), Place.parse(place), _bits(priorities))
            for lane, campaign, channel, place, priorities in fetch(self._db.reader, LANES)
        ]

    async def launch_page(self, campaign: Campaign, limit: int) -> LaunchPage:
        """See `Ledger.launch_page`."""
        return enrolling.next_page(self._db.reader, campaign, limit)

    async def enroll(self, campaign: Campaign, page: LaunchPage, messages: Sequence[NewMessage], now: datetime) -> bool:
        """See `Ledger.enroll`."""
        return await self._db.write(lambda c: enrolling.enter(c, campaign, page, messages, to_ms(now)))

    async def enter(self, campaign: Campaign, messages: Sequence[NewMessage], now: datetime) -> Sequence[bool]:
        """See `Ledger.enter`."""
        return await self._db.write(
            lambda connection: enrolling.enter_singly(connection, campaign, messages, to_ms(now))
        )

    async def claim(self, request: ClaimRequest) -> Claim:
        """See `Ledger.claim`."""
        return await self._db.write(lambda connection: claiming.take(connection, request))

    async def pick_up(self, ticket: Ticket, now: datetime) -> Claimed | None:
        """See `Ledger.pick_up`."""
        return claiming.pick_up(self._db.reader, ticket, now)

    async def begin(self, message: Claimed, now: datetime) -> bool:
        """See `Ledger.begin`."""

        def record_intent(connection: apsw.Connection) -> bool:
            key, at_ms = settling.key_of(message.id), to_ms(now)
            if not fetch(connection, BEGIN, (at_ms, at_ms, *key, message.fence, at_ms)):
                return False
            tallies = Tallies()
            tallies.move(key[0], key[2], (MessageState.CLAIMED, ""), (MessageState.SENDING, ""))
            tallies.save(connection)
            return True

        return await self._db.write(record_intent)

    async def clear_to_send(self, message: Claimed, sender: Sender, now: datetime) -> str | None:
        """See `Ledger.clear_to_send`."""
        return last_look(self._db.reader, [message], sender, now)[0]

    async def clear_many(self, messages: Sequence[Claimed], sender: Sender, now: datetime) -> Sequence[str | None]:
        """See `Ledger.clear_many`."""
        return last_look(self._db.reader, messages, sender, now)

    async def has_replied(self, campaign_id: str, contact_id: str) -> bool:
        """See `Ledger.has_replied`."""
        campaign, contact, _ = settling.key_of(MessageId(campaign_id, 0, contact_id))
        return bool(fetch(self._db.reader, HAS_REPLIED, {"campaign": campaign, "contact": contact}))

    async def settle(self, settlements: Sequence[Settlement], now: datetime) -> Sequence[bool]:
        """See `Ledger.settle`."""
        return await self._db.write(lambda connection: settling.settle(connection, settlements, to_ms(now)))

    async def note(self, message_id: MessageId, event: str, detail: str, event_id: str, now: datetime) -> bool:
        """See `Ledger.note`."""
        return await self._db.write(
            lambda connection: settling.note(connection, message_id, event, detail, event_id, to_ms(now))
        )

    async def seen(self, message_id: MessageId, event_id: str) -> bool:  # noqa: ARG002
        """See `Ledger.seen`."""
        return settling.seen(self._db.reader, event_id)

    async def lapse(self, now: datetime, limit: int) -> int:
        """See `Ledger.lapse`."""

        def put_in_doubt(connection: apsw.Connection) -> int:
            rows = fetch(connection, LAPSED, (to_ms(now), limit))
            lost = [
                Settlement(_id(campaign, step, contact), LAPSE[state], fence, "lease_ran_out", due_at=now)
                for campaign, contact, step, fence, state in rows
            ]
            return sum(settling.settle(connection, lost, to_ms(now)))

        # The look is free, the write is not: most of the time there is nothing.
        if not self._db.reader.execute(LAPSED, (to_ms(now), 1)).fetchone():
            return 0
        return await self._db.write(put_in_doubt)

    async def doubts(self, now: datetime, limit: int) -> Sequence[Doubt]:
        """See `Ledger.doubts`."""
        found = []
        for *columns, sender, claimed_at in fetch(self._db.reader, DOUBTS, (to_ms(now), limit)):
            record = message_of(columns)
            found.append(Doubt(record, sender, from_ms(claimed_at), record.changed_at))
        return found

    async def look_again(self, message_id: MessageId, at: datetime) -> None:
        """See `Ledger.look_again`."""
        key = settling.key_of(message_id)
        await self._db.write(lambda connection: connection.execute(LOOK_AGAIN, (to_ms(at), *key)).fetchall())

    async def next_watch(self) -> datetime | None:
        """See `Ledger.next_watch`."""
        [(due_at,)] = fetch(self._db.reader, NEXT_WATCH)
        return instant(due_at)

    async def sweep(self, campaign: Campaign, event: MessageEvent, reason: str, now: datetime, limit: int) -> int:
        """See `Ledger.sweep`."""

        def end_some(connection: apsw.Connection) -> int:
            at = {"campaign": int(campaign.id), "limit": limit}
            [(at["cursor"],)] = fetch(connection, SWEEP_CURSOR, (at["campaign"],))
            [(stop, contacts)] = fetch(connection, SWEEP_STOP, at)
            rows = fetch(connection, SWEEPABLE, {**at, "stop": stop or 0})
            ended = [Settlement(_id(campaign.id, step, contact), event, reason=reason) for contact, step in rows]
            connection.execute(MOVE_SWEEP, (0 if contacts < limit else stop, at["campaign"]))
            return sum(settling.settle(connection, ended, to_ms(now), journal=False)) or int(contacts == limit)

        return await self._db.write(end_some)

    async def hold_role(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """See `Ledger.hold_role`."""
        wanted = {"name": name, "holder": holder, "until": to_ms(until), "now": to_ms(now)}
        return bool(await self._db.write(lambda connection: fetch(connection, TAKE_ROLE, wanted)))

    async def rows_of(self, campaign_id: str, contact_id: str) -> Sequence[MessageRecord]:
        """See `Ledger.rows_of`."""
        campaign, contact, _ = settling.key_of(MessageId(campaign_id, 0, contact_id))
        return [message_of(row) for row in fetch(self._db.reader, OF_CONTACT, (campaign, contact))]

    async def get(self, message_id: MessageId) -> MessageRecord:
        """See `Ledger.get`."""
        if (row := fetch_one(self._db.reader, ONE, settling.key_of(message_id))) is None:
            raise NotFoundError(f"a mensagem {message_id} não existe (veja: disparo messages)")
        return message_of(row)

    async def page(self, wanted: MessageFilter, after: MessageId | None, limit: int) -> Sequence[MessageRecord]:
        """See `Ledger.page`."""
        return await listing.page(self._db.reader, wanted, after, limit)

    async def troubled(self, wanted: MessageFilter, after: str | None, limit: int) -> Sequence[Trouble]:
        """See `Ledger.troubled`."""
        return listing.troubled(self._db.reader, wanted, after, limit)

    async def journal(self, message_id: MessageId) -> Sequence[JournalEntry]:
        """See `Ledger.journal`."""
        rows = fetch(self._db.reader, JOURNAL, settling.key_of(message_id))
        return [JournalEntry(from_ms(at), *rest) for at, *rest in rows]

    async def breaker(self, sender: str) -> Breaker:
        """See `Ledger.breaker`."""
        return load_breaker(self._db.reader, sender)

    async def book(self, name: str, count: int, sender: Sender) -> PermitBook:
        """See `Ledger.book`."""
        return load_book(self._db.reader, name, sender.limits, count)

    async def given_since(self, name: str, instants: Sequence[datetime]) -> Sequence[int]:
        """See `Ledger.given_since`."""
        return [given_since(self._db.reader, name, to_ms(one)) for one in instants]

    async def prune(self) -> None:
        """See `Ledger.prune`."""
        kept = HISTORY_KEPT // MILLISECOND
        await self._db.write(lambda connection: connection.execute(PRUNE, (kept,)).fetchall())


def _id(campaign: object, step: int, contact: object) -> MessageId:
    return MessageId(str(campaign), step, str(contact))


def _bits(mask: int) -> tuple[int, ...]:
    return tuple(bit for bit in range(mask.bit_length()) if mask >> bit & 1)
