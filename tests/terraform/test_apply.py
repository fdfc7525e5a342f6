"""Both environments are made on the emulator, read back, planned again without a change, and taken away."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session

from aws_local.server import REGION, running
from aws_local.terraform import Terraform
from tests.terraform.read_back import EVERYTHING, link_key
from tests.terraform.workspace import ENVIRONMENTS, dummy_package, terraform_or_skip


@pytest.fixture(autouse=True)
def unsteered(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN", "TF_CLI_ARGS"):
        monkeypatch.delenv(name, raising=False)


# Nearly all of the time are fixed waits of the provider (25 s for each queue, 55 s for the bucket's lifecycle), so both
# environments live side by side, each on an emulator of its own.
def test_environments_are_made_as_the_document_says_stay_and_go(tmp_path: Path) -> None:
    terraform = terraform_or_skip()
    with ThreadPoolExecutor() as pool:
        lives = [pool.submit(_live, terraform, environment, tmp_path / environment) for environment in ENVIRONMENTS]
        for life in lives:
            life.result()


def _live(terraform: Terraform, environment: str, folder: Path) -> None:
    folder.mkdir()
    variables = {
        "package_file": str(dummy_package(folder)),
        "deletion_protection": "false",  # else it could not be taken away
    }
    given = [f"-var={name}={value}" for name, value in variables.items()]
    with running() as url:
        outputs = terraform.applied(environment, folder, url, variables)
        assert outputs["tables"]["ledger"] == f"alquimista-disparo-ledger-{environment}"
        for of_the_document in EVERYTHING:
            of_the_document(lambda service: _client(url, service), environment)

        key = link_key(lambda service: _client(url, service), environment)
        assert re.fullmatch("[0-9a-f]{64}", key)
        place = folder / "terraform" / "envs" / environment
        again = terraform.run(place, url, "plan", "-detailed-exitcode", *given)  # fails when there is a change
        assert "No changes" in again
        assert link_key(lambda service: _client(url, service), environment) == key  # made once
        assert key not in (place / "terraform.tfstate").read_text("utf-8")

        terraform.run(place, url, "destroy", "-auto-approve", "-parallelism=40", *given)
        assert _client(url, "dynamodb").list_tables()["TableNames"] == []
        assert _client(url, "lambda").list_functions()["Functions"] == []
        assert not _client(url, "sqs").list_queues().get("QueueUrls")


def _client(url: str, service: str) -> Any:
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return Session().create_client(service, REGION, endpoint_url=url, **keys)
