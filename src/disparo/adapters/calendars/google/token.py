"""Access tokens of a service account.

Google's guide "Using OAuth 2.0 for Server to Server Applications" (RFC 7523): an assertion signed with the account's
key is exchanged for a token that holds for an hour.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from disparo.adapters.calendars.google.credentials import GoogleCredentials, signer_of
from disparo.adapters.calendars.google.errors import Fault, GoogleFaultError, judge_token, of_silence
from disparo.adapters.http_exchange import HttpExchange
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass

SCOPES = (
    "https://www.googleapis.com/auth/calendar.events",
    "https://www.googleapis.com/auth/calendar.freebusy",
)
"""The least that covers events.* and freebusy.query (the API's description, `scopes` of each method)."""
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME = timedelta(hours=1)
EARLY = timedelta(minutes=2)
"""How long before its end a token is no longer used, for clocks that differ and requests under way."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token, for one form of the secret only, believed from `since_at` until `until_at`."""

    secret: GoogleCredentials
    value: str = field(repr=False)
    since_at: datetime
    until_at: datetime

    def holds(self, secret: GoogleCredentials, now: datetime) -> bool:
        """Whether it can still be used; no longer once the clock was set back behind its beginning."""
        return self.secret == secret and self.since_at <= now < self.until_at


def assertion(secret: GoogleCredentials, now: datetime) -> bytes:
    """The signed claim that is exchanged for a token (RS256)."""
    from google.auth import jwt

    claims = {
        "iss": secret.service_account_email,
        "scope": " ".join(SCOPES),
        "aud": secret.token_uri,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        **({"sub": secret.subject} if secret.subject else {}),
    }
    encode: Callable[..., bytes] = jwt.encode
    return encode(signer_of(secret.private_key), claims)


class Tokens:
    """The token of one account, asked for once for all who wait for it."""

    def __init__(self, http: HttpExchange, clock: Callable[[], datetime]) -> None:
        self._http, self._clock = http, clock
        self._token: Token | None = None
        self._asking: tuple[GoogleCredentials, asyncio.AbstractEventLoop, asyncio.Task[Token]] | None = None

    async def current(self, secret: GoogleCredentials) -> str:
        """A token that holds; GoogleFaultError when Google gives none."""
        token = self._token
        if token is not None and token.holds(secret, self._clock()):
            return token.value
        return (await asyncio.shield(self._asked(secret))).value

    def forget(self, value: str) -> None:
        """Google no longer takes this one; the next call asks anew, unless that was done already."""
        if self._token is not None and self._token.value == value:
            self._token = None

    async def close(self) -> None:
        """End what is being asked."""
        asking, self._asking = self._asking, None
        if asking is not None and asking[1] is asyncio.get_running_loop():
            asking[2].cancel()
            await asyncio.gather(asking[2], return_exceptions=True)

    def _asked(self, secret: GoogleCredentials) -> asyncio.Task[Token]:
        loop = asyncio.get_running_loop()
        if self._asking is not None:
            known, its_loop, task = self._asking
            if known == secret and its_loop is loop and not task.done():
                return task
        task = loop.create_task(self._ask(secret))
        task.add_done_callback(_look_at)
        self._asking = secret, loop, task
        return task

    async def _ask(self, secret: GoogleCredentials) -> Token:
        now = self._clock()
        form = {"grant_type": GRANT, "assertion": assertion(secret, now).decode()}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        answer = await self._http.request("POST", secret.token_uri, headers=headers, data=urlencode(form).encode())
        if isinstance(answer, Outcome):
            # Whether it arrived is all one: a token that nobody uses does nothing.
            raise GoogleFaultError(Fault(FailureClass.TRANSIENT, of_silence(answer).code, answer.detail))
        told = answer.json() if answer.status == 200 else None
        value, lasts_s = (told.get("access_token"), told.get("expires_in")) if isinstance(told, dict) else (None, None)
        if not _usable(value) or not isinstance(lasts_s, int) or isinstance(lasts_s, bool) or lasts_s <= 0:
            raise GoogleFaultError(judge_token(answer))
        lasts = min(timedelta(seconds=min(lasts_s, 86_400)), LIFETIME)
        self._token = Token(secret, str(value), now, now + max(lasts - EARLY, lasts / 2))
        return self._token


def _usable(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 8192 and value.isascii() and value.isprintable()


def _look_at(task: asyncio.Task[Token]) -> None:
    """All who waited may have been cancelled; what they would have been told is nobody's fault then."""
    if not task.cancelled():
        task.exception()
