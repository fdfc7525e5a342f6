"""A person whom campaigns may message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from disparo.domain.place import Place


class Channel(StrEnum):
    """By what a message travels."""

    WHATSAPP = "whatsapp"
    EMAIL = "email"
    SMS = "sms"


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """One person as read from a row: clean, but not yet compared with those already kept.

    `phone` is E.164, `phone_key` the same number whatever its ninth digit, `email_key` the address in lower case;
    two drafts with the same `phone_key` are one person. Without a phone, the same `email_key` makes them one.
    `source` is `file:row`. At least one of `phone` and `email` is there.
    """

    source: str
    place: Place | None
    name: str = ""
    phone: str | None = None
    phone_key: str | None = None
    email: str | None = None
    email_key: str | None = None
    other_phones: tuple[str, ...] = ()
    other_emails: tuple[str, ...] = ()
    document: str | None = None
    priority: int = 5
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contact:
    """A person of a list; `place` is None where neither a column nor the number tells it."""

    id: str
    list_name: str
    source: str
    place: Place | None
    name: str = ""
    phone: str | None = None
    email: str | None = None
    other_phones: tuple[str, ...] = ()
    other_emails: tuple[str, ...] = ()
    document: str | None = None
    priority: int = 5
    variables: Mapping[str, str] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    """Its phone key and e-mail key, under which it may be suppressed."""

    def address(self, channel: Channel) -> str | None:
        """The address a message of this channel goes to, or None when there is none."""
        return self.email if channel is Channel.EMAIL else self.phone

    @property
    def erased(self) -> bool:
        """Whether all that was known is gone: its id stays, so that what was sent is still counted."""
        return not self.keys and not self.source

    def keys_on(self, channel: Channel) -> tuple[str, ...]:
        """Those of its keys that a message of this channel goes to: e-mail keys have an @, phone keys none."""
        return tuple(key for key in self.keys if ("@" in key) is (channel is Channel.EMAIL))
