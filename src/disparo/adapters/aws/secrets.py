"""Secrets of providers, from AWS Secrets Manager."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from disparo.adapters.aws.sqs_batches import refusal_code
from disparo.adapters.secret_object import secret_object
from disparo.domain.errors import InputError, StoreError

KEPT = timedelta(minutes=5)
"""How long a secret is believed without asking: a rotation is followed within this, and at once by `refresh`."""

_CURRENT = "AWSCURRENT"
_ABSENT = frozenset({"ResourceNotFoundException", "InvalidRequestException"})
"""It was never made, has no value yet, or is about to be deleted."""


class SecretsManager:
    """Secrets below one path, each a JSON object of texts; `client` gives boto3's, made when first needed.

    The version is always the one that is current, also while a rotation has a pending one. Values are kept in the
    process for `KEPT`. Nothing of a value is ever in an error.
    """

    def __init__(self, client: Callable[[], Any], path: str) -> None:
        self._client, self._path = client, path
        self._provider: Any = None

    async def get(self, name: str) -> Mapping[str, str]:
        """A secret such as `mcp-whatsapp`; InputError when it is missing, empty or no such object, else StoreError."""
        return await asyncio.to_thread(self._read, f"{self._path}/{name}", force=False)

    def read_now(self, name: str) -> Mapping[str, str]:
        """As `get`, for who cannot wait in turn: the caller's thread stands still meanwhile."""
        return self._read(f"{self._path}/{name}", force=False)

    async def refresh(self, name: str) -> Mapping[str, str]:
        """As `get`, but asked for anew: for a provider that no longer takes what we had."""
        return await asyncio.to_thread(self._read, f"{self._path}/{name}", force=True)

    def _read(self, name: str, *, force: bool) -> Mapping[str, str]:
        from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

        if self._provider is None:
            from aws_lambda_powertools.utilities.parameters import SecretsProvider

            self._provider = SecretsProvider(boto3_client=self._client())
        try:
            text = self._provider.get(name, max_age=int(KEPT.total_seconds()), force_fetch=force, VersionStage=_CURRENT)
        except GetParameterError as error:
            raise _unread(name, error) from None
        try:
            return secret_object(name, text, place="o valor no Secrets Manager")
        except InputError:
            self._provider.clear_cache()  # whoever fills it in now need not wait
            raise


def _unread(name: str, error: Exception) -> Exception:
    cause = error.__context__
    code = refusal_code(cause) if isinstance(cause, Exception) else "?"
    if code in _ABSENT:
        return InputError(
            f"segredo {name}: não existe ou ainda está vazio; preencha-o no Secrets Manager (docs/aws.md)"
        )
    return StoreError(f"segredo {name}: não pôde ser lido ({code}); confira as permissões da função")
