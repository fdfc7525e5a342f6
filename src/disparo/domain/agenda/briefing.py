"""What a host should know before a meeting, as a text and as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final, Protocol
from unicodedata import category

from disparo.domain.agenda.briefing_words import ENGLISH, PORTUGUESE, BriefingWords
from disparo.domain.agenda.meeting import MeetingState
from disparo.domain.contact import Channel

LONGEST_BRIEFING: Final = 8_000
"""Characters. As HTML it stays, whatever must be escaped, below what mail programs show of a mail (102 kB)."""
LONGEST_SAID: Final = 1_000
LONGEST_NOTES: Final = 2_000
LONGEST_LINE: Final = 300
LONGEST_LINK: Final = 1_000
MOST_SAID: Final = 40
MOST_LINES: Final = 10
"""Of addresses, details, earlier meetings: the first ones are shown."""

_HEADINGS, _AROUND_A_LINE = 700, 4
"""Characters that headings and the ends of a line may take."""
_BREAKS = re.compile("\r\n?|[\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_LINK = re.compile(r"https?://[!-~]{1,1000}")


class Clock(Protocol):
    """Instants in people's words; whoever implements the port `Wording` is one."""

    def day(self, at: datetime, zone: str, language: str) -> str:
        """The date in full, without the year."""
        ...

    def clock(self, at: datetime, zone: str, language: str) -> str:
        """The time of day."""
        ...

    def zone(self, at: datetime, zone: str, language: str) -> str:
        """What the zone is called then, with its distance from UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One message of ours (`ours`), or one reply."""

    at: datetime
    channel: Channel
    ours: bool
    text: str


@dataclass(frozen=True, slots=True)
class EarlierMeeting:
    """A meeting with the same person before: when it was agreed for, and what became of it."""

    title: str
    at: datetime
    state: MeetingState


@dataclass(frozen=True, slots=True)
class Briefing:
    """What is known of a meeting and of the person; what is empty is not mentioned.

    `zone` is the host's, in which all instants are told; `contact_zone` the contact's, if it is another. `details` are
    names and values of what else the list says of the person. `source` is the row that they came from (`file:row`).
    `exchanged` is in no order.
    """

    title: str
    start_at: datetime
    end_at: datetime
    zone: str
    name: str
    addresses: tuple[str, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    contact_zone: str = ""
    hosts: tuple[str, ...] = ()
    location: str = ""
    join_url: str = ""
    attending: bool = False
    reschedules: int = 0
    list_name: str = ""
    source: str = ""
    campaign: str = ""
    exchanged: Sequence[Exchanged] = ()
    earlier: Sequence[EarlierMeeting] = ()
    notes: str = ""
    next_step: str = ""
    link: str = ""
    """Where the host says what became of it."""


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading and what stands below it; a line may itself have several, the first of which is the more telling."""

    heading: str
    lines: Sequence[str]


def briefing_text(briefing: Briefing, clock: Clock, language: str, longest: int = LONGEST_BRIEFING) -> str:
    """The briefing as plain text, in Portuguese or English (`pt`, `en`; any other is `pt`).

    At most `longest` characters: of the conversation the most recent is kept, and long words of people are cut.
    What people wrote is indented, so that nobody's words pass for a heading.
    """
    parts = []
    for section in _sections(briefing, clock, language, longest):
        shown = (line.replace("\n", "\n  ") for line in section.lines)
        parts.append("\n".join([section.heading, *(f"- {line}" for line in shown)]))
    return "\n\n".join(parts) + "\n"


def briefing_html(briefing: Briefing, clock: Clock, language: str, longest: int = LONGEST_BRIEFING) -> str:
    """The same as HTML for an e-mail; what people wrote is escaped, and links are those of the web alone."""
    words = _words(language)
    parts = [f'<div lang="{words.tag}">']
    for number, section in enumerate(_sections(briefing, clock, language, longest)):
        level = 1 if number == 0 else 2
        items = "".join(f"<li>{_html(line)}</li>" for line in section.lines)
        parts.append(f"<h{level}>{escape(section.heading)}</h{level}><ul>{items}</ul>")
    return "\n".join([*parts, "</div>\n"])


def _html(line: str) -> str:
    marked = (
        f'<a href="{escape(one)}">{escape(one)}</a>' if _LINK.fullmatch(one) else escape(one)
        for one in re.split(r"(\s+)", line)
    )
    return "".join(marked).replace("\n", "<br>")


def _words(language: str) -> BriefingWords:
    return ENGLISH if language == "en" else PORTUGUESE


def _sections(briefing: Briefing, clock: Clock, language: str, longest: int) -> list[_Section]:
    """In the order in which they are read; room is given first to the meeting, the person, notes and next step."""
    words, room = _words(language), _Room(longest - _HEADINGS)
    told = _Telling(clock, briefing.zone, language, words)
    meeting = _Section(words.meeting.format(_line(briefing.title)), room.take(_meeting(briefing, told)))
    person = _Section(words.person, room.take(_person(briefing)))
    notes = _Section(words.notes, room.take(_paragraph(briefing.notes)))
    next_step = _Section(words.next_step, room.take(_paragraph(briefing.next_step)))
    origin = _Section(words.origin, room.take(_origin(briefing, words)))
    earlier = _Section(words.earlier, room.take(_earlier(one, told) for one in _newest(briefing.earlier)))
    conversation = _Section(words.conversation, _conversation(briefing, told, room))
    in_order = (meeting, person, origin, earlier, conversation, notes, next_step)
    return [section for section in in_order if section.lines]


class _Room:
    """How many characters are left."""

    def __init__(self, left: int) -> None:
        self._left = left

    def take(self, lines: Iterable[str]) -> list[str]:
        """As many of them as fit, the first ones first."""
        kept = []
        for line in lines:
            needed = len(line) + 2 * line.count("\n") + _AROUND_A_LINE
            if needed > self._left:
                break
            self._left -= needed
            kept.append(line)
        return kept


@dataclass(frozen=True, slots=True)
class _Telling:
    clock: Clock
    zone: str
    language: str
    words: BriefingWords

    def moment(self, at: datetime) -> str:
        return f"{self.clock.day(at, self.zone, self.language)}, {self.time(at)}"

    def time(self, at: datetime, zone: str = "") -> str:
        return self.clock.clock(at, zone or self.zone, self.language)


def _meeting(briefing: Briefing, told: _Telling) -> Iterator[str]:
    words, clock, language = told.words, told.clock, told.language
    start, end = briefing.start_at, briefing.end_at
    day, zone = clock.day(start, briefing.zone, language), clock.zone(start, briefing.zone, language)
    yield words.span.format(day=day, start=told.time(start), end=told.time(end), zone=zone)
    other = briefing.contact_zone
    if other and clock.zone(start, other, language) != zone:
        # A day too: it may be another one where the contact is.
        there = f"{clock.day(start, other, language)}, {told.time(start, other)}"
        yield words.theirs.format(there, clock.zone(start, other, language))
    if briefing.hosts:
        yield words.hosts.format(", ".join(_line(one) for one in briefing.hosts[:MOST_LINES]))
    for place in dict.fromkeys((_line(briefing.location), briefing.join_url.strip())):
        if place:
            yield words.where.format(place[:LONGEST_LINK])
    yield words.attending if briefing.attending else words.not_said
    if briefing.reschedules:
        yield words.moved.format(briefing.reschedules)
    if briefing.link:
        yield words.outcome.format(briefing.link[:LONGEST_LINK])


def _person(briefing: Briefing) -> Iterator[str]:
    known = [briefing.name, *briefing.addresses[:MOST_LINES]]
    yield from (shown for one in known if (shown := _line(one)))
    yield from (f"{_line(name)}: {shown}" for name, value in briefing.details[:MOST_LINES] if (shown := _line(value)))


def _origin(briefing: Briefing, words: BriefingWords) -> Iterator[str]:
    named = (
        (words.list_name, briefing.list_name),
        (words.source, briefing.source),
        (words.campaign, briefing.campaign),
    )
    yield from (f"{called}: {shown}" for called, one in named if (shown := _line(one)))


def _newest(earlier: Sequence[EarlierMeeting]) -> list[EarlierMeeting]:
    return sorted(earlier, key=lambda one: one.at, reverse=True)[:MOST_LINES]


def _earlier(one: EarlierMeeting, told: _Telling) -> str:
    return f"{told.moment(one.at)}: {_line(one.title)}, {told.words.states[one.state]}"


def _paragraph(text: str) -> list[str]:
    return [shown] if (shown := _clipped(text, LONGEST_NOTES)) else []


def _conversation(briefing: Briefing, told: _Telling, room: _Room) -> list[str]:
    """From the oldest that is kept to the newest."""
    newest_first = sorted(briefing.exchanged, key=lambda one: one.at, reverse=True)
    kept = room.take(_said(one, briefing, told) for one in newest_first[:MOST_SAID])
    if missing := len(newest_first) - len(kept):
        kept.append(told.words.left_out.format(missing))
    return kept[::-1]


def _said(one: Exchanged, briefing: Briefing, told: _Telling) -> str:
    who = told.words.us if one.ours else _line(briefing.name) or told.words.them
    return f"{told.moment(one.at)}, {who} ({told.words.channels[one.channel]}):\n{_clipped(one.text, LONGEST_SAID)}"


def _line(text: str) -> str:
    return " ".join(_clipped(text, LONGEST_LINE).split())


def _clipped(text: str, longest: int) -> str:
    whole = _BREAKS.sub("\n", text[: longest * 2]).strip()
    shown = "".join(char for char in whole if char in "\n\t" or category(char) not in ("Cc", "Cs"))
    return shown if len(shown) <= longest else shown[: longest - 1].rstrip() + "…"
