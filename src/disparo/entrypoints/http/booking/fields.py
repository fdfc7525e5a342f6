"""What people type into the forms: cleaned, bounded, and told what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from disparo.domain.email_address import EmailAddress, EmailError, parse_email
from disparo.domain.phone_number import PhoneError, PhoneNumber, parse_phone

LONGEST_NAME = 100
LONGEST_NOTE = 1_000
LONGEST_REASON = 500
LONGEST_ADDRESS = 254
TRAP = "website"
"""A field that people do not see: only programs fill it in."""

_SITE = re.compile(r"://|\bwww\.|\b[\w-]+\.(?:com|net|org|info|biz|xyz|top|ru|cn|br|io|me|ly|shop|site|online)\b", re.I)
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"
"""Without these, names and emoji of some scripts fall apart."""


def line(text: str, longest: int) -> str:
    """One line of what can be seen, without the control characters that could disguise it."""
    return " ".join(_seen(text[: longest * 4], "").split())[:longest]


def lines(text: str, longest: int) -> str:
    """Several lines of it, at most `longest` characters and one more, by which one sees that it was too long."""
    kept = _seen(text[: longest * 4].replace("\r\n", "\n").replace("\r", "\n"), "\n")
    return "\n".join(" ".join(part.split()) for part in kept.split("\n")).strip()[: longest + 1]


def _seen(text: str, besides: str) -> str:
    normal = unicodedata.normalize("NFC", text)
    kept = (mark if _shows(mark) or mark in besides else " " for mark in normal)
    return "".join(kept)


def _shows(mark: str) -> bool:
    return mark in _JOINERS or unicodedata.category(mark) not in _HIDDEN


@dataclass(frozen=True, slots=True)
class Details:
    """Who wants to meet, as typed (cleaned), and what is wrong with it: `wrong` has a word's key for each field."""

    name: str = ""
    email: str = ""
    phone: str = ""
    note: str = ""
    trap: str = ""
    mailbox: EmailAddress | None = None
    number: PhoneNumber | None = None
    wrong: Mapping[str, str] = field(default_factory=dict)


def details_of(form: Mapping[str, str], region: str) -> Details:
    """What a visitor typed; a number without a country belongs to `region`."""
    name, note = line(form.get("name", ""), LONGEST_NAME), lines(form.get("note", ""), LONGEST_NOTE)
    email, phone = line(form.get("email", ""), LONGEST_ADDRESS), line(form.get("phone", ""), 40)
    trap, wrong = line(form.get(TRAP, ""), 40), dict[str, str]()
    if not any(mark.isalpha() for mark in name):
        wrong["name"] = "wrong_name"
    elif _SITE.search(name):
        wrong["name"] = "wrong_name_link"
    mailbox = _mailbox(email)
    number = _number(phone, region)
    if email and mailbox is None:
        wrong["email"] = "wrong_email"
    if phone and number is None:
        wrong["phone"] = "wrong_phone"
    if not email and not phone:
        wrong["email"] = "wrong_neither"
    if len(note) > LONGEST_NOTE:
        wrong["note"] = "wrong_note"
    if trap:
        wrong[TRAP] = "wrong_trap"
    return Details(name, email, phone, note, trap, mailbox, number, wrong)


def _mailbox(text: str) -> EmailAddress | None:
    try:
        return parse_email(text) if text else None
    except EmailError:
        return None


def _number(text: str, region: str) -> PhoneNumber | None:
    try:
        return parse_phone(text, region) if text else None
    except PhoneError:
        return None
