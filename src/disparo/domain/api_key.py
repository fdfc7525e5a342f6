"""Keys by which programs use the API."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from disparo.domain.account import account_name
from disparo.domain.errors import InputError
from disparo.domain.principal import Principal, PrincipalKind, Role

PREFIX = "dk"
USED_EACH = timedelta(minutes=1)
"""How often it is written down that a key is in use: not with every request."""
LONGEST_LIFE = timedelta(days=3650)
MOST_RESOURCES = 30
_RESOURCE = re.compile(r"[a-z][a-z0-9-]{0,39}")
_WRITTEN = re.compile(rf"{PREFIX}_([a-z0-9]{{1,40}})_([A-Za-z0-9_-]{{20,200}})")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key, of whose secret only a digest is kept.

    `resources` are those parts of the API that it reaches, as `contacts`; none named: all. `expires_at` None: never.
    """

    id: str
    name: str
    role: Role
    secret: str = field(repr=False)
    created_by: str
    created_at: datetime
    resources: frozenset[str] = frozenset()
    expires_at: datetime | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> str:
        """`active`, `revoked` or `expired`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and now >= self.expires_at else "active"

    def to_note(self, now: datetime) -> bool:
        """Whether it is time to write down that it is in use."""
        return self.used_at is None or now >= self.used_at + USED_EACH

    @property
    def principal(self) -> Principal:
        """It, as who asks."""
        return Principal(PrincipalKind.KEY, self.id, self.name, self.role, self.resources)


def written_key(key_id: str, secret: str) -> str:
    """A key as its user has it: `dk_<id>_<secret>`."""
    return f"{PREFIX}_{key_id}_{secret}"


def read_key(text: str) -> tuple[str, str] | None:
    """Id and secret of what a program sent; None when it is no key of ours."""
    found = _WRITTEN.fullmatch(text) if len(text) <= 300 else None
    return (found[1], found[2]) if found else None


def key_name(text: str) -> str:
    """As `account_name`."""
    return account_name(text)


def key_resources(names: frozenset[str]) -> frozenset[str]:
    """The names, checked; InputError."""
    wrong = sorted(one for one in names if not _RESOURCE.fullmatch(one))
    if wrong or len(names) > MOST_RESOURCES:
        raise InputError(f"recursos: {', '.join(wrong)[:100] or len(names)}: escreva nomes como contacts, campaigns")
    return names


def key_expiry(expires_at: datetime | None, now: datetime) -> datetime | None:
    """The instant, checked; InputError for one that is over, or further off than ten years."""
    if expires_at is not None and not now < expires_at <= now + LONGEST_LIFE:
        raise InputError("validade: escreva um dia que ainda venha, em até dez anos")
    return expires_at
