"""Somebody's own account: their password, their second factor, their language."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from disparo.domain.account import Account, SecondFactor, account_language, account_name
from disparo.domain.errors import InputError
from disparo.domain.password_rules import LONGEST, checked_password, normal_password
from disparo.domain.policies.throttle import OF_CODE
from disparo.ports.sealing import SealError
from disparo.usecases.accounts.codes import about, code_used, new_recovery
from disparo.usecases.accounts.locks import Comer, Locks, pass_throttle
from disparo.usecases.accounts.sessions import Begun, renew

ISSUER = "Disparo & Agenda"


class WrongPasswordError(InputError):
    """The present password was not given right."""


@dataclass(frozen=True, slots=True)
class Enrolling:
    """A second factor to be set up: its secret as text, its address for programs that make codes, that as a picture."""

    secret: str = field(repr=False)
    address: str = field(repr=False)
    picture: str = field(repr=False)


async def tell(locks: Locks, account: Account, *, name: str, language: str) -> Account:
    """Change how they are called and spoken to; InputError."""
    return await locks.store.accounts.change(
        replace(account, name=account_name(name), language=account_language(language))
    )


async def change_password(
    locks: Locks, account: Account, present: str, wanted: str, comer: Comer, now: datetime
) -> Begun:
    """Change their password; every session ends but a new one. InputError, WrongPasswordError, ThrottledError."""
    await _confirm(locks, account, present, comer, now)
    password = checked_password(wanted, email=account.email, name=account.name)
    if password == normal_password(present):
        raise InputError("senha: escolha uma nova, diferente da atual")
    changed = replace(account, password=await locks.passwords.hash(password))
    return await renew(locks, await locks.store.accounts.change(changed), comer, now)


async def enrolling(locks: Locks, account: Account) -> tuple[Account, Enrolling]:
    """What is shown to set up a second factor; the same one until it is confirmed."""
    secret = _secret(locks, account)
    if secret is None:
        secret = locks.codes.new_secret()
        sealed = locks.sealer.seal(secret, about(account))
        account = await locks.store.accounts.change(replace(account, enrolling=sealed))
    address = locks.codes.address(secret, account.email, ISSUER)
    return account, Enrolling(secret, address, locks.codes.picture(address))


async def enrol(locks: Locks, account: Account, code: str, comer: Comer, now: datetime) -> list[str]:
    """Turn the second factor on by its first code; the recovery codes, which are shown once. InputError."""
    await pass_throttle(locks, f"code:{account.id}", OF_CODE, comer, now)
    secret = _secret(locks, account)
    step = None if secret is None else locks.codes.step_of(secret, code, now, 0)
    if secret is None or step is None:
        raise InputError("código: não confere; confira a hora do celular e escreva o que ele mostra agora")
    codes, digests = new_recovery(locks)
    factor = SecondFactor(locks.sealer.seal(secret, about(account)), step, digests)
    await locks.store.accounts.change(replace(account, second_factor=factor, enrolling=None))
    await locks.store.tries.forget(f"code:{account.id}")
    return codes


async def drop_second_factor(locks: Locks, account: Account, present: str, comer: Comer, now: datetime) -> Account:
    """Turn it off; WrongPasswordError, ThrottledError."""
    await _confirm(locks, account, present, comer, now)
    return await locks.store.accounts.change(replace(account, second_factor=None, enrolling=None))


async def fresh_recovery(locks: Locks, account: Account, code: str, comer: Comer, now: datetime) -> list[str]:
    """New recovery codes for old ones, against a code; InputError."""
    await pass_throttle(locks, f"code:{account.id}", OF_CODE, comer, now)
    used = code_used(locks, account, code, now)
    if used is None or used.second_factor is None:
        raise InputError("código: não confere, ou já foi usado; espere o próximo")
    codes, digests = new_recovery(locks)
    await locks.store.accounts.change(replace(used, second_factor=replace(used.second_factor, recovery=digests)))
    await locks.store.tries.forget(f"code:{account.id}")
    return codes


async def _confirm(locks: Locks, account: Account, present: str, comer: Comer, now: datetime) -> None:
    """That it is they who sit there."""
    name = f"password:{account.id}"
    await pass_throttle(locks, name, OF_CODE, comer, now)
    if not await locks.passwords.matches(account.password, normal_password(present)[: LONGEST + 1]):
        raise WrongPasswordError("senha atual: não confere")
    await locks.store.tries.forget(name)


def _secret(locks: Locks, account: Account) -> str | None:
    try:
        return None if account.enrolling is None else locks.sealer.open(account.enrolling, about(account))
    except SealError:
        return None
