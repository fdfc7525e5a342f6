"""What is refused before anything renders: in the source, and in the tree parsed from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Final

from liquid import BoundTemplate, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression, Nil, Path, StringLiteral
from liquid.builtin.expressions.arguments import KeywordArgument
from liquid.builtin.expressions.filtered import Filter
from liquid.builtin.expressions.logical import EqExpression, NeExpression
from liquid.builtin.expressions.primitive import Blank, Empty, RangeLiteral
from liquid.builtin.tags.case_tag import MultiExpressionBlockNode
from liquid.builtin.tags.for_tag import BreakNode, ContinueNode, ForNode
from liquid.exceptions import LiquidError
from liquid.expression import Expression
from liquid.static_analysis import TemplateAnalysis

from disparo.adapters.liquid.amounts import in_digits
from disparo.adapters.liquid.dialect import TAGS
from disparo.adapters.liquid.filters import FILTERS, check_arguments
from disparo.adapters.liquid.library_words import in_portuguese
from disparo.domain.template import SOURCE_LIMIT_BYTES

_MARKUP_LIMIT: Final = 1_000
_SPACES_LIMIT: Final = 40
_DEPTH_LIMIT: Final = 60
_LOCALS_LIMIT: Final = 50
_RESERVED: Final = frozenset({"now", "today", "partial"})

_OPENING: Final = re.compile(r"\{\{|\{%")
_TAG_NAME: Final = re.compile(r"-?\s*(#|\w+)")
_LONG_SPACE: Final = re.compile(r"\s{%d}" % _SPACES_LIMIT)  # noqa: UP031
_END_OF_RAW: Final = re.compile(r"\{%-?\s{0,40}endraw\s{0,40}-?%\}")
_INNER_TAGS: Final = frozenset({"elsif", "else", "when"}) | {f"end{tag}" for tag in TAGS}


class UnacceptableError(Exception):
    """Why a source is refused, and where: `at` is an index into it, below 0 where it is about the whole."""

    def __init__(self, problem: str, at: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.at = at


def inspect_source(source: str) -> None:
    """Refuse what would make the parser slow, and tags that are not on the list; raises `UnacceptableError`.

    The lexer is a regular expression: an opening without its end, much white space or a `raw` without
    `endraw` cost it time in the square of their length.
    """
    try:
        size = len(source.encode())
    except UnicodeEncodeError as err:
        raise UnacceptableError("contém meio caractere; digite de novo", err.start) from None
    if size > SOURCE_LIMIT_BYTES:
        raise UnacceptableError(f"tem {in_digits(size)} bytes; cabem {in_digits(SOURCE_LIMIT_BYTES)}", -1)
    at = 0
    while opening := _OPENING.search(source, at):
        at = _inspect_markup(source, opening.start())


def _inspect_markup(source: str, start: int) -> int:
    """Refuse one `{{ … }}` or `{% … %}`, or tell where it ends; raw ends with its endraw."""
    opening = source[start : start + 2]
    closing = "}}" if opening == "{{" else "%}"
    end = source.find(closing, start + 2, start + 2 + _MARKUP_LIMIT)
    if end < 0:
        raise UnacceptableError(f"{opening} sem {closing} nas {in_digits(_MARKUP_LIMIT)} letras seguintes", start)
    inner = source[start + 2 : end]
    if not inner.strip("- \t\r\n"):
        raise UnacceptableError("não há nada entre as chaves", start)
    if _LONG_SPACE.search(inner):
        raise UnacceptableError(f"há mais de {_SPACES_LIMIT - 1} espaços seguidos entre as chaves", start)
    if opening == "{{":
        return end + 2
    match = _TAG_NAME.match(inner)
    name = match[1] if match else inner
    if name not in TAGS and name not in _INNER_TAGS:
        problem = f"a tag {name!r} não existe aqui{_suggestion(name, TAGS | _INNER_TAGS)}"
        raise UnacceptableError(problem, start)
    return _end_of_raw(source, start, end + 2) if name == "raw" else end + 2


def _end_of_raw(source: str, start: int, at: int) -> int:
    ending = _END_OF_RAW.search(source, at)
    if ending is None:
        raise UnacceptableError("raw sem endraw", start)
    return ending.end()


def inspect_tree(template: BoundTemplate) -> int:
    """Refuse what the allow-list does not cover; gives the number of nodes, expressions and filters.

    Raises `UnacceptableError`. Ranges are refused because filters turn them into lists of any length.
    """
    context = RenderContext(template)
    count = 0
    todo: list[tuple[Node, bool]] = [(node, False) for node in template.nodes]
    while todo:
        node, in_loop = todo.pop()
        if isinstance(node, BreakNode | ContinueNode) and not in_loop:
            raise UnacceptableError("break e continue só cabem dentro de um for", node.token.start_index)
        if isinstance(node, MultiExpressionBlockNode):
            node.expression = _OnceMatching(node.expression)  # type: ignore[assignment]
        count += 1 + sum(map(_inspect_expression, node.expressions()))
        inside = in_loop or isinstance(node, ForNode)
        todo.extend((child, inside) for child in node.children(context))
    return count


def inspect_names(found: TemplateAnalysis) -> None:
    """Refuse names that python-liquid would answer itself (some with a clock) and too many assigned ones."""
    for name, uses in (*found.variables.items(), *found.locals.items()):
        if name in _RESERVED:
            raise UnacceptableError(f"o nome {name!r} é reservado; dê outro nome à coluna", uses[0].span.index)
    if len(found.locals) > _LOCALS_LIMIT:
        raise UnacceptableError(f"mais de {_LOCALS_LIMIT} nomes com assign ou capture", -1)


class _OnceMatching(Expression):
    """The values of a `when`: python-liquid renders the block once per value that matches, we once."""

    __slots__ = ("_values",)

    def __init__(self, values: Expression) -> None:
        super().__init__(values.token)
        self._values = values

    def __str__(self) -> str:
        return str(self._values)

    def evaluate(self, context: RenderContext) -> list[bool]:
        matches = self._values.evaluate(context)
        assert isinstance(matches, list)
        return [any(matches)]

    def children(self) -> Iterable[Expression]:
        return self._values.children()


def _inspect_expression(root: Expression) -> int:
    count = 0
    todo = [(root, 0)]
    while todo:
        expression, depth = todo.pop()
        at = expression.token.start_index
        if depth > _DEPTH_LIMIT:
            raise UnacceptableError(f"uma condição com mais de {_DEPTH_LIMIT} partes", at)
        if problem := next(_problems(expression), None):
            raise UnacceptableError(problem, at)
        for filter_ in _filters(expression):
            count += 1
            _inspect_filter(filter_)
        count += 1
        todo.extend((child, depth + 1) for child in expression.children())
    return count


def _problems(expression: Expression) -> Iterator[str]:
    if isinstance(expression, RangeLiteral):
        yield "faixas como (1..9) não existem aqui; percorra uma lista feita com split"
    if isinstance(expression, Path) and not isinstance(expression.path[0], str):
        yield "o nome de uma variável não pode vir de outra variável"
    if isinstance(expression, EqExpression | NeExpression):
        for side in (expression.left, expression.right):
            if isinstance(side, Blank | Empty | Nil) or (isinstance(side, StringLiteral) and not side.value):
                yield "para saber se há uma variável, escreva {% if nome %}: é falso quando ela falta ou está vazia"
    elif isinstance(expression, Blank | Empty):
        yield "blank e empty não existem aqui; uma variável vazia é falsa em {% if nome %}"


def _filters(expression: Expression) -> list[Filter]:
    return (isinstance(expression, FilteredExpression) and expression.filters) or []


def _inspect_filter(filter_: Filter) -> None:
    if filter_.name not in FILTERS:
        suggestion = _suggestion(filter_.name, FILTERS)
        raise UnacceptableError(f"o filtro {filter_.name!r} não existe aqui{suggestion}", filter_.token.start_index)
    keywords = [argument.name for argument in filter_.args if isinstance(argument, KeywordArgument)]
    try:
        check_arguments(filter_.name, len(filter_.args) - len(keywords), keywords)
    except ValueError as err:
        raise UnacceptableError(str(err), filter_.token.start_index) from None


def _suggestion(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f"; seria {near[0]!r}?" if near else ""


def syntax_problem(error: LiquidError) -> UnacceptableError:
    """What the library found, as one line with its place."""
    message = in_portuguese(str(error.message or ""))
    return UnacceptableError(message, error.token.start_index if error.token else -1)
