"""The assertion by which a token is asked for, read by the library that Google's own servers' clients use."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from google.auth import jwt

from disparo.adapters.calendars.google.credentials import parse
from disparo.adapters.calendars.google.token import SCOPES, assertion
from tests.unit.adapters.calendars.google.test_google_credentials import secret

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize("subject", ["", "ana@example.com"])
def test_the_assertion_says_who_asks_for_what_and_for_whom(subject: str) -> None:
    signed = assertion(parse("x", secret(subject=subject)), NOW)
    assert jwt.decode_header(signed) == {"typ": "JWT", "alg": "RS256"}
    assert jwt.decode(signed, verify=False) == {
        "iss": "calendar-service@project.iam.gserviceaccount.com",
        "scope": " ".join(SCOPES),
        "aud": "https://oauth2.googleapis.com/token",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 3600,
        **({"sub": subject} if subject else {}),
    }
