"""Being signed in: beginning it, knowing who it is, ending it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from disparo.domain.account import Account
from disparo.domain.errors import NotFoundError
from disparo.domain.session import LONGEST_DEVICE, Session, digest
from disparo.usecases.accounts.locks import Comer, Locks

_TOKEN = re.compile(r"([0-9a-z]{1,40})\.[A-Za-z0-9_-]{20,100}")


@dataclass(frozen=True, slots=True)
class Begun:
    """A session that has begun; `token` is for its browser alone, `known` the mark by which it is known later."""

    session: Session
    account: Account
    token: str = field(repr=False)
    known: str = field(default="", repr=False)


async def begin(locks: Locks, account: Account, comer: Comer, now: datetime) -> Begun:
    """A new session, whose token was never seen before."""
    token = f"{account.id}.{locks.draw()}"
    device = "".join(one for one in comer.device if one.isprintable())[:LONGEST_DEVICE]
    session = Session(digest(token), account.id, now, now, now + locks.rules.lasts, device, comer.address)
    await locks.store.sessions.begin(session)
    return Begun(session, account, token)


async def holder(locks: Locks, token: str, now: datetime) -> tuple[Session, Account] | None:
    """The session of a token and whose it is; None when it is none of ours, has ended, or they may not sign in.

    One read; once a minute it is also written down that it is in use.
    """
    parts = _TOKEN.fullmatch(token) if len(token) <= 200 else None
    found = None if parts is None else await locks.store.sessions.find(parts[1], digest(token))
    if found is None:
        return None
    session, account = found
    if account.disabled or session.over(now, locks.rules):
        return None
    if session.to_note(now):
        await locks.store.sessions.seen(session, now)
    return session, account


async def present(locks: Locks, account_id: str, now: datetime) -> Sequence[Session]:
    """Somebody's sessions that have not ended, the one used last first."""
    found = await locks.store.sessions.of_account(account_id)
    return [one for one in found if not one.over(now, locks.rules)]


async def end_named(locks: Locks, account_id: str, name: str) -> None:
    """End the session of this name; NotFoundError when somebody has no such one."""
    for one in await locks.store.sessions.of_account(account_id):
        if one.name == name:
            await locks.store.sessions.end(account_id, one.id)
            return
    raise NotFoundError("esta sessão já terminou")


async def renew(locks: Locks, account: Account, comer: Comer, now: datetime) -> Begun:
    """End all of somebody's sessions and begin a new one in this browser, as after a change of password."""
    await locks.store.sessions.end_all(account.id)
    return await begin(locks, account, comer, now)
