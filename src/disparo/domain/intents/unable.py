"""Whether a no means that a time does not suit, or that nothing is wanted."""

from __future__ import annotations

import re

from disparo.domain.intents.said import read, squeezed

_CANNOT = re.compile(
    squeezed(
        r"(?:^| )(?:nao|no|not|cant|cannot|wont|infelizmente|unfortunately)(?: \w+){0,3}? "
        r"(?:posso|poderei|poder|consigo|conseguirei|conseguir|dar|da|rola|puedo|podre|poder|able|available|make"
        r"|disponivel|disponible|livre|free)(?= |$)"
        r"|(?:^| )(?:cant|cannot|impossivel|imposible|impossible|ocupad[oa]|busy|nenhum|nenhuma|none|ninguno|ninguna)"
        r"(?= |$)"
    )
)


def cannot_then(text: str) -> bool:
    """Whether somebody says that they cannot ("não posso", "nenhum desses"), rather than that they do not want to."""
    return _CANNOT.search(read(text).plain) is not None
