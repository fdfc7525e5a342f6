"""The repository as the tidy tests look at it: its files, and its modules as syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "disparo"


@dataclass(frozen=True)
class Module:
    """One Python file."""

    path: Path
    tree: ast.Module
    lines: int

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))

    def place(self, node: ast.AST) -> str:
        """`file:line`, for a message."""
        return f"{self}:{getattr(node, 'lineno', 1)}"


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Every module below these folders of the repository."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return tuple(_read(path) for path in paths)


@cache
def _read(path: Path) -> Module:
    source = path.read_text(encoding="utf-8")
    return Module(path, ast.parse(source), source.count("\n"))


@cache
def repository_files() -> tuple[Path, ...]:
    """Every file that is part of the repository, whether committed yet or not."""
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    names = {line.rstrip("/") for line in ignored if line.endswith("/")} | {".git"}
    patterns = [line for line in ignored if not line.endswith("/") and not line.startswith("#")]
    return tuple(sorted(_walk(ROOT, names, patterns)))


def _walk(folder: Path, ignored_folders: set[str], ignored_files: list[str]) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.is_dir():
            if not any(Path(entry.name).match(name) for name in ignored_folders):
                yield from _walk(entry, ignored_folders, ignored_files)
        elif not any(entry.match(pattern) for pattern in ignored_files):
            yield entry


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a name or attribute, else nothing."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, nested ones included."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
