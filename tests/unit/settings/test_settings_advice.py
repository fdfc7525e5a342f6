from __future__ import annotations

import json
from pathlib import Path

import pytest

from disparo.settings import check_settings, load_settings


def advice(tmp_path: Path, **values: object) -> dict[str, tuple[str, str]]:
    loaded = load_settings(overrides=values, environ={}, cwd=tmp_path)
    return {remark.key: (remark.level, remark.text) for remark in check_settings(loaded)}


@pytest.mark.parametrize(
    ("values", "key", "level", "said"),
    [
        ({}, "dynamodb_billing_mode", "note", "PAY_PER_REQUEST"),
        ({"dynamodb_billing_mode": "PAY_PER_REQUEST"}, "dynamodb_billing_mode", "ok", "PAY_PER_REQUEST"),
        ({"environment": "prod"}, "dynamodb_autoscaling_enabled", "warning", "não tem efeito"),
        ({"dynamodb_billing_mode": "PROVISIONED"}, "dynamodb_autoscaling_enabled", "warning", "fica fixa"),
        ({}, "dynamodb_autoscaling_enabled", "ok", "combina"),
        ({}, "visibility_timeout_seconds", "ok", "1080 s = 6 x 180 s"),
        ({"visibility_timeout_seconds": 1800}, "visibility_timeout_seconds", "note", "6 x 180 = 1080 s"),
        ({"visibility_timeout_seconds": 1079}, "visibility_timeout_seconds", "warning", "entregar de novo"),
        ({"visibility_timeout_seconds": 179}, "visibility_timeout_seconds", "error", "recusa"),
        ({}, "message_retention_seconds", "warning", "345600"),
        ({"message_retention_seconds": 345_600}, "message_retention_seconds", "ok", "4 dias"),
        ({}, "lambda_timeout_schedule", "note", "até 5 execuções"),
        ({"environment": "prod"}, "lambda_timeout_schedule", "note", "até 15 execuções"),
        ({"lambda_timeout_schedule": 60}, "lambda_timeout_schedule", "ok", "cabem"),
        ({"environment": "prod"}, "reserved_concurrent_executions", "warning", "cota 500"),
        ({"reserved_concurrent_executions": 0}, "reserved_concurrent_executions", "ok", "nenhuma reserva"),
        ({"environment": "prod"}, "provisioned_concurrent_executions", "note", "alias"),
        ({"provisioned_concurrent_executions": 11}, "provisioned_concurrent_executions", "error", "recusa"),
        ({"replica_regions": ["us-west-2"]}, "replica_regions", "note", "cobrada"),
        ({}, "alarms", "note", "dimensões"),
        ({}, "business_hours", "note", "todos de 2024"),
        (
            {"business_hours": {"holidays": ["2027-05-01"], "publicHolidays": False}},
            "business_hours",
            "warning",
            "nenhum",
        ),
        ({}, "lambda_memory_ingest", "note", "512 MB"),
        ({"rate_limit_sms_burst": 51}, "rate_limit_sms_burst", "warning", "51 por minuto é mais"),
        ({"rate_limit_sms_daily": 49}, "rate_limit_sms_daily", "warning", "49 por dia é menos"),
        ({"rate_limit_sms_hourly": 301}, "rate_limit_sms_hourly", "note", "no máximo 300"),
        ({}, "rate_limit_sms", "ok", "burst 5, hourly 50"),
        (
            {"rate_limit_sms_hourly": "none", "rate_limit_sms_burst": "none"},
            "rate_limit_sms",
            "warning",
            "sem nenhum limite",
        ),
        ({"doubt_policy_sms": "resend"}, "doubt_policy_sms", "warning", "duas vezes"),
        ({}, "calendar_timeout_s", "ok", "cabem nos 30 s"),
        ({"calendar_timeout_s": 15}, "calendar_timeout_s", "warning", "use menos de 15"),
        ({"lambda_timeout_api": 20}, "calendar_timeout_s", "warning", "sair em 20 s"),
        ({"lambda_timeout_api": 900, "calendar_timeout_s": 20}, "calendar_timeout_s", "warning", "sair em 30 s"),
        ({"lambda_timeout_send": 30}, "send_timeout_s", "warning", "não cabe"),
    ],
)
def test_each_oddity_is_explained_where_it_touches_the_values(
    tmp_path: Path, values: dict[str, object], key: str, level: str, said: str
) -> None:
    found_level, text = advice(tmp_path, **values)[key]
    assert found_level == level
    assert said in text


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({}, "provisioned_concurrent_executions"),
        ({}, "replica_regions"),
        ({}, "doubt_policy_sms"),
        ({}, "send_timeout_s"),
        ({"lambda_memory_ingest": 512}, "lambda_memory_ingest"),
        ({"rate_limit_sms_burst": 50}, "rate_limit_sms_burst"),
        ({"rate_limit_sms_daily": 50}, "rate_limit_sms_daily"),
        ({"rate_limit_sms_hourly": 300}, "rate_limit_sms_hourly"),
        ({"business_hours": {"holidays": ["2026-01-01", "2027-01-01"]}}, "business_hours"),
    ],
)
def test_nothing_is_said_about_what_is_not_odd(tmp_path: Path, values: dict[str, object], key: str) -> None:
    assert key not in advice(tmp_path, **values)


def test_tfvars_names_of_others_are_listed(tmp_path: Path) -> None:
    (tmp_path / "t.tfvars").write_text('owner_team = "sa-east-1"\n', encoding="utf-8")
    level, text = advice_of_tfvars(tmp_path)["owner_team"]
    assert level == "note"
    assert "t.tfvars:1" in text


def test_parts_of_the_hours_that_a_document_replaces_are_told(tmp_path: Path) -> None:
    (tmp_path / "t.tfvars").write_text("business_hours_start = 9\n", encoding="utf-8")
    level, text = advice_of_tfvars(tmp_path, DISPARO_BUSINESS_HOURS=json.dumps({"startTime": "08:00"}))[
        "business_hours_start"
    ]
    assert level == "warning"
    assert "t.tfvars:1" in text
    assert "env DISPARO_BUSINESS_HOURS" in text


def advice_of_tfvars(tmp_path: Path, **environ: str) -> dict[str, tuple[str, str]]:
    loaded = load_settings(tfvars=Path("t.tfvars"), environ=environ, cwd=tmp_path)
    return {remark.key: (remark.level, remark.text) for remark in check_settings(loaded)}
