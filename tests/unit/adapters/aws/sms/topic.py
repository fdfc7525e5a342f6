"""A topic of SNS that is nobody's, with a certificate authority of its own, and a secret that names it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from disparo.adapters.aws.sms import credentials as of_aws
from disparo.adapters.aws.sms.callback import AwsSmsCallback
from disparo.adapters.credentials import Credentials
from disparo.adapters.http_exchange import Answer
from disparo.domain.message import MessageId, Outcome
from disparo.domain.template import Content
from disparo.ports.callback import Call
from disparo.ports.channel import Outgoing

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
TOPIC = "arn:aws:sns:sa-east-1:123456789012:disparo-sms"
CERTIFICATE_URL = "https://sns.sa-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
SUBSCRIBE_URL = f"https://sns.sa-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t0"
SECRET = {
    "region": "sa-east-1",
    "origination_identity": "pool-0123456789",
    "configuration_set": "disparo",
    "topic_arn": TOPIC,
}
MESSAGE = Outgoing(MessageId("3", 1, "57"), "+5511999990000", Content("Oi, Ana! 🎉"))
_YEAR = timedelta(days=365)


@dataclass
class Secrets:
    """Secrets that may be replaced; `newest` is what only a refresh sees."""

    fields: Mapping[str, str] = field(default_factory=lambda: dict(SECRET))
    newest: Mapping[str, str] | None = None

    async def get(self, name: str) -> Mapping[str, str]:
        """What is believed."""
        return self.fields

    async def refresh(self, name: str) -> Mapping[str, str]:
        """What is so now."""
        self.fields = self.fields if self.newest is None else self.newest
        return self.fields


def credentials(secrets: Secrets | None = None) -> Credentials[of_aws.AwsSmsCredentials]:
    """The account's secret."""
    return Credentials(secrets or Secrets(), "mcp-sms-aws", of_aws.parse)


@cache
def key(owner: str) -> rsa.RSAPrivateKey:
    """The key of an owner."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def certificate(owner: str, ends_at: datetime = NOW + _YEAR) -> bytes:
    """The certificate of an owner, signed by the authority, and the authority's behind it (PEM)."""
    return _signed(owner, ends_at) + _signed("authority", NOW + 10 * _YEAR)


def _signed(owner: str, ends_at: datetime) -> bytes:
    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    made = (
        x509.CertificateBuilder()
        .subject_name(name(owner))
        .issuer_name(name("authority"))
        .public_key(key(owner).public_key())
        .serial_number(7)
        .not_valid_before(NOW - 2 * _YEAR)
        .not_valid_after(ends_at)
        .sign(key("authority"), hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


@dataclass
class Web:
    """What is at addresses; everything that is asked for is noted."""

    pages: dict[str, Answer | Outcome] = field(
        default_factory=lambda: {
            CERTIFICATE_URL: Answer(200, {}, certificate("sns.amazonaws.com")),
            SUBSCRIBE_URL: Answer(200, {}, b"<ConfirmSubscriptionResponse/>"),
        }
    )
    asked: list[str] = field(default_factory=list)

    async def get(self, url: str) -> Answer | Outcome:
        """See `sns.Fetch`."""
        self.asked.append(url)
        return self.pages.get(url, Answer(404, {}, b""))


def callback(web: Web | None = None, secrets: Secrets | None = None) -> AwsSmsCallback:
    """The callback of the account."""
    return AwsSmsCallback(credentials(secrets), fetch=(web or Web()).get)


def call(message: Any = None, *, version: str = "2", signer: str = "sns.amazonaws.com", **fields: str) -> Call:
    """A notification of this message (JSON, or text as it is), signed as SNS does."""
    document = {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Message": message if isinstance(message, str) else json.dumps(message),
        "Timestamp": "2026-11-23T12:59:58.123Z",
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE_URL,
        "UnsubscribeURL": "https://sns.sa-east-1.amazonaws.com/?Action=Unsubscribe",
        **fields,
    }
    return sealed(document, signer)


def sealed(document: dict[str, str], signer: str) -> Call:
    """The document with its signature.

    The order of names is that of the Amazon SNS developer guide, written down here a second time.
    """
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    wanted = {"SubscribeURL", "Token"} if document["Type"] == "Notification" else {"Subject"}
    text = "".join(f"{name}\n{document[name]}\n" for name in names if name in document and name not in wanted)
    ways: dict[str, Callable[[], hashes.HashAlgorithm]] = {"1": hashes.SHA1, "2": hashes.SHA256}
    way = ways.get(document["SignatureVersion"], hashes.SHA256)()
    signature = key(signer).sign(text.encode(), padding.PKCS1v15(), way)
    body = json.dumps({**document, "Signature": base64.b64encode(signature).decode()})
    return Call("https://hooks.example.com/webhooks/aws_sms", {"content-type": "text/plain"}, body.encode())


def event(kind: str = "TEXT_DELIVERED", **more: Any) -> dict[str, Any]:
    """An event of a message of ours."""
    return {
        "eventType": kind,
        "eventVersion": "1.0",
        "eventTimestamp": 1795438790123,
        "isFinal": True,
        "destinationPhoneNumber": "+5511999990000",
        "messageId": "862a8790-60c0-4430-9b2b-658bd1234567",
        "messageStatus": kind.removeprefix("TEXT_"),
        "context": {"disparo_id": "3.1.57"},
        **more,
    }
