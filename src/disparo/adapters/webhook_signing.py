"""Signing of deliveries (Standard Webhooks specification 1.0.0, symmetric signatures), and the secrets for it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

from disparo.adapters.standard_webhooks import sign
from disparo.domain.webhook import Endpoint
from disparo.ports.sealing import Sealer, SealError


class SealedSigning:
    """`Signing` with secrets that are sealed while they are kept; with each that holds, one signature."""

    def __init__(self, sealer: Callable[[], Sealer]) -> None:
        self._sealer = sealer

    def headers(self, endpoint: Endpoint, event_id: str, body: bytes, now: datetime) -> Mapping[str, str]:
        """See `Signing.headers`."""
        newest, *before = endpoint.secrets_at(now)
        secrets = [self._open(endpoint, newest)]
        for one in before:
            with suppress(SealError):  # its key was lost, which may be why there is a new one
                secrets.append(self._open(endpoint, one))
        signed = [sign(one, event_id, body, now) for one in secrets]
        signatures = " ".join(one["webhook-signature"] for one in signed)
        return {**signed[0], "webhook-signature": signatures, "content-type": "application/json"}

    def _open(self, endpoint: Endpoint, sealed: str) -> str:
        return self._sealer().open(sealed, secret_name(endpoint.id))


def secret_name(endpoint_id: str) -> str:
    """For what an endpoint's secret is sealed."""
    return f"webhook:{endpoint_id}"


def written_secret(key: bytes) -> str:
    """A key as it is given to people (Standard Webhooks specification, "Signature scheme")."""
    return "whsec_" + base64.b64encode(key).decode()
