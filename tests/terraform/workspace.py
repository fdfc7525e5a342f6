"""A copy of terraform/ in which Terraform can run without a network and without credentials."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import pytest

from aws_local.terraform import OVERRIDE, Terraform, TerraformMissingError, find_terraform
from tests.terraform.plan import Plan

ROOT = Path(__file__).parents[2] / "terraform"
ENVIRONMENTS = ("dev", "prod")
ACCOUNT = "123456789012"

OFFLINE = OVERRIDE.rstrip().removesuffix("}") + "  skip_requesting_account_id = true\n  allowed_account_ids = null\n}\n"
"""So that a plan asks nobody anything."""


def terraform_or_skip() -> Terraform:
    """The Terraform of this machine and its provider; skips without, and says which is missing."""
    try:
        return find_terraform()
    except TerraformMissingError as error:
        pytest.skip(str(error))


def program_or_skip() -> str:
    """Terraform alone, for what needs no provider."""
    return shutil.which("terraform") or pytest.skip("terraform is not in PATH")


def environ_of(**more: str) -> dict[str, str]:
    """This process's environment without what would steer Terraform or reach an account."""
    steering = ("TF_", "AWS_")
    return {name: value for name, value in os.environ.items() if not name.startswith(steering)} | {
        "CHECKPOINT_DISABLE": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        **more,
    }


def dummy_package(folder: Path) -> Path:
    """A zip that stands for the functions' code."""
    path = folder / "package.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(zipfile.ZipInfo("disparo/__init__.py"), "")
    return path


class Workspace:
    """One copy, kept until the process ends."""

    def __init__(self) -> None:
        self._terraform = terraform_or_skip()
        self._kept = tempfile.TemporaryDirectory(prefix="disparo-terraform-")
        self._folder = Path(self._kept.name)
        ignored = shutil.ignore_patterns(".terraform*", "*.tfstate*", "backend.tf")
        shutil.copytree(ROOT, self._folder / "terraform", ignore=ignored)
        for environment in ENVIRONMENTS:
            (self.place(environment) / "emulator_override.tf").write_text(OFFLINE)
        (self._folder / "terraformrc").write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{self._terraform.plugins}"\n  }}\n}}\n'
        )
        self._package = dummy_package(self._folder)

    def place(self, environment: str) -> Path:
        """The copy's folder of an environment."""
        return self._folder / "terraform" / "envs" / environment

    def run(self, place: Path, *command: str) -> subprocess.CompletedProcess[str]:
        """Run Terraform; what came of it, whatever it was."""
        environ = environ_of(
            TF_CLI_CONFIG_FILE=str(self._folder / "terraformrc"),
            TF_IN_AUTOMATION="1",
            TF_VAR_aws_account_id=ACCOUNT,
            TF_VAR_package_file=str(self._package),
        )
        command = (self._terraform.program, *command, "-no-color")
        return subprocess.run(command, cwd=place, env=environ, capture_output=True, text=True, check=False)

    def done(self, place: Path, *command: str) -> str:
        """What it printed; fails the test when Terraform fails."""
        result = self.run(place, *command)
        assert result.returncode == 0, f"terraform {' '.join(command)}:\n{result.stdout}\n{result.stderr}"
        return result.stdout


@cache
def workspace() -> Workspace:
    """The copy of this process."""
    return Workspace()


@cache
def environment_ready(environment: str) -> Path:
    """The folder of an environment in which `init` has run."""
    place = workspace().place(environment)
    workspace().done(place, "init", "-backend=false", "-input=false")
    return place


@cache
def planned(environment: str, more: str = "") -> Plan:
    """What Terraform would make for an environment, with `more` values (lines of a tfvars file), from nothing."""
    place = environment_ready(environment)
    name = "more" if more else "plain"
    (place / f"{name}.values").write_text(more)
    files = ("-var-file=terraform.tfvars", f"-var-file={name}.values")
    options = ("-refresh=false", "-lock=false", "-input=false", f"-out={name}.tfplan")
    said = workspace().done(place, "plan", *options, *files)
    return Plan(json.loads(workspace().done(place, "show", "-json", f"{name}.tfplan")), said)


def with_every_option() -> Plan:
    """DEV with what is left out of it: replicas, hours as JSON, tokens, rotation, mail, no reservation."""
    return planned(
        "dev",
        """
        replica_regions                = ["us-west-2", "eu-west-1"]
        reserved_concurrent_executions = 0
        reserved_concurrency_overrides = { schedule = 2 }
        business_hours_start           = null
        business_hours_end             = null
        business_hours_timezone        = null
        business_hours = {
          timezone    = "America/Sao_Paulo"
          workingDays = [1, 2, 3, 4, 5]
          startTime   = "08:00"
          endTime     = "18:00"
          lunchBreak  = { start = "12:00", end = "13:00" }
        }
        jwt_issuer           = "https://login.example.com/"
        jwt_audience         = ["disparo"]
        alarm_email          = "plantao@example.com"
        rotation_lambda_arns = { mcp-email = "arn:aws:lambda:us-east-1:123456789012:function:rotate" }
        """,
    )


def with_own_senders() -> Plan:
    """DEV with senders of every provider, live, and everything about channels that can be told."""
    return planned(
        "dev",
        """
        live = true
        senders = {
          principal = { channel = "whatsapp", provider = "whatsapp", weight = 3, hourly = 800 }
          reserva   = { channel = "whatsapp", provider = "whatsapp", secret = "mcp-whatsapp-2", daily = "none" }
          correio   = { channel = "email", provider = "smtp", doubt_policy = "hold" }
          curtas    = { channel = "sms", provider = "aws_sms", burst = 5 }
        }
        public_url              = "https://disparo.example.com"
        sender_recovery_minutes = 20
        opt_out_answer          = "Pronto."
        mailbox_secret          = "mcp-mailbox"
        mail_webhook_secret     = "mail-webhook"
        oidc_secret             = "oidc"
        company_name            = "Alquimista"
        calendar_timeout_s      = 7
        calendar_secrets        = ["mcp-calendar", "agenda-caldav"]
        """,
    )


def provisioned_with_a_key() -> Plan:
    """PROD with tables of a provisioned capacity, and everything encrypted by a key of ours."""
    return planned("prod", 'dynamodb_billing_mode = "PROVISIONED"\ncustomer_managed_key = true\n')
