"""A message before and after its variables are filled in, and what each channel can carry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from disparo.domain.contact import Channel
from disparo.domain.errors import DisparoError, InputError
from disparo.domain.whatsapp_content import INTERACTIVE_TEXT_LIMIT, Approved, Choices

SOURCE_LIMIT_BYTES: Final = 64 * 1024
"""How long one part of a template may be, in UTF-8."""

WHATSAPP_TEXT_LIMIT: Final = 4096
"""Characters in the body of a text message (WhatsApp Business Cloud API, object `text`, field `body`)."""

SMS_SEGMENT_LIMIT: Final = 10
"""Our own limit: carriers join up to 255 segments, but each is billed, and long ones arrive torn."""

EMAIL_SUBJECT_LIMIT: Final = 255
"""Characters. RFC 5322 section 2.1.1 lets one line have 998 octets and longer subjects fold; mail programs
cut or refuse above 255."""

EMAIL_PART_LIMIT_BYTES: Final = 102 * 1024
"""Of the text part and of the HTML part: Gmail clips a message above 102 kB and hides its end, where the
way to opt out stands."""


UNSUBSCRIBE_LINK: Final = "link_descadastro"
"""Under this name the text of an e-mail finds the link by which its recipient asks for no more."""


class TemplateError(InputError):
    """A template that cannot be used; the message names template, part and, where known, the line."""

    def __init__(self, problem: str, *, template: str, part: str | None = None, line: int | None = None) -> None:
        super().__init__(f"{_place(template, part, line)}: {problem}")
        self.template = template
        self.part = part
        self.line = line


class RenderError(DisparoError):
    """A message that cannot be written for this contact.

    `reason` is one of `missing_variable` (not given, or blank), `empty_value` (an output that came out blank
    although its variable is not), `bad_value` (a filter cannot read the value), `value_too_long`,
    `output_too_long`, `too_much_work`, `line_break_in_subject` and, of what only WhatsApp carries, `bad_parameter`,
    `parameter_too_long` and `choices_repeat`. `variable` is the variable it is about, where there is one.
    """

    def __init__(
        self,
        reason: str,
        problem: str,
        *,
        template: str,
        part: str,
        variable: str | None = None,
        line: int | None = None,
    ) -> None:
        super().__init__(f"{_place(template, part, line)}: {problem}")
        self.reason = reason
        self.template = template
        self.part = part
        self.variable = variable
        self.line = line


@dataclass(frozen=True, slots=True)
class Template:
    """A message as its author wrote it; `subject` and `html` are of e-mail only, the last two of WhatsApp.

    `approved` is what goes to whoever has not written for a day, instead of `text` with its `choices`.
    """

    name: str
    text: str
    subject: str | None = None
    html: str | None = None
    approved: Approved | None = None
    choices: Choices | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """An iCalendar object that goes along with an e-mail (RFC 6047): `method` is REQUEST or CANCEL, `text` has CRLF."""

    method: str
    text: str


@dataclass(frozen=True, slots=True)
class Content:
    """A message as one contact gets it; only an e-mail carries an `invitation`."""

    text: str
    subject: str | None = None
    html: str | None = None
    approved: Approved | None = None
    choices: Choices | None = None
    invitation: Invitation | None = None


class SmsEncoding(StrEnum):
    """In which alphabet an SMS travels."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


@dataclass(frozen=True, slots=True)
class SmsSegments:
    """What a text costs as SMS: `units` are septets (GSM-7) or 16-bit units (UCS-2) of the whole text."""

    encoding: SmsEncoding
    units: int
    segments: int


@dataclass(frozen=True, slots=True)
class SizeProblem:
    """Why a content does not fit: `size` and `limit` are in `unit` (characters, bytes or segments).

    `reason` is `text_empty`, `subject_empty`, `text_too_long`, `subject_too_long` or `html_too_long`.
    """

    reason: str
    size: int
    limit: int
    unit: str


# 3GPP TS 23.038, sections 6.2.1 (basic alphabet) and 6.2.1.1 (extension table: an escape comes before).
_GSM7_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
_GSM7_ALL: Final = _GSM7_BASIC | _GSM7_EXTENDED
_SEGMENT_UNITS: Final = {SmsEncoding.GSM7: (160, 153), SmsEncoding.UCS2: (70, 67)}


def sms_segments(text: str) -> SmsSegments:
    """How many SMS a text needs (3GPP TS 23.038, and TS 23.040 for the 6 octets that join segments).

    One segment holds 160 septets or 70 UCS-2 units, joined ones 153 or 67. Characters of the extension table
    count two septets, those above U+FFFF two units, and neither is split between segments. National language
    tables are not used, so most Portuguese accents (á, ã, ç, í, ó, õ, ú) turn the whole text to UCS-2.
    An empty text is one segment.
    """
    gsm7 = _GSM7_ALL.issuperset(text)
    encoding = SmsEncoding.GSM7 if gsm7 else SmsEncoding.UCS2
    costs = [2 if (char in _GSM7_EXTENDED if gsm7 else char > "\uffff") else 1 for char in text]
    units = sum(costs)
    alone, joined = _SEGMENT_UNITS[encoding]
    if units <= alone:
        return SmsSegments(encoding, units, 1)
    segments, used = 1, 0
    for cost in costs:
        if used + cost > joined:
            segments, used = segments + 1, 0
        used += cost
    return SmsSegments(encoding, units, segments)


def check_shape(template: Template, channel: Channel) -> None:
    """Refuse a template that lacks a part its channel needs or has one that it cannot carry.

    Raises `TemplateError`. E-mail needs a subject; WhatsApp and SMS have neither subject nor HTML; only WhatsApp has
    approved templates and choices; every channel needs a text (for e-mail it is what is shown where HTML is not).
    """
    if not template.text.strip():
        raise TemplateError("está vazio; escreva a mensagem", template=template.name, part="text")
    if channel is Channel.EMAIL and not (template.subject or "").strip():
        raise TemplateError("um e-mail precisa de assunto; escreva um", template=template.name, part="subject")
    foreign = {
        "subject": ("assunto", Channel.EMAIL, template.subject),
        "html": ("HTML", Channel.EMAIL, template.html),
        "approved": ("modelo aprovado", Channel.WHATSAPP, template.approved),
        "choices": ("opções", Channel.WHATSAPP, template.choices),
    }
    for part, (called, carrier, source) in foreign.items():
        if source is not None and channel is not carrier:
            problem = f"{_CALLED[channel]} não leva {called}; retire {part}"
            raise TemplateError(problem, template=template.name, part=part)


_CALLED: Final = {Channel.EMAIL: "e-mail", Channel.WHATSAPP: "WhatsApp", Channel.SMS: "SMS"}


def check_size(content: Content, channel: Channel) -> SizeProblem | None:
    """The first reason why the channel cannot carry this content, or None when it fits."""
    return next(_size_problems(content, channel), None)


def _size_problems(content: Content, channel: Channel) -> Iterator[SizeProblem]:
    if not content.text.strip():
        yield SizeProblem("text_empty", 0, 1, "characters")
    match channel:
        case Channel.WHATSAPP:
            limit = WHATSAPP_TEXT_LIMIT if content.choices is None else INTERACTIVE_TEXT_LIMIT
            yield from _over("text_too_long", len(content.text), limit, "characters")
        case Channel.SMS:
            segments = sms_segments(content.text).segments
            yield from _over("text_too_long", segments, SMS_SEGMENT_LIMIT, "segments")
        case Channel.EMAIL:
            yield from _email_problems(content)


def _email_problems(content: Content) -> Iterator[SizeProblem]:
    subject = content.subject or ""
    if not subject.strip():
        yield SizeProblem("subject_empty", 0, 1, "characters")
    yield from _over("subject_too_long", len(subject), EMAIL_SUBJECT_LIMIT, "characters")
    for reason, body in (("text_too_long", content.text), ("html_too_long", content.html or "")):
        yield from _over(reason, len(body.encode()), EMAIL_PART_LIMIT_BYTES, "bytes")


def _over(reason: str, size: int, limit: int, unit: str) -> Iterator[SizeProblem]:
    if size > limit:
        yield SizeProblem(reason, size, limit, unit)


def _place(template: str, part: str | None, line: int | None) -> str:
    place = f'modelo "{template}"'
    if part is not None:
        place += f", {part}"
    if line is not None:
        place += f", linha {line}"
    return place
