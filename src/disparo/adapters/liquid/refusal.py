"""How the parts of this adapter say no while a template renders."""

from __future__ import annotations

from typing import Any, NoReturn

from liquid import Token, Undefined
from liquid.exceptions import FilterArgumentError


class RefusalError(FilterArgumentError):
    """Why a render stops; becomes a `RenderError` once template and part are known.

    It is a `FilterArgumentError` because python-liquid then adds the place of the filter that raised it.
    """

    def __init__(self, reason: str, problem: str, *, variable: str | None = None, token: Token | None = None) -> None:
        super().__init__(problem, token=token)
        self.reason = reason
        self.problem = problem
        self.variable = variable


class MissingVariable(Undefined):
    """Stands for a variable that is not there: conditions may ask about it (false), nothing may use it."""

    __slots__ = ()

    force_liquid_default = True

    def _refuse(self, *_: Any) -> NoReturn:
        problem = f'a variável "{self.name}" falta ou está vazia; preencha, ou escreva um default para ela'
        raise RefusalError("missing_variable", problem, variable=self.name, token=self.token)

    def poke(self) -> bool:
        """Refuse: who pokes is about to use it. Raises RefusalError."""
        self._refuse()

    __str__ = __len__ = __iter__ = __int__ = __getitem__ = __contains__ = __reversed__ = _refuse
