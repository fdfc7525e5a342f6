"""How long the import of each Lambda handler takes in a new interpreter, next to Python with boto3 and nothing else."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

from bench.measured import Case, Numbers, Stopwatch, alternate
from bench.report import Aim, Section
from bench.sizes import Sizes

BARE = "Python and boto3"
MODULES = {
    "Python alone": "sys",
    BARE: "boto3",
    **{name: f"disparo.entrypoints.lambdas.{name}" for name in ("send", "schedule", "ingest", "api")},
}
ENVIRONMENT = {
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",  # so a handler opens the installation at its import, as on Lambda
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "DISPARO_STORE": "dynamodb",
    "DISPARO_IMPORTS_BUCKET": "imports",
    "DISPARO_SEND_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/send",
    "DISPARO_SEND_DLQ_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/send-dlq",
}

SEND_AT_MOST = 3.0
"""Times the bare import: what is left is for pydantic, templates and the engine."""


def product(module: str) -> Numbers:
    """A new interpreter that imports one module and ends; its modules are compiled already."""
    command, environment = [sys.executable, "-c", f"import {module}"], {**os.environ, **ENVIRONMENT}
    subprocess.run(command, check=True, env=environment)
    began = _cpu_of_children_s()
    with Stopwatch() as watch:
        subprocess.run(command, check=True, env=environment)
    watch.cpu_s = _cpu_of_children_s() - began
    return watch.per(1)


def _cpu_of_children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cold_starts(sizes: Sizes) -> Section:
    """Every handler, and the ratio of each to the bare import, of CPU time: it hardly feels what else runs."""
    found = alternate({name: Case(product, {"module": module}) for name, module in MODULES.items()}, sizes.rounds)
    bare = found[BARE]["cpu_s"]
    rows = [
        (name, f"{one['elapsed_s'] * 1000:.0f}", f"{one['cpu_s'] * 1000:.0f}", f"{one['cpu_s'] / bare:.2f}")
        for name, one in found.items()
    ]
    section = Section(
        "cold",
        "Cold import, from the start of the interpreter to its end",
        ("", "ms", "CPU-ms", "CPU next to boto3"),
        rows,
    )
    send = found["send"]["cpu_s"] / bare
    return section.with_aims(Aim(f"send at most {SEND_AT_MOST:g} x {BARE}", f"{send:.2f} x", send <= SEND_AT_MOST))
