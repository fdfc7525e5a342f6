"""Messages of Amazon SNS to an HTTPS address, and the signature that proves them.

Source: Amazon SNS developer guide, "Parsing message formats" and "Verifying the signatures of Amazon SNS messages".
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from disparo.adapters.http_exchange import Answer
from disparo.domain.errors import StoreError
from disparo.domain.message import Outcome
from disparo.ports.callback import CallbackRefusedError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

Fetch = Callable[[str], Awaitable[Answer | Outcome]]
"""GETs an address of AWS, without following redirects."""

NOTIFICATION = "Notification"
SUBSCRIPTION = "SubscriptionConfirmation"
UNSUBSCRIPTION = "UnsubscribeConfirmation"

_SIGNED: Mapping[str, tuple[str, ...]] = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    SUBSCRIPTION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    UNSUBSCRIPTION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
"""What is signed of each type, in the order in which it is; what is absent is left out."""

# The shape of a region matters: sns.s3-us-west-2.amazonaws.com is whoever's bucket is called "sns".
_ADDRESS = re.compile(r"https://sns\.[a-z]{2}(?:-[a-z]+)+-[0-9]\.amazonaws\.com(?:\.cn)?/(?P<path>[^\s#]*)")
_CERTIFICATE = re.compile(r"[^?]{1,200}\.pem")
_MOST_CERTIFICATES = 8
_MOST_FETCHES = 10
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What SNS wraps a message in; believed only once its signature was checked."""

    fields: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def signed(self) -> bytes:
        """The text under the signature."""
        names = _SIGNED[self["Type"]]
        return "".join(f"{name}\n{self.fields[name]}\n" for name in names if name in self.fields).encode()

    def at(self, now: datetime) -> datetime:
        """When it was published; `now` when that cannot be read."""
        try:
            at = datetime.fromisoformat(self["Timestamp"])
            return now if at.tzinfo is None else at.astimezone(UTC)
        except (ValueError, OverflowError):
            return now


def envelope(body: bytes) -> Envelope:
    """The envelope in a body; CallbackRefusedError when it is none."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    texts = document.items() if isinstance(document, dict) else ()
    told = Envelope({name: value for name, value in texts if isinstance(value, str)})
    if told["Type"] not in _SIGNED:
        raise CallbackRefusedError("não é um aviso assinado do SNS")
    return told


def is_address_of_sns(url: str) -> bool:
    """Whether a URL leads to SNS itself, whatever else it says."""
    return _ADDRESS.fullmatch(url) is not None


class SnsSignatures:
    """Checks signatures of version 1 (SHA-1) and 2 (SHA-256) under certificates of SNS, which are kept.

    A certificate is fetched from SNS's own hosts alone, where TLS vouches for it; at most ten a minute, so that
    forged calls cannot make us busy.
    """

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._certificates: dict[str, Certificate] = {}
        self._fetched: list[datetime] = []

    async def check(self, told: Envelope, now: datetime) -> None:
        """CallbackRefusedError when the signature does not hold, StoreError when the certificate cannot be had now."""
        url = told["SigningCertURL"]
        place = _ADDRESS.fullmatch(url)
        if place is None or not _CERTIFICATE.fullmatch(place["path"]):
            raise CallbackRefusedError("o certificado não é do SNS")
        certificate = self._certificates.get(url) or await self._get(url, now)
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise CallbackRefusedError("o certificado está vencido")
        if not _holds(told, certificate):
            raise CallbackRefusedError("a assinatura não confere")

    async def _get(self, url: str, now: datetime) -> Certificate:
        from cryptography.x509 import load_pem_x509_certificate

        self._fetched = [at for at in self._fetched if at > now - _MINUTE]
        if len(self._fetched) >= _MOST_FETCHES:
            raise StoreError("certificados do SNS demais em um minuto; o SNS tentará de novo")
        self._fetched.append(now)
        answer = await self._fetch(url)
        if not isinstance(answer, Answer) or answer.status >= 500:
            raise StoreError("o certificado do SNS não pôde ser buscado; confira a saída para a internet")
        try:
            certificate = load_pem_x509_certificate(answer.body)
        except ValueError:
            raise CallbackRefusedError("o certificado não pode ser lido") from None
        while len(self._certificates) >= _MOST_CERTIFICATES:
            del self._certificates[next(iter(self._certificates))]
        self._certificates[url] = certificate
        return certificate


def _holds(told: Envelope, certificate: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    ways: Mapping[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303  # nosec B303
    way, key = ways.get(told["SignatureVersion"]), certificate.public_key()
    if way is None or not isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(base64.b64decode(told["Signature"], validate=True), told.signed, PKCS1v15(), way)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
