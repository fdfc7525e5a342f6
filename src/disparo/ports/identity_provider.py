"""Another place at which people show who they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from disparo.domain.errors import DisparoError


class IdentityError(DisparoError):
    """The provider cannot be reached, or what it says is not to be believed."""


@dataclass(frozen=True, slots=True)
class Journey:
    """One way there and back: `state` and `nonce` come back unchanged, `verifier` proves that it is we who come."""

    state: str
    nonce: str
    verifier: str = field(repr=False)
    return_to: str
    """The address of ours to which the browser comes back."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is there. `subject` is never anybody else's; `roles` are the values of the claim that names them."""

    subject: str
    email: str | None
    verified: bool
    """Whether the provider has made sure that the address is theirs."""
    name: str
    roles: frozenset[str]


class IdentityProvider(Protocol):
    """Sends browsers there, and learns who came back. Its addresses come from the settings alone."""

    async def way_there(self, journey: Journey) -> str:
        """The address to which a browser is sent; IdentityError."""
        ...

    async def who(self, journey: Journey, code: str, now: datetime) -> Identity:
        """Who came back with a code; IdentityError, also for a token that is not for us, not now, or not of it."""
        ...
