"""What somebody wrote into a form, and what is wrong with it, as the form shows it again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Self

from starlette.requests import Request

from disparo.domain.errors import DisparoError, InputError
from disparo.entrypoints.console.plain import plain
from disparo.entrypoints.console.words import mark

CSRF_FIELD, CSRF_HEADER = "csrf", "X-CSRF-Token"
SEEN, REVISION = "of", "revision"
"""Hidden fields that say what a form was made of: a mark of its values, or the revision of what is kept."""
OVERTAKEN = mark(
    "Isto mudou em outra aba, ou por outra pessoa, depois que você abriu a página. O que você escreveu continua aqui: "
    "salve de novo para valer assim mesmo, ou abra a página outra vez para ver o que mudou."
)
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

    @property
    def mark(self) -> str:
        """Tells these values from others."""
        return mark_of({name: list(texts) for name, texts in self.values.items() if name != SEEN})

    @property
    def marked(self) -> Self:
        """The form that brings its mark along."""
        return replace(self, values={**self.values, SEEN: [self.mark]})

    def overtaken(self, present: Form) -> bool:
        """Whether what this form was made of is another by now: `present` is the form as it would first be shown."""
        return self.get(SEEN) not in ("", present.mark)

    def again(self, told: str, **seen: object) -> Self:
        """The form with the fields that say what it is of, so that sending it once more counts; `told` says why."""
        fresh = {name: [str(value)] for name, value in seen.items()}
        return replace(self, values={**self.values, **fresh}, general=[*self.general, told])

    def failed(self, error: DisparoError, names: Mapping[str, str] | None = None) -> Self:
        """The form with what an error says at the fields that it names.

        `names` leads from a place in the error's words (`quiet_hours`, `steps.0.template`) to the name of a field.
        """
        found = form_errors(error, self.values.keys(), names or {})
        general = found.pop("", "")
        return replace(self, errors={**self.errors, **found}, general=[*self.general, *general.splitlines()])


def mark_of(values: Mapping[str, object]) -> str:
    """Tells JSON values from others."""
    return blake2b(json.dumps(values, sort_keys=True).encode("utf-8", "replace"), digest_size=8).hexdigest()


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
        where, said = _placed(line, known, names or {})
        told = plain(said, placed=not where)
        if told not in found.get(where, "").split("\n"):
            found[where] = f"{found[where]}\n{told}" if where in found else told
    return found


def _placed(line: str, known: set[str], names: Mapping[str, str]) -> tuple[str, str]:
    """The field that a line is about, and what it says of it; no field and the whole line when there is none."""
    place, equals, value = line.partition(" = ")
    if equals and ": " not in place:  # `hours.startTime = "25:00": escreva …`
        _, colon, rest = value.partition("}: " if value.startswith("{") else ": ")
    else:
        place, colon, rest = line.partition(": ")
    place = place.partition("[")[0]
    name = names.get(place, place)
    return (name, rest) if colon and name in known else ("", line)


def _texts(value: object) -> Sequence[str]:
    if value is None:
        return ()
    if isinstance(value, list | tuple | set | frozenset):
        return [str(one) for one in value]
    return [str(value)]
