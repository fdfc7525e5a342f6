"""Coming in by another provider of identities, which is one that says what it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.domain.principal import Role
from disparo.ports.identity_provider import Identity, Journey
from disparo.usecases.accounts.elsewhere import Elsewhere, come_back, leave
from disparo.usecases.accounts.links import LinkOverError, opened, setup_link
from disparo.usecases.accounts.locks import Locks
from tests.account_scene import HOME, cheap_locks
from tests.unit.usecases.conftest import MONDAY


class Provider:
    """Says that whoever comes is Ana, of these groups."""

    def __init__(self, *groups: str) -> None:
        self._groups = frozenset(groups)

    async def way_there(self, journey: Journey) -> str:
        return f"https://id.example/?state={journey.state}"

    async def who(self, journey: Journey, code: str, now: datetime) -> Identity:
        return Identity("id ana", "ana@exemplo.com.br", True, "Ana", self._groups)


def play(story: Callable[[Locks], Awaitable[None]]) -> None:
    database = Database(None)

    async def told() -> None:
        await story(cheap_locks(open_store(database)))

    asyncio.run(told())
    database.close()


async def come(locks: Locks, *groups: str) -> Role:
    there = Elsewhere(Provider(*groups), {"chefes": Role.ADMIN, "todos": Role.VIEWER})
    address, kept = await leave(locks, there, "https://nos.example/back", "/console", MONDAY)
    state = address.partition("state=")[2]
    begun, _ = await come_back(locks, there, kept, state, "code", HOME, MONDAY)
    return begun.account.role


def test_the_link_that_makes_the_first_admin_is_over_with_one_from_elsewhere() -> None:
    async def story(locks: Locks) -> None:
        token = (await setup_link(locks, MONDAY)).partition("token=")[2]
        assert await come(locks, "todos") is Role.VIEWER
        assert (await opened(locks, token, HOME, MONDAY)).account is None, "who only looks can make no admin"
        assert await come(locks, "chefes") is Role.ADMIN
        with pytest.raises(LinkOverError):
            await opened(locks, token, HOME, MONDAY)

    play(story)
