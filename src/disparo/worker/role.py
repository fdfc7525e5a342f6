"""A role that one process at a time should have, while it runs by the clock of somebody else."""

from __future__ import annotations

from datetime import datetime, timedelta

from disparo.ports.ledger import Ledger

ROLE_TIME = timedelta(seconds=45)
"""For how long a holder that died keeps others off: less than the minute after which the next one comes."""


class Role:
    """One holder's hold on a role of the ledger; it saves double work and keeps no promise (`Ledger.hold_role`)."""

    def __init__(self, ledger: Ledger, name: str, holder: str) -> None:
        self._ledger, self._name, self._holder = ledger, name, holder

    async def hold(self, now: datetime) -> bool:
        """Take or keep it for `ROLE_TIME`; False while another holds it."""
        return await self._ledger.hold_role(self._name, self._holder, now, now + ROLE_TIME)

    async def leave(self, now: datetime) -> None:
        """Let the next one have it at once."""
        await self._ledger.hold_role(self._name, self._holder, now, now)
