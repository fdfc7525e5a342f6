"""The two profiles of the source document, "Configurações Recomendadas por Ambiente"."""

from __future__ import annotations

from collections.abc import Mapping

from disparo.settings.model import Settings

_PROD: Mapping[str, object] = {
    "rate_limit_whatsapp_hourly": 1000,
    "rate_limit_whatsapp_burst": 50,
    "rate_limit_email_hourly": 5000,
    "rate_limit_email_burst": 200,
    "rate_limit_sms_hourly": 500,
    "rate_limit_sms_burst": 25,
    "lambda_timeout_send": 300,
    "lambda_timeout_schedule": 900,
    "lambda_timeout_ingest": 180,
    "lambda_memory_api": 1024,
    "lambda_memory_send": 2048,
    "lambda_memory_schedule": 1024,
    "lambda_memory_ingest": 1024,  # ours: the document gives none
    "dynamodb_autoscaling_enabled": True,
    "provisioned_concurrent_executions": 5,
    "reserved_concurrent_executions": 100,
}

PROFILES: Mapping[str, Mapping[str, object]] = {
    "dev": {name: Settings.model_fields[name].default for name in _PROD},
    "prod": _PROD,
}
"""Per profile, the settings that differ between the two; all others are the model's defaults."""


def profile_settings(environment: str) -> Settings:
    """The settings of a profile with nothing else set; `environment` is `dev` or `prod`."""
    return Settings.model_validate({"environment": environment, **PROFILES[environment]})
