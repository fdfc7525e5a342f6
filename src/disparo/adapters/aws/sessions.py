"""Sessions in DynamoDB, which forgets them by itself (TTL).

    control   sessions#<account id>, <session id>    a session

Somebody's sessions are one partition, so that they can be listed and ended together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from disparo.adapters.aws.accounts import account_key, account_of
from disparo.adapters.aws.attributes import number, text
from disparo.adapters.aws.tables import CONTROL, ConditionFailedError, Delete, Item, Key, Put, Tables, Update
from disparo.domain.account import Account
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.session import Session


class DynamoSessions:
    """`Sessions` in the table control."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def begin(self, session: Session) -> None:
        """See `Sessions.begin`."""
        item: Item = {
            **_key(session.account_id, session.id),
            "began_at": to_ms(session.began_at),
            "seen_at": to_ms(session.seen_at),
            "ends_at": to_ms(session.ends_at),
            "device": session.device,
            "address": session.address,
            "expires_at": int(session.ends_at.timestamp()) + 1,
        }
        await self._tables.write(Put(CONTROL, item))

    async def find(self, account_id: str, session_id: str) -> tuple[Session, Account] | None:
        """See `Sessions.find`; both come with one request."""
        wanted = [(CONTROL, _key(account_id, session_id)), (CONTROL, account_key(account_id))]
        held, person = await self._tables.get_many(wanted)
        account = account_of(person)
        return None if held is None or account is None else (_session(held), account)

    async def seen(self, session: Session, now: datetime) -> None:
        """See `Sessions.seen`."""
        key = _key(session.account_id, session.id)
        try:
            await self._tables.write(Update(CONTROL, key, set={"seen_at": to_ms(now)}, when=dict(key)))
        except ConditionFailedError:  # ended meanwhile
            return

    async def of_account(self, account_id: str) -> Sequence[Session]:
        """See `Sessions.of_account`."""
        found = [_session(item) for item in await self._tables.query(CONTROL, _partition(account_id))]
        return sorted(found, key=lambda one: (-to_ms(one.seen_at), one.id))

    async def end(self, account_id: str, session_id: str) -> None:
        """See `Sessions.end`."""
        await self._tables.write(Delete(CONTROL, _key(account_id, session_id)))

    async def end_all(self, account_id: str, *, but: str | None = None) -> int:
        """See `Sessions.end_all`."""
        found = await self._tables.query(CONTROL, _partition(account_id))
        ending = [Delete(CONTROL, CONTROL.key_of(item)) for item in found if item["sk"] != but]
        await self._tables.write_many(ending)
        return len(ending)

    async def prune(self, now: datetime) -> int:  # noqa: ARG002  # TTL does it
        """See `Sessions.prune`."""
        return 0


def _partition(account_id: str) -> str:
    return f"sessions#{account_id}"


def _key(account_id: str, session_id: str) -> Key:
    return {"pk": _partition(account_id), "sk": session_id}


def _session(item: Item) -> Session:
    began, seen, ends = (from_ms(number(item, name)) for name in ("began_at", "seen_at", "ends_at"))
    account_id = text(item, "pk").partition("#")[2]
    return Session(text(item, "sk"), account_id, began, seen, ends, text(item, "device"), text(item, "address"))
