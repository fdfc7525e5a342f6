"""Google's token address, emulated: a signed assertion of a service account for a token (RFC 7523).

Signatures are checked by `cryptography` alone, not by the library that makes ours.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "https://www.googleapis.com/auth/"
KNOWN_SCOPES = frozenset(f"{SCOPE}{name}" for name in ("calendar", "calendar.events", "calendar.freebusy"))
LONGEST = timedelta(hours=1)
SKEW = timedelta(minutes=5)


class RefusedGrantError(Exception):
    """What the token address answers with."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(error)
        self.status, self.document = status, {"error": error, "error_description": description}


@dataclass(frozen=True, slots=True)
class Granted:
    """What a token allows, on whose behalf, until when."""

    scopes: frozenset[str]
    subject: str | None
    until_at: datetime


class ServiceAccount:
    """A service account with its key; `delegated` are the people of the domain for whom it may act."""

    def __init__(self, clock: Callable[[], datetime], email: str, delegated: frozenset[str] = frozenset()) -> None:
        self._clock, self.email, self.delegated = clock, email, delegated
        self.lasts = LONGEST
        self._granted: dict[str, Granted] = {}
        self._key_number = 0

    @property
    def private_key(self) -> str:
        """In PEM, as Google's JSON has it."""
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        return _key(self._key_number).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def renew_key(self) -> None:
        """A new key; assertions of the old one are refused from now on."""
        self._key_number += 1

    def revoke(self) -> None:
        """No token of before is taken any more."""
        self._granted.clear()

    def grant(self, form: Mapping[str, str], audience: str) -> dict[str, Any]:
        """The token for an assertion; RefusedGrantError."""
        if form.get("grant_type") != GRANT:
            raise RefusedGrantError(400, "unsupported_grant_type", "Invalid grant_type")
        claims = self._claims(form.get("assertion", ""))
        if claims.get("iss") != self.email:
            raise RefusedGrantError(400, "invalid_grant", "Invalid grant: account not found")
        if claims.get("aud") != audience:
            raise RefusedGrantError(400, "invalid_grant", "Invalid JWT: Failed audience check.")
        now = self._clock()
        self._check_times(claims, now)
        scopes = frozenset(str(claims.get("scope", "")).split())
        if not scopes or not scopes <= KNOWN_SCOPES:
            raise RefusedGrantError(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        subject = claims.get("sub")
        if subject is not None and subject not in self.delegated:
            words = "Client is unauthorized to retrieve access tokens using this method, or client not authorized for"
            raise RefusedGrantError(401, "unauthorized_client", f"{words} any of the scopes requested.")
        token = f"ya29.{token_urlsafe(32)}"
        self._granted[token] = Granted(scopes, subject, now + self.lasts)
        return {"access_token": token, "expires_in": int(self.lasts.total_seconds()), "token_type": "Bearer"}

    def granted(self, authorization: str) -> Granted | None:
        """What a request's `Authorization` allows now."""
        found = self._granted.get(authorization.removeprefix("Bearer "))
        return found if found is not None and self._clock() < found.until_at else None

    def _check_times(self, claims: Mapping[str, Any], now: datetime) -> None:
        iat, exp = claims.get("iat"), claims.get("exp")
        if not isinstance(iat, int) or not isinstance(exp, int):
            raise RefusedGrantError(400, "invalid_grant", "Invalid JWT: iat and exp must be numbers.")
        early = iat > (now + SKEW).timestamp()
        if early or exp < (now - SKEW).timestamp() or not 0 < exp - iat <= LONGEST.total_seconds():
            words = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
            raise RefusedGrantError(400, "invalid_grant", f"{words} Check your iat and exp values in the JWT claim.")

    def _claims(self, assertion: str) -> dict[str, Any]:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        try:
            head, body, signature = assertion.split(".")
            header, claims = json.loads(_decoded(head)), json.loads(_decoded(body))
            if header.get("alg") != "RS256" or header.get("typ") != "JWT" or not isinstance(claims, dict):
                raise ValueError("header")
            _key(self._key_number).public_key().verify(
                _decoded(signature), f"{head}.{body}".encode(), PKCS1v15(), SHA256()
            )
        except InvalidSignature:
            raise RefusedGrantError(400, "invalid_grant", "Invalid JWT Signature.") from None
        except (ValueError, AttributeError):
            raise RefusedGrantError(400, "invalid_grant", "Bad Request") from None
        return claims


@cache
def _key(number: int) -> RSAPrivateKey:  # noqa: ARG001
    """Drawn once in a process: that takes longer than all else here."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("base64") from error
