"""Tests do not sleep, do not read the real clock to wait, and have no assertion that cannot fail."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.tidy.source_tree import ROOT, Module, dotted, modules

REAL_PROGRAMS = (ROOT / "tests" / "contract", ROOT / "tests" / "e2e")


def test_no_test_waits_for_real_time() -> None:
    inside_the_process = [
        module for module in modules("tests") if not any(folder in module.path.parents for folder in REAL_PROGRAMS)
    ]
    assert not [place for module in inside_the_process for place in _sleeps(module)]


def test_tests_are_plain_functions() -> None:
    classes = [
        f"{module.place(node)} {node.name}"
        for module in modules("tests")
        for node in module.tree.body
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test")
    ]
    assert not classes


def test_every_assertion_can_fail() -> None:
    certain = [
        module.place(node)
        for module in modules("tests")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Constant | ast.Tuple)
    ]
    assert not certain


def _sleeps(module: Module) -> Iterator[str]:
    """Sleeps of more than nothing; those of a virtual clock take no time."""
    virtual = any(isinstance(node, ast.alias) and node.name == "run_virtually" for node in ast.walk(module.tree))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and node.args:
            first = node.args[0]
            nothing = isinstance(first, ast.Constant) and first.value == 0
            name = dotted(node.func)
            if name == "time.sleep" or (name == "asyncio.sleep" and not nothing and not virtual):
                yield f"{module.place(node)} {name}"
