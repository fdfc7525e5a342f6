"""What can be seen in the files of terraform/ without running a plan."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pygohcl
import pytest

from disparo.settings import check_settings, load_settings
from disparo.settings.sending import SendingSettings
from tests.terraform.document import TFVARS
from tests.terraform.workspace import ENVIRONMENTS, ROOT, program_or_skip

MODULE = ROOT / "modules" / "disparo"
_DECLARED = re.compile(r'^variable "(\w+)"', re.MULTILINE)
_PASSED = re.compile(r"^  (\w+) += var\.(\w+)$", re.MULTILINE)
_SKIP = re.compile(r"checkov:skip=([^:\n]*):?(.*)")

each_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)


def test_every_file_is_formatted() -> None:
    done = subprocess.run(
        [program_or_skip(), "fmt", "-check", "-recursive", "-diff"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_environments_differ_in_their_values_alone() -> None:
    dev, prod = (_texts(ROOT / "envs" / environment) for environment in ENVIRONMENTS)
    assert dev == prod


@each_environment
def test_environments_declare_and_pass_on_every_variable_of_the_module(environment: str) -> None:
    place = ROOT / "envs" / environment
    module = {name for file in MODULE.glob("variables_*.tf") for name in _DECLARED.findall(file.read_text("utf-8"))}
    passed = _PASSED.findall((place / "main.tf").read_text("utf-8").partition('module "disparo"')[2])
    assert [name for name, value in passed if name != value] == []
    assert {name for name, _ in passed} == module
    assert set(_DECLARED.findall((place / "variables.tf").read_text("utf-8"))) == module | {"aws_region"}


@each_environment
def test_values_files_have_nothing_that_is_not_declared(environment: str) -> None:
    place = ROOT / "envs" / environment
    declared = set(_DECLARED.findall((place / "variables.tf").read_text("utf-8")))
    for name in ("terraform.tfvars", "operations.auto.tfvars"):
        assert set(_values(place / name)) <= declared


@each_environment
def test_values_of_the_document_stand_in_terraform_tfvars(environment: str) -> None:
    values = _values(ROOT / "envs" / environment / "terraform.tfvars")
    assert {name: values.get(name) for name in TFVARS[environment]} == TFVARS[environment]


@each_environment
def test_the_program_reads_the_same_file(environment: str, tmp_path: Path) -> None:
    loaded = load_settings(tfvars=ROOT / "envs" / environment / "terraform.tfvars", environ={}, cwd=tmp_path)
    assert loaded.ignored == {}
    assert [advice for advice in check_settings(loaded) if advice.level == "error"] == []
    written = _values(ROOT / "envs" / environment / "terraform.tfvars")
    assert {str(loaded.sources[name].rank.name) for name, value in written.items() if value is not None} == {"TFVARS"}
    assert loaded.settings.visibility_timeout_seconds == 6 * loaded.settings.lambda_timeout_send


def test_what_the_program_can_be_told_about_sending_terraform_can_be_told() -> None:
    declared = _DECLARED.findall((MODULE / "variables_sending.tf").read_text("utf-8"))
    assert set(SendingSettings.model_fields) <= set(declared)
    told = re.findall(r"^    (\w+) += var\.\1$", (MODULE / "environment.tf").read_text("utf-8"), re.MULTILINE)
    assert set(declared) - {"business_hours"} <= set(told)


def test_every_skipped_check_has_a_reason() -> None:
    skips = [
        (file.name, *match.groups())
        for file in ROOT.rglob("*.tf")
        if ".terraform" not in file.parts
        for match in _SKIP.finditer(file.read_text("utf-8"))
    ]
    assert len(skips) > 5
    assert [skip for skip in skips if not re.fullmatch(r"CKV2?_AWS_\d+", skip[1]) or len(skip[2]) < 20] == []


def test_variables_and_outputs_of_every_module_are_described() -> None:
    for file in (ROOT / "modules").rglob("*.tf"):
        if ".terraform" in file.parts:
            continue
        for block in re.findall(r'^(?:variable|output) "\w+" \{\n(.*?)^\}', file.read_text("utf-8"), re.M | re.S):
            assert "  description = " in block, f"{file}: {block}"


def _values(file: Path) -> dict[str, object]:
    return dict(pygohcl.attributes_loads(file.read_text("utf-8")))


def _texts(place: Path) -> dict[str, str]:
    return {file.name: file.read_text("utf-8") for file in place.glob("*.tf") if file.name != "backend.tf"}
