"""Where the secrets of providers are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from disparo.domain.errors import InputError


class SecretError(InputError):
    """A secret is missing, unsafe or not what its user needs: for the operator to mend, and for no stranger to read."""


class Secrets(Protocol):
    """Secrets by name (`mcp-whatsapp`), each a JSON object of texts as the source document writes them.

    Nothing of a value is ever in an error, a log line or a representation.
    """

    async def get(self, name: str) -> Mapping[str, str]:
        """A secret; InputError when it is missing, unsafe or no such object, StoreError when it cannot be asked for.

        It may be believed for a few minutes without asking.
        """
        ...

    async def refresh(self, name: str) -> Mapping[str, str]:
        """As `get`, but asked for anew: for a provider that no longer takes what we had."""
        ...
