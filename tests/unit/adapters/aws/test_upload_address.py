"""Where clients send their files: an address that any bucket in any region takes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from disparo.adapters.aws import clients
from disparo.adapters.aws.contact_files import UPLOAD_FOR, S3ContactFiles

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def new_clients() -> Iterator[None]:
    """Clients that read this test's environment, and are not kept for others."""
    clients.client.cache_clear()
    yield
    clients.client.cache_clear()


@pytest.mark.parametrize("region", ["us-east-1", "sa-east-1"])
def test_it_is_signed_by_version_4_for_its_own_region(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Buckets made after 24 June 2020 refuse version 2 (Amazon S3, "Signature Version 2 deprecation").
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    files = S3ContactFiles(lambda: clients.client("s3", region), "imports-bucket")
    place = asyncio.run(files.upload_place("i", "imports/id/i/Clientes São.csv", NOW))
    address = urlsplit(place.url)
    assert address.netloc == f"imports-bucket.s3.{region}.amazonaws.com"
    assert address.path == "/imports/id/i/Clientes%20S%C3%A3o.csv"
    signed = parse_qs(address.query)
    assert signed["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert signed["X-Amz-Expires"] == [str(UPLOAD_FOR // timedelta(seconds=1))]
    assert signed["X-Amz-SignedHeaders"] == ["host"]
    assert place.expires_at == NOW + UPLOAD_FOR
