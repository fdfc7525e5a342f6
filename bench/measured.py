"""One measurement in a process of its own, and medians over alternating rounds."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

Numbers = dict[str, float]

TOO_LONG_S = 1_200
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Case:
    """A function of a bench module, to be called with JSON values in a process of its own; it returns its numbers."""

    function: Callable[..., Numbers]
    options: Mapping[str, object]


class FailedCaseError(RuntimeError):
    """A measurement ended in an error; the message is what it said."""


def run_case(case: Case) -> Numbers:
    """Run a case in a child process; its numbers, with `peak_mb` and (of the whole process) `process_cpu_s`."""
    name = f"{case.function.__module__}:{case.function.__qualname__}"
    child = subprocess.run(
        [sys.executable, "-m", "bench.measured", name, json.dumps(dict(case.options))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=TOO_LONG_S,
    )
    if child.returncode:
        raise FailedCaseError(f"{name} {dict(case.options)}:\n{child.stderr}")
    numbers: Numbers = json.loads(child.stdout.splitlines()[-1])
    return numbers


def alternate(cases: Mapping[str, Case], rounds: int) -> dict[str, Numbers]:
    """Run the cases in turn (A B A B), so that what disturbs the machine disturbs them alike; the medians of each."""
    found: dict[str, list[Numbers]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            found[name].append(run_case(case))
    return {name: medians(runs) for name, runs in found.items()}


def medians(runs: Sequence[Numbers]) -> Numbers:
    """The median of each number; `spread_s` is the slowest elapsed time less the fastest, where there is one."""
    numbers = {key: median(run[key] for run in runs) for key in runs[0]}
    if "elapsed_s" in numbers:
        numbers["spread_s"] = max(run["elapsed_s"] for run in runs) - min(run["elapsed_s"] for run in runs)
    return numbers


class Stopwatch:
    """Elapsed and CPU time of the block (all threads of this process)."""

    elapsed_s = 0.0
    cpu_s = 0.0

    def __enter__(self) -> Stopwatch:
        self._began, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.elapsed_s, self.cpu_s = time.perf_counter() - self._began, time.process_time() - self._cpu

    def per(self, count: int) -> Numbers:
        """The times, and what they mean for `count` things."""
        return {
            "elapsed_s": self.elapsed_s,
            "cpu_s": self.cpu_s,
            "per_second": count / self.elapsed_s,
            "cpu_s_per_1000": self.cpu_s / count * 1000,
        }


def peak_mb() -> float:
    """The most memory that this process had (RSS). `ru_maxrss` would count the parent's, which started it."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        return int(lines["VmHWM"].split()[0]) / 1024
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _main(name: str, options: str) -> None:
    module, _, function = name.partition(":")
    numbers: dict[str, Any] = getattr(import_module(module), function)(**json.loads(options))
    print(json.dumps({**numbers, "peak_mb": peak_mb(), "process_cpu_s": time.process_time()}))


if __name__ == "__main__":
    _main(*sys.argv[1:])
