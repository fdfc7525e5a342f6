"""What every secret is: a JSON object of texts."""

from __future__ import annotations

import json
from collections.abc import Mapping

from disparo.domain.errors import InputError


def secret_object(name: str, text: object, *, place: str) -> Mapping[str, str]:
    """The fields of a secret; InputError that names it, its `place` and the field at fault, and never a value.

    Numbers and truth values count as the text that they are written with, an object or a list inside it as its JSON.
    """
    try:
        value = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or not value:
        raise InputError(f"segredo {name}: {place} não tem um objeto JSON com os campos do provedor")
    fields = {str(key): _text(one) for key, one in value.items()}
    if blank := sorted(key for key, one in fields.items() if not one.strip()):
        raise InputError(f"segredo {name}: {', '.join(blank)} está vazio; preencha ou retire")
    if broken := sorted(key for key, one in fields.items() if not _is_unicode(key + one)):
        raise InputError(f"segredo {name}: {', '.join(map(ascii, broken))} não é texto Unicode; copie-o de novo")
    return fields


def _is_unicode(text: str) -> bool:
    """False with half a surrogate pair in it, which nothing could send."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
