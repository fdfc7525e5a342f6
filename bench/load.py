"""Requests at a fixed rate from a process of its own: `python -m bench.load`, the plan as JSON on its input.

Each request has its moment in a timetable, and its latency counts from that moment, whether or not earlier ones have
been answered: a server that stands still for a second is seen as 300 slow answers, not as one (no coordinated
omission). Addresses are asked in turn.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

CONNECTIONS = 64
"""Kept open, as browsers and programs do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to ask: `rate` requests a second in all, for `seconds` after a warm-up that is not counted."""

    home: str
    key: str
    paths: Sequence[str]
    rate: float
    seconds: float
    warm_up_s: float = 3.0
    core: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What came: latencies in milliseconds, sorted; statuses; and of each address its slowest tenth."""

    latencies: Sequence[float]
    statuses: dict[str, int]
    behind_ms: float
    """How late the generator itself was at most: above a few milliseconds it, and not the server, was measured."""
    slowest: dict[str, float]

    def percentile(self, share: float) -> float:
        """The latency that this share of requests did not exceed."""
        return self.latencies[min(int(len(self.latencies) * share), len(self.latencies) - 1)]


def run(plan: Plan) -> Found:
    """Carry out a plan in a process of its own."""
    child = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(asdict(plan)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=plan.seconds + plan.warm_up_s + 120,
    )
    if child.returncode:
        raise RuntimeError(child.stderr)
    return Found(**json.loads(child.stdout))


async def _carry_out(plan: Plan) -> dict[str, Any]:
    import aiohttp

    headers = {"Authorization": f"Bearer {plan.key}", "Accept": "text/html,application/json"}
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    took: list[tuple[str, float]] = []
    statuses: Counter[str] = Counter()
    behind = 0.0

    async def ask(session: aiohttp.ClientSession, path: str, at: float, counted: bool) -> None:
        try:
            async with session.get(plan.home + path, allow_redirects=False) as answer:
                await answer.read()
                status = str(answer.status)
        except aiohttp.ClientError as error:
            status = type(error).__name__
        if counted:
            took.append((path, (time.perf_counter() - at) * 1_000))
            statuses[status if status == "200" else f"{status} {path}"] += 1

    async with aiohttp.ClientSession(connector=connector, headers=headers) as session, asyncio.TaskGroup() as tasks:
        begin, total = time.perf_counter() + 0.2, int(plan.rate * (plan.warm_up_s + plan.seconds))
        for number, path in enumerate(islice(cycle(plan.paths), total)):
            at = begin + number / plan.rate
            if (wait := at - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            counted = number >= plan.rate * plan.warm_up_s
            behind = max(behind, time.perf_counter() - at) if counted else 0.0
            tasks.create_task(ask(session, path, at, counted))
    latencies = sorted(ms for _, ms in took)
    by_path = {path: sorted(ms for one, ms in took if one == path) for path in dict.fromkeys(plan.paths)}
    slowest = {path: found[len(found) * 9 // 10] for path, found in by_path.items() if found}
    return {"latencies": latencies, "statuses": dict(statuses), "behind_ms": behind * 1_000, "slowest": slowest}


def _main() -> None:
    plan = Plan(**json.load(sys.stdin))
    if plan.core is not None:
        os.sched_setaffinity(0, {plan.core})
    import uvloop

    print(json.dumps(uvloop.run(_carry_out(plan))))


if __name__ == "__main__":
    _main()
