"""Log lines of the functions: JSON for CloudWatch, and no personal data in them."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import IO, Any

from aws_lambda_powertools.logging import Logger

from disparo.domain.errors import StoreError
from disparo.domain.masking import masked

_FRAMES = 6

Field = str | int | float | bool | None


class FunctionLog:
    """One line for each event: its name, the request's id, and ids, counts and codes.

    Never a name, an address or a text: no event is given one, and of an error only its class and the places in the
    code are told, with the words of a StoreError, which speak of tables, queues and secrets. Without `service` and
    `stream` it is `POWERTOOLS_SERVICE_NAME` on the standard output; the first log of a service decides on its stream.
    """

    def __init__(self, service: str | None = None, stream: IO[str] | None = None) -> None:
        self._logger = Logger(service, stream=stream, utc=True, use_rfc3339=True)
        self._cold = True

    def begin(self, request_id: str) -> None:
        """An invocation begins."""
        self._logger.append_keys(request_id=request_id, cold_start=self._cold)
        self._cold = False

    def say(self, event: str, **fields: Field) -> None:
        """Something happened."""
        self._logger.info(event, extra=_masked(fields))

    def warn(self, event: str, **fields: Field) -> None:
        """Something happened that a person may want to look into."""
        self._logger.warning(event, extra=_masked(fields))

    def fail(self, event: str, error: BaseException, **fields: Field) -> None:
        """Something broke."""
        about: dict[str, Any] = {"error": type(error).__name__, "at": list(_places(error))}
        if isinstance(error, StoreError):
            about["text"] = masked(str(error))
        self._logger.error(event, extra={**_masked(fields), **about})


def _masked(fields: Mapping[str, Field]) -> dict[str, Field]:
    """No event is given personal data; should one be, it is not written down."""
    return {name: masked(value) if isinstance(value, str) else value for name, value in fields.items()}


def _places(error: BaseException) -> Iterator[str]:
    """Where it was raised, outermost first; of a group, where its first error was."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    for frame in traceback.extract_tb(error.__traceback__)[-_FRAMES:]:
        yield f"{'/'.join(PurePath(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}"
