"""Time zones as people name them in a column."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

from disparo.domain.area_codes import STATE_NAMES
from disparo.domain.contact_columns import normalised

_SPOKEN = {
    "brasilia": "America/Sao_Paulo",
    "horario de brasilia": "America/Sao_Paulo",
    "brt": "America/Sao_Paulo",
    "manaus": "America/Manaus",
    "cuiaba": "America/Cuiaba",
    "campo grande": "America/Campo_Grande",
    "porto velho": "America/Porto_Velho",
    "boa vista": "America/Boa_Vista",
    "rio branco": "America/Rio_Branco",
    "noronha": "America/Noronha",
    "fernando de noronha": "America/Noronha",
    "sao paulo": "America/Sao_Paulo",
    "rio de janeiro": "America/Sao_Paulo",
    "belem": "America/Belem",
    "fortaleza": "America/Fortaleza",
    "recife": "America/Recife",
    "salvador": "America/Bahia",
    "maceio": "America/Maceio",
    "lisboa": "Europe/Lisbon",
}
_OFFSET = re.compile(r"(?:GMT|UTC)?\s*([+-])\s*(\d{1,2})(?::?00)?", re.IGNORECASE)
_STATES = {normalised(name): code for code, name in STATE_NAMES.items()} | {c.lower(): c for c in STATE_NAMES}


@lru_cache(maxsize=1)
def _iana() -> dict[str, str]:
    """All names that the tz database of this program knows, by their lower case."""
    return {name.lower(): name for name in (files("tzdata") / "zones").read_text("utf-8").split()}


@lru_cache(maxsize=1024)
def parse_zone(text: str) -> str | None:
    """The IANA name of a zone given as such (any case), in Portuguese (`Brasília`) or as whole hours; else
    None.

    `GMT-3` is exactly that offset all year (`Etc/GMT+3`), because several countries share it.
    """
    words = normalised(text)
    known = _iana().get(text.strip().lower().replace(" ", "_")) or _SPOKEN.get(words)
    if known:
        return known
    if offset := _OFFSET.fullmatch(text.strip()):
        sign = "-" if offset[1] == "+" else "+"  # POSIX names count westward
        return _iana().get(f"etc/gmt{sign}{int(offset[2])}")
    return None


@lru_cache(maxsize=1024)
def parse_state(text: str) -> str | None:
    """The two letters of a Brazilian state given by code or name, else None."""
    return _STATES.get(normalised(text))
