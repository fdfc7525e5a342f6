"""Who asks: a person, a key, this machine; and what their role lets them do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do; each role covers those before it."""

    VIEWER = "viewer"
    """Looks at everything but people's accounts, keys and the audit."""
    OPERATOR = "operator"
    """Runs campaigns, the inbox and the agenda."""
    ADMIN = "admin"
    """Also accounts, keys, settings, webhooks, the audit, and what cannot be undone for a person (erasure)."""

    def covers(self, needed: Role) -> bool:
        """Whether who has this role may do what needs the other."""
        return _ORDER.index(self) >= _ORDER.index(needed)


_ORDER = tuple(Role)


class PrincipalKind(StrEnum):
    """How we know who asks."""

    USER = "user"
    """A person who signed in."""
    KEY = "key"
    """A program with an API key."""
    GATEWAY = "gateway"
    """Whom API Gateway's authorizer let through."""
    LOCAL = "local"
    """Whoever can use this machine: the command line."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, for one request.

    `id` stays the same for the same person or key; `name` is for people to read. `resources` narrows a key to these
    resources of the API (the first part of their address, as `contacts`); empty: all of them.
    """

    kind: PrincipalKind
    id: str
    name: str
    role: Role
    resources: frozenset[str] = frozenset()

    @property
    def actor(self) -> str:
        """As the audit names them: `user:3`."""
        return f"{self.kind}:{self.id}"

    def may_use(self, resource: str) -> bool:
        """Whether a resource of the API is open to them."""
        return not self.resources or resource in self.resources


MACHINE = Principal(PrincipalKind.LOCAL, "local", "este computador", Role.ADMIN)
"""For where whoever reaches the program may use it."""
