"""SQL lives beside the embedded store, each query named, and its migrations are numbered without gaps."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.tidy.source_tree import PACKAGE, Module, modules

STORE = PACKAGE / "adapters" / "embedded"
QUERY = re.compile(
    r"\s*(--[^\n]*\n\s*)*(SELECT\s.+|INSERT\s+(OR\s+\w+\s+)?INTO\s.+|UPDATE\s.+\sSET\s.+|DELETE\s+FROM\s.+"
    r"|WITH\s.+\sSELECT\s.+|CREATE\s.+|DROP\s.+|ALTER\s+TABLE\s.+|PRAGMA\s.+)",
    re.DOTALL,
)


def test_sql_is_written_beside_the_store_only() -> None:
    outside = [module for module in modules("src") if STORE not in module.path.parents]
    assert not [place for module in outside for place in _queries(module, module.tree.body)]


def test_every_query_of_the_store_has_a_name() -> None:
    inside = modules("src/disparo/adapters/embedded")
    unnamed = [place for module in inside for place in _queries(module, _all_but_constants(module))]
    assert not unnamed


def test_migrations_are_numbered_without_gaps() -> None:
    names = sorted(path.name for path in (STORE / "migrations").glob("*.sql"))
    assert [name.partition("_")[0] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]


def _all_but_constants(module: Module) -> list[ast.stmt]:
    return [node for node in module.tree.body if not isinstance(node, ast.Assign | ast.AnnAssign)]


def _queries(module: Module, body: list[ast.stmt]) -> Iterator[str]:
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and QUERY.match(node.value):
                yield f"{module.place(node)} {node.value.strip()[:40]!r}"
