from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from disparo.adapters.aws.dynamo_client import READ_TIMEOUT_S, THREADS, dynamo_client, open_tables
from disparo.adapters.aws.tables import CONTROL
from disparo.domain.errors import StoreError


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine on which nothing of AWS is configured."""
    for name in (
        "AWS_DEFAULT_REGION",
        "AWS_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_without_a_region_the_error_says_what_to_set() -> None:
    with pytest.raises(StoreError, match="AWS_DEFAULT_REGION"):
        dynamo_client()


def test_without_credentials_the_error_says_what_to_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
    tables = open_tables("alquimista-disparo", "dev")
    with pytest.raises(StoreError, match="credenciais"):
        asyncio.run(tables.get(CONTROL, {"pk": "a", "sk": "1"}))


def test_the_client_leaves_trying_again_to_us_and_serves_every_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
    config = dynamo_client().meta.config
    assert config.retries["total_max_attempts"] == 1
    assert config.max_pool_connections == THREADS
    assert config.read_timeout == READ_TIMEOUT_S


def test_botocore_is_not_imported_before_a_client_is_made() -> None:
    program = "import sys, disparo.adapters.aws.dynamo_client; print({'botocore', 'boto3'} & sys.modules.keys())"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"
