"""The doors through which providers call us: one for each provider, whichever of its accounts is calling."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

from disparo.domain.errors import StoreError
from disparo.ports.callback import Call, Callback, CallbackRefusedError, Told
from disparo.ports.secrets import SecretError

T = TypeVar("T")


class EitherCallback:
    """`Callback` of several accounts of one provider: the call is of the first whose secret it proves to know.

    An account whose secret cannot be used keeps no other from being asked. When none knows the call, and one could not
    be asked, StoreError: the provider is to call again.
    """

    def __init__(self, accounts: Sequence[Callback]) -> None:
        self._accounts = accounts

    async def read(self, call: Call, now: datetime) -> Told:
        """See `Callback.read`."""
        return await self._first(lambda account: account.read(call, now))

    async def greet(self, call: Call) -> str:
        """See `Callback.greet`."""
        return await self._first(lambda account: account.greet(call))

    async def _first(self, ask: Callable[[Callback], Awaitable[T]]) -> T:
        refusal: CallbackRefusedError | StoreError = CallbackRefusedError("a assinatura não confere")
        for account in self._accounts:
            try:
                return await ask(account)
            except CallbackRefusedError as error:
                refusal = refusal if isinstance(refusal, StoreError) else error
            except SecretError as error:
                refusal = StoreError(str(error))
        raise refusal
