"""A mail as it came, read with patience: nothing that anybody writes into it breaks the reader."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import Any, Final

from disparo.domain.errors import InputError

READ_BYTES: Final = 512 * 1024
"""How much of a mail is read: reports and new words stand in front, what follows is attachments and quotations."""
MOST_PARTS: Final = 60
LONGEST_TEXT: Final = 100_000
"""Characters of a part that are looked at."""

_MOST_BOUNDARIES = 40
_LONGEST_HEADER = 8_000
_LONGEST_ID = 200
_OLDEST = timedelta(days=60)
_SLOW_CODECS = frozenset({"punycode", "idna", "undefined", "unicode_escape", "raw-unicode-escape", "unicode-escape"})


class _AsWritten(Compat32):
    """Headers as they were written, but short: bytes above 7 bit are kept as surrogates instead of being lost."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_LONGEST_HEADER]

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002
        return value


_PARSER: Final = BytesParser(policy=_AsWritten())


class Letter:
    """A mail; InputError when it is none that can be read."""

    def __init__(self, raw: bytes) -> None:
        head = raw[:READ_BYTES]
        # Each line is compared with every boundary that is open: thousands of them would take hours.
        if head.lower().count(b"boundary") > _MOST_BOUNDARIES:
            raise InputError("o e-mail tem partes demais e não foi lido")
        try:
            self.message: Message[Any, Any] = _PARSER.parsebytes(head)
            self.parts = list(_leaves(self.message))
        except (
            MessageError,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            RecursionError,
            AssertionError,
        ) as error:
            raise InputError(f"o e-mail não pôde ser lido ({type(error).__name__})") from None
        if not self.message.keys():
            raise InputError("isto não é um e-mail: falta o cabeçalho")
        self._digest = blake2b(head, digest_size=16).hexdigest()

    @property
    def event_id(self) -> str:
        """What makes the same mail recognisable: its Message-ID, else a digest of it."""
        written = header(self.message, "Message-ID")
        return written if written.isascii() and 1 < len(written) <= _LONGEST_ID else f"digest:{self._digest}"

    def header(self, name: str) -> str:
        """A header of the mail itself; empty when it is missing."""
        return header(self.message, name)

    def at(self, now: datetime) -> datetime:
        """When it was written, as it says; `now` when that is missing, to come, or more than 60 days ago."""
        try:
            written = parsedate_to_datetime(self.header("Date"))
            at = written.replace(tzinfo=written.tzinfo or UTC).astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            return now
        return at if now - _OLDEST < at <= now else now

    def texts(self) -> Iterator[str]:
        """What its plain parts say, those of a mail inside it included, in their order."""
        return (part_text(part) for part in self.parts if part.get_content_maintype() == "text")


def header(message: Message[Any, Any], name: str) -> str:
    """A header in one line, its encoded words read; empty when it is missing."""
    value = str(message.get(name, ""))[:_LONGEST_HEADER]
    text = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if "=?" in text:
        with suppress(MessageError, ValueError, LookupError, TypeError):
            text = str(make_header(decode_header(text)))
    return " ".join(text.encode("utf-8", "replace").decode().split())


def part_text(part: Message[Any, Any]) -> str:
    """The text of a part, at most `LONGEST_TEXT` characters; what its alphabet does not know becomes U+FFFD."""
    payload = part.get_payload(decode=True)
    content = payload[: LONGEST_TEXT * 4] if isinstance(payload, bytes) else b""
    try:
        charset = codecs.lookup(str(part.get_content_charset("utf-8"))).name
    except (LookupError, ValueError):
        charset = "utf-8"
    if charset in ("ascii", "utf-8") or charset in _SLOW_CODECS:
        charset = "utf-8" if _is_utf8(content) else "cp1252"
    try:
        text = content.decode(charset, "replace")
    except (LookupError, ValueError):
        text = content.decode("utf-8", "replace")
    return re.sub(r"\r\n?", "\n", text)[:LONGEST_TEXT].encode("utf-8", "replace").decode()


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return len(content) == LONGEST_TEXT * 4 and error.start >= len(content) - 4  # cut within a character
    return True


def _leaves(message: Message[Any, Any]) -> Iterator[Message[Any, Any]]:
    """The parts, those that hold others included, in their order; not more than `MOST_PARTS`."""
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            return
        part.get_content_type()
        yield part
