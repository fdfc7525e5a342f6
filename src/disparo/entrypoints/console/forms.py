"""What somebody wrote into a form, and what is wrong with it, as the form shows it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from starlette.requests import Request

from disparo.domain.errors import DisparoError, InputError

CSRF_FIELD, CSRF_HEADER = "csrf", "X-CSRF-Token"
MOST_FIELDS = 1_000
LONGEST = 70_000
"""Characters of one field."""


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form by their names, and what is wrong: `errors` of a field, `general` of the whole."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    general: Sequence[str] = ()

    @classmethod
    def of(cls, values: Mapping[str, object]) -> Self:
        """A form as it is first shown; None is empty, a list or tuple several values."""
        return cls({name: _texts(value) for name, value in values.items()})

    def get(self, name: str, otherwise: str = "") -> str:
        """The first value of a field."""
        found = self.values.get(name, ())
        return found[0] if found else otherwise

    def all(self, name: str) -> Sequence[str]:
        """Every value of a field, as of boxes that were ticked."""
        return self.values.get(name, ())

    @property
    def wrong(self) -> bool:
        """Whether anything is."""
        return bool(self.errors or self.general)

    def failed(self, error: DisparoError, names: Mapping[str, str] | None = None) -> Self:
        """The form with what an error says at the fields that it names.

        `names` leads from a place in the error's words (`quiet_hours`, `steps.0.template`) to the name of a field.
        """
        found = form_errors(error, self.values.keys(), names or {})
        general = found.pop("", "")
        return replace(self, errors={**self.errors, **found}, general=[*self.general, *general.splitlines()])


async def read_form(request: Request) -> Form:
    """The texts of a form, without the blanks around them and without files; InputError when it is no form of ours."""
    sent = await request.form(max_fields=MOST_FIELDS)
    values: dict[str, list[str]] = {}
    for name, value in sent.multi_items():
        if name == CSRF_FIELD or not isinstance(value, str):
            continue
        if len(value) > LONGEST:
            raise InputError(f"{name[:100]}: o texto é longo demais; escreva até {LONGEST} caracteres")
        values.setdefault(name, []).append(value.replace("\0", "").replace("\r\n", "\n").strip())
    return Form(values)


def form_errors(error: DisparoError, fields: Iterable[str], names: Mapping[str, str] | None = None) -> dict[str, str]:
    """What an error says by the field that it says it of; under the empty name what is of none of these fields.

    Errors of ours begin a line with a place and a colon.
    """
    known, found = set(fields), dict[str, str]()
    for line in str(error).splitlines():
        place, colon, rest = line.partition(": ")
        name = (names or {}).get(place, place)
        where, said = (name, rest) if colon and name in known else ("", line)
        found[where] = f"{found[where]}\n{said}" if where in found else said
    return found


def _texts(value: object) -> Sequence[str]:
    if value is None:
        return ()
    if isinstance(value, list | tuple | set | frozenset):
        return [str(one) for one in value]
    return [str(value)]
