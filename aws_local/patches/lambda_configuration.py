"""Gap: a function forgets its logging and dead letter configuration, and its updates of four others: a difference at
the next plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from moto.awslambda.models import LambdaFunction

from aws_local.patches.seam import wrap

KEPT = ("LoggingConfig", "DeadLetterConfig")
UPDATED = {"KMSKeyArn": "kms_key_arn", "TracingConfig": "tracing_config", "Architectures": "architectures"}


def apply() -> None:
    """What was set is answered."""
    wrap(LambdaFunction, "__init__", _keeping)
    wrap(LambdaFunction, "update_configuration", _updating)
    wrap(LambdaFunction, "get_configuration", _answering)


def _keeping(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def made(self: Any, account_id: str, spec: Mapping[str, Any], *args: Any, **kwargs: Any) -> None:
        original(self, account_id, spec, *args, **kwargs)
        self.kept_configuration = {name: spec[name] for name in KEPT if spec.get(name)}

    return made


def _updating(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def update_configuration(self: Any, updates: dict[str, Any]) -> Any:
        new = {name: updates[name] for name in KEPT if name in updates}
        self.kept_configuration = {**self.kept_configuration, **new}  # versions share the old one
        for name, attribute in UPDATED.items():
            if name in updates:
                setattr(self, attribute, updates[name])
        if "EphemeralStorage" in updates:
            self.ephemeral_storage = updates["EphemeralStorage"]["Size"]
        return original(self, updates)

    return update_configuration


def _answering(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    @wraps(original)
    def get_configuration(self: Any, on_create: bool = False) -> dict[str, Any]:
        return {**original(self, on_create), **self.kept_configuration}

    return get_configuration
