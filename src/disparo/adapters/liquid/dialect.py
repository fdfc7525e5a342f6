"""The Liquid that templates may use: python-liquid with an allow-list of tags and filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TextIO, cast

from liquid import Environment, RenderContext
from liquid.builtin.content import Literal
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.illegal import Illegal
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.assign_tag import AssignNode, AssignTag
from liquid.builtin.tags.capture_tag import CaptureTag
from liquid.builtin.tags.case_tag import CaseTag
from liquid.builtin.tags.comment_tag import CommentTag
from liquid.builtin.tags.echo_tag import EchoTag
from liquid.builtin.tags.for_tag import BreakTag, ContinueTag, ForTag
from liquid.builtin.tags.if_tag import IfTag
from liquid.builtin.tags.inline_comment_tag import InlineCommentTag
from liquid.builtin.tags.unless_tag import UnlessTag
from liquid.stringify import to_liquid_string

from disparo.adapters.liquid.filters import FILTERS
from disparo.adapters.liquid.refusal import MissingVariable, RefusalError
from disparo.adapters.liquid.workload import LOOP_LIMIT, OUTPUT_LIMIT_BYTES, VALUE_LIMIT, BoundedContext

if TYPE_CHECKING:
    from liquid import Token
    from liquid.expression import Expression


class _SpeakingNode(OutputNode):
    """An output that is never a hole: a blank one is refused, unless a `default` says that it may be."""

    __slots__ = ("_must_speak", "_variable")

    def __init__(self, token: Token, expression: Expression) -> None:
        super().__init__(token, expression)
        filters = (expression.filters if isinstance(expression, FilteredExpression) else None) or []
        self._variable = variable_of(expression)
        has_default = any(filter_.name == "default" for filter_ in filters)
        self._must_speak = self._variable is not None and not has_default

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        try:
            text = to_liquid_string(self.expression.evaluate(context), context.autoescape)
        except RefusalError as refusal:
            refusal.variable = refusal.variable or self._variable
            raise
        if self._must_speak and (not text or text.isspace()):
            problem = f'"{self._variable}" deu em vazio; escreva um default para ela'
            raise RefusalError("empty_value", problem, variable=self._variable, token=self.token)
        cast("BoundedContext", context).work(len(text))
        return buffer.write(text)


class _Assignment(AssignNode):
    """An assignment whose refusals name the variable."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        try:
            return super().render_to_output(context, buffer)
        except RefusalError as refusal:
            refusal.variable = refusal.variable or variable_of(self.expression)
            raise


class _Output(Output):
    node_class = _SpeakingNode


class _Echo(EchoTag):
    node_class: Any = _SpeakingNode


class _Assign(AssignTag):
    node_class = _Assignment


_TAGS: Final = (
    IfTag,
    UnlessTag,
    CaseTag,
    ForTag,
    BreakTag,
    ContinueTag,
    _Assign,
    CaptureTag,
    _Echo,
    CommentTag,
    InlineCommentTag,
)

TAGS: Final = frozenset({*(tag.name for tag in _TAGS), "raw"})
"""Every tag by its name; `raw` is known to the lexer."""


class Dialect(Environment):
    """An environment that knows our tags and filters only; `html` escapes what variables hold."""

    loop_iteration_limit = LOOP_LIMIT
    local_namespace_limit = 4 * VALUE_LIMIT
    output_stream_limit = OUTPUT_LIMIT_BYTES

    def __init__(self, *, html: bool) -> None:
        super().__init__(undefined=MissingVariable, autoescape=html)

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Register the allow-list instead of all that python-liquid brings."""
        assert not extra
        for tag in (Literal, Illegal, _Output, *_TAGS):
            self.add_tag(tag)
        for name, filter_ in FILTERS.items():
            self.add_filter(name, filter_)


def variable_of(expression: Expression) -> str | None:
    """The variable that an expression begins with, or None when it begins with a literal."""
    left = expression.left if isinstance(expression, FilteredExpression) else expression
    return str(left.path[0]) if isinstance(left, Path) else None
