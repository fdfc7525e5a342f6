"""Which sheet of a workbook is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches

from disparo.domain.errors import InputError


def choose_sheet(file: str, names: Sequence[str], wanted: str | int | None, has_rows: Callable[[str], bool]) -> str:
    """The sheet of that name (any case) or position (1 is the first), or without a wish the first with
    something in it.

    A name of digits is tried as a name first. Raises InputError for a sheet that is not there or an empty
    workbook.
    """
    if not names:
        raise InputError(f"{file}: a planilha não tem nenhuma aba com células")
    if wanted is None:
        for name in names:
            if has_rows(name):
                return name
        raise InputError(f"{file}: o arquivo está vazio; precisa de um cabeçalho e de contatos abaixo dele")
    by_name = {name.casefold(): name for name in names}
    found = by_name.get(str(wanted).strip().casefold())
    if found is not None:
        return found
    if str(wanted).isdecimal() and 1 <= int(wanted) <= len(names):
        return names[int(wanted) - 1]
    close = get_close_matches(str(wanted).casefold(), by_name, n=1)
    hint = f" (seria {by_name[close[0]]!r}?)" if close else ""
    raise InputError(f"{file}: não há aba {wanted!r}{hint}; as abas são: {', '.join(names)[:200]}")
