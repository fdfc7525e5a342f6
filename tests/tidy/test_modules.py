"""Modules and functions stay small, are named for what they hold, and say what they promise."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.tidy.source_tree import Module, functions, modules

MOST_LINES = 600
WORTH_A_REASON = 400
MOST_LINES_OF_A_FUNCTION = 70
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "service", "base", "misc"}

LONG_FOR_A_REASON: dict[str, str] = {}
EVERYTHING = ("src", "tests", "bench", "examples", "aws_local")


def test_no_module_is_long() -> None:
    assert not [f"{module}: {module.lines} lines" for module in modules(*EVERYTHING) if module.lines > MOST_LINES]


def test_a_module_of_more_than_400_lines_has_a_reason() -> None:
    longer = {str(module) for module in modules(*EVERYTHING) if module.lines > WORTH_A_REASON}
    assert longer == set(LONG_FOR_A_REASON)


def test_no_function_is_long() -> None:
    long = [
        f"{module.place(one)} {one.name}: {length} lines"
        for module in modules(*EVERYTHING)
        for one in functions(module.tree)
        if (length := (one.end_lineno or one.lineno) - one.lineno + 1) > MOST_LINES_OF_A_FUNCTION
    ]
    assert not long


def test_names_of_modules_say_what_is_in_them() -> None:
    parts = ((module, {*module.path.parent.parts, module.path.stem}) for module in modules("src"))
    assert not [str(module) for module, names in parts if names & NAMES_THAT_SAY_NOTHING]


def test_everything_public_says_what_it_promises() -> None:
    missing = [place for module in modules("src") if module.tree.body for place in _undocumented(module)]
    assert not missing


def test_every_package_of_the_product_is_a_package() -> None:
    folders = {module.path.parent for module in modules("src")}
    assert not [str(folder) for folder in folders if folder.name != "src" and not Path(folder, "__init__.py").exists()]


def _undocumented(module: Module) -> Iterator[str]:
    if ast.get_docstring(module.tree) is None:
        yield f"{module}: the module"
    yield from _undocumented_members(module, module.tree.body)


def _undocumented_members(module: Module, body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        if ast.get_docstring(node) is None:
            yield f"{module.place(node)} {node.name}"
        if isinstance(node, ast.ClassDef):
            yield from _undocumented_members(module, node.body)
