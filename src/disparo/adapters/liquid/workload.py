"""How much one render may do, counted in steps and not in seconds, so that the answer is always the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from liquid import BoundTemplate, RenderContext, Token
from liquid.builtin.tags.for_tag import ForLoop

from disparo.adapters.liquid.refusal import RefusalError

VALUE_LIMIT: Final = 64 * 1024
"""Characters of one value: a variable, what a filter returns, a captured text."""

OUTPUT_LIMIT_BYTES: Final = 256 * 1024
"""Of one rendered part."""

WORK_LIMIT: Final = 50_000
"""Steps of one part. A step is one variable read, one filter argument or one node of a loop's round, plus one
for every `CHARS_PER_STEP` characters it handles."""

CHARS_PER_STEP: Final = 64
LOOP_LIMIT: Final = 1_000
"""Rounds of a loop, those of the loops around it multiplied in."""

_TOO_MUCH: Final = "o modelo faz demais para uma mensagem; percorra menos itens, ou use menos filtros"
_ABSENT: Final = object()


class BoundedContext(RenderContext):
    """A render context that counts the work done and stops at `WORK_LIMIT`."""

    __slots__ = ("_left", "_round_cost")

    def __init__(self, template: BoundTemplate, *, globals: Mapping[str, object], round_cost: int) -> None:  # noqa: A002
        super().__init__(template, globals=globals)
        self._left = WORK_LIMIT
        self._round_cost = round_cost

    def work(self, characters: int) -> None:
        """Count one step that handles so many characters."""
        self._left -= 1 + characters // CHARS_PER_STEP
        if self._left < 0:
            raise RefusalError("too_much_work", _TOO_MUCH)

    def get(self, path: list[object], *, token: Token | None, **options: Any) -> object:
        """Resolve a variable, and count it by its length: conditions compare what they read."""
        # A bare name that is there is nearly every lookup; this way takes half the time of the general one.
        value = self.scope.get(path[0], _ABSENT) if len(path) == 1 and isinstance(path[0], str) else _ABSENT
        if value is _ABSENT:
            value = super().get(path, token=token, **options)
        self.work(len(value) if isinstance(value, str) else 0)
        return value

    @contextmanager
    def loop(self, namespace: Mapping[str, object], forloop: Any) -> Iterator[RenderContext]:
        """Count a whole loop before its first round, each round as if it held the whole template."""
        assert isinstance(forloop, ForLoop)
        self._left -= forloop.length * self._round_cost
        self.work(0)
        with super().loop(namespace, forloop) as context:
            yield context
