"""What lets people and programs in, after data of an earlier day were brought back."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from disparo.domain.errors import RevisionError
from disparo.domain.webhook import BY_HAND, Endpoint, EndpointState
from disparo.ports.one_time_links import SETUP
from disparo.ports.store import Store


@dataclass(frozen=True, slots=True)
class Shut:
    """What does not work any more: so many sessions, these API keys (names) and these endpoints (addresses)."""

    sessions: int
    keys: Sequence[str] = ()
    endpoints: Sequence[str] = ()


async def shut(store: Store, now: datetime, *, keep_access: bool = False) -> Shut:
    """Let nobody in by what may have ended since these data were kept: they do not know what was revoked since.

    No session and no one-time link of before works. API keys that were not revoked are, and endpoints are told nothing
    until a person enables them, but with `keep_access`: who says so knows that none was revoked or removed since. Twice
    is as once.
    """
    ended = 0
    for account in await store.accounts.all():
        ended += await store.sessions.end_all(account.id)
        await store.one_time_links.drop(account.id)
    await store.one_time_links.drop(SETUP)
    if keep_access:
        return Shut(ended)
    keys = [one for one in await store.api_keys.all() if one.state(now) == "active"]
    for key in keys:
        await store.api_keys.revoke(key.id, now)
    told = [one for one in await store.webhooks.endpoints() if one.state is EndpointState.ENABLED]
    for endpoint in told:
        await _disable(store, endpoint, now)
    return Shut(ended, [one.name for one in keys], [one.url for one in told])


async def _disable(store: Store, endpoint: Endpoint, now: datetime) -> None:
    while endpoint.state is EndpointState.ENABLED:
        with suppress(RevisionError):  # somebody else changed it meanwhile
            await store.webhooks.replace(endpoint.disabled(BY_HAND, now))
        endpoint = await store.webhooks.endpoint(endpoint.id)
