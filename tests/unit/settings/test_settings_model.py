from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from disparo.domain.contact import Channel
from disparo.domain.policies.circuit_breaker import BreakerPolicy
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.policies.retry import BackoffStrategy, RetryPolicy
from disparo.settings import Settings, profile_settings, settings_table

# Source document, "Configurações Recomendadas por Ambiente" and "Otimizações de Performance".
DOCUMENT = {
    "rate_limit_whatsapp_hourly": (100, 1000),
    "rate_limit_email_hourly": (500, 5000),
    "rate_limit_sms_hourly": (50, 500),
    "rate_limit_whatsapp_burst": (10, 50),
    "rate_limit_email_burst": (50, 200),
    "rate_limit_sms_burst": (5, 25),
    "lambda_timeout_api": (30, 30),
    "lambda_timeout_send": (180, 300),
    "lambda_timeout_schedule": (300, 900),
    "lambda_timeout_ingest": (120, 180),
    "lambda_memory_api": (512, 1024),
    "lambda_memory_send": (1024, 2048),
    "lambda_memory_schedule": (512, 1024),
    "dynamodb_billing_mode": ("ON_DEMAND", "ON_DEMAND"),
    "dynamodb_autoscaling_enabled": (False, True),
    "provisioned_concurrent_executions": (0, 5),
    "reserved_concurrent_executions": (10, 100),
    "autoscaling_read_min": (5, 5),
    "autoscaling_read_max": (100, 100),
    "autoscaling_write_min": (5, 5),
    "autoscaling_write_max": (100, 100),
    "message_retention_seconds": (1_209_600, 1_209_600),
    "max_retries": (3, 3),
    "backoff_strategy": ("exponential", "exponential"),
    "backoff_multiplier": (2, 2),
    "initial_backoff_ms": (1000, 1000),
    "circuit_breaker_threshold": (10, 10),
    "circuit_breaker_timeout_ms": (60_000, 60_000),
    "business_hours_timezone": ("America/Sao_Paulo", "America/Sao_Paulo"),
}

# Source document, "Configuração Padrão (Brasil)".
DOCUMENT_HOURS = {
    "timezone": "America/Sao_Paulo",
    "workingDays": [1, 2, 3, 4, 5],
    "startTime": "08:00",
    "endTime": "18:00",
    "lunchBreak": {"start": "12:00", "end": "13:00"},
    "holidays": [
        "2024-12-25",
        "2024-01-01",
        "2024-04-21",
        "2024-09-07",
        "2024-10-12",
        "2024-11-02",
        "2024-11-15",
        "2024-11-20",
    ],
}


@pytest.mark.parametrize("name", DOCUMENT)
def test_the_profiles_have_the_documents_values(name: str) -> None:
    found = getattr(profile_settings("dev"), name), getattr(profile_settings("prod"), name)
    assert found == DOCUMENT[name]


def test_the_default_hours_are_the_documents() -> None:
    assert profile_settings("prod").hours_document() == DOCUMENT_HOURS


@pytest.mark.parametrize(("start", "end"), [(13, 18), (8, 13), (22, 6), (8, 12)])
def test_lunch_is_left_out_where_it_is_not_inside_the_hours(start: int, end: int) -> None:
    settings = Settings.model_validate({"business_hours_start": start, "business_hours_end": end})
    assert "lunchBreak" not in settings.hours_document()


def test_lunch_stays_in_a_shift_that_ends_after_midnight() -> None:
    settings = Settings.model_validate({"business_hours_start": 10, "business_hours_end": 2})
    assert settings.hours_document()["lunchBreak"] == {"start": "12:00", "end": "13:00"}


def test_the_hours_handed_out_cannot_change_the_settings() -> None:
    settings = Settings(business_hours={"workingDays": [1]})
    settings.hours_document()["workingDays"].append(2)
    assert settings.hours_document() == {"workingDays": [1]}


def test_policies_are_read_in_the_words_of_the_domain() -> None:
    settings = Settings.model_validate(
        {
            "rate_limit_sms_daily": 120,
            "backoff_strategy": "linear",
            "initial_backoff_ms": 1500,
            "jitter": True,
            "circuit_breaker_timeout_ms": 2500,
            "doubt_policy_email": "resend",
        }
    )
    assert settings.limits(Channel.SMS) == Limits(burst=5, hourly=50, daily=120)
    assert settings.limits(Channel.WHATSAPP) == Limits(burst=10, hourly=100, daily=None)
    assert settings.retry_policy() == RetryPolicy(
        3, BackoffStrategy.LINEAR, timedelta(milliseconds=1500), 2.0, jitter=True
    )
    assert settings.breaker_policy() == BreakerPolicy(threshold=10, timeout=timedelta(milliseconds=2500))
    assert [settings.doubt_policy(channel) for channel in (Channel.EMAIL, Channel.SMS)] == ["resend", "hold"]


def test_settings_are_frozen_and_take_no_other_names() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().live = True
    with pytest.raises(ValidationError, match="Extra inputs"):
        Settings.model_validate({"lives": True})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ON_DEMAND", "PAY_PER_REQUEST"),
        ("PAY_PER_REQUEST", "PAY_PER_REQUEST"),
        ("PROVISIONED", "PROVISIONED"),
    ],
)
def test_terraform_gets_a_billing_mode_that_it_knows(written: str, meant: str) -> None:
    assert Settings.model_validate({"dynamodb_billing_mode": written}).billing_mode() == meant


def test_the_settings_page_holds_the_table_of_the_model() -> None:
    page = (Path(__file__).parents[3] / "docs" / "settings.md").read_text(encoding="utf-8")
    generated = page.partition("<!-- settings:begin -->\n")[2].partition("\n<!-- settings:end -->")[0]
    assert generated.strip() == settings_table()


def test_the_table_names_every_setting_with_both_defaults_and_a_meaning() -> None:
    rows = [line.split(" | ") for line in settings_table().splitlines() if line.startswith("| `")]
    assert {row[0].strip("| `") for row in rows} == set(Settings.model_fields)
    by_name = {row[0].strip("| `"): row for row in rows}
    assert by_name["lambda_timeout_send"][1:3] == ["180", "300"]
    assert all(len(row) == 4 and len(row[3]) > 5 for row in rows)
    assert "None" not in settings_table()
