"""Secrets: the current version, kept a while, asked for anew when told, and never in an error."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from disparo.adapters.aws.secrets import SecretsManager
from disparo.domain.errors import DisparoError, InputError, StoreError

NAME = "alquimista-disparo/dev/mcp-whatsapp"
VALUE = {"endpoint": "https://api.whatsapp.com/v1", "api_key": "hush-1"}


@dataclass
class Manager:
    """Secrets Manager, as far as it is asked."""

    answer: Any = None
    asked: list[tuple[str, str]] = field(default_factory=list)
    meta: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(events=SimpleNamespace(register=lambda *_, **__: None))
    )

    def get_secret_value(self, **asked: str) -> dict[str, Any]:
        """The value."""
        self.asked.append((asked["SecretId"], asked["VersionStage"]))
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"SecretString": self.answer}


@pytest.fixture
def manager() -> Manager:
    return Manager(json.dumps(VALUE))


@pytest.fixture
def secrets(manager: Manager) -> SecretsManager:
    return SecretsManager(lambda: manager, "alquimista-disparo/dev")


def test_a_secret_is_read_once_and_always_the_current_version(manager: Manager, secrets: SecretsManager) -> None:
    for _ in range(3):
        assert asyncio.run(secrets.get("mcp-whatsapp")) == VALUE
    assert manager.asked == [(NAME, "AWSCURRENT")]


def test_after_a_rotation_a_refresh_brings_the_new_one_for_everybody(manager: Manager, secrets: SecretsManager) -> None:
    asyncio.run(secrets.get("mcp-whatsapp"))
    rotated = {**VALUE, "api_key": "hush-2"}
    manager.answer = json.dumps(rotated)
    assert asyncio.run(secrets.get("mcp-whatsapp")) == VALUE
    assert asyncio.run(secrets.refresh("mcp-whatsapp")) == rotated
    assert asyncio.run(secrets.get("mcp-whatsapp")) == rotated


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "m"}}, "o"), InputError),
        (ClientError({"Error": {"Code": "AccessDeniedException", "Message": "hush"}}, "o"), StoreError),
        (EndpointConnectionError(endpoint_url="https://x"), StoreError),
        ("", InputError),
        ("hush", InputError),
        ("[]", InputError),
        ("{}", InputError),
        (json.dumps({**VALUE, "api_key": "  "}), InputError),
        (json.dumps({**VALUE, "api_key": None}), InputError),
    ],
)
def test_what_is_wrong_with_a_secret_is_said_by_its_name_alone(
    manager: Manager, secrets: SecretsManager, answer: Any, kind: type[DisparoError]
) -> None:
    manager.answer = answer
    with pytest.raises(kind, match=NAME) as raised:
        asyncio.run(secrets.get("mcp-whatsapp"))
    assert "hush" not in str(raised.value)
    manager.answer = json.dumps(VALUE)
    assert asyncio.run(secrets.get("mcp-whatsapp")) == VALUE, "it is asked for again once it is there"
