"""Alarms: each minute they are looked at, what changed is kept, and somebody is told."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from disparo.domain.alarm import EVERY, AlarmRule, AlarmStanding, Look, change_of, judged
from disparo.engine.alarm_looks import AlarmLooks
from disparo.ports.alarms import TellsAlarms
from disparo.ports.store import Store

ROLE, ROLE_TIME = "alarms", timedelta(seconds=50)

GIVE_UP = timedelta(days=1)
"""How long it is tried to tell somebody of a change."""

LONGEST_PAUSE = timedelta(minutes=30)

AT_ONCE = 10
"""Changes that are told by one way in a minute: the rest come after them."""


class AlarmWatch:
    """Looks at every alarm once a minute, in one process at a time as far as possible.

    Two at once do no harm: of a change one of them keeps it (compare and set), and it is told at least once. A kill
    after somebody was told and before that is written down tells the same change again, under the same id. What
    cannot be looked at or told stops nothing else.
    """

    def __init__(
        self,
        store: Store,
        looks: AlarmLooks,
        rules: Sequence[AlarmRule],
        ways: Sequence[TellsAlarms],
        *,
        holder: str,
    ) -> None:
        self._store, self._looks, self._rules, self._ways, self._holder = store, looks, rules, ways, holder
        self._next_at: datetime | None = None
        self._pauses: dict[str, tuple[datetime, timedelta]] = {}

    async def run(self, now: datetime) -> datetime:
        """Look, when it is time; when to look again."""
        if self._next_at is None or not self._next_at - EVERY <= now < self._next_at:
            self._next_at = now + EVERY
            try:
                if await self._store.ledger.hold_role(ROLE, self._holder, now, now + ROLE_TIME):
                    await self._look(now)
                    await self._tell(now)
            except Exception:  # alarms watch over the work: what breaks in them must not end it
                logging.getLogger(__name__).exception("alarms_failed")
        return self._next_at

    async def _look(self, now: datetime) -> None:
        standings = {one.name: one for one in await self._store.alarms.standings()}
        for rule in self._rules:
            await self._judge(rule, standings.get(rule.name), now)

    async def _judge(self, rule: AlarmRule, before: AlarmStanding | None, now: datetime) -> None:
        try:
            look = await self._looks.at(rule, now)
        except Exception:  # what cannot be looked at is not known
            logging.getLogger(__name__).exception("alarm_not_looked_at", extra={"alarm": str(rule.name)})
            look = Look()
        standing = judged(rule, look, before, now)
        change = change_of(before, standing, [way.name for way in self._ways])
        await self._store.alarms.keep(standing, before, change)

    async def _tell(self, now: datetime) -> None:
        for way in self._ways:
            pause = self._pauses.get(way.name)
            if pause is not None and pause[0] - LONGEST_PAUSE <= now < pause[0]:
                continue
            reason = await self._tell_by(way, now)
            if reason is None:
                self._pauses.pop(way.name, None)
                continue
            longer = EVERY if pause is None else min(pause[1] * 2, LONGEST_PAUSE)
            self._pauses[way.name] = (now + longer, longer)
            logging.getLogger(__name__).warning("alarm_not_told", extra={"way": way.name, "reason": reason})

    async def _tell_by(self, way: TellsAlarms, now: datetime) -> str | None:
        """Tell of everything that waits for this way, in order; why that did not go to its end."""
        changes = await self._store.alarms.untold(way.name, now - GIVE_UP)
        for change in changes[:AT_ONCE]:
            if (reason := await way.tell(change, now)) is not None:
                return reason
            await self._store.alarms.told(change.id, way.name, now)
        return None
