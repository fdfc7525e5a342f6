"""Signing in by another provider of identities."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from disparo.domain.account import Account, account_email, account_name
from disparo.domain.errors import DisparoError, InputError
from disparo.domain.principal import Role
from disparo.domain.session import same
from disparo.ports.accounts import LastAdminError
from disparo.ports.identity_provider import Identity, IdentityProvider, Journey
from disparo.ports.one_time_links import SETUP
from disparo.ports.sealing import SealError
from disparo.usecases.accounts.locks import Comer, Locks, record
from disparo.usecases.accounts.sessions import Begun
from disparo.usecases.accounts.sign_in import let_in

AWAY_FOR = timedelta(minutes=10)
_JOURNEY = "sign-in elsewhere"


class NotLetInError(DisparoError):
    """Who somebody is, is known, and they may not come in; or they did not come by a way that we sent them."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How people sign in by a provider: `roles` says which of its roles or groups stands for which of ours.

    Who has none of them is `otherwise`; None: is not let in.
    """

    provider: IdentityProvider
    roles: Mapping[str, Role]
    otherwise: Role | None = None

    def role_of(self, identity: Identity) -> Role | None:
        """The highest role that somebody has there."""
        found = [role for name, role in self.roles.items() if name in identity.roles]
        return next((role for role in reversed(Role) if role in found), self.otherwise)


async def leave(locks: Locks, there: Elsewhere, return_to: str, onward: str, now: datetime) -> tuple[str, str]:
    """Where to send a browser, and what it keeps meanwhile, sealed. `onward` is a page of ours; IdentityError."""
    journey = Journey(locks.draw(), locks.draw(), locks.draw(), return_to)
    kept = {
        "state": journey.state,
        "nonce": journey.nonce,
        "verifier": journey.verifier,
        "return_to": return_to,
        "onward": onward,
        "until": (now + AWAY_FOR).timestamp(),
    }
    return await there.provider.way_there(journey), locks.sealer.seal(json.dumps(kept), _JOURNEY)


async def come_back(
    locks: Locks, there: Elsewhere, kept: str, state: str, code: str, comer: Comer, now: datetime
) -> tuple[Begun, str]:
    """Let in who came back by the way that we sent them, and say to which page; NotLetInError, IdentityError."""
    try:
        said = json.loads(locks.sealer.open(kept, _JOURNEY))
    except SealError:
        raise NotLetInError("esta entrada não começou aqui; comece de novo") from None
    if not same(said["state"], state) or now.timestamp() > said["until"]:
        raise NotLetInError("esta entrada não começou aqui, ou demorou demais; comece de novo")
    journey = Journey(said["state"], said["nonce"], said["verifier"], said["return_to"])
    identity = await there.provider.who(journey, code, now)
    account = await _account(locks, there, identity, comer, now)
    if account.rules:  # the link that makes the first admin is over with them
        await locks.store.one_time_links.drop(SETUP)
    return await let_in(locks, account, comer, now, "elsewhere"), str(said["onward"])


async def _account(locks: Locks, there: Elsewhere, identity: Identity, comer: Comer, now: datetime) -> Account:
    role = there.role_of(identity)
    account = await locks.store.accounts.by_subject(identity.subject)
    if account is None and identity.email is not None and identity.verified:
        # An address that the provider has not made sure of could be anybody's.
        account = await locks.store.accounts.by_email(identity.email.strip().lower())
        if account is not None and account.subject is not None:
            raise await _refused(locks, account, comer, now, "other_subject")
    if role is None or (account is not None and account.disabled):
        raise await _refused(locks, account, comer, now, "role" if role is None else "disabled")
    if account is None:
        return await _new(locks, identity, role, comer, now)
    # Where roles are mapped the provider has the last word on them; else ours stand.
    wanted = replace(account, subject=identity.subject, role=role if there.roles else account.role)
    if wanted == account:
        return account
    try:
        return await locks.store.accounts.change(wanted)
    except LastAdminError:
        return await locks.store.accounts.change(replace(wanted, role=account.role))


async def _new(locks: Locks, identity: Identity, role: Role, comer: Comer, now: datetime) -> Account:
    if identity.email is None or not identity.verified:
        raise await _refused(locks, None, comer, now, "email")
    email = account_email(identity.email)
    try:
        name = account_name(identity.name)
    except InputError:
        name = email.partition("@")[0][:80]
    account = Account(locks.new_id(), name, email, role, now, subject=identity.subject)
    account = await locks.store.accounts.add(account)
    await record(locks, "accounts.add", account, comer, now, role=str(role), how="elsewhere")
    return account


async def _refused(locks: Locks, account: Account | None, comer: Comer, now: datetime, why: str) -> NotLetInError:
    await record(locks, "accounts.sign_in", account, comer, now, outcome="refused", reason=why, how="elsewhere")
    return NotLetInError("o provedor diz quem você é, mas esta conta não pode entrar aqui; fale com quem administra")
