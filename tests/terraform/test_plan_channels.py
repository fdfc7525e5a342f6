"""The plan with senders of our own: what the functions are told of channels, and which secrets they may read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from disparo.bootstrap.providers import PROVIDERS
from disparo.bootstrap.senders import appointed
from disparo.settings import Settings, load_settings
from disparo.settings.agenda import AgendaSettings
from disparo.settings.channels import ChannelSettings
from tests.terraform.workspace import ACCOUNT, ENVIRONMENTS, planned, with_own_senders

IN_TERRAFORM_ONLY_AS_CONCURRENCY = {"webhook_concurrency"}
"""A function works on one call at a time; how many there are is `reserved_concurrent_executions`."""


def test_every_setting_of_channels_reaches_the_functions(tmp_path: Path) -> None:
    told = with_own_senders().output("program_environment")
    names = {name.removeprefix("DISPARO_").lower() for name in told}
    assert set(ChannelSettings.model_fields) - IN_TERRAFORM_ONLY_AS_CONCURRENCY <= names
    inside = load_settings(environ=told, cwd=tmp_path).settings
    assert inside.live
    assert (inside.public_url, inside.opt_out_answer) == ("https://disparo.example.com", "Pronto.")
    assert (inside.sender_recovery_minutes, inside.mailbox_secret) == (20, "mcp-mailbox")
    assert inside.mail_webhook_secret == "mail-webhook"


def test_every_setting_of_the_agenda_reaches_the_functions(tmp_path: Path) -> None:
    told = with_own_senders().output("program_environment")
    assert set(AgendaSettings.model_fields) <= {name.removeprefix("DISPARO_").lower() for name in told}
    inside = load_settings(environ=told, cwd=tmp_path).settings
    assert (inside.company_name, inside.calendar_timeout_s) == ("Alquimista", 7)


def test_only_what_meets_people_and_what_writes_calendars_may_read_their_secrets() -> None:
    plan = with_own_senders()
    calendars = {"mcp-calendar", "agenda-caldav"}
    readers = {name for name in ("api", "send", "schedule", "ingest") if calendars & plan.secrets_of(name)}
    assert readers == {"api", "schedule"}
    assert "url, username, password" in plan.all("aws_secretsmanager_secret")["agenda-caldav"]["description"]


def test_only_what_people_sign_in_at_may_read_the_secret_of_the_other_sign_in(tmp_path: Path) -> None:
    plan = with_own_senders()
    assert {name for name in ("api", "send", "schedule", "ingest") if "oidc" in plan.secrets_of(name)} == {"api"}
    assert plan.all("aws_secretsmanager_secret")["oidc"]["description"].endswith("as JSON: client_secret")
    told = plan.output("program_environment")
    assert load_settings(environ=told, cwd=tmp_path).settings.oidc_secret == "oidc"


def test_senders_are_told_as_the_program_reads_them(tmp_path: Path) -> None:
    told = with_own_senders().output("program_environment")
    assert json.loads(told["DISPARO_SENDERS"])["correio"] == {
        "channel": "email",
        "provider": "smtp",
        "doubt_policy": "hold",
    }
    senders = load_settings(environ=told, cwd=tmp_path).settings.senders
    assert (senders["principal"].weight, senders["principal"].hourly) == (3, 800)
    assert (senders["reserva"].secret, senders["curtas"].burst) == ("mcp-whatsapp-2", 5)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_address_is_that_of_the_api_unless_there_is_a_better_one(environment: str) -> None:
    change = planned(environment).document["output_changes"]["program_environment"]
    assert "DISPARO_PUBLIC_URL" in change["after_unknown"]  # the API's own, which does not exist yet
    assert "DISPARO_SENDERS" not in change["after"]


def test_functions_read_the_secrets_that_the_program_asks_for(tmp_path: Path) -> None:
    plan = with_own_senders()
    sending = _asked_for(load_settings(environ=plan.output("program_environment"), cwd=tmp_path).settings)
    assert sending == {"mcp-whatsapp", "mcp-whatsapp-2", "mcp-email-smtp", "mcp-sms-aws"}
    assert plan.secrets_of("send") == sending | {"links"}
    assert plan.secrets_of("api") == sending | {"links", "oidc", "mail-webhook", "mcp-calendar", "agenda-caldav"}
    assert plan.secrets_of("schedule") == sending | {"links", "mcp-mailbox", "mcp-calendar", "agenda-caldav"}
    assert plan.secrets_of("ingest") == set()


def test_without_senders_the_usual_ones_are_asked_for() -> None:
    settings = Settings.model_validate({"live": True})
    assert planned("dev").secrets_of("send") == _asked_for(settings) | {"links"}


def test_every_secret_that_is_read_is_made_and_none_has_a_value() -> None:
    plan = with_own_senders()
    made = {one["name"].rpartition("/")[2] for one in plan.all("aws_secretsmanager_secret").values()}
    for function in ("api", "send", "schedule"):
        assert plan.secrets_of(function) <= made
    assert set(plan.all("aws_secretsmanager_secret_version")) == {"made"}
    assert "region, origination_identity" in plan.all("aws_secretsmanager_secret")["mcp-sms-aws"]["description"]


def test_the_fields_that_a_secret_is_described_with_are_those_that_its_provider_wants() -> None:
    for name, secret in with_own_senders().all("aws_secretsmanager_secret").items():
        fields = set(secret["description"].partition("as JSON: ")[2].split(", "))
        assert fields, name
        assert len(secret["description"]) <= 2048


def test_terraform_takes_the_providers_that_the_program_has() -> None:
    text = (Path(__file__).parents[2] / "terraform/modules/disparo/channels.tf").read_text("utf-8")
    block = text.partition("fields_of_provider = {")[2].partition("\n  }")[0]
    assert {line.split()[0] for line in block.splitlines() if line.strip()} == set(PROVIDERS)


def test_only_send_may_send_sms_by_aws_and_only_where_a_sender_does() -> None:
    plan = with_own_senders()
    (statement,) = [one for one in plan.statements("send") if "sms-voice:SendTextMessage" in one["Action"]]
    own = f"arn:aws:sms-voice:us-east-1:{ACCOUNT}"
    assert set(statement["Resource"]) == {f"{own}:phone-number/*", f"{own}:pool/*", f"{own}:sender-id/*"}
    for function in ("api", "schedule", "ingest"):
        assert not any("sms-voice" in action for one in plan.statements(function) for action in one["Action"])


def test_the_environment_of_a_function_fits_with_several_senders() -> None:
    told: dict[str, str] = with_own_senders().output("program_environment")
    queues = 5 * 120  # addresses that are known only when they are there
    assert sum(len(name) + len(value) for name, value in told.items()) + queues < 3500


def _asked_for(settings: Settings) -> set[str]:
    return {one.secret for one in appointed(settings, lambda _: True) if one.secret}
