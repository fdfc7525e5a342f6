"""When people last wrote, and by what names providers know them.

control   heard-from#<key>, window#<channel>#<sender>    {at}: when they last wrote to this sender
control   heard-from#<key>, alias#<provider>#<user id>   {provider, user_id}: a name for them
control   alias#<provider>#<user id>, -                  {key}: whose name it is
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from disparo.adapters.aws.attributes import number, text
from disparo.adapters.aws.forgotten import staying
from disparo.adapters.aws.tables import (
    ABSENT,
    CONTROL,
    Condition,
    ConditionFailedError,
    Delete,
    Key,
    Put,
    Tables,
    Update,
)
from disparo.domain.contact import Channel
from disparo.domain.instants import from_ms, to_ms
from disparo.ports.inbox import Heard


class PeopleHeard:
    """The part of `Inbox` that is about people and not about what they wrote."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def opened(self, heard: Heard) -> None:
        """Note when its writer last wrote; what is newer stays."""
        key, at_ms = _window_key(heard.key, heard.channel, heard.sender), to_ms(heard.at)
        while True:
            item = await self._tables.get(CONTROL, key)
            if item is not None and number(item, "at") >= at_ms:
                return
            when: Condition = {"pk": ABSENT} if item is None else {"at": number(item, "at")}
            try:
                await self._tables.write(Update(CONTROL, key, set={"at": at_ms}, when=when))
            except ConditionFailedError:  # they wrote again, or it was shut
                continue
            return

    async def last_heard(self, channel: Channel, sender: str, keys: Sequence[str]) -> datetime | None:
        """See `Inbox.last_heard`."""
        asked = [(CONTROL, _window_key(key, channel, sender)) for key in dict.fromkeys(keys)]
        found = [number(item, "at") for item in await self._tables.get_many(asked) if item is not None]
        return from_ms(max(found)) if found else None

    async def shut(self, channel: Channel, sender: str, keys: Sequence[str]) -> None:
        """See `Inbox.shut`."""
        gone = [Delete(CONTROL, _window_key(key, channel, sender)) for key in dict.fromkeys(keys)]
        await self._tables.write_many(gone)

    async def learn(self, provider: str, user_id: str, key: str, contact_id: str | None = None) -> None:
        """See `Inbox.learn`."""
        old = await self.key_of(provider, user_id)
        if old == key:
            return
        named = _named(provider, user_id)
        own = Put(CONTROL, {**_person(key, named), "provider": provider, "user_id": user_id})
        alias = Put(CONTROL, {**_alias_key(provider, user_id), "key": key})
        try:
            await self._tables.transact([own, alias, *staying(contact_id)])
        except ConditionFailedError:  # they are being erased
            return
        if old is not None:
            await self._tables.write(Delete(CONTROL, _person(old, named)))

    async def key_of(self, provider: str, user_id: str) -> str | None:
        """See `Inbox.key_of`."""
        item = await self._tables.get(CONTROL, _alias_key(provider, user_id))
        return None if item is None else text(item, "key")

    async def names_of(self, keys: Sequence[str]) -> list[str]:
        """The keys `user:<provider>:<id>` of the names by which these people are known."""
        found = await asyncio.gather(*[self._tables.query(CONTROL, _partition(key), lowest="alias#") for key in keys])
        named = [item for items in found for item in items if "provider" in item]
        return [f"user:{text(item, 'provider')}:{text(item, 'user_id')}" for item in named]

    async def forget_people(self, keys: Sequence[str]) -> None:
        """Remove windows and names of these keys; their own list goes last."""
        found = await asyncio.gather(*[self._tables.query(CONTROL, _partition(key)) for key in dict.fromkeys(keys)])
        items = [item for some in found for item in some]
        names = [_alias_key(text(item, "provider"), text(item, "user_id")) for item in items if "provider" in item]
        held = await self._tables.get_many([(CONTROL, key) for key in names])
        theirs = [key for key, item in zip(names, held, strict=True) if item and text(item, "key") in keys]
        await self._tables.write_many([Delete(CONTROL, key) for key in theirs])
        own = [Delete(CONTROL, {"pk": text(item, "pk"), "sk": text(item, "sk")}) for item in items]
        await self._tables.write_many(own)


def _partition(key: str) -> str:
    return f"heard-from#{key}"


def _person(key: str, name: str) -> Key:
    return {"pk": _partition(key), "sk": name}


def _window_key(key: str, channel: Channel, sender: str) -> Key:
    return _person(key, f"window#{channel}#{sender}")


def _named(provider: str, user_id: str) -> str:
    return f"alias#{provider}#{user_id}"


def _alias_key(provider: str, user_id: str) -> Key:
    return {"pk": _named(provider, user_id), "sk": "-"}
