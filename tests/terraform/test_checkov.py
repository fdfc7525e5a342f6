"""checkov's rules for AWS; what is skipped says why, beside the resource."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from tests.terraform.workspace import ROOT


def test_checkov_finds_nothing_that_is_not_explained() -> None:
    checkov = shutil.which("checkov")
    if checkov is None:
        pytest.skip("checkov is not in PATH; it has a venv of its own: uv tool install checkov")
    command = [checkov, "--directory", str(ROOT), "--framework", "terraform", "--skip-download", "--output", "json"]
    done = subprocess.run(
        [*command, "--var-file", str(ROOT / "envs" / "prod" / "terraform.tfvars")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LOG_LEVEL": "ERROR"},
    )
    report = json.loads(done.stdout)
    failed = [f"{one['check_id']} {one['resource']}: {one['check_name']}" for one in report["results"]["failed_checks"]]
    assert failed == []
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["passed"] > 100
