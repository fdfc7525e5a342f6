"""People who may sign in, locks that cost nothing to open, and their codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any

from argon2 import PasswordHasher

from disparo.adapters.one_time_codes import TotpCodes
from disparo.adapters.passwords import Argon2Passwords
from disparo.adapters.sealing import KeySealer
from disparo.domain.account import Account
from disparo.domain.api_key import ApiKey
from disparo.domain.principal import MACHINE, Role
from disparo.domain.session import digest
from disparo.ports.store import Store
from disparo.usecases.accounts import keys, sessions
from disparo.usecases.accounts.locks import Comer, Locks

PASSWORD = "cavalo bateria grampo"
HOME = Comer("203.0.113.7", "203.0.113.7", "Firefox em Linux")
_NUMBERS = count(1)
_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_HASHED = _HASHER.hash(PASSWORD)


def cheap_locks(store: Store) -> Locks:
    """Locks with hashes that cost nothing, and chance that is none."""
    numbers = count(1)
    return Locks(
        store,
        Argon2Passwords(_HASHER),
        TotpCodes(),
        KeySealer(lambda: b"chave de teste, de mais de 16 bytes"),
        lambda: digest(f"draw {next(numbers)}"),
    )


def somebody(role: Role, now: datetime, **changes: Any) -> Account:
    """An account with PASSWORD that nobody has yet."""
    number = next(_NUMBERS)
    one = Account(f"p{number}", f"Pessoa {number}", f"p{number}@exemplo.com.br", role, now, password=_HASHED)
    return replace(one, **changes)


@dataclass(frozen=True)
class Browser:
    """A browser that is signed in."""

    account: Account
    token: str
    headers: Mapping[str, str] = field(default_factory=dict)


async def signed_in(locks: Locks, role: Role, now: datetime, **changes: Any) -> Browser:
    """Somebody new, with a session."""
    account = await locks.store.accounts.add(somebody(role, now, **changes))
    begun = await sessions.begin(locks, account, HOME, now)
    return Browser(account, begun.token, {"cookie": f"disparo_session={begun.token}"})


async def key_of(locks: Locks, role: Role, now: datetime, **options: Any) -> tuple[ApiKey, dict[str, str]]:
    """A key, and the header with it."""
    made = await keys.add(locks, "um programa", role, MACHINE, now, **options)
    return made.key, {"authorization": f"Bearer {made.written}"}
