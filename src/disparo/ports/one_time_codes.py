"""Codes of a second factor (TOTP, RFC 6238)."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class OneTimeCodes(Protocol):
    """Makes secrets and knows their codes: six digits, another one every 30 s."""

    def new_secret(self) -> str:
        """A secret as people type it (base32)."""
        ...

    def step_of(self, secret: str, code: str, now: datetime, after: int) -> int | None:
        """The step whose code this is, from one before `now` to one after it, and later than `after`; else None."""
        ...

    def address(self, secret: str, email: str, issuer: str) -> str:
        """The `otpauth://` address of a secret, for programs that make codes."""
        ...

    def picture(self, address: str) -> str:
        """An address as a QR code: an SVG element without style, black on white."""
        ...
