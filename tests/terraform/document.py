"""Values of the source document, "Configurações Otimizadas" 1.0 of 24 November 2024, as our own tables."""

from __future__ import annotations

from collections.abc import Mapping

# "Configurações Recomendadas por Ambiente", "Estratégias de Retry e Backoff", "Otimizações de Performance"; hours as in
# "Como Aplicar Estas Configurações". Concurrency in DEV: provisioned is "PROD apenas".
SAME: Mapping[str, object] = {
    "lambda_timeout_api": 30,
    "dynamodb_billing_mode": "ON_DEMAND",
    "autoscaling_read_min": 5,
    "autoscaling_read_max": 100,
    "autoscaling_write_min": 5,
    "autoscaling_write_max": 100,
    "message_retention_seconds": 1209600,
    "max_retries": 3,
    "backoff_strategy": "exponential",
    "backoff_multiplier": 2,
    "initial_backoff_ms": 1000,
    "circuit_breaker_threshold": 10,
    "circuit_breaker_timeout_ms": 60000,
    "business_hours_start": 8,
    "business_hours_end": 18,
    "business_hours_timezone": "America/Sao_Paulo",
}

TFVARS: Mapping[str, Mapping[str, object]] = {
    "dev": {
        **SAME,
        "environment": "dev",
        "rate_limit_whatsapp_hourly": 100,
        "rate_limit_email_hourly": 500,
        "rate_limit_sms_hourly": 50,
        "rate_limit_whatsapp_burst": 10,
        "rate_limit_email_burst": 50,
        "rate_limit_sms_burst": 5,
        "lambda_timeout_send": 180,
        "lambda_timeout_schedule": 300,
        "lambda_timeout_ingest": 120,
        "lambda_memory_api": 512,
        "lambda_memory_send": 1024,
        "lambda_memory_schedule": 512,
        "reserved_concurrent_executions": 10,
    },
    "prod": {
        **SAME,
        "environment": "prod",
        "rate_limit_whatsapp_hourly": 1000,
        "rate_limit_email_hourly": 5000,
        "rate_limit_sms_hourly": 500,
        "rate_limit_whatsapp_burst": 50,
        "rate_limit_email_burst": 200,
        "rate_limit_sms_burst": 25,
        "lambda_timeout_send": 300,
        "lambda_timeout_schedule": 900,
        "lambda_timeout_ingest": 180,
        "lambda_memory_api": 1024,
        "lambda_memory_send": 2048,
        "lambda_memory_schedule": 1024,
        "dynamodb_autoscaling_enabled": True,
        "provisioned_concurrent_executions": 5,
        "reserved_concurrent_executions": 100,
        "visibility_timeout_seconds": 1800,
    },
}

SETTINGS = frozenset(
    name for name in TFVARS["prod"] if name.startswith(("rate_", "max_", "back", "init", "circ", "busi"))
)
"""Those that the functions are told."""

# "DynamoDB - Configurações Otimizadas": hash key, index, its hash and range key
TABLES: Mapping[str, tuple[str, str, str, str]] = {
    "campaigns": ("campaign_id", "status-created-index", "status", "created_at"),
    "contacts": ("contact_id", "campaign-status-index", "campaign_id", "status"),
}
TTL_ATTRIBUTE = "expires_at"

# "Secrets - Estrutura Recomendada"
SECRETS: Mapping[str, tuple[str, ...]] = {
    "mcp-whatsapp": ("endpoint", "api_key", "phone_number_id", "business_account_id", "webhook_verify_token"),
    "mcp-email": ("endpoint", "api_key", "from_email", "from_name", "reply_to"),
    "mcp-calendar": ("endpoint", "api_key", "calendar_id", "service_account_email", "private_key"),
}

OURS: Mapping[str, tuple[str, ...]] = {"mcp-sms": ("account_sid", "auth_token", "from_number")}
"""Ours: the document has SMS, but no secret for it."""

# "CloudWatch - Métricas e Alarmes"
NAMESPACE = "AlquimistaAI/DisparoAgenda"
METRICS = (
    *("RateLimitHit", "MessagesSent", "MessagesFailedRate", "QueueDepth"),
    *("AverageDispatchTime", "ConfirmationRate", "NoShowRate"),
)
OWN_METRICS = ("CalendarUnreadable",)
"""Ours: the document does not measure calendars."""
ALARMS: Mapping[str, Mapping[str, object]] = {
    "disparo-agenda-high-error-rate": {
        "comparison_operator": "GreaterThanThreshold",
        "evaluation_periods": 2,
        "metric_name": "Errors",
        "namespace": "AWS/Lambda",
        "period": 300,
        "statistic": "Sum",
        "threshold": 10,
    },
    "disparo-agenda-high-latency": {
        "comparison_operator": "GreaterThanThreshold",
        "evaluation_periods": 2,
        "metric_name": "Duration",
        "namespace": "AWS/Lambda",
        "period": 300,
        "statistic": "Average",
        "threshold": 10000,
    },
    "disparo-agenda-dlq-messages": {
        "comparison_operator": "GreaterThanThreshold",
        "evaluation_periods": 1,
        "metric_name": "ApproximateNumberOfMessagesVisible",
        "namespace": "AWS/SQS",
        "period": 300,
        "statistic": "Maximum",
        "threshold": 0,
    },
}
