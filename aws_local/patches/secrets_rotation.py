"""Gap: rotating a secret that is empty fails, rotating another runs the function and makes an empty version the current
one, so that a value asked for without a stage is not found.

Here a rotation is configured and the current value stays current; the function that rotates is not run.
Source: AWS Secrets Manager API reference, RotateSecret and GetSecretValue.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from moto.secretsmanager.exceptions import InvalidRequestException, SecretNotFoundException
from moto.secretsmanager.models import SecretsManagerBackend

from aws_local.patches.seam import wrap


def apply() -> None:
    """Rotation keeps the value, and a value without a stage is the current one."""
    wrap(SecretsManagerBackend, "rotate_secret", lambda _: _rotate_secret)
    wrap(SecretsManagerBackend, "get_secret_value", _current)


def _rotate_secret(
    self: SecretsManagerBackend,
    secret_id: str,
    client_request_token: str | None = None,  # noqa: ARG001
    rotation_lambda_arn: str | None = None,
    rotation_rules: dict[str, Any] | None = None,
    rotate_immediately: bool = True,
) -> str:
    if not self._is_valid_identifier(secret_id):
        raise SecretNotFoundException
    secret: Any = self.secrets[secret_id]
    if secret.is_deleted():
        raise InvalidRequestException("You can't perform this operation on the secret because it was marked deleted.")
    if not (rotation_lambda_arn or secret.rotation_lambda_arn):
        raise InvalidRequestException("No Lambda rotation function ARN is associated with this secret.")
    secret.rotation_lambda_arn = rotation_lambda_arn or secret.rotation_lambda_arn
    secret.rotation_requested = secret.rotation_enabled = True
    if days := (rotation_rules or {}).get("AutomaticallyAfterDays"):
        secret.auto_rotate_after_days = days
        secret.next_rotation_date = int(time.time()) + days * 86400
    if rotate_immediately:
        secret.last_rotation_date = int(time.time())
    return str(secret.to_short_dict())


def _current(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def get_secret_value(
        self: SecretsManagerBackend, secret_id: str, version_id: str | None, version_stage: str | None
    ) -> Any:
        known = self._is_valid_identifier(secret_id) and self.secrets[secret_id].versions
        if known and not version_id and not version_stage:
            version_stage = "AWSCURRENT"
        return original(self, secret_id, version_id, version_stage)

    return get_secret_value
