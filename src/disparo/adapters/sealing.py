"""Sealed texts: AES-256-GCM (NIST SP 800-38D) with a key derived from the installation's own (HKDF, RFC 5869)."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from disparo.ports.sealing import SealError

_PREFIX = "s1."
_NONCE_BYTES = 12


class KeySealer:
    """`Sealer` with the key that links are signed with, too; asked for when something is first sealed or opened."""

    def __init__(self, key: Callable[[], bytes]) -> None:
        self._key = key

    def seal(self, text: str, about: str) -> str:
        """See `Sealer.seal`."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, text.encode(), about.encode())
        return _PREFIX + base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, about: str) -> str:
        """See `Sealer.open`."""
        try:
            if not sealed.startswith(_PREFIX):
                raise ValueError
            raw = base64.urlsafe_b64decode(sealed.removeprefix(_PREFIX))
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], about.encode()).decode()
        except (InvalidTag, ValueError):
            raise SealError(f"{about}: o que está guardado não abre com a chave desta instalação") from None

    @cached_property
    def _cipher(self) -> AESGCM:
        derived = HKDF(SHA256(), length=32, salt=None, info=b"disparo.sealed.1").derive(self._key())
        return AESGCM(derived)
