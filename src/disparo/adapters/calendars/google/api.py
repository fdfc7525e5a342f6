"""Requests to the Calendar API, with their tokens."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from disparo.adapters.calendars.google.credentials import GoogleCredentials
from disparo.adapters.calendars.google.errors import GoogleFaultError, judge, not_understood, of_silence
from disparo.adapters.calendars.google.token import Tokens
from disparo.adapters.http_exchange import Answer, HttpExchange
from disparo.domain.message import Outcome


@dataclass(frozen=True, slots=True)
class Request:
    """One request: its method, the parts of its path (whatever is in them), and what goes with it."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    etag: str = ""

    def url(self, endpoint: str) -> str:
        """Where it goes."""
        path = "/".join(quote(part, safe="") for part in self.path)
        return f"{endpoint}/{path}?{urlencode({**self.query, 'prettyPrint': 'false'})}"

    def headers(self, token: str) -> dict[str, str]:
        """What it says of itself; an etag makes it conditional (guide "Get specific versions of resources")."""
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if self.body is not None:
            headers["Content-Type"] = "application/json"
        return {**headers, "If-Match": self.etag} if self.etag else headers


class GoogleApi:
    """The API as one account sees it."""

    def __init__(self, http: HttpExchange, clock: Callable[[], datetime]) -> None:
        self._http, self._tokens = http, Tokens(http, clock)

    async def ask(self, secret: GoogleCredentials, request: Request) -> Answer:
        """What Google answers with success; GoogleFaultError else. A token that it no longer takes is renewed once."""
        answer = await self._attempt(secret, request)
        if answer.status == 401:
            answer = await self._attempt(secret, request)
        if not 200 <= answer.status < 300:
            raise GoogleFaultError(judge(answer))
        return answer

    async def document(self, secret: GoogleCredentials, request: Request) -> dict[str, Any]:
        """The JSON object that it answers with."""
        document = (await self.ask(secret, request)).json()
        if not isinstance(document, dict):
            raise not_understood("no JSON object")
        return document

    async def close(self) -> None:
        """End every connection."""
        await self._tokens.close()
        await self._http.close()

    async def _attempt(self, secret: GoogleCredentials, request: Request) -> Answer:
        token = await self._tokens.current(secret)
        data = None if request.body is None else json.dumps(request.body, ensure_ascii=False).encode("utf-8", "replace")
        answer = await self._http.request(
            request.method, request.url(secret.endpoint), headers=request.headers(token), data=data
        )
        if isinstance(answer, Outcome):
            raise GoogleFaultError(of_silence(answer))
        if answer.status == 401:
            self._tokens.forget(token)
        return answer
