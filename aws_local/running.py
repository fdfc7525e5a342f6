"""The four functions of a deployment, running: polled queues, schedules, and the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aws_local.deployment import Client, Deployment
from aws_local.function import Answer, Function, Setup
from aws_local.gateway import Gateway
from aws_local.polling import Poller
from aws_local.schedules import Schedule, Scheduler
from aws_local.server import ROOT

CONCURRENCY = 8


@dataclass(frozen=True, slots=True)
class House:
    """What runs: the functions by their short names, and the API in front of one of them."""

    functions: dict[str, Function]
    gateway: Gateway
    failures: list[str]
    """Scheduled calls that failed."""


@contextmanager
def opened(
    deployment: Deployment, client: Client, folder: Path, *, every_s: float, pollers: int = 3
) -> Iterator[House]:
    """Run everything until the block ends; each function's output is in `<folder>/<short name>.log`.

    `every_s` stands for the minute of the schedules, `pollers` is how many batches of a queue are under way at most.
    """
    failures: list[str] = []

    def failed(schedule: Schedule, answer: Answer) -> None:
        failures.append(f"{schedule.event}: {answer.error} {answer.payload}")

    with ExitStack() as stack:
        functions = {short: Function(_setup(deployment, short, folder)) for short in deployment.functions}
        for function in functions.values():
            stack.callback(function.close)
        for short, mapping in deployment.mappings.items():
            poller: Any = Poller(client("sqs"), replace(mapping, pollers=pollers), functions[short])
            stack.callback(poller.close)
        schedules = [replace(one, every_s=every_s) for one in deployment.schedules]
        scheduler = Scheduler(functions["schedule"], schedules, failed)
        stack.callback(scheduler.close)
        yield House(functions, Gateway(functions["api"]), failures)


def _setup(deployment: Deployment, short: str, folder: Path) -> Setup:
    plan = deployment.functions[short]
    return Setup(
        name=plan.name,
        handler=plan.handler,
        code=ROOT / "src",
        logs=folder / f"{short}.log",
        timeout_s=plan.timeout_s,
        memory_mb=plan.memory_mb,
        concurrency=CONCURRENCY,
        environment=plan.environment,
    )
