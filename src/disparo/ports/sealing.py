"""Keeping a secret in a store so that the store alone does not give it away."""

from __future__ import annotations

from typing import Protocol

from disparo.domain.errors import DisparoError


class SealError(DisparoError):
    """What is kept was sealed with another key, for another thing, or was tampered with."""


class Sealer(Protocol):
    """Seals texts with a key that the store does not have."""

    def seal(self, text: str, about: str) -> str:
        """The text sealed for one purpose; each time another one. `about` (`webhook:3`) is needed to open it again."""
        ...

    def open(self, sealed: str, about: str) -> str:
        """The text; SealError."""
        ...
