"""The codes of mail servers (RFC 3463), and their words without the addresses in them."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_DETAIL = 300

_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_BASIC = re.compile(r"(?<![\d.])([245]\d\d)(?=[ \t#-]|$)", re.M)
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:=]{1,128}@[^\s<>()\"',;]{1,255}|\"[^\"\s]{1,64}\"@[^\s<>()\"',;]{1,255}")
_LONGEST_LOOK = 4000


@dataclass(frozen=True, slots=True)
class MailStatus:
    """An enhanced status code: class 2 (done), 4 (later) or 5 (never), subject and detail."""

    kind: int
    subject: int
    detail: int

    def __str__(self) -> str:
        return f"{self.kind}.{self.subject}.{self.detail}"

    @property
    def word(self) -> tuple[int, int]:
        """Subject and detail, which mean the same in every class."""
        return self.subject, self.detail


def enhanced_status(text: str) -> MailStatus | None:
    """The first enhanced status code (`5.1.1`) in a server's words."""
    match = _ENHANCED.search(text[:_LONGEST_LOOK])
    return MailStatus(int(match[1]), int(match[2]), int(match[3])) if match else None


def basic_status(text: str) -> int | None:
    """The first reply code (`550`, RFC 5321 section 4.2) in a server's words."""
    match = _BASIC.search(text[:_LONGEST_LOOK])
    return int(match[1]) if match else None


def impersonal(text: str, address: str = "") -> str:
    """A server's words in one line of at most `LONGEST_DETAIL` characters, without e-mail addresses.

    Of `address`, the one that it speaks of, the part before the @ goes too where it stands alone.
    """
    plain = _ADDRESS.sub("<…>", text[:_LONGEST_LOOK])
    local = address.rpartition("@")[0]
    if len(local) > 2:
        plain = re.sub(rf"(?<!\w){re.escape(local)}(?!\w)", "<…>", plain, flags=re.I)
    printable = "".join(char if char.isprintable() else " " for char in plain)
    return " ".join(printable.split())[:LONGEST_DETAIL]
