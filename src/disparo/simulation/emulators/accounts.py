"""The accounts that the emulated providers have open, and the secrets by which a sender uses them."""

from __future__ import annotations

from dataclasses import dataclass, field
from secrets import token_hex, token_urlsafe

from disparo.simulation.emulators.signing import EventSigner

SECRET_NAMES = {"whatsapp": "mcp-whatsapp", "sendgrid": "mcp-email", "twilio": "mcp-sms"}
"""Which secret of the source document (section "Secrets") belongs to which provider; SMS is named like the others."""


def _drawn(prefix: str) -> str:
    return field(default_factory=lambda: f"{prefix}{token_urlsafe(24)}")


@dataclass(frozen=True)
class Accounts:
    """One account of each provider. Keys and tokens are drawn anew each time, as our own doors believe them."""

    whatsapp_key: str = _drawn("EAA")
    app_secret: str = field(default_factory=lambda: token_hex(16))
    verify_token: str = _drawn("verify-")
    phone_number_id: str = "106540352242922"
    business_account_id: str = "102290129340398"
    display_number: str = "551140000000"
    sendgrid_key: str = _drawn("SG.")
    from_email: str = "loja@example.com"
    from_name: str = "Loja de teste"
    signer: EventSigner = field(default_factory=EventSigner)
    account_sid: str = field(default_factory=lambda: f"AC{token_hex(16)}")
    auth_token: str = field(default_factory=lambda: token_hex(16))
    from_number: str = "+12025550100"
    messaging_service_sid: str = field(default_factory=lambda: f"MG{token_hex(16)}")

    def secrets(self, origin: str) -> dict[str, dict[str, str]]:
        """The secrets, by name, in the structures of the source document, for emulators at `origin`."""
        return {
            "mcp-whatsapp": {
                "endpoint": f"{origin}/whatsapp/v23.0",
                "api_key": self.whatsapp_key,
                "phone_number_id": self.phone_number_id,
                "business_account_id": self.business_account_id,
                "webhook_verify_token": self.verify_token,
                "app_secret": self.app_secret,
            },
            "mcp-email": {
                "endpoint": f"{origin}/sendgrid/v3",
                "api_key": self.sendgrid_key,
                "from_email": self.from_email,
                "from_name": self.from_name,
                "reply_to": self.from_email,
                "webhook_public_key": self.signer.public_key,
            },
            "mcp-sms": {
                "endpoint": f"{origin}/twilio",
                "account_sid": self.account_sid,
                "auth_token": self.auth_token,
                "from_number": self.from_number,
            },
        }
