"""Signing in: by password, then by a second factor where there is one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from disparo.domain.account import Account
from disparo.domain.errors import DisparoError
from disparo.domain.password_rules import LONGEST, normal_password
from disparo.domain.policies.throttle import OF_ACCOUNT, OF_ADDRESS, OF_CODE, OF_KNOWN_DEVICE, Throttle
from disparo.domain.session import digest, same
from disparo.ports.accounts import AccountChangedError
from disparo.ports.sealing import SealError
from disparo.usecases.accounts.codes import code_used
from disparo.usecases.accounts.locks import Comer, Locks, pass_throttle, record
from disparo.usecases.accounts.sessions import Begun, begin

HALF_FOR = timedelta(minutes=10)
"""How long after the password the code may come."""
_HALF, _KNOWN = "sign-in half", "sign-in device"
_FORGET_AFTER = timedelta(days=2)


class WrongSignInError(DisparoError):
    """Who wants to sign in is not let in; it does not say whether there is such an account."""


class HalfOverError(DisparoError):
    """The password was given too long ago, or the account has changed since."""


@dataclass(frozen=True, slots=True)
class Half:
    """The password was right, and a code is needed: what the browser keeps meanwhile. It says nothing to it."""

    sealed: str = field(repr=False)


async def by_password(locks: Locks, email: str, password: str, comer: Comer, now: datetime) -> Begun | Half:
    """Let somebody in whose password is right; WrongSignInError, ThrottledError.

    An address that nobody has takes as long as one whose password is wrong, and counts the same.
    """
    email = email.strip().lower()[:254]
    name, throttle = _counted_as(locks, email, comer)
    from_there = f"address:{digest(comer.network)[:32]}"
    await pass_throttle(locks, from_there, OF_ADDRESS, comer, now)
    await pass_throttle(locks, name, throttle, comer, now)
    account = await locks.store.accounts.by_email(email)
    given = normal_password(password)[: LONGEST + 1]
    right = await locks.passwords.matches(account.password if account else None, given)
    if account is None or not right or account.disabled:
        why = "unknown" if account is None else "disabled" if right else "password"
        await record(locks, "accounts.sign_in", account, comer, now, outcome="refused", reason=why)
        raise WrongSignInError("o e-mail ou a senha não confere")
    await locks.store.tries.forget(name)
    await locks.store.tries.give_back(from_there, OF_ADDRESS, now)
    account = await _rehashed(locks, account, given)
    if account.second_factor is not None:
        return Half(_half(locks, account, now))
    return await _let_in(locks, account, comer, now, "password")


async def by_code(locks: Locks, half: str, code: str, comer: Comer, now: datetime) -> Begun:
    """Let somebody in whose code is right, too; HalfOverError, WrongSignInError, ThrottledError.

    A code of the second factor, or one of the recovery codes; each works once.
    """
    account = await _halfway(locks, half, now)
    name = f"code:{account.id}"
    await pass_throttle(locks, name, OF_CODE, comer, now)
    used = code_used(locks, account, code, now)
    if used is not None:
        try:
            account = await locks.store.accounts.change(replace(used, signed_in_at=now))
        except AccountChangedError:  # the same code came twice at once, and the other was faster
            used = None
    if used is None:
        await record(locks, "accounts.sign_in", account, comer, now, outcome="refused", reason="code")
        raise WrongSignInError("o código não confere, ou já foi usado; espere o próximo")
    await locks.store.tries.forget(name)
    return await _let_in(locks, account, comer, now, "code")


async def _halfway(locks: Locks, half: str, now: datetime) -> Account:
    try:
        said = json.loads(locks.sealer.open(half, _HALF))
    except SealError:
        raise _half_over() from None
    account = await locks.store.accounts.find(said["account"])
    if account is None or account.disabled or now.timestamp() > said["until"]:
        raise _half_over()
    if not same(said["password"], digest(account.password or "")):
        raise _half_over()
    return account


def _half(locks: Locks, account: Account, now: datetime) -> str:
    said = {
        "account": account.id,
        "password": digest(account.password or ""),
        "until": (now + HALF_FOR).timestamp(),
    }
    return locks.sealer.seal(json.dumps(said), _HALF)


def _half_over() -> HalfOverError:
    return HalfOverError("passou tempo demais desde a senha; entre de novo")


async def let_in(locks: Locks, account: Account, comer: Comer, now: datetime, how: str) -> Begun:
    """A session for somebody who has shown elsewhere who they are: a link, another provider of identities."""
    return await _let_in(locks, account, comer, now, how)


async def _let_in(locks: Locks, account: Account, comer: Comer, now: datetime, how: str) -> Begun:
    if account.signed_in_at != now:
        shown = account.password
        try:
            account = await locks.store.accounts.change(replace(account, signed_in_at=now))
        except AccountChangedError:  # two signed in at once
            account = await locks.store.accounts.get(account.id)
            if account.password != shown:  # which has ended every session, and this one would outlive it
                raise WrongSignInError("o e-mail ou a senha não confere") from None
    await locks.store.sessions.prune(now)
    await locks.store.tries.prune(now - _FORGET_AFTER)
    begun = await begin(locks, account, comer, now)
    await record(locks, "accounts.sign_in", account, comer, now, how=how)
    return replace(begun, known=_known(locks, account.email, comer))


async def _rehashed(locks: Locks, account: Account, password: str) -> Account:
    if account.password is None or not locks.passwords.is_dated(account.password):
        return account
    fresh = replace(account, password=await locks.passwords.hash(password))
    try:
        return await locks.store.accounts.change(fresh)
    except AccountChangedError:
        return account


def _counted_as(locks: Locks, email: str, comer: Comer) -> tuple[str, Throttle]:
    """The name under which tries for an address count: a browser that its owner has signed in with has its own."""
    known = _opened(locks, comer.known)
    if known is not None and same(known.partition(" ")[2], digest(email)):
        return f"device:{digest(known)[:32]}", OF_KNOWN_DEVICE
    return f"email:{digest(email)[:32]}", OF_ACCOUNT


def _known(locks: Locks, email: str, comer: Comer) -> str:
    """The mark for a browser that signs in: the one that it has if it is of this person, else a new one."""
    known = _opened(locks, comer.known)
    if known is not None and same(known.partition(" ")[2], digest(email)):
        return comer.known
    return locks.sealer.seal(f"{locks.draw()} {digest(email)}", _KNOWN)


def _opened(locks: Locks, mark: str) -> str | None:
    if not mark:
        return None
    try:
        return locks.sealer.open(mark, _KNOWN)
    except SealError:
        return None
