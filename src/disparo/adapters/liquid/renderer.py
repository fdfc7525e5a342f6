"""Compiles and renders message templates: one engine for plain text, one that escapes for HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from liquid import BoundTemplate
from liquid.exceptions import (
    LiquidError,
    LocalNamespaceLimitError,
    OutputStreamLimitError,
    ResourceLimitError,
)
from liquid.output import LimitedStringIO

from disparo.adapters.liquid.amounts import in_digits
from disparo.adapters.liquid.dialect import Dialect
from disparo.adapters.liquid.inspection import (
    UnacceptableError,
    inspect_names,
    inspect_source,
    inspect_tree,
    syntax_problem,
)
from disparo.adapters.liquid.refusal import RefusalError
from disparo.adapters.liquid.straight import StraightLine, straighten
from disparo.adapters.liquid.workload import OUTPUT_LIMIT_BYTES, VALUE_LIMIT, BoundedContext
from disparo.domain.template import Content, RenderError, Template, TemplateError
from disparo.domain.whatsapp_content import Approved, Choices, Rule

_CHARS_PER_NODE: Final = 64
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


class LiquidRenderer:
    """`Renderer` by python-liquid; an instance holds no state between templates and may be shared."""

    def __init__(self) -> None:
        self._plain = Dialect(html=False)
        self._html = Dialect(html=True)

    def compile(self, template: Template) -> LiquidTemplate:
        """Check every part and make it ready; raises `TemplateError` naming template, part and line."""
        name = template.name
        subject = None if template.subject is None else template.subject.strip()
        lines: dict[str, _Line] = {}

        def compile_line(part: str, rule: Rule, source: str) -> str:
            lines[part] = _Line(_compile_part(self._plain, name, part, source.strip()), rule)
            return source

        return LiquidTemplate(
            text=_compile_part(self._plain, name, "text", template.text),
            subject=None if subject is None else _compile_part(self._plain, name, "subject", subject),
            html=None if template.html is None else _compile_part(self._html, name, "html", template.html),
            approved=None if template.approved is None else template.approved.rewritten(compile_line),
            choices=None if template.choices is None else template.choices.rewritten(compile_line),
            lines=lines,
        )


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of a template; `reads` are all names looked up, `asks` those that it does not set itself."""

    template: str
    part: str
    source: str
    bound: BoundTemplate | None
    straight: StraightLine | None
    reads: tuple[str, ...]
    asks: frozenset[str]
    round_cost: int

    def render(self, variables: Mapping[str, str]) -> str:
        if self.bound is None:
            return self.source
        if self.straight is not None and (text := self.straight.render(variables)) is not None:
            return text
        given: dict[str, object] = {}
        for name in self.reads:
            value = variables.get(name)
            if value and not value.isspace():
                if len(value) > VALUE_LIMIT:
                    problem = f'a variável "{name}" tem {in_digits(len(value))} letras; cabem {in_digits(VALUE_LIMIT)}'
                    raise self._error("value_too_long", problem, variable=name)
                given[name] = value
        context = BoundedContext(self.bound, globals=given, round_cost=self.round_cost)
        # Without a newline of its own, StringIO turns a carriage return into a line feed.
        buffer = LimitedStringIO(OUTPUT_LIMIT_BYTES, newline="")
        try:
            self.bound.render_with_context(context, buffer)
        except (LiquidError, UnicodeEncodeError) as err:
            raise self._explain(err) from err
        return buffer.getvalue()

    def _explain(self, err: LiquidError | UnicodeEncodeError) -> RenderError:
        if isinstance(err, UnicodeEncodeError):
            return self._error("bad_value", "uma variável contém meio caractere; digite de novo")
        line = _line(self.source, err.token.start_index) if err.token else None
        if isinstance(err, RefusalError):
            return self._error(err.reason, err.problem, variable=err.variable, line=line)
        if isinstance(err, OutputStreamLimitError | LocalNamespaceLimitError):
            problem = f"a mensagem passa de {in_digits(OUTPUT_LIMIT_BYTES)} bytes"
            return self._error("output_too_long", problem, line=line)
        if isinstance(err, ResourceLimitError):
            return self._error("too_much_work", "repete demais para uma mensagem; percorra menos itens", line=line)
        return self._error("bad_value", syntax_problem(err).problem, line=line)

    def _error(self, reason: str, problem: str, *, variable: str | None = None, line: int | None = None) -> RenderError:
        return RenderError(reason, problem, template=self.template, part=self.part, variable=variable, line=line)


@dataclass(frozen=True, slots=True)
class _Line:
    """A short text that only WhatsApp carries, and what WhatsApp asks of it."""

    part: _Part
    rule: Rule

    def render(self, variables: Mapping[str, str]) -> str:
        text = self.part.render(variables).strip()
        if flaw := self.rule(text):
            raise RenderError(flaw.reason, flaw.problem, template=self.part.template, part=self.part.part)
        return text


@dataclass(frozen=True, slots=True)
class LiquidTemplate:
    """`CompiledTemplate` by python-liquid; `lines` are the texts of `approved` and `choices` by their parts."""

    text: _Part
    subject: _Part | None
    html: _Part | None
    approved: Approved | None
    choices: Choices | None
    lines: Mapping[str, _Line]

    def variables(self) -> frozenset[str]:
        """The variables that any part reads and does not set itself, optional ones included."""
        return frozenset().union(*(part.asks for part in self._parts()))

    def render(self, variables: Mapping[str, str]) -> Content:
        """The message for one contact; raises `RenderError`, never leaves a hole."""

        def render_line(part: str, rule: Rule, source: str) -> str:  # noqa: ARG001  # both are in the line
            return self.lines[part].render(variables)

        return Content(
            text=self.text.render(variables),
            subject=None if self.subject is None else _one_line(self.subject, variables),
            html=None if self.html is None else self.html.render(variables),
            approved=None if self.approved is None else self.approved.rewritten(render_line),
            choices=None if self.choices is None else self._chosen(self.choices.rewritten(render_line)),
        )

    def _chosen(self, choices: Choices) -> Choices:
        if flaw := choices.flaw():
            raise RenderError(flaw.reason, flaw.problem, template=self.text.template, part="choices")
        return choices

    def _parts(self) -> Iterator[_Part]:
        yield from (part for part in (self.text, self.subject, self.html) if part is not None)
        yield from (line.part for line in self.lines.values())


def _one_line(part: _Part, variables: Mapping[str, str]) -> str:
    """The subject; a line break in it would let a variable write headers (RFC 5322 section 2.2)."""
    subject = part.render(variables)
    if _CONTROL.search(subject):
        problem = "o assunto é uma linha só; uma variável ou o modelo a quebra"
        raise RenderError("line_break_in_subject", problem, template=part.template, part=part.part)
    return subject


def _compile_part(dialect: Dialect, template: str, part: str, source: str) -> _Part:
    try:
        inspect_source(source)
        if "{{" not in source and "{%" not in source:
            return _Part(template, part, source, None, None, (), frozenset(), 0)
        bound = _parse(dialect, source)
        nodes = inspect_tree(bound)
        found = bound.analyze(include_partials=False)
        inspect_names(found)
    except UnacceptableError as refused:
        line = _line(source, refused.at) if refused.at >= 0 else None
        raise TemplateError(refused.problem, template=template, part=part, line=line) from refused
    round_cost = nodes + len(source) // _CHARS_PER_NODE
    reads, asks = tuple(found.variables), frozenset(found.globals)
    return _Part(template, part, source, bound, straighten(bound), reads, asks, round_cost)


def _parse(dialect: Dialect, source: str) -> BoundTemplate:
    try:
        return dialect.from_string(source)
    except LiquidError as err:
        raise syntax_problem(err) from err


def _line(source: str, index: int) -> int:
    return source.count("\n", 0, max(index, 0)) + 1
