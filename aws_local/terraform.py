"""Terraform against the emulator: where it and its AWS provider are, and an environment applied.

The provider is taken from a folder, never downloaded: TF_PLUGIN_DIR, a mirror that Terraform's own configuration
names, or Terraform's usual mirror folders (Terraform documentation, "CLI configuration file", "Implied local mirror
directories").
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_local.server import ROOT

PROVIDER = Path("registry.terraform.io") / "hashicorp" / "aws"
FOLDERS = (
    Path.home() / ".terraform.d" / "plugins",
    Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "terraform" / "plugins",
    Path("/usr/local/share/terraform/plugins"),
    Path("/usr/share/terraform/plugins"),
)

MIRROR = re.compile(r'filesystem_mirror\s*\{[^}]*?path\s*=\s*"([^"]+)"')

OVERRIDE = """provider "aws" {
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  s3_use_path_style           = true
  max_retries                 = 2
}
"""
"""Stands beside an environment's files when it goes to the emulator (Terraform documentation, "Override files")."""


class TerraformMissingError(Exception):
    """There is no Terraform, or no AWS provider for it; the message says which and what to do."""


class TerraformFailedError(Exception):
    """Terraform ended with an error; the message is what it said."""


@dataclass(frozen=True, slots=True)
class Terraform:
    """A Terraform that can work without a network; `plugins` is the mirror that holds its provider."""

    program: str
    plugins: Path

    def applied(
        self, environment: str, folder: Path, url: str, variables: dict[str, str], values: str = ""
    ) -> dict[str, Any]:
        """Apply `terraform/envs/<environment>` to the emulator from a copy in `folder`; its outputs by name.

        `values` are lines of a tfvars file, which go before those that the environment has.
        """
        copy = folder / "terraform"
        shutil.copytree(ROOT / "terraform", copy, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        place = copy / "envs" / environment
        (place / "emulator_override.tf").write_text(OVERRIDE)
        (place / "values_of_this_run.auto.tfvars").write_text(values)  # read last, by its name
        (folder / "terraformrc").write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{self.plugins}"\n  }}\n}}\n'
        )
        variables_given = [f"-var={name}={value}" for name, value in variables.items()]
        self.run(place, url, "init", "-backend=false")
        self.run(place, url, "apply", "-auto-approve", "-parallelism=30", *variables_given)
        outputs = json.loads(self.run(place, url, "output", "-json"))
        return {name: output["value"] for name, output in outputs.items()}

    def run(self, place: Path, url: str, command: str, *options: str) -> str:
        """One command in a folder that `applied` made; what it printed. TerraformFailedError."""
        environ = {
            **os.environ,
            "TF_CLI_CONFIG_FILE": str(place.parents[2] / "terraformrc"),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            "AWS_ENDPOINT_URL": url,
        }
        flags = ["-no-color"] if command == "output" else ["-no-color", "-input=false"]
        done = subprocess.run(
            [self.program, command, *flags, *options],
            cwd=place,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise TerraformFailedError(f"terraform {command}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout


def find_terraform() -> Terraform:
    """The Terraform of this machine; TerraformMissingError."""
    program = shutil.which("terraform")
    if program is None:
        raise TerraformMissingError("terraform is not in PATH")
    given = os.environ.get("TF_PLUGIN_DIR")
    folders = [Path(given)] if given else [*_mirrors_of_configuration(), *FOLDERS]
    for folder in folders:
        if (folder / PROVIDER).is_dir():
            return Terraform(program, folder)
    looked = ", ".join(map(str, folders))
    raise TerraformMissingError(f"the provider hashicorp/aws is in none of {looked}; set TF_PLUGIN_DIR to its mirror")


def _mirrors_of_configuration() -> list[Path]:
    """The mirrors that Terraform's CLI configuration names, if there is one."""
    named = os.environ.get("TF_CLI_CONFIG_FILE") or os.environ.get("TERRAFORM_CONFIG")
    file = Path(named) if named else Path.home() / ".terraformrc"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return [Path(found) for found in MIRROR.findall(text)]
