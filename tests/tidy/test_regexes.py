"""No pattern of ours takes for ever over a text that was made to choke it (CWE-1333)."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator

import disparo

LENGTH = 3_000
LONGEST_S = 1.0
"""What grows with the square of the length takes a few milliseconds, what grows faster takes minutes."""
UNITS = (
    "a",
    "0",
    " ",
    "-",
    ".",
    "@",
    "=",
    ";",
    "é",
    "\n",
    "a.",
    "a ",
    "a-",
    "0.",
    "=;",
    " \n",
    "{{",
    "<a ",
    "a@",
    "nao ",
)
_APART = ("simulation", "lambdas", "__main__")


def _patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for module in pkgutil.walk_packages(disparo.__path__, "disparo."):
        if any(part in module.name for part in _APART):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            inside = (
                value if isinstance(value, tuple | list) else value.values() if isinstance(value, dict) else [value]
            )
            for one in inside:
                if isinstance(one, re.Pattern) and isinstance(one.pattern, str):
                    yield f"{module.name}.{name}", one


def _slowest_s(pattern: re.Pattern[str]) -> float:
    slowest = 0.0
    for unit in UNITS:
        text = unit * (LENGTH // len(unit)) + "\0"
        for look in (pattern.fullmatch, pattern.search):
            began = time.perf_counter()
            look(text)
            slowest = max(slowest, time.perf_counter() - began)
    return slowest


def test_no_pattern_chokes() -> None:
    found = {pattern.pattern: (name, pattern) for name, pattern in _patterns()}
    assert len(found) > 150
    assert not [name for name, pattern in found.values() if _slowest_s(pattern) > LONGEST_S]


def test_a_pattern_that_chokes_is_found() -> None:
    """The planted bug, on a text short enough to wait for."""
    began = time.perf_counter()
    re.compile(r"(a+)+b").fullmatch("a" * 22)
    assert time.perf_counter() - began > 20 * _slowest_s(re.compile(r"a+b"))
