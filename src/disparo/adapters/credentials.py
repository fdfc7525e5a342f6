"""A provider's secret in the form in which its channel uses it, read anew when the provider no longer takes it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

from disparo.domain.errors import DisparoError, InputError
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.ports.secrets import SecretError, Secrets

T = TypeVar("T")
_DETAIL = 300
BELIEVED_FOR_S = 1.0
RENEWED_FOR_S = 30.0
"""Seconds: each message asks for the secret, and to read a file for each would be a tenth of its cost."""


class Credentials(Generic[T]):
    """The secret `name`, read by `parse` (InputError that names the field, never its value)."""

    def __init__(self, secrets: Secrets, name: str, parse: Callable[[str, Mapping[str, str]], T]) -> None:
        self._secrets, self._name, self._parse = secrets, name, parse
        self._renewed_at: float | None = None
        self._known: T | None = None
        self._known_at = 0.0

    async def current(self) -> T:
        """As it is believed to be, for `BELIEVED_FOR_S` without asking; SecretError, StoreError."""
        now = asyncio.get_running_loop().time()
        if self._known is None or not self._known_at <= now < self._known_at + BELIEVED_FOR_S:
            self._known, self._known_at = await self._read(self._secrets.get(self._name)), now
        return self._known

    async def renewed(self) -> T:
        """As it is now; what was read anew less than `RENEWED_FOR_S` ago is believed.

        Calls with a wrong signature come here too, as many as somebody likes to send.
        """
        now = asyncio.get_running_loop().time()
        if self._renewed_at is not None and self._renewed_at <= now < self._renewed_at + RENEWED_FOR_S:
            return await self.current()
        self._renewed_at = now
        self._known, self._known_at = await self._read(self._secrets.refresh(self._name)), now
        return self._known

    async def _read(self, asked: Awaitable[Mapping[str, str]]) -> T:
        try:
            return self._parse(self._name, await asked)
        except InputError as error:
            raise SecretError(str(error)) from None

    async def use(self, attempt: Callable[[T], Awaitable[Outcome]]) -> Outcome:
        """What an attempt ends with; when the provider refuses the secret and there is a newer one, of one more.

        A refused request was surely not taken, so this is no second message. AUTH (`secret_unusable`) when the secret
        itself cannot be read: the message waits until it can.
        """
        try:
            known = await self.current()
        except DisparoError as error:
            return unusable(error)
        outcome = await attempt(known)
        if outcome.failure is not FailureClass.AUTH:
            return outcome
        try:
            newer = await self.renewed()
        except DisparoError:
            return outcome
        return outcome if newer == known else await attempt(newer)


def unusable(error: DisparoError) -> Outcome:
    """The outcome of a message that cannot be sent as its secret cannot be read."""
    return Outcome(False, None, FailureClass.AUTH, "secret_unusable", str(error)[:_DETAIL])
