"""Signed links (itsdangerous): what they stand for, and a keyed digest of it."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from typing import Final
from urllib.parse import quote

from itsdangerous import BadSignature, Signer
from itsdangerous.signer import HMACAlgorithm

from disparo.domain.errors import InputError, NotFoundError
from disparo.domain.instants import EPOCH
from disparo.domain.message import MessageId
from disparo.ports.links import AgendaLink, LinkExpiredError, LinkPurpose

SHORTEST_KEY = 16
"""Bytes."""
_LONGEST = 400
_SALT = b"disparo.unsubscribe.1"
_AGENDA_SALT = b"disparo.agenda.1"
_AGENDA: Final = re.compile(r"([a-z])\.(0|[1-9a-f][0-9a-f]{0,9})\.([A-Za-z0-9_.~:-]{1,200})")
"""Purpose, seconds since 1970 in hexadecimal (0: for ever), and name; a text of these has exactly one reading."""
_MAC_BYTES = 16
_SECOND = timedelta(seconds=1)


class SignedLinks:
    """`Links`: HMAC-SHA-256 (RFC 2104) in base64url over what is named before it.

    Below `/u/` stands `3.1.57.<43 characters>`. Below `/book/` stands `g.6a64f0e0.12.<22 characters>`, half of the
    digest (RFC 2104, section 5), because it travels in SMS; its time is part of what is signed. `key` is asked for
    once, with the first link; its links hold as long as it is the same. InputError, then, for one of less than 16
    bytes.
    """

    def __init__(self, public_url: str | None, key: Callable[[], bytes]) -> None:
        self._home = None if public_url is None else public_url.rstrip("/")
        self._key = key

    def unsubscribe_url(self, message_id: MessageId) -> str | None:
        """See `Links.unsubscribe_url`."""
        if self._home is None:
            return None
        return f"{self._home}/u/{self._signer.sign(str(message_id).encode()).decode()}"

    def message_of(self, token: str) -> MessageId:
        """See `Links.message_of`."""
        try:
            if len(token) <= _LONGEST:
                return MessageId.parse(self._signer.unsign(token.encode("utf-8", "replace")).decode())
        except BadSignature:
            pass
        raise _not_ours()

    def agenda_url(self, link: AgendaLink, until: datetime | None) -> str | None:
        """See `Links.agenda_url`; `until` counts in whole seconds. ValueError for a name that has no place in a link.

        Names have letters, digits and `_.~:-`, 200 at most.
        """
        if self._home is None:
            return None
        ends_s = 0 if until is None else max((until - EPOCH) // _SECOND, 1)
        signed = f"{link.purpose}.{ends_s:x}.{link.name}"
        if not _AGENDA.fullmatch(signed):
            raise ValueError(f"no link can name {link.name!r}")
        return f"{self._home}/book/{self._agenda_signer.sign(signed).decode()}"

    def type_url(self, type_id: str) -> str | None:
        """See `Links.type_url`."""
        return None if self._home is None else f"{self._home}/agendar/{quote(type_id, safe='')}"

    def agenda_link(self, token: str, now: datetime) -> AgendaLink:
        """See `Links.agenda_link`; nothing is told of a link that is not ours, its time included."""
        signed = token[:_LONGEST].rpartition(".")[0].encode("utf-8", "replace")
        given = token.encode("utf-8", "replace")
        # Compared as a whole: base64 read back would take several spellings of one digest.
        ours = hmac.compare_digest(given, self._agenda_signer.sign(signed))
        match = _AGENDA.fullmatch(signed.decode("utf-8", "replace"))
        if not ours or match is None or match[1] not in list(LinkPurpose):
            raise _not_ours()
        ends_s = int(match[2], 16)
        if ends_s and now >= EPOCH + timedelta(seconds=ends_s):
            raise LinkExpiredError("o prazo deste link acabou; peça outro")
        return AgendaLink(LinkPurpose(match[1]), match[3])

    @cached_property
    def _signer(self) -> Signer:
        # Of the derived key, so that it is not derived for each link again: half of what a link costs.
        return Signer(self._derived(_SALT), salt=_SALT, key_derivation="none", digest_method=hashlib.sha256)

    @cached_property
    def _agenda_signer(self) -> Signer:
        derived = self._derived(_AGENDA_SALT)
        return Signer(derived, salt=_AGENDA_SALT, key_derivation="none", algorithm=_HalfDigest(hashlib.sha256))

    def _derived(self, salt: bytes) -> bytes:
        key = self._key()
        if len(key) < SHORTEST_KEY:
            raise InputError(f"a chave dos links tem menos de {SHORTEST_KEY} bytes; gere outra, ao acaso")
        return Signer(key, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256).derive_key()


class _HalfDigest(HMACAlgorithm):
    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return super().get_signature(key, value)[:_MAC_BYTES]


def _not_ours() -> NotFoundError:
    return NotFoundError("este link não é nosso, ou veio incompleto; copie-o inteiro")


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
