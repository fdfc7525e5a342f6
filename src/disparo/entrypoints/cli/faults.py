"""What went wrong, as lines on stderr and as an exit code. docs/commands.md tells them to users."""

from __future__ import annotations

import tempfile
import traceback
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

from disparo.domain.errors import DisparoError, NotFoundError, RevisionError, StoreError, TransitionError
from disparo.domain.masking import masked

if TYPE_CHECKING:
    from cyclopts import CycloptsError
    from cyclopts.argument import Argument

BUG_LOG = "disparo-erro.log"


class ExitCode(IntEnum):
    """What the shell is told."""

    OK = 0
    BUG = 1
    INPUT = 2
    NOT_FOUND = 3
    STATE = 4
    STORE = 5
    INTERRUPTED = 130
    PIPE_CLOSED = 141


def cause_of(error: BaseException) -> BaseException:
    """The error itself, or of a group (tasks that failed together) the first one in it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def code_of(error: BaseException) -> ExitCode:
    """The exit code that an error means; BUG for what is none of ours."""
    if isinstance(error, NotFoundError):
        return ExitCode.NOT_FOUND
    if isinstance(error, TransitionError | RevisionError) or _came_too_late(error):
        return ExitCode.STATE
    if isinstance(error, StoreError) or _is_of_the_data_file(error):
        return ExitCode.STORE
    return ExitCode.INPUT if isinstance(error, DisparoError) else ExitCode.BUG


def _came_too_late(error: BaseException) -> bool:
    """Whether somebody else was faster to take a time or to change a meeting."""
    from disparo.ports.agenda import MeetingChangedError, SlotTakenError

    return isinstance(error, MeetingChangedError | SlotTakenError)


def lines_of(error: BaseException) -> list[str]:
    """The lines that the user reads, one per fault."""
    if _is_of_the_data_file(error):
        return [f"o arquivo de dados não pode ser usado agora ({error}); veja «disparo doctor»"]
    return [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]


def _is_of_the_data_file(error: BaseException) -> bool:
    """Whether SQLite refused what only the disk, its rights or another process can be blamed for."""
    import apsw

    blamed = (
        *(apsw.BusyError, apsw.LockedError, apsw.ReadOnlyError, apsw.IOError, apsw.CorruptError, apsw.FullError),
        *(apsw.CantOpenError, apsw.NotADBError, apsw.PermissionsError),
    )
    return isinstance(error, blamed)


def log_bug(error: BaseException, folder: Path | None) -> Path | None:
    """Keep the traceback of a bug for whoever repairs it; where, or None when it cannot be written."""
    path = (folder if folder and folder.is_dir() else Path(tempfile.gettempdir())) / BUG_LOG
    text = "\n".join(masked(line) for line in "".join(traceback.format_exception(error)).splitlines())
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"--- {datetime.now(UTC).isoformat(timespec='seconds')}\n{text}\n")
    except OSError:
        return None
    return path


def usage_line(error: CycloptsError) -> str:
    """A wrong command line in one line of Portuguese."""
    from cyclopts import exceptions as wrong

    named = f" (veja: {_command(error)} --help)"
    match error:
        case wrong.UnknownCommandError():
            word = (error.unused_tokens or ["?"])[0]
            return f"«{word}» não é um comando{_suggest(word, _commands(error))}{named}"
        case wrong.UnknownOptionError():
            word = error.token.keyword or error.token.value
            known = [name for argument in error.argument_collection if argument.parse for name in argument.names]
            return f"«{word}» não é uma opção{_suggest(word, known)}{named}"
        case wrong.RepeatArgumentError():
            return f"{error.token.keyword} foi dada mais de uma vez"
        case wrong.MissingArgumentError():
            return f"falta {_name(error.argument)}{named}" if not error.keyword else f"{error.keyword}: falta o valor"
        case wrong.CoercionError() if error.token is not None:
            kind = _KINDS.get(error.target_type or str, "um valor válido")
            options = _choices(error.argument)
            place = error.token.keyword or _name(error.argument)
            return f"{place}: «{error.token.value}» não serve; escreva {options or kind}"
        case wrong.UnusedCliTokensError():
            return f"sobrou «{' '.join(error.unused_tokens or [])}»{named}"
        case wrong.ValidationError():
            place = _name(error.argument) if error.argument else _command(error)
            return f"{place}: {error.exception_message}"
        case _:
            error.verbose = False
            return " ".join(str(error).split())


_KINDS: dict[type, str] = {
    int: "um número inteiro",
    float: "um número",
    Path: "um caminho",
}


def _name(argument: Argument | None) -> str:
    return "um valor" if argument is None else argument.name if argument.name.startswith("-") else argument.name.upper()


def _choices(argument: Argument | None) -> str:
    choices = argument.get_choices() if argument is not None else None
    return "um destes: " + ", ".join(choices) if choices else ""


def _command(error: CycloptsError) -> str:
    return " ".join(["disparo", *(error.command_chain or ())])


def _commands(error: CycloptsError) -> list[str]:
    return [name for name in error.app or () if not name.startswith("-")]


def _suggest(word: str, known: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word, known, n=1)
    return f"; seria {close[0]}?" if close else ""
