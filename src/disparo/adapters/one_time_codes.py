"""Codes of a second factor: TOTP (RFC 6238) by pyotp, their secrets as QR codes by segno."""

from __future__ import annotations

from datetime import datetime

WINDOW = 1
"""Steps before and after the present one whose codes count, as clocks differ (RFC 6238, section 5.2: at most one)."""
_DIGITS = 6


class TotpCodes:
    """`OneTimeCodes`: SHA-1, six digits, 30 s, as every program that makes codes knows them."""

    def new_secret(self) -> str:
        """See `OneTimeCodes.new_secret`; 160 bits (RFC 4226, section 4)."""
        import pyotp

        return pyotp.random_base32(32)

    def step_of(self, secret: str, code: str, now: datetime, after: int) -> int | None:
        """See `OneTimeCodes.step_of`."""
        import pyotp
        from pyotp.utils import strings_equal

        code = "".join(code.split())
        if len(code) != _DIGITS or not (code.isascii() and code.isdigit()):
            return None
        totp = pyotp.TOTP(secret)
        present = totp.timecode(now)
        # All of them are made, so that an answer does not tell by its time which one it was.
        right = [
            step
            for step in range(present - WINDOW, present + WINDOW + 1)
            if strings_equal(code, totp.generate_otp(step))
        ]
        return next((step for step in right if step > after), None)

    def address(self, secret: str, email: str, issuer: str) -> str:
        """See `OneTimeCodes.address`."""
        import pyotp

        return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)

    def picture(self, address: str) -> str:
        """See `OneTimeCodes.picture`; black on white in any theme, as cameras need it."""
        import segno

        code = segno.make(address, micro=False, error="m")
        return code.svg_inline(dark="#000", light="#fff", border=4, scale=4, svgclass="qr", lineclass=None)
