"""How each provider signs its webhooks.

Written apart from the channels' own checks on purpose: each proves the other. Sources: Meta, "Create a webhook
endpoint"; Twilio, "Webhooks security"; SendGrid, "Event webhook security features".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping


def meta_signature(app_secret: str, body: bytes) -> str:
    """The value of `X-Hub-Signature-256`."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def twilio_signature(auth_token: str, url: str, form: Mapping[str, str]) -> str:
    """The value of `X-Twilio-Signature` for a form that is posted to `url`."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


class EventSigner:
    """SendGrid's key pair (ECDSA on P-256), made anew for each."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec

        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def public_key(self) -> str:
        """As SendGrid shows it: base64 of the DER form, on one line."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        der = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(der).decode()

    def signature(self, timestamp: str, body: bytes) -> str:
        """The value of `X-Twilio-Email-Event-Webhook-Signature`."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        return base64.b64encode(self._key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
