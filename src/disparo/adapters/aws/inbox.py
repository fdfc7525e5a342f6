"""The inbox in DynamoDB.

    control   heard#<digest>, -            what was written; of a forgotten person only that it was
    control   inbox#<yyyy-mm>, <id>        that there is an entry, in order of when it was kept
    control   inbox-months, <yyyy-mm>      that there are entries of this month
    control   inbox-open, <id>             that nobody has dealt with it yet
    control   inbox-of#<owner>, <id>       whose it is: a contact's id, or the key of somebody unknown
    control   notice#<digest>, -           a provider's notice
    control   notices, <id>                that there is one

An entry is written last, under a condition, and names its id: a pointer whose entry is missing or has another id is
left over from a keeping that was killed or came second, and is passed over.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from disparo.adapters.aws import conversations
from disparo.adapters.aws.attributes import instant, number, text, text_or_none
from disparo.adapters.aws.conversations import owner_of
from disparo.adapters.aws.forgotten import is_gone, since, staying
from disparo.adapters.aws.people_heard import PeopleHeard
from disparo.adapters.aws.tables import (
    ABSENT,
    CONTROL,
    Condition,
    ConditionFailedError,
    Delete,
    Item,
    Key,
    Put,
    Tables,
    Update,
)
from disparo.domain.contact import Channel
from disparo.domain.errors import NotFoundError
from disparo.domain.forgotten import is_forgotten
from disparo.domain.inbox_entry import entry_id, event_digest, kept_text, split_entry_id
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.receipt import Notice
from disparo.ports.inbox import Conversation, Heard, InboxEntry

_MONTHS, _OPEN, _NOTICES = "inbox-months", "inbox-open", "notices"
_ALONE = "-"


class DynamoInbox(PeopleHeard):
    """`Inbox` in the table control."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._months: set[str] = set()

    async def keep(self, heard: Heard, now: datetime) -> bool:
        """See `Inbox.keep`: the entry comes last, with its person's line; a kill leaves nothing that shows."""
        if await self.knows(heard.event_id) or await self._is_forgotten(heard):
            return False
        number_ = entry_id(heard.event_id, now)
        await self._open_month(now)
        await self.opened(heard)
        owner = owner_of(heard)
        pointers = [*_pointers(number_, owner), *conversations.places_of(number_)]
        await self._tables.write_many([Put(CONTROL, dict(key)) for key in pointers])
        while not await self.knows(heard.event_id):
            person = await self._tables.get(CONTROL, conversations.person_key(owner))
            entry = Put(CONTROL, _heard_item(number_, heard), {"pk": ABSENT})
            try:
                going_on = conversations.gone_on(person, number_, owner)
                await self._tables.transact([entry, going_on, *staying(heard.contact_id)])
            except ConditionFailedError:  # another kept it at the same moment, or they wrote something else
                if not await self._is_forgotten(heard):
                    continue
                await self.shut(heard.channel, heard.sender, [heard.key])
                break
            await conversations.passed(self._tables, person, number_)
            return True
        kept = await self._tables.get(CONTROL, _key_of(number_))
        if kept is None or text(kept, "id") != number_:
            await self._tables.write_many([Delete(CONTROL, key) for key in pointers])
        return False

    async def _is_forgotten(self, heard: Heard) -> bool:
        forgotten = await since(self._tables, heard.at)
        return is_forgotten([heard.key], forgotten) or await is_gone(self._tables, heard.contact_id)

    async def _open_month(self, now: datetime) -> None:
        month = _month(now)
        if month not in self._months:
            await self._tables.write(Put(CONTROL, {"pk": _MONTHS, "sk": month}))
            self._months.add(month)

    async def knows(self, event_id: str) -> bool:
        """See `Inbox.knows`."""
        return await self._tables.get(CONTROL, _heard_key(event_digest(event_id))) is not None

    async def page(
        self, after: str | None, limit: int, *, contact_id: str | None = None, unhandled: bool = False
    ) -> Sequence[InboxEntry]:
        """See `Inbox.page`."""
        found: list[InboxEntry] = []
        async for partition in self._partitions(after, contact_id, unhandled):
            while len(found) < limit:
                ids = await self._ids(partition, after, limit - len(found))
                found += [one for one in await self._entries(ids) if not (unhandled and one.handled_at)]
                if not ids:
                    break
                after = ids[-1]
        return found

    async def _partitions(self, after: str | None, contact_id: str | None, unhandled: bool) -> AsyncIterator[str]:
        """Where to look, newest first."""
        if contact_id is not None:
            yield _of(contact_id)
        elif unhandled:
            yield _OPEN
        else:
            begun = split_entry_id(after) if after else None
            highest = _month(begun[0]) if begun else None
            for item in await self._tables.query(CONTROL, _MONTHS, highest=highest, descending=True):
                yield f"inbox#{text(item, 'sk')}"

    async def _ids(self, partition: str, after: str | None, limit: int) -> list[str]:
        # The bounds of a query are inclusive, so one more is asked for and the cursor's own item is left out.
        items = await self._tables.query(CONTROL, partition, highest=after or None, descending=True, limit=limit + 1)
        return [text(item, "sk") for item in items if text(item, "sk") != after][:limit]

    async def _entries(self, ids: Sequence[str]) -> list[InboxEntry]:
        items = await self._tables.get_many([(CONTROL, _key_of(one)) for one in ids])
        return [_entry(item) for one, item in zip(ids, items, strict=True) if item and text(item, "id") == one]

    async def conversations(self, after: str | None, limit: int, *, unhandled: bool = False) -> Sequence[Conversation]:
        """See `Inbox.conversations`."""
        return await conversations.page(self._tables, self._entries, after, limit, unhandled=unhandled)

    async def conversation(self, owner: str) -> Conversation | None:
        """See `Inbox.conversation`."""
        return await conversations.one(self._tables, self._entries, owner)

    async def handle(self, entry_id: str, now: datetime, outcome: str = "") -> bool:
        """See `Inbox.handle`."""
        missing = NotFoundError(f"a entrada {entry_id!r} não existe (veja: disparo inbox list)")
        if split_entry_id(entry_id) is None or not (found := await self._entries([entry_id])):
            raise missing
        owner = owner_of(found[0].heard)
        when: Condition = {"id": entry_id, "handled_at": ABSENT}
        noted = Update(CONTROL, _key_of(entry_id), set={"handled_at": to_ms(now), "outcome": outcome}, when=when)
        try:
            await self._tables.transact([noted, conversations.one_less(owner)])
        except ConditionFailedError:
            if not await self._entries([entry_id]):
                raise missing from None
            changed = False
        else:
            changed = True
        await self._tables.write(Delete(CONTROL, {"pk": _OPEN, "sk": entry_id}))
        await conversations.settled(self._tables, owner)
        return changed

    async def keep_notice(self, notice: Notice, now: datetime) -> bool:
        """See `Inbox.keep_notice`."""
        name = notice.event
        number_ = entry_id(name, now)
        if await self._tables.get(CONTROL, _notice_key(event_digest(name))) is not None:
            return False
        pointer = {"pk": _NOTICES, "sk": number_}
        await self._tables.write(Put(CONTROL, pointer))
        try:
            await self._tables.write(Put(CONTROL, _notice_item(number_, name, notice), {"pk": ABSENT}))
        except ConditionFailedError:
            kept = await self._tables.get(CONTROL, _notice_key(event_digest(name)))
            if kept is None or text(kept, "id") != number_:
                await self._tables.write(Delete(CONTROL, pointer))
            return False
        return True

    async def notices(self, after: str | None, limit: int) -> Sequence[tuple[str, Notice]]:
        """See `Inbox.notices`."""
        found: list[tuple[str, Notice]] = []
        while len(found) < limit and (ids := await self._ids(_NOTICES, after, limit - len(found))):
            items = await self._tables.get_many([(CONTROL, _notice_key(one.partition("-")[2])) for one in ids])
            found += [(one, _notice(item)) for one, item in zip(ids, items, strict=True) if item and item["id"] == one]
            after = ids[-1]
        return found

    async def written_by(self, contact_id: str) -> list[InboxEntry]:
        """All that a contact wrote, newest first."""
        pointers = await self._tables.query(CONTROL, _of(contact_id), descending=True)
        return await self._entries([text(item, "sk") for item in pointers])

    async def known_by(self, contact_id: str, keys: Sequence[str]) -> list[str]:
        """All keys by which a contact is known: its own, those that it wrote from, and what providers call it."""
        wrote_as = [one.heard.key for one in await self.written_by(contact_id) if one.heard.key != "?"]
        own = [*dict.fromkeys([*keys, *wrote_as])]
        return [*dict.fromkeys([*own, *await self.names_of(own)])]

    async def forget(self, contact_id: str, keys: Sequence[str]) -> None:
        """See `Inbox.forget`: pointers go last, so that after a kill the same call ends it."""
        names = await self.names_of(keys)
        owners = [*dict.fromkeys([contact_id, *keys, *names])]
        pointers = await asyncio.gather(*[self._tables.query(CONTROL, _of(owner)) for owner in owners])
        ids = [text(item, "sk") for items in pointers for item in items]
        blanks = [Put(CONTROL, dict(_key_of(one))) for one in ids]
        await self._tables.write_many(blanks)
        listed = [key for one in ids for key in (*_listings(one), *conversations.places_of(one))]
        listed += [conversations.person_key(owner) for owner, found in zip(owners, pointers, strict=True) if found]
        await self._tables.write_many([Delete(CONTROL, key) for key in listed])
        await self._tables.write_many(
            [Delete(CONTROL, {"pk": text(item, "pk"), "sk": text(item, "sk")}) for items in pointers for item in items]
        )
        await self.forget_people(names)
        await self.forget_people(keys)  # last, as it is here that the names were found


def _month(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m")


def _of(owner: str) -> str:
    return f"inbox-of#{owner}"


def _heard_key(digest: str) -> Key:
    return {"pk": f"heard#{digest}", "sk": _ALONE}


def _notice_key(digest: str) -> Key:
    return {"pk": f"notice#{digest}", "sk": _ALONE}


def _key_of(entry: str) -> Key:
    return _heard_key(entry.partition("-")[2])


def _listings(entry: str) -> list[Key]:
    kept = split_entry_id(entry)
    listed: list[Key] = [{"pk": _OPEN, "sk": entry}]
    return [*listed, {"pk": f"inbox#{_month(kept[0])}", "sk": entry}] if kept else listed


def _pointers(entry: str, owner: str) -> list[Key]:
    return [*_listings(entry), {"pk": _of(owner), "sk": entry}]


def _heard_item(entry: str, heard: Heard) -> Item:
    item = {
        **_key_of(entry),
        "id": entry,
        "event_id": heard.event_id,
        "channel": str(heard.channel),
        "sender": heard.sender,
        "key": heard.key,
        "contact_id": heard.contact_id,
        "message_id": heard.message_id,
        "text": kept_text(heard.text),
        "intent": heard.intent,
        "at": to_ms(heard.at),
    }
    return {name: value for name, value in item.items() if value is not None}


def _entry(item: Item) -> InboxEntry:
    heard = Heard(
        event_id=text(item, "event_id"),
        channel=Channel(text(item, "channel")),
        sender=text(item, "sender"),
        key=text(item, "key"),
        contact_id=text_or_none(item, "contact_id"),
        message_id=text_or_none(item, "message_id"),
        text=text(item, "text"),
        intent=text(item, "intent"),
        at=from_ms(number(item, "at")),
    )
    return InboxEntry(text(item, "id"), heard, instant(item, "handled_at"), text(item, "outcome"))


def _notice_item(entry: str, name: str, notice: Notice) -> Item:
    return {
        **_notice_key(event_digest(name)),
        "id": entry,
        "provider": notice.provider,
        "event_id": notice.event_id,
        "kind": kept_text(notice.kind),
        "at": to_ms(notice.at),
        "detail": kept_text(notice.detail),
    }


def _notice(item: Item) -> Notice:
    return Notice(
        text(item, "provider"),
        text(item, "event_id"),
        text(item, "kind"),
        from_ms(number(item, "at")),
        text(item, "detail"),
    )
