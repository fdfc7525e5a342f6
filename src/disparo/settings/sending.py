"""Settings of how messages go out: limits, retries, breaker, hours and doubt."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from disparo.domain.policies.retry import BackoffStrategy
from disparo.settings.kinds import Clock, Country, Doubt, Limit, Number, Whole, Zone


class SendingSettings(BaseModel):
    """What the engine keeps to; the values are those of the source document for `dev`."""

    rate_limit_whatsapp_hourly: Limit = Field(default=100, description="WhatsApp messages in any rolling 3,600 s.")
    rate_limit_whatsapp_burst: Limit = Field(default=10, description="WhatsApp messages in any rolling 60 s.")
    rate_limit_whatsapp_daily: Limit = Field(default=None, description="WhatsApp messages in any rolling 86,400 s.")
    rate_limit_email_hourly: Limit = Field(default=500, description="E-mails in any rolling 3,600 s.")
    rate_limit_email_burst: Limit = Field(default=50, description="E-mails in any rolling 60 s.")
    rate_limit_email_daily: Limit = Field(default=None, description="E-mails in any rolling 86,400 s.")
    rate_limit_sms_hourly: Limit = Field(default=50, description="SMS in any rolling 3,600 s.")
    rate_limit_sms_burst: Limit = Field(default=5, description="SMS in any rolling 60 s.")
    rate_limit_sms_daily: Limit = Field(default=None, description="SMS in any rolling 86,400 s.")

    max_retries: Whole = Field(default=3, ge=0, le=100, description="Attempts after the first one.")
    backoff_strategy: BackoffStrategy = Field(
        default=BackoffStrategy.EXPONENTIAL,
        description="How the wait grows: 1, 2, 4, 8, 16 s (`exponential`) or 1, 2, 3, 4, 5 s (`linear`).",
    )
    backoff_multiplier: Number = Field(
        default=2.0,
        ge=1,
        le=10,
        description="By what each wait is multiplied when the strategy is `exponential`.",
    )
    initial_backoff_ms: Whole = Field(
        default=1000, ge=0, le=3_600_000, description="Wait before the first retry, in milliseconds."
    )
    jitter: bool = Field(default=False, description="Spread the waits at random, lest retries come together.")
    circuit_breaker_threshold: Whole = Field(
        default=10, ge=1, le=10_000, description="Consecutive faults of the provider that open the breaker."
    )
    circuit_breaker_timeout_ms: Whole = Field(
        default=60_000,
        ge=1,
        le=86_400_000,
        description="How long it stays open before one message may try, in ms.",
    )

    business_hours_start: Clock = Field(
        default="08:00",
        description='Opening, as an hour (`8`, as the document writes it) or a time (`"08:30"`).',
    )
    business_hours_end: Clock = Field(default="18:00", description="Closing, written like the opening.")
    business_hours_timezone: Zone = Field(
        default="America/Sao_Paulo",
        description="IANA zone of contacts whose own column and number tell none.",
    )
    business_hours: dict[str, Any] | None = Field(
        default=None,
        description="The document's JSON for hours, in place or the path of a JSON file; replaces the three "
        "above. Without it: Monday to Friday, lunch 12:00 to 13:00 and the document's holidays.",
    )

    doubt_policy_whatsapp: Doubt = Field(
        default="hold", description="A WhatsApp message whose outcome is unknown: `hold` it or `resend` it."
    )
    doubt_policy_email: Doubt = Field(default="hold", description="The same for an e-mail.")
    doubt_policy_sms: Doubt = Field(default="hold", description="The same for an SMS.")
    doubt_hold_hours: Whole = Field(
        default=72,
        ge=1,
        le=8760,
        description="Hours that a held message waits for its receipt before it is dead.",
    )
    send_timeout_s: Number = Field(default=30.0, gt=0, le=900, description="How long a provider may take, in s.")
    lease_s: Number = Field(
        default=60.0, le=3600, description="How long a claim lasts, in s; more than `send_timeout_s` + 5."
    )
    send_concurrency: Whole = Field(
        default=50, ge=1, le=10_000, description="Sends under way at once, per channel and process."
    )
    default_region: Country = Field(
        default="BR", description="Country of phone numbers written without one in contact files."
    )
