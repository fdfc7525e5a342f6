"""A secret that the provider refuses is read anew, once; one that cannot be read makes messages wait."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from itertools import pairwise

from disparo.adapters.credentials import RENEWED_FOR_S, Credentials
from disparo.domain.errors import InputError, StoreError
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass

REFUSED = Outcome(False, failure=FailureClass.AUTH, reason="credentials_refused")
TAKEN = Outcome(True, "p1")


class Rotated:
    """A secret whose newer value is seen by `refresh` only."""

    def __init__(self, old: str, new: str) -> None:
        self.values, self.reads = [old, new], list[str]()

    async def get(self, name: str) -> Mapping[str, str]:
        self.reads.append("get")
        return {"key": self.values[0]}

    async def refresh(self, name: str) -> Mapping[str, str]:
        self.reads.append("refresh")
        self.values[0] = self.values[1]
        return {"key": self.values[1]}


def credentials(secrets: Rotated) -> Credentials[str]:
    return Credentials(secrets, "mcp-email", lambda _, fields: fields["key"])


def used(secrets: Rotated, accepted: str) -> tuple[Outcome, list[str]]:
    tried: list[str] = []

    async def attempt(key: str) -> Outcome:
        tried.append(key)
        return TAKEN if key == accepted else REFUSED

    return asyncio.run(credentials(secrets).use(attempt)), tried


def test_a_rotated_secret_is_followed_without_a_restart() -> None:
    assert used(Rotated("old", "new"), "new") == (TAKEN, ["old", "new"])


def test_a_secret_that_did_not_change_is_not_tried_again() -> None:
    assert used(Rotated("old", "old"), "new") == (REFUSED, ["old"])


def test_a_newer_secret_that_is_refused_too_is_the_end() -> None:
    assert used(Rotated("old", "new"), "newest") == (REFUSED, ["old", "new"])


def test_what_is_accepted_reads_nothing_anew() -> None:
    secrets = Rotated("old", "new")
    used(secrets, "old")
    assert secrets.reads == ["get"]


def test_a_flood_of_refusals_reads_anew_only_now_and_then() -> None:
    secrets, times = Rotated("a", "a"), list[float]()

    async def story() -> None:
        own, loop = credentials(secrets), asyncio.get_running_loop()
        for _ in range(1000):
            before = len(secrets.reads)
            await own.renewed()
            if secrets.reads[before:] == ["refresh"]:
                times.append(loop.time())

    asyncio.run(story())
    assert times
    assert all(later - earlier >= RENEWED_FOR_S for earlier, later in pairwise(times))


def test_a_secret_that_cannot_be_read_is_waiting_not_failing() -> None:
    class Broken(Rotated):
        async def get(self, name: str) -> Mapping[str, str]:
            raise InputError("segredo mcp-email: api_key: falta")

        async def refresh(self, name: str) -> Mapping[str, str]:
            raise StoreError("fora do ar")

    outcome, tried = used(Broken("", ""), "x")
    assert (outcome.failure, outcome.reason, tried) == (FailureClass.AUTH, "secret_unusable", [])
    assert "api_key" in outcome.detail
