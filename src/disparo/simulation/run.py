"""Playing seeds from the command line, and telling what broke."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from functools import partial

from disparo.simulation.scenario import Scenario
from disparo.simulation.world import FAMILIES, Result, play


def play_seed(seed: int, family: str = "embedded") -> Result:
    """Play the world of one seed on one of `FAMILIES`."""
    return play(Scenario.of(seed), family)


def main(arguments: Sequence[str] | None = None) -> int:
    """`--seed N` plays one world and tells how it went; `--seeds A..B` many, up to B - 1. 1 when one failed."""
    parser = argparse.ArgumentParser(prog="python -m disparo.simulation", description=main.__doc__)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--seeds", type=_range, default=range(200))
    parser.add_argument("--family", choices=FAMILIES, default=FAMILIES[0])
    parser.add_argument("--jobs", type=int, default=1)
    wanted = parser.parse_args(arguments)
    seeds = wanted.seeds if wanted.seed is None else range(wanted.seed, wanted.seed + 1)
    began = time.perf_counter()
    failed = requests = 0
    virtual = timedelta()
    for result in _results(seeds, wanted.family, wanted.jobs):
        requests += result.requests
        virtual += result.virtual
        if result.violation is not None:
            failed += 1
            sys.stdout.write(told(result, wanted.family) + "\n")
            sys.stdout.flush()
        elif wanted.seed is not None:
            sys.stdout.write(f"seed {result.seed}: {result.steps} steps, trace {result.digest}\n")
    seconds = time.perf_counter() - began
    sys.stdout.write(
        f"{len(seeds)} seeds, {failed} failed; {requests} requests in {virtual.days} virtual days, "
        f"{seconds:.1f} s ({seconds / max(1, len(seeds)):.3f} s a seed)\n"
    )
    return 1 if failed else 0


def told(result: Result, family: str = "embedded") -> str:
    """A failure as a person reads it: what broke, the last steps, and how to play it again."""
    violation = result.violation
    if violation is None:
        return f"seed {result.seed}: nothing broke"
    where = "" if family == FAMILIES[0] else f" --family {family}"
    return "\n".join(
        (
            f"seed {result.seed} broke {violation.invariant} after {violation.at_s:.3f} s: {violation.problem}",
            *violation.steps,
            f"again: python -m disparo.simulation{where} --seed {result.seed}",
        )
    )


def _results(seeds: range, family: str, jobs: int) -> Iterator[Result]:
    play_one = partial(play_seed, family=family)
    if jobs == 1:
        yield from map(play_one, seeds)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(play_one, seeds, chunksize=20)


def _range(text: str) -> range:
    first, _, last = text.partition("..")
    return range(int(first), int(last))
