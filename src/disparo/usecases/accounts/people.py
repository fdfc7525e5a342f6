"""Other people's accounts, as an admin has them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from disparo.domain.account import Account, account_email, account_language, account_name
from disparo.domain.errors import InputError, NotFoundError
from disparo.domain.principal import Role
from disparo.ports.accounts import email_taken
from disparo.ports.one_time_links import SETUP
from disparo.usecases.accounts.links import welcome_link
from disparo.usecases.accounts.locks import Locks


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that was just made, and the link by which its owner chooses a password."""

    account: Account
    link: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to change of an account; None leaves it as it is."""

    name: str | None = None
    email: str | None = None
    role: Role | None = None
    language: str | None = None
    disabled: bool | None = None


async def add(locks: Locks, name: str, email: str, role: Role, language: str, now: datetime) -> NewAccount:
    """A new account without a password; InputError, EmailTakenError.

    The link that makes the first admin is over with it: somebody is there who can add others.
    """
    account = Account(locks.new_id(), account_name(name), account_email(email), role, now, account_language(language))
    if await locks.store.accounts.by_email(account.email) is not None:
        raise email_taken()
    account = await locks.store.accounts.add(account)
    if account.rules:
        await locks.store.one_time_links.drop(SETUP)
    return NewAccount(account, await welcome_link(locks, account, now))


async def named(locks: Locks, text: str) -> Account:
    """The account of an id or an e-mail; NotFoundError."""
    if "@" in text and (found := await locks.store.accounts.by_email(text.strip().lower())) is not None:
        return found
    if (found := await locks.store.accounts.find(text.strip())) is None:
        raise NotFoundError(f"a conta {text[:100]!r} não existe (veja: disparo accounts list)")
    return found


async def change(locks: Locks, account_id: str, wanted: Changes) -> Account:
    """Change an account; InputError, NotFoundError, EmailTakenError, LastAdminError, AccountChangedError.

    Who is disabled is signed out everywhere at once; the link to choose a password leads nowhere then.
    """
    account = await locks.store.accounts.get(account_id)
    changed = replace(
        account,
        name=account.name if wanted.name is None else account_name(wanted.name),
        email=account.email if wanted.email is None else account_email(wanted.email),
        role=account.role if wanted.role is None else wanted.role,
        language=account.language if wanted.language is None else account_language(wanted.language),
        disabled=account.disabled if wanted.disabled is None else wanted.disabled,
    )
    if changed == account:
        return account
    kept = await locks.store.accounts.change(changed)
    if kept.disabled and not account.disabled:
        await locks.store.sessions.end_all(account_id)
        await locks.store.one_time_links.drop(account_id)
    return kept


async def reset_second_factor(locks: Locks, account_id: str) -> Account:
    """Take somebody's second factor away, as they lost it; they are signed out everywhere."""
    account = await locks.store.accounts.get(account_id)
    kept = await locks.store.accounts.change(replace(account, second_factor=None, enrolling=None))
    await locks.store.sessions.end_all(account_id)
    return kept


async def new_password_link(locks: Locks, account_id: str, now: datetime) -> NewAccount:
    """A link by which somebody chooses a new password; the old one works until then. InputError for who is disabled."""
    account = await locks.store.accounts.get(account_id)
    if account.disabled:
        raise InputError("a conta está desativada; ative-a antes")
    return NewAccount(account, await welcome_link(locks, account, now))
