"""Requests that get a page of a few words in place of what they asked for."""

from __future__ import annotations

from disparo.domain.errors import InputError


class RefusedError(InputError):
    """A request that is not acted upon; `words` names what its page says, `retry_s` when it may come again."""

    def __init__(self, words: str, status: int, retry_s: int | None = None) -> None:
        super().__init__(words)
        self.words, self.status, self.retry_s = words, status, retry_s
