"""What decides is pure: it reads no clock, draws no chance, never sleeps, and leans on data libraries at most."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

import pytest

from tests.tidy.source_tree import Module, dotted, modules

CLOCKS_AND_CHANCE = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "asyncio.sleep",
    "os.urandom",
    "uuid.uuid1",
    "uuid.uuid4",
}
NO_MODULES = {"time", "random", "secrets", "socket", "subprocess", "threading"}

DATA_LIBRARIES = {"email_validator", "holidays", "phonenumbers", "tzdata", "validate_docbr"}
THIRD_PARTIES: dict[str, set[str]] = {
    "domain": DATA_LIBRARIES,
    "ports": set(),
    "engine": set(),
    "usecases": set(),
    "worker": set(),
}


@pytest.mark.parametrize("layer", ["domain", "ports", "engine", "usecases"])
def test_no_clock_is_read_and_no_chance_drawn(layer: str) -> None:
    assert not [place for module in modules(f"src/disparo/{layer}") for place in _impure(module)]


@pytest.mark.parametrize(("layer", "allowed"), THIRD_PARTIES.items())
def test_only_data_libraries_are_leant_on(layer: str, allowed: set[str]) -> None:
    known = allowed | set(sys.stdlib_module_names) | {"disparo"}
    foreign = [
        f"{module.place(node)} {name}"
        for module in modules(f"src/disparo/{layer}")
        for node, name in _imports(module)
        if name.partition(".")[0] not in known
    ]
    assert not foreign


def _is_a_turn(node: ast.AST) -> bool:
    """`asyncio.sleep(0)` waits for nothing: it lets others have their turn."""
    return (
        isinstance(node, ast.Call)
        and dotted(node.func) == "asyncio.sleep"
        and [isinstance(arg, ast.Constant) and arg.value == 0 for arg in node.args] == [True]
    )


def _impure(module: Module) -> Iterator[str]:
    for node, name in _imports(module):
        if name.partition(".")[0] in NO_MODULES:
            yield f"{module.place(node)} imports {name}"
    turns = {id(node.func) for node in ast.walk(module.tree) if _is_a_turn(node)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            last_two = ".".join(dotted(node).split(".")[-2:])
            if last_two in CLOCKS_AND_CHANCE and id(node) not in turns:
                yield f"{module.place(node)} {last_two}"


def _imports(module: Module) -> Iterator[tuple[ast.stmt, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node, node.module or ""
