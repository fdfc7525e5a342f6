"""Which settings may be changed in the console or through the API, and which of them hold at once."""

from __future__ import annotations

from disparo.domain.contact import Channel

_LIMITS = tuple(f"rate_limit_{channel}_{window}" for channel in Channel for window in ("burst", "hourly", "daily"))
_RETRY = ("max_retries", "backoff_strategy", "backoff_multiplier", "initial_backoff_ms", "jitter")
_BREAKER = ("circuit_breaker_threshold", "circuit_breaker_timeout_ms", "sender_recovery_minutes")
_RETENTION = (
    *("contact_retention_days", "message_retention_days", "inbox_retention_days", "import_retention_days"),
    "audit_retention_days",
)
_ALARMS = (
    *("alarm_period_s", "alarm_periods", "alarm_errors", "alarm_latency_ms", "alarm_dead_letters"),
    *("alarm_failed_percent", "alarm_breaker_minutes", "alarm_calendar_minutes", "alarm_no_tick_minutes"),
    "alarm_disk_percent",
)

LIVE = frozenset({*_LIMITS, *_RETRY, *_BREAKER, *_RETENTION, "business_hours", "company_name"})
"""What running processes take over within seconds."""

EDITABLE = LIVE | {*_ALARMS, "opt_out_answer"}
"""What an admin may change while the installation runs; the rest of these waits for a restart.

Whatever could cut off who signs in, send mail elsewhere or tell a secret is not among them: it stays in files.
"""

HOURS_PARTS = ("business_hours_start", "business_hours_end", "business_hours_timezone")
"""What `business_hours` stands in for."""
