"""Keys by which programs use the API."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from disparo.domain.api_key import ApiKey, key_expiry, key_name, key_resources, read_key, written_key
from disparo.domain.errors import InputError
from disparo.domain.principal import Principal, Role
from disparo.domain.session import digest, same
from disparo.usecases.accounts.locks import Locks


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made; `written` is shown once and kept nowhere."""

    key: ApiKey
    written: str = field(repr=False)


async def add(
    locks: Locks,
    name: str,
    role: Role,
    by: Principal,
    now: datetime,
    *,
    resources: frozenset[str] = frozenset(),
    expires_at: datetime | None = None,
) -> NewKey:
    """A new key; InputError. Nobody makes one that may more than they."""
    if not by.role.covers(role):
        raise InputError(f"papel: {role} é mais do que o seu ({by.role})")
    secret = locks.draw()
    key = ApiKey(
        id=locks.new_id(),
        name=key_name(name),
        role=role,
        secret=digest(secret),
        created_by=by.actor,
        created_at=now,
        resources=key_resources(resources),
        expires_at=key_expiry(expires_at, now),
    )
    await locks.store.api_keys.add(key)
    return NewKey(key, written_key(key.id, secret))


async def holder(locks: Locks, text: str, now: datetime) -> Principal | None:
    """Whose key a text is; None when it is none of ours, or not good any more.

    One read; once a minute it is also written down that it is in use.
    """
    if (parts := read_key(text)) is None:
        return None
    key = await locks.store.api_keys.find(parts[0])
    right = same(digest(parts[1]), key.secret if key else digest(""))
    if key is None or not right or key.state(now) != "active":
        return None
    if key.to_note(now):
        await locks.store.api_keys.used(key.id, now)
    return key.principal
