"""An installation for the functions, and events as AWS sends them."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.unit.entrypoints.http.conftest import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An installation with nothing in it."""
    return House(tmp_path / "files")


@dataclass
class Watch:
    """Lambda's context: `steps` are taken from what is left of the time, one each time it is asked."""

    left_ms: int = 60_000
    step_ms: int = 0
    asked: int = 0
    aws_request_id: str = "r1"

    def get_remaining_time_in_millis(self) -> int:
        self.asked += 1
        self.left_ms -= self.step_ms
        return self.left_ms


@dataclass
class Queue:
    """Keeps the rests of imports."""

    waiting: list[str] = field(default_factory=list)

    async def go_on(self, import_id: str) -> None:
        self.waiting.append(import_id)


def http_event(
    method: str,
    path: str,
    body: object = None,
    *,
    query: str = "",
    headers: dict[str, str] | None = None,
    caller: str | None = "ana",
    encoded: bool = False,
    authorizer: object = None,
) -> dict[str, Any]:
    """An event of an HTTP API, payload format 2.0 (Amazon API Gateway developer guide)."""
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    context: dict[str, Any] = {
        "accountId": "123456789012",
        "apiId": "a1b2c3",
        "domainName": "a1b2c3.execute-api.us-east-1.amazonaws.com",
        "domainPrefix": "a1b2c3",
        "http": {
            "method": method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": "203.0.113.9",
            "userAgent": "curl/8",
        },
        "requestId": "JKJaXmPLvHcESHA=",
        "routeKey": "$default",
        "stage": "$default",
        "time": "23/Nov/2026:13:00:00 +0000",
        "timeEpoch": 1795438800000,
    }
    if caller:
        claims = {"sub": caller, "iss": "https://issuer", "cognito:groups": "[admin]"}
        context["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    if authorizer is not None:
        context["authorizer"] = authorizer
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {
            "content-length": str(len(raw)),
            "content-type": "application/json",
            "host": context["domainName"],
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
            **(headers or {}),
        },
        "requestContext": context,
        "isBase64Encoded": encoded,
    }
    if raw:
        event["body"] = base64.b64encode(raw).decode() if encoded else raw.decode()
    return event


def sqs_event(*bodies: object) -> dict[str, Any]:
    """An event of SQS messages; a text is a body as it is, all else goes as JSON."""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": "h",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:ingest",
                "awsRegion": "us-east-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


def object_created(key: str, *, sequencer: str = "0055AED6DCD90281E5", at: str = "2026-11-23T13:00:00.123Z") -> Any:
    """S3's words about one new object, its key quoted (Amazon S3 user guide, "Event message structure")."""
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": "us-east-1",
                "eventTime": at,
                "eventName": "ObjectCreated:Put",
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "bucket": {"name": "alquimista-disparo-imports-dev-123456789012"},
                    "object": {"key": key, "size": 1024, "eTag": "d41d8cd98f", "sequencer": sequencer},
                },
            }
        ]
    }
