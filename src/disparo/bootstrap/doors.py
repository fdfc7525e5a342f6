"""The doors through which providers call us: one for each provider, whichever of its accounts is calling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from disparo.ports.callback import Call, Callback, CallbackRefusedError, Told


class EitherCallback:
    """`Callback` of several accounts of one provider: the call is of the first whose secret it proves to know."""

    def __init__(self, accounts: Sequence[Callback]) -> None:
        self._accounts = accounts

    async def read(self, call: Call, now: datetime) -> Told:
        """See `Callback.read`."""
        for account in self._accounts[:-1]:
            try:
                return await account.read(call, now)
            except CallbackRefusedError:
                continue
        return await self._accounts[-1].read(call, now)

    async def greet(self, call: Call) -> str:
        """See `Callback.greet`."""
        for account in self._accounts[:-1]:
            try:
                return await account.greet(call)
            except CallbackRefusedError:
                continue
        return await self._accounts[-1].greet(call)
