"""Links that let somebody in once: whoever makes the first account, and whoever is to choose a password."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from disparo.domain.account import Account, account_email, account_name
from disparo.domain.errors import NotFoundError
from disparo.domain.password_rules import checked_password
from disparo.domain.policies.throttle import OF_ADDRESS
from disparo.domain.principal import Role
from disparo.domain.session import digest, same
from disparo.ports.one_time_links import SETUP, OneTimeLink
from disparo.usecases.accounts.locks import Comer, Locks, pass_throttle, record
from disparo.usecases.accounts.sessions import Begun
from disparo.usecases.accounts.sign_in import let_in

SETUP_FOR = timedelta(hours=24)
WELCOME_FOR = timedelta(hours=72)
PATH = "/console/setup"


class LinkOverError(NotFoundError):
    """A link that was used, has been replaced, or whose time is over."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link is for: somebody's password, or (None) the first admin."""

    account: Account | None


async def setup_link(locks: Locks, now: datetime) -> str:
    """A new link by which an admin makes their own account: the path and its token. The one before leads nowhere."""
    return await _link(locks, SETUP, now + SETUP_FOR)


async def welcome_link(locks: Locks, account: Account, now: datetime) -> str:
    """A new link by which somebody chooses their password. The one before leads nowhere."""
    return await _link(locks, account.id, now + WELCOME_FOR)


async def _link(locks: Locks, subject: str, until: datetime) -> str:
    secret = locks.draw()
    await locks.store.one_time_links.put(OneTimeLink(subject, digest(secret), until))
    return f"{PATH}?token={subject}.{secret}"


async def opened(locks: Locks, token: str, comer: Comer, now: datetime) -> Opened:
    """What a link is for; looking at it does not use it up. LinkOverError, ThrottledError."""
    subject, _, secret = token[:200].partition(".")
    link = await locks.store.one_time_links.find(subject) if subject else None
    if link is None or not same(link.secret, digest(secret)) or now >= link.expires_at:
        await pass_throttle(locks, f"link:{digest(comer.network)[:32]}", OF_ADDRESS, comer, now)
        raise _over()
    if subject == SETUP:
        return Opened(None)
    account = await locks.store.accounts.find(subject)
    if account is None or account.disabled:
        raise _over()
    return Opened(account)


async def first_admin(
    locks: Locks, token: str, *, name: str, email: str, password: str, language: str, comer: Comer, now: datetime
) -> Begun:
    """Make the account of an admin and let them in; InputError (the link still works then), LinkOverError."""
    if (await opened(locks, token, comer, now)).account is not None:
        raise _over()
    email, name = account_email(email), account_name(name)
    hashed = await locks.passwords.hash(checked_password(password, email=email, name=name))
    if await locks.store.accounts.by_email(email) is None:  # else it is refused, and the link is not used up
        await _take(locks, token)
    account = Account(locks.new_id(), name, email, Role.ADMIN, now, language, password=hashed)
    account = await locks.store.accounts.add(account)
    await record(locks, "accounts.add", account, comer, now, role=str(account.role), how="link")
    return await let_in(locks, account, comer, now, "link")


async def choose_password(locks: Locks, token: str, password: str, comer: Comer, now: datetime) -> Begun | Account:
    """Give somebody the password that they have chosen and end their sessions; InputError, LinkOverError.

    They are let in, unless they have a second factor: then they sign in (and the account comes back).
    """
    account = (await opened(locks, token, comer, now)).account
    if account is None:
        raise _over()
    checked = checked_password(password, email=account.email, name=account.name)
    hashed = await locks.passwords.hash(checked)
    await _take(locks, token)
    account = await locks.store.accounts.change(replace(account, password=hashed))
    await locks.store.sessions.end_all(account.id)
    await locks.store.tries.forget(f"email:{digest(account.email)[:32]}")
    await record(locks, "accounts.password", account, comer, now, how="link")
    return account if account.second_factor else await let_in(locks, account, comer, now, "link")


async def _take(locks: Locks, token: str) -> None:
    subject, _, secret = token.partition(".")
    if not await locks.store.one_time_links.take(subject, digest(secret)):
        raise _over()


def _over() -> LinkOverError:
    return LinkOverError("este link já foi usado, ou o seu prazo acabou; peça outro")
