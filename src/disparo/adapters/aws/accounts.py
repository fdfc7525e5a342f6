"""Accounts in DynamoDB.

    control   accounts, <id>                       an account: its document and its revision
    control   account-email#<digest>, -            whose address it is
    control   account-subject#<digest>, -          who somebody of another provider of identities is
    control   account-admins, -                    the ids of the active admins, and how often that changed

They are few, so accounts have one partition. What must agree is written in one transaction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from disparo.adapters.aws.attributes import as_json, names, number, text
from disparo.adapters.aws.tables import (
    ABSENT,
    CONTROL,
    Change,
    Check,
    ConditionFailedError,
    Delete,
    Item,
    Key,
    Put,
    Tables,
    Update,
)
from disparo.domain.account import Account
from disparo.domain.account_document import account_document, parse_account
from disparo.domain.errors import NotFoundError
from disparo.ports.accounts import account_changed, email_taken, last_admin

PARTITION = "accounts"
_ADMINS: Key = {"pk": "account-admins", "sk": "-"}
_MOST_ROUNDS = 12


class DynamoAccounts:
    """`Accounts` in the table control."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add(self, account: Account) -> Account:
        """See `Accounts.add`."""
        kept = replace(account, revision=1)
        changes: list[Change | Check] = [Put(CONTROL, _item(kept), {"pk": ABSENT}), *_named(None, kept)]
        if kept.rules:
            changes.append(_more_admins(kept.id))
        try:
            await self._tables.transact(changes)
        except ConditionFailedError:
            raise email_taken() from None
        return kept

    async def change(self, account: Account) -> Account:
        """See `Accounts.change`; whoever is slower looks again."""
        for left in reversed(range(_MOST_ROUNDS)):
            before = await self.get(account.id)
            if before.revision != account.revision:
                raise account_changed()
            kept = replace(account, revision=account.revision + 1)
            try:
                await self._tables.transact(await self._changes(before, kept))
            except ConditionFailedError:
                if await self._is_taken(before, kept):
                    raise email_taken() from None
                if not left:
                    raise
                continue
            return kept
        raise AssertionError("unreachable")

    async def _changes(self, before: Account, kept: Account) -> list[Change | Check]:
        changes: list[Change | Check] = [Put(CONTROL, _item(kept), {"revision": before.revision})]
        changes += _named(before, kept)
        if kept.rules and not before.rules:
            changes.append(_more_admins(kept.id))
        elif before.rules and not kept.rules:
            admins = await self._tables.get(CONTROL, _ADMINS)
            if not names(admins, "ids") - {kept.id}:
                raise last_admin()
            version = number(admins or {}, "version")
            fewer = {"ids": frozenset({kept.id})}
            changes.append(Update(CONTROL, _ADMINS, add={"version": 1}, take=fewer, when={"version": version}))
        return changes

    async def _is_taken(self, before: Account, kept: Account) -> bool:
        keys = [put.table.key_of(put.item) for put in _named(before, kept) if isinstance(put, Put)]
        found = await self._tables.get_many([(CONTROL, key) for key in keys])
        return any(item is not None and text(item, "account_id") != kept.id for item in found)

    async def get(self, account_id: str) -> Account:
        """See `Accounts.get`."""
        if (found := await self.find(account_id)) is None:
            raise NotFoundError(f"a conta {account_id!r} não existe (veja: disparo accounts list)")
        return found

    async def find(self, account_id: str) -> Account | None:
        """See `Accounts.find`."""
        return account_of(await self._tables.get(CONTROL, account_key(account_id))) if account_id else None

    async def by_email(self, email: str) -> Account | None:
        """See `Accounts.by_email`."""
        return await self._behind(_name_key("email", email))

    async def by_subject(self, subject: str) -> Account | None:
        """See `Accounts.by_subject`."""
        return await self._behind(_name_key("subject", subject))

    async def _behind(self, key: Key) -> Account | None:
        item = await self._tables.get(CONTROL, key)
        return None if item is None else await self.find(text(item, "account_id"))

    async def all(self) -> Sequence[Account]:
        """See `Accounts.all`."""
        found = [account_of(item) for item in await self._tables.query(CONTROL, PARTITION)]
        return sorted((one for one in found if one is not None), key=lambda one: (one.name, one.id))

    async def any(self) -> bool:
        """See `Accounts.any`."""
        return bool(await self._tables.query(CONTROL, PARTITION, limit=1))


def account_key(account_id: str) -> Key:
    """Where an account is."""
    return {"pk": PARTITION, "sk": account_id}


def account_of(item: Item | None) -> Account | None:
    """The account of an item."""
    return None if item is None else parse_account(json.loads(text(item, "document")), number(item, "revision"))


def _item(account: Account) -> Item:
    document = as_json(account_document(account))
    return {**account_key(account.id), "document": document, "revision": account.revision}


def _name_key(kind: str, name: str) -> Key:
    # Hashed: a subject may be longer than a key may be, and nobody reads addresses in keys.
    return {"pk": f"account-{kind}#{hashlib.sha256(name.encode()).hexdigest()}", "sk": "-"}


def _named(before: Account | None, after: Account) -> list[Change | Check]:
    """The changes by which an account is found under its names, and no more under those that it had."""
    changes: list[Change | Check] = []
    for kind in ("email", "subject"):
        old = None if before is None else getattr(before, kind)
        new = getattr(after, kind)
        if old == new:
            continue
        if new is not None:
            changes.append(Put(CONTROL, {**_name_key(kind, new), "account_id": after.id}, {"pk": ABSENT}))
        if old is not None:
            changes.append(Delete(CONTROL, _name_key(kind, old), {"account_id": after.id}))
    return changes


def _more_admins(account_id: str) -> Update:
    return Update(CONTROL, _ADMINS, add={"version": 1, "ids": frozenset({account_id})})
