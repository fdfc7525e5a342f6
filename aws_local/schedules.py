"""What EventBridge Scheduler does: calls a function at an interval, whether or not the call before has ended.

The interval is real time; it may be shorter than the minute of the real schedules, so that a demo does not take hours.
A call that fails or finds the function at its limit is not repeated, as the schedules are configured.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from aws_local.function import Answer, BusyError, Function


@dataclass(frozen=True, slots=True)
class Schedule:
    """What to send to the function, and how often."""

    event: dict[str, object]
    every_s: float = 60.0


class Scheduler:
    """Fires the schedules of a function until closed; each call has a thread of its own.

    `on_failure` is called with what failed, as Lambda's on-failure destination is.
    """

    def __init__(
        self,
        function: Function,
        schedules: list[Schedule],
        on_failure: Callable[[Schedule, Answer], None] = lambda _, __: None,
    ) -> None:
        self._function = function
        self._on_failure = on_failure
        self._closing = threading.Event()
        self._clocks = [threading.Thread(target=self._run, args=(schedule,), daemon=True) for schedule in schedules]
        for clock in self._clocks:
            clock.start()

    def close(self) -> None:
        """Fire no more; calls that are under way are waited for."""
        self._closing.set()
        for clock in self._clocks:
            clock.join()

    def _run(self, schedule: Schedule) -> None:
        due, calls = time.monotonic(), list[threading.Thread]()
        while not self._closing.wait(max(due - time.monotonic(), 0.0)):
            call = threading.Thread(target=self._call, args=(schedule,), daemon=True)
            calls = [one for one in calls if one.is_alive()] + [call]
            call.start()
            due += schedule.every_s
        for call in calls:
            call.join()

    def _call(self, schedule: Schedule) -> None:
        try:
            answer = self._function.invoke(schedule.event)
        except BusyError:
            return
        if answer.error:
            self._on_failure(schedule, answer)
