"""One-time links in DynamoDB.

control   one-time-link#<subject>, -    the link that this subject has now
"""

from __future__ import annotations

from disparo.adapters.aws.attributes import number, text
from disparo.adapters.aws.tables import CONTROL, ConditionFailedError, Delete, Item, Key, Put, Tables
from disparo.domain.instants import from_ms, to_ms
from disparo.ports.one_time_links import OneTimeLink


class DynamoOneTimeLinks:
    """`OneTimeLinks` in the table control."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def put(self, link: OneTimeLink) -> None:
        """See `OneTimeLinks.put`."""
        item: Item = {
            **_key(link.subject),
            "secret": link.secret,
            "until": to_ms(link.expires_at),
            "expires_at": int(link.expires_at.timestamp()) + 1,
        }
        await self._tables.write(Put(CONTROL, item))

    async def find(self, subject: str) -> OneTimeLink | None:
        """See `OneTimeLinks.find`."""
        item = await self._tables.get(CONTROL, _key(subject))
        return None if item is None else OneTimeLink(subject, text(item, "secret"), from_ms(number(item, "until")))

    async def take(self, subject: str, secret: str) -> bool:
        """See `OneTimeLinks.take`."""
        try:
            await self._tables.write(Delete(CONTROL, _key(subject), {"secret": secret}))
        except ConditionFailedError:
            return False
        return True

    async def drop(self, subject: str) -> None:
        """See `OneTimeLinks.drop`."""
        await self._tables.write(Delete(CONTROL, _key(subject)))


def _key(subject: str) -> Key:
    return {"pk": f"one-time-link#{subject}", "sk": "-"}
