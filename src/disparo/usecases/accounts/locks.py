"""What people and programs are let in with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from disparo.domain.account import Account
from disparo.domain.audit import AuditEntry, clipped
from disparo.domain.errors import DisparoError
from disparo.domain.policies.throttle import Throttle
from disparo.domain.session import SessionRules, digest
from disparo.ports.one_time_codes import OneTimeCodes
from disparo.ports.passwords import Passwords
from disparo.ports.sealing import Sealer
from disparo.ports.store import Store

UNKNOWN = "unknown"
"""The actor of who did not get in."""
_TOLD_EACH = Throttle(1, timedelta(minutes=1), timedelta(minutes=1), timedelta(minutes=1))
"""How often it is written into the audit that somebody is kept waiting: who sends a thousand tries fills no audit."""


class ThrottledError(DisparoError):
    """It was tried too often; `wait` from now on it may be tried again. Nothing was looked at."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("foram muitas tentativas; espere um pouco e tente de novo")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Locks:
    """What keeps strangers out; `draw` gives a text of 256 random bits each time, fit for addresses."""

    store: Store
    passwords: Passwords
    codes: OneTimeCodes
    sealer: Sealer
    draw: Callable[[], str] = field(repr=False)
    rules: SessionRules = field(default_factory=SessionRules)

    def new_id(self) -> str:
        """An id that nobody has."""
        return digest(self.draw())[:12]


@dataclass(frozen=True, slots=True)
class Comer:
    """Where somebody comes from: `network` is whom their address is counted as, `device` how their browser calls
    itself, `known` the mark that a browser keeps which has signed in before."""

    network: str = ""
    address: str = ""
    device: str = ""
    known: str = ""


async def pass_throttle(locks: Locks, name: str, throttle: Throttle, comer: Comer, now: datetime) -> None:
    """Count one try; ThrottledError, which the audit hears of now and then."""
    wait = await locks.store.tries.take(name, throttle, now)
    if not wait:
        return
    if not await locks.store.tries.take(f"told:{name}", _TOLD_EACH, now):
        await record(locks, "accounts.throttled", None, comer, now, outcome="refused", kind=name.partition(":")[0])
    raise ThrottledError(wait)


async def record(
    locks: Locks,
    action: str,
    account: Account | None,
    comer: Comer,
    now: datetime,
    *,
    outcome: str = "done",
    **detail: object,
) -> None:
    """Into the audit: of who got in by their name, of who did not as nobody."""
    done = outcome == "done" and account is not None
    await locks.store.audit.append(
        AuditEntry(
            at=now,
            actor=account.principal.actor if done and account else UNKNOWN,
            name=account.name if done and account else "",
            action=action,
            object=f"account {account.id}" if account else "",
            outcome=outcome,
            detail=clipped(detail),
            address=comer.address,
        )
    )
