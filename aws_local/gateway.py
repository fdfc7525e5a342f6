"""The HTTP API in front of the `api` function: requests become events of payload format 2.0, answers become answers.

Source: Amazon API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs". The authorizer is
played: whoever calls is the user that JWT claims would name.
"""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from aws_local.function import BusyError, Function

CALLER = "aws-local"


@dataclass(frozen=True, slots=True)
class Response:
    """What the function answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as a JSON value."""
        return json.loads(self.body)


class Gateway:
    """Calls the function as API Gateway does."""

    def __init__(self, api: Function) -> None:
        self._api = api

    def request(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Response:
        """One request; 502 when the function failed, 429 when it is at its limit, as API Gateway answers then."""
        try:
            answer = self._api.invoke(event_of(method, path, body, headers or {}))
        except BusyError:
            return Response(429, {}, b'{"message":"Too Many Requests"}')
        if answer.error or not isinstance(answer.payload, dict):
            return Response(502, {}, b'{"message":"Internal Server Error"}')
        return response_of(answer.payload)


def event_of(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """A request as the function gets it."""
    target = urlsplit(path)
    lower = {"host": "localhost", **{name.lower(): value for name, value in headers.items()}}
    now_ms = int(time.time() * 1000)
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": target.path,
        "rawQueryString": target.query,
        "headers": lower,
        "queryStringParameters": dict(parse_qsl(target.query, keep_blank_values=True)),
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "local",
            "authorizer": {"jwt": {"claims": {"sub": CALLER, "cognito:groups": "[admin]"}, "scopes": None}},
            "domainName": lower["host"],
            "http": {
                "method": method,
                "path": target.path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": lower.get("user-agent", ""),
            },
            "requestId": uuid.uuid4().hex,
            "routeKey": "$default",
            "stage": "$default",
            "timeEpoch": now_ms,
        },
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def response_of(payload: dict[str, Any]) -> Response:
    """A function's answer as the caller gets it."""
    body = payload.get("body") or ""
    raw = base64.b64decode(body) if payload.get("isBase64Encoded") else body.encode()
    return Response(int(payload.get("statusCode", 200)), payload.get("headers") or {}, raw)


class Answers(Protocol):
    """What a door passes requests on to."""

    def request(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Response:
        """See `Gateway.request`."""
        ...


def door(gateway: Answers, port: int = 0) -> ThreadingHTTPServer:
    """An HTTP server of this machine through which people reach the function; its caller serves and closes it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            response = gateway.request(self.command, self.path, body, dict(self.headers.items()))
            self.send_response(response.status)
            for name, value in response.headers.items():
                if name.lower() != "content-length":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(response.body)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _pass_on  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Requests are in the function's own log."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    return server
