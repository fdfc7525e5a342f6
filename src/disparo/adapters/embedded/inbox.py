"""The inbox in SQLite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import apsw

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.forgotten import is_gone, since
from disparo.adapters.embedded.rows import Row, fetch, fetch_one, instant
from disparo.domain.contact import Channel
from disparo.domain.errors import NotFoundError
from disparo.domain.forgotten import is_forgotten
from disparo.domain.inbox_entry import entry_id, event_digest, kept_text
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.receipt import Notice
from disparo.ports.inbox import Conversation, Heard, InboxEntry

KNOW = "INSERT INTO inbox_event VALUES (?) ON CONFLICT DO NOTHING RETURNING 1"

KNOWN = "SELECT 1 FROM inbox_event WHERE digest = ?"

GO_ON = """
INSERT INTO conversation VALUES (:owner, :id, 1, 1)
ON CONFLICT DO UPDATE SET latest = max(latest, excluded.latest), entries = entries + 1, unhandled = unhandled + 1
"""

KEEP = "INSERT INTO inbox VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, '')"

OPEN = """
INSERT INTO inbox_window VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at WHERE excluded.at > at
"""

COLUMNS = "id, event_id, channel, sender, key, contact_id, message_id, text, intent, at, handled_at, outcome"

ALL = f"SELECT {COLUMNS} FROM inbox WHERE id < :after ORDER BY id DESC LIMIT :limit"

UNHANDLED = f"""
SELECT {COLUMNS} FROM inbox INDEXED BY inbox_unhandled
WHERE handled_at IS NULL AND id < :after ORDER BY id DESC LIMIT :limit
"""

OF_CONTACT = f"""
SELECT {COLUMNS} FROM inbox INDEXED BY inbox_of_contact
WHERE contact_id = :contact AND id < :after AND (NOT :unhandled OR handled_at IS NULL) ORDER BY id DESC LIMIT :limit
"""

OF_STRANGER = f"""
SELECT {COLUMNS} FROM inbox INDEXED BY inbox_of_stranger
WHERE contact_id IS NULL AND key = :contact AND id < :after AND (NOT :unhandled OR handled_at IS NULL)
ORDER BY id DESC LIMIT :limit
"""

_LINES = f"""
SELECT c.owner, c.entries, c.unhandled, {", ".join(f"i.{name}" for name in COLUMNS.split(", "))}
FROM conversation AS c"""

CONVERSATIONS = f"""{_LINES} INDEXED BY conversation_latest CROSS JOIN inbox AS i ON i.id = c.latest
WHERE c.latest < :after ORDER BY c.latest DESC LIMIT :limit
"""

UNHANDLED_CONVERSATIONS = f"""{_LINES} INDEXED BY conversation_unhandled CROSS JOIN inbox AS i ON i.id = c.latest
WHERE c.unhandled > 0 AND c.latest < :after ORDER BY c.latest DESC LIMIT :limit
"""

CONVERSATION = f"{_LINES} CROSS JOIN inbox AS i ON i.id = c.latest WHERE c.owner = ?"

HANDLE = """
UPDATE inbox SET handled_at = ?, outcome = ? WHERE id = ? AND handled_at IS NULL RETURNING coalesce(contact_id, key)
"""

ONE_LESS = "UPDATE conversation SET unhandled = unhandled - 1 WHERE owner = ?"

THERE = "SELECT 1 FROM inbox WHERE id = ?"

LAST_HEARD = """
-- Of two keys, before each message of WhatsApp: 2 us, where a join with the keys, or IN, takes 7.
SELECT at FROM inbox_window WHERE key = ?1 AND channel = ?3 AND sender = ?4
UNION ALL SELECT at FROM inbox_window WHERE key = ?2 AND channel = ?3 AND sender = ?4
"""

SHUT = """
DELETE FROM inbox_window WHERE key IN (SELECT value FROM json_each(?)) AND channel = ? AND sender = ?
"""

LEARN = "INSERT INTO alias VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET key = excluded.key"

KEY_OF = "SELECT key FROM alias WHERE provider = ? AND user_id = ?"

KEEP_NOTICE = "INSERT INTO notice VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1"

NOTICES = """
SELECT id, provider, event_id, kind, at, detail FROM notice WHERE id < ? ORDER BY id DESC LIMIT ?
"""

WROTE_AS = "SELECT DISTINCT key FROM inbox INDEXED BY inbox_of_contact WHERE contact_id = ? AND key <> '?'"

NAMES = "SELECT 'user:' || provider || ':' || user_id FROM alias WHERE key IN (SELECT value FROM json_each(?))"

FORGET = (
    "DELETE FROM conversation WHERE owner = :contact",
    "DELETE FROM conversation WHERE owner IN (SELECT value FROM json_each(:keys))",
    "DELETE FROM inbox WHERE contact_id = :contact",
    "DELETE FROM inbox WHERE contact_id IS NULL AND key IN (SELECT value FROM json_each(:keys))",
    "DELETE FROM inbox_window WHERE key IN (SELECT value FROM json_each(:keys))",
    "DELETE FROM alias WHERE key IN (SELECT value FROM json_each(:keys))",
)

_NEWEST = "~"
"""Sorts behind every id."""


class SqliteInbox:
    """`Inbox` in the tables inbox, conversation, inbox_event, inbox_window, alias and notice."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def keep(self, heard: Heard, now: datetime) -> bool:
        """See `Inbox.keep`."""
        return await self._db.write(lambda connection: _keep(connection, heard, now))

    async def knows(self, event_id: str) -> bool:
        """See `Inbox.knows`."""
        return fetch_one(self._db.reader, KNOWN, (event_digest(event_id),)) is not None

    async def page(
        self, after: str | None, limit: int, *, contact_id: str | None = None, unhandled: bool = False
    ) -> Sequence[InboxEntry]:
        """See `Inbox.page`."""
        wanted = {"after": after or _NEWEST, "limit": limit, "contact": contact_id, "unhandled": unhandled}
        if contact_id is not None:
            query = OF_CONTACT if contact_id.isdecimal() else OF_STRANGER
            return _entries(fetch(self._db.reader, query, wanted))
        return _entries(fetch(self._db.reader, UNHANDLED if unhandled else ALL, wanted))

    async def conversations(self, after: str | None, limit: int, *, unhandled: bool = False) -> Sequence[Conversation]:
        """See `Inbox.conversations`."""
        wanted = {"after": after or _NEWEST, "limit": limit}
        query = UNHANDLED_CONVERSATIONS if unhandled else CONVERSATIONS
        return [_conversation(row) for row in fetch(self._db.reader, query, wanted)]

    async def conversation(self, owner: str) -> Conversation | None:
        """See `Inbox.conversation`."""
        row = fetch_one(self._db.reader, CONVERSATION, (owner,))
        return None if row is None else _conversation(row)

    async def handle(self, entry_id: str, now: datetime, outcome: str = "") -> bool:
        """See `Inbox.handle`."""

        def note(connection: apsw.Connection) -> bool:
            if (owner := fetch_one(connection, HANDLE, (to_ms(now), outcome, entry_id))) is not None:
                connection.execute(ONE_LESS, owner)
                return True
            if fetch_one(connection, THERE, (entry_id,)) is None:
                raise NotFoundError(f"a entrada {entry_id!r} não existe (veja: disparo inbox list)")
            return False

        return await self._db.write(note)

    async def last_heard(self, channel: Channel, sender: str, keys: Sequence[str]) -> datetime | None:
        """See `Inbox.last_heard`."""
        pairs = zip(keys[::2], [*keys[1::2], *keys[-1:]], strict=False)  # the last one alone is asked for twice
        found = [at for pair in pairs for (at,) in fetch(self._db.reader, LAST_HEARD, (*pair, channel, sender))]
        return instant(max(found, default=None))

    async def shut(self, channel: Channel, sender: str, keys: Sequence[str]) -> None:
        """See `Inbox.shut`."""
        wanted = (json.dumps(list(keys)), channel, sender)
        await self._db.write(lambda connection: connection.execute(SHUT, wanted).fetchall())

    async def learn(self, provider: str, user_id: str, key: str, contact_id: str | None = None) -> None:
        """See `Inbox.learn`."""

        def learn(connection: apsw.Connection) -> None:
            if not is_gone(connection, contact_id):
                connection.execute(LEARN, (provider, user_id, key))

        await self._db.write(learn)

    async def key_of(self, provider: str, user_id: str) -> str | None:
        """See `Inbox.key_of`."""
        row = fetch_one(self._db.reader, KEY_OF, (provider, user_id))
        return None if row is None else str(row[0])

    async def keep_notice(self, notice: Notice, now: datetime) -> bool:
        """See `Inbox.keep_notice`."""
        name = notice.event
        row = (
            entry_id(name, now),
            event_digest(name),
            notice.provider,
            notice.event_id,
            kept_text(notice.kind),
            to_ms(notice.at),
            kept_text(notice.detail),
        )
        return bool(await self._db.write(lambda connection: fetch(connection, KEEP_NOTICE, row)))

    async def notices(self, after: str | None, limit: int) -> Sequence[tuple[str, Notice]]:
        """See `Inbox.notices`."""
        return [
            (number, Notice(provider, event_id, kind, from_ms(at_ms), detail))
            for number, provider, event_id, kind, at_ms, detail in fetch(
                self._db.reader, NOTICES, (after or _NEWEST, limit)
            )
        ]

    async def forget(self, contact_id: str, keys: Sequence[str]) -> None:
        """See `Inbox.forget`."""
        await self._db.write(lambda connection: forget(connection, contact_id, keys))


def known_by(connection: apsw.Connection, contact_id: str, keys: Sequence[str]) -> list[str]:
    """All keys by which a contact is known: its own, those that it wrote from, and what providers call it."""
    own = [*keys, *(key for (key,) in fetch(connection, WROTE_AS, (contact_id,)))]
    return [*dict.fromkeys([*own, *_names(connection, own)])]


def _names(connection: apsw.Connection, keys: Sequence[str]) -> list[str]:
    return [name for (name,) in fetch(connection, NAMES, (json.dumps(list(keys)),))]


def forget(connection: apsw.Connection, contact_id: str, keys: Sequence[str]) -> None:
    """Remove what a person wrote; see `Inbox.forget`. That the events were kept stays known, so they do not return."""
    wanted = {"contact": contact_id, "keys": json.dumps([*keys, *_names(connection, keys)])}
    for statement in FORGET:
        # each takes only its own names
        connection.execute(statement, {name: value for name, value in wanted.items() if f":{name}" in statement})


def written_by(connection: apsw.Connection, contact_id: str) -> list[InboxEntry]:
    """All that a contact wrote, newest first."""
    wanted = {"after": _NEWEST, "limit": -1, "contact": contact_id, "unhandled": False}
    return _entries(fetch(connection, OF_CONTACT, wanted))


def _keep(connection: apsw.Connection, heard: Heard, now: datetime) -> bool:
    if is_gone(connection, heard.contact_id) or is_forgotten([heard.key], since(connection, to_ms(heard.at))):
        return False
    if not fetch(connection, KNOW, (event_digest(heard.event_id),)):
        return False
    named = (heard.event_id, heard.channel, heard.sender, heard.key, heard.contact_id, heard.message_id)
    said = (kept_text(heard.text), heard.intent, to_ms(heard.at))
    number = entry_id(heard.event_id, now)
    connection.execute(KEEP, (number, *named, *said))
    connection.execute(GO_ON, {"owner": heard.contact_id or heard.key, "id": number})
    connection.execute(OPEN, (heard.key, heard.channel, heard.sender, to_ms(heard.at)))
    return True


def _conversation(row: Row) -> Conversation:
    owner, entries, unhandled, *columns = row
    [latest] = _entries([tuple(columns)])
    return Conversation(owner, latest.heard.contact_id, latest, entries, unhandled)


def _entries(rows: Sequence[Row]) -> list[InboxEntry]:
    return [
        InboxEntry(
            id=number,
            heard=Heard(event, Channel(channel), sender, key, contact, message, text, intent, from_ms(at_ms)),
            handled_at=instant(handled_at),
            outcome=outcome,
        )
        for number, event, channel, sender, key, contact, message, text, intent, at_ms, handled_at, outcome in rows
    ]
