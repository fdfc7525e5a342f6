"""Signed links (itsdangerous): the id of a message and a keyed digest of it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from secrets import token_hex

from itsdangerous import BadSignature, Signer

from disparo.domain.errors import InputError, NotFoundError
from disparo.domain.message import MessageId

SHORTEST_KEY = 16
"""Bytes."""
_LONGEST = 400
_SALT = b"disparo.unsubscribe.1"


class SignedLinks:
    """`Links` below `<public_url>/u/`, of the form `3.1.57.<43 characters>`: HMAC-SHA-256 (RFC 2104) in base64url.

    `key` is asked for once, with the first link; its links hold as long as it is the same. InputError, then, for one of
    less than 16 bytes.
    """

    def __init__(self, public_url: str | None, key: Callable[[], bytes]) -> None:
        self._prefix = None if public_url is None else f"{public_url.rstrip('/')}/u/"
        self._key = key

    def unsubscribe_url(self, message_id: MessageId) -> str | None:
        """See `Links.unsubscribe_url`."""
        if self._prefix is None:
            return None
        return self._prefix + self._signer.sign(str(message_id).encode()).decode()

    def message_of(self, token: str) -> MessageId:
        """See `Links.message_of`."""
        try:
            if len(token) <= _LONGEST:
                return MessageId.parse(self._signer.unsign(token.encode("utf-8", "replace")).decode())
        except BadSignature:
            pass
        raise NotFoundError("este link não é nosso, ou veio incompleto; copie-o inteiro")

    @cached_property
    def _signer(self) -> Signer:
        key = self._key()
        if len(key) < SHORTEST_KEY:
            raise InputError(f"a chave dos links tem menos de {SHORTEST_KEY} bytes; gere outra, ao acaso")
        derived = Signer(key, salt=_SALT, key_derivation="hmac", digest_method=hashlib.sha256).derive_key()
        # Of the derived key, so that it is not derived for each link again: half of what a link costs.
        return Signer(derived, salt=_SALT, key_derivation="none", digest_method=hashlib.sha256)


def file_key(path: Path) -> Callable[[], bytes]:
    """A key that is kept in a file which only its owner can read; made, of 32 random bytes, when it is first needed.

    Processes that need it at the same time get the same one.
    """

    def key() -> bytes:
        if not path.exists():
            _make(path)
        return path.read_bytes().strip()

    return key


def _make(path: Path) -> None:
    """Write beside it, then give it its name unless somebody was faster: nobody ever reads half a key."""
    draft = path.with_name(f"{path.name}.{token_hex(8)}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(file, "wb") as opened:
            opened.write(token_hex(32).encode() + b"\n")
            opened.flush()
            os.fsync(opened.fileno())
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
