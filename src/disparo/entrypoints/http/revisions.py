"""Conditions of a change: only where nobody else changed it since it was read (RFC 9110, section 13.1.1)."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header

from disparo.domain.errors import InputError, RevisionError

_ETAG = re.compile(r'(?:W/)?"?(\d{1,15})"?')

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=40,
        description="The `revision` that you read, in quotes as the `ETag` has it; where it is not the present one the "
        "answer is 412 and nothing is changed. With 0 it is kept only if there is none yet.",
        examples=['"3"'],
    ),
]


def asked_revision(if_match: str | None) -> int | None:
    """The revision that a change is meant for; None for any. InputError for what is none."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise InputError('If-Match: escreva a revisão entre aspas, como "3"')
    return int(found[1])


def check_revision(if_match: str | None, present: int, name: str) -> None:
    """RevisionError when a change is meant for another revision than the present one."""
    if asked_revision(if_match) not in (None, present):
        raise RevisionError(f"{name} mudou desde que foi lida; leia-a de novo")


def etag(revision: int) -> str:
    """A revision as the header `ETag`."""
    return f'"{revision}"'
