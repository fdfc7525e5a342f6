"""Log lines of this process: no personal data in them, for people or as JSON."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TextIO

from disparo.domain.masking import masked

_OWN = frozenset(vars(logging.LogRecord("", 0, "", 0, "", None, None))) | {"message", "asctime", "taskName"}
"""What every record has; the rest was said by who logged."""


class MaskedLines(logging.Formatter):
    """The one place through which log lines go: addresses and numbers of people are masked (`domain.masking`).

    That holds for what a library says and for the words of an error as well, which may quote what somebody wrote.
    """

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """One line, and behind it those of an error; as JSON one line in all."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said = {name: masked(str(value)) for name, value in _said(record)}
        text, trace = _masked_each(record.getMessage()), _masked_each(self._trace(record))
        if self._as_json:
            entry = {"at": at, "level": record.levelname.lower(), "event": text, "logger": record.name, **said}
            return json.dumps({**entry, "trace": trace} if trace else entry, ensure_ascii=False)
        pairs = "".join(f" {name}={value}" for name, value in said.items())
        return f"{at}  {record.levelname} {record.name}: {text}{pairs}" + (f"\n{trace}" if trace else "")

    def _trace(self, record: logging.LogRecord) -> str:
        return self.formatException(record.exc_info) if record.exc_info else ""


def _said(record: logging.LogRecord) -> Iterator[tuple[str, object]]:
    yield from ((name, value) for name, value in vars(record).items() if name not in _OWN)


def _masked_each(text: str) -> str:
    return "\n".join(masked(line) for line in text.splitlines())


@contextmanager
def logging_to(stream: TextIO, *, as_json: bool) -> Iterator[None]:
    """Have what is logged in this process, from warnings on, written to a stream until the end of the block."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(MaskedLines(as_json=as_json))
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


def mask_logs() -> None:
    """Have the handlers that somebody else installed (as Lambda does) write masked JSON lines."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(MaskedLines(as_json=True))
