"""X-Twilio-Signature, by which a call proves that it is Twilio's.

Source: Twilio documentation, "Webhooks security". HMAC-SHA1 under the account's auth token over the URL and, for a
form, each field's name and value, sorted. Of any other body the SHA-256 is in the URL as `bodySHA256`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from urllib.parse import parse_qs

from disparo.ports.callback import Call

Fields = Sequence[tuple[str, str]]

_URL = re.compile(r"(?P<scheme>https?)://(?P<host>\[[^\]/?#]*\]|[^:/?#]*)(?::(?P<port>\d*))?(?P<rest>.*)", re.I | re.S)
_DEFAULT_PORTS = {"https": "443", "http": "80"}


def is_signed(call: Call, fields: Fields | None, auth_token: str) -> bool:
    """Whether the call carries the right signature; `fields` are those of a form, None for any other body."""
    if fields is None:
        told = parse_qs(call.url.partition("?")[2]).get("bodySHA256", [""])[0]
        if not hmac.compare_digest(told.encode(), hashlib.sha256(call.body).hexdigest().encode()):
            return False
    given = call.headers.get("x-twilio-signature", "").encode()
    # Compared as bytes, as a header may hold what is no ASCII; and all of them, so that time tells nothing.
    matches = [
        hmac.compare_digest(given, signature(url, fields or (), auth_token).encode()) for url in spellings(call.url)
    ]
    return any(matches)


def signature(url: str, fields: Fields, auth_token: str) -> str:
    """What Twilio sends as the signature of a call to this URL; a field that is repeated counts once per value."""
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.digest(auth_token.encode(), signed.encode(errors="replace"), hashlib.sha1)).decode()


def spellings(url: str) -> tuple[str, ...]:
    """The URL without and with its port: Twilio signs now the one, now the other."""
    parts = _URL.fullmatch(url)
    if parts is None:
        return (url,)
    scheme, host, rest = parts["scheme"], parts["host"], parts["rest"]
    port = parts["port"] or _DEFAULT_PORTS[scheme.lower()]
    return (f"{scheme}://{host}{rest}", f"{scheme}://{host}:{port}{rest}")
