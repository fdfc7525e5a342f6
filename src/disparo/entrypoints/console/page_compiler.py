"""How templates become code: what they say the same on every page is looked up once, when they are compiled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from jinja2 import Environment
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Call, Const, Expr, Name, Node, Template, TemplateData
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

CONSTANT = ("_", "icon", "static_url")
"""Functions of templates that answer the same question always the same: translations, icons, addresses of files.

A page asks a hundred such questions, which were an eighth of what it took to make it.
"""


class PageCompiler(CodeGenerator):
    """Jinja's, which is given the answers in the place of such questions."""

    def visit_Template(self, node: Template, frame: Frame | None = None) -> None:  # noqa: N802
        """See Jinja's `CodeGenerator`."""
        super().visit_Template(_Answering(self.environment).visit(node), frame)


class PageEnvironment(Environment):
    """Jinja's, with that compiler; every template has the same globals."""

    code_generator_class = PageCompiler

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """See Jinja's `Environment`, which layers mappings: each page looked through them a hundred times."""
        return {**self.globals, **d} if d else self.globals


class _Answering(NodeTransformer):
    def __init__(self, environment: Environment) -> None:
        functions: Mapping[str, Callable[..., str]] = environment.globals  # type: ignore[assignment]
        self._functions = {name: functions[name] for name in CONSTANT}

    def visit_Call(self, node: Call) -> Node:  # noqa: N802
        self.generic_visit(node)
        asked = [one.value for one in node.args if isinstance(one, Const)]
        others: list[Any] = [*node.kwargs, node.dyn_args, node.dyn_kwargs]
        if not isinstance(node.node, Name) or len(asked) < len(node.args) or any(others):
            return node
        function = self._functions.get(node.node.name)
        return node if function is None else _constant(function(*asked)).set_lineno(node.lineno)


def _constant(answer: str) -> Expr:
    return TemplateData(str(answer)) if isinstance(answer, Markup) else Const(answer)
