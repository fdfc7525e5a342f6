"""Alarms in a process that only answers: it sees that the worker beside it is gone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from disparo.domain.alarm import AlarmChange, AlarmName, AlarmState
from disparo.engine.alarm_looks import AlarmLooks
from disparo.engine.alarms import AlarmWatch
from disparo.settings.alarms import AlarmSettings
from disparo.simulation.virtual_time import VirtualClock, run_virtually
from disparo.worker.alarm_loop import look_at_alarms
from tests.unit.usecases.conftest import MONDAY, House

MINUTE = timedelta(minutes=1)


@dataclass
class Way:
    """Somebody who is told."""

    name: str = "email"
    told: list[AlarmChange] = field(default_factory=list)

    async def tell(self, change: AlarmChange, now) -> None:
        self.told.append(change)


def test_a_worker_that_is_gone_is_told_within_five_minutes_and_its_return_too() -> None:
    async def main() -> None:
        house, clock, way = House(), VirtualClock(MONDAY), Way()
        await house.begin(3)
        await house.store.numbers.beat("w1", clock.now())
        looks = AlarmLooks(house.store, lambda: list(house.senders.values()), lambda: None)
        watch = AlarmWatch(house.store, looks, AlarmSettings().alarm_rules(), [way], holder="api")
        looking = asyncio.create_task(look_at_alarms(watch, clock))
        await asyncio.sleep(5 * 60)
        assert [(one.standing.name, one.standing.state) for one in way.told] == [(AlarmName.NO_TICK, AlarmState.ALARM)]
        assert 3 * MINUTE < way.told[0].standing.since - MONDAY <= 5 * MINUTE
        await house.store.numbers.beat("w2", clock.now())
        await asyncio.sleep(61)
        assert way.told[-1].standing.state is AlarmState.OK
        looking.cancel()

    run_virtually(main())
