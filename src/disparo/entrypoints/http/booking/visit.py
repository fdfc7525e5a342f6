"""A visit to a page: in which language and zone it is shown, and the links that keep them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from urllib.parse import urlencode

from disparo.domain.instants import from_ms
from disparo.domain.intervals import DAY_MS, first_instant, zone_named
from disparo.domain.zone_name import parse_zone
from disparo.entrypoints.http.booking.words import TAGS, words_of
from disparo.ports.wording import Wording

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_LONGEST_ZONE = 64
_KEYS = ("view", "at", "from", "said", "lang", "tz")
"""What the addresses of our pages say; anything else is not passed on."""
_LONGEST_VALUE = 80
_SPELLED = {
    "America/Sao_Paulo": "São Paulo",
    "America/Cuiaba": "Cuiabá",
    "America/Noronha": "Fernando de Noronha",
    "America/Belem": "Belém",
    "America/Maceio": "Maceió",
    "America/Bogota": "Bogotá",
}
_ACCEPTED = re.compile(r"\s*([A-Za-z]{2,3})[\w-]*\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?")

USUAL_ZONES = (
    "America/Sao_Paulo",
    "America/Manaus",
    "America/Cuiaba",
    "America/Rio_Branco",
    "America/Noronha",
    "America/Argentina/Buenos_Aires",
    "America/Santiago",
    "America/Bogota",
    "America/Mexico_City",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "Atlantic/Azores",
    "Europe/Lisbon",
    "Europe/London",
    "Europe/Madrid",
    "Europe/Berlin",
    "Africa/Luanda",
    "Africa/Maputo",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
    "UTC",
)
"""Where most people are who speak Portuguese, or whom they meet; any other is taken from the address."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a page: `zone` and `language` as it is shown, `query` what the address says, `now` when it is,
    `company` whose page it is.

    `strange_zone` is a zone that was asked for and does not exist; the usual one is shown in its place.
    """

    language: str
    zone: str
    strange_zone: str
    zones: tuple[str, ...]
    query: Mapping[str, str]
    now: datetime
    wording: Wording
    company: str = ""

    @property
    def tag(self) -> str:
        """The language as pages name it (BCP 47)."""
        return TAGS[self.language]

    @property
    def words(self) -> Mapping[str, str]:
        """What pages say."""
        return words_of(self.language)

    def say(self, key: str, **given: object) -> str:
        """A sentence with its blanks filled in."""
        return self.words[key].format(**given)

    def link(self, **wanted: str | None) -> str:
        """The query of an address on the same page, language and zone as they were chosen; None leaves a key out."""
        kept = {key: self.query[key] for key in ("lang", "tz") if key in self.query}
        return "?" + urlencode({key: value for key, value in {**kept, **wanted}.items() if value})

    def other_language(self) -> str:
        """The same page in the other language."""
        return self.link(**{**self.query, "said": None, "lang": "pt" if self.language == "en" else "en"})

    def kept(self, *without: str) -> dict[str, str]:
        """What a form that asks for this page again has to pass on."""
        return {key: value for key, value in self.query.items() if key not in (*without, "said")}

    def heading(self, at: datetime) -> str:
        """The date, as a line begins with it."""
        text = self.day(at)
        return text[:1].upper() + text[1:]

    def day(self, at: datetime) -> str:
        """The date within a sentence, with the year where it is another."""
        text = self.wording.day(at, self.zone, self.language)
        year = at.astimezone(zone_named(self.zone)).year
        return text if year == self.now.astimezone(zone_named(self.zone)).year else f"{text}, {year}"

    def clock(self, at: datetime) -> str:
        """The time of day."""
        return self.wording.clock(at, self.zone, self.language)

    def span(self, start_at: datetime, end_at: datetime) -> str:
        """From when to when, in numbers alone."""
        return f"{self.clock(start_at)} – {self.clock(end_at)}"

    def period(self, start_at: datetime, end_at: datetime) -> str:
        """From when to when, within a sentence."""
        return self.say("from_to", start=self.clock(start_at), end=self.clock(end_at))

    def zone_name(self, zone: str | None = None, at: datetime | None = None) -> str:
        """What a zone is called."""
        return self.wording.zone(at or self.now, zone or self.zone, self.language)

    def city(self, zone: str) -> str:
        """The place that a zone is named for."""
        return _SPELLED.get(zone) or zone.rpartition("/")[2].replace("_", " ")

    def date_of(self, at: datetime) -> date:
        """On which day it is, here."""
        return at.astimezone(zone_named(self.zone)).date()

    def midnight(self, day: date) -> datetime:
        """When a day begins here; where its midnight is skipped, the end of the gap."""
        return from_ms(first_instant(self.zone, (day.toordinal() - _EPOCH_DAY) * DAY_MS))

    def noon(self, day: date) -> datetime:
        """An instant that is surely in that day, for its name."""
        return datetime.combine(day, time(12), zone_named(self.zone)).astimezone(UTC)


def visit_of(
    query: Mapping[str, str],
    accept_language: str,
    now: datetime,
    wording: Wording,
    *,
    zones: tuple[str, ...],
    language: str | None = None,
    company: str = "",
) -> Visit:
    """A visit; `zones` are those of the people who meet, the first of them is shown unless another is asked for."""
    query = {key: query[key] for key in _KEYS if key in query and len(query[key]) <= _LONGEST_VALUE}
    asked = query.get("tz", "").strip()
    found = parse_zone(asked) if 0 < len(asked) <= _LONGEST_ZONE else None
    zone = found or zones[0]
    wishes = (query.get("lang"), language, preferred(accept_language))
    spoken = next(wish for wish in wishes if wish is not None and wish in TAGS)
    choices = tuple(dict.fromkeys((*zones, zone, *USUAL_ZONES)))
    strange = asked[:_LONGEST_ZONE] if asked and found is None else ""
    return Visit(spoken, zone, strange, choices, query, now, wording, company)


def preferred(accept_language: str) -> str:
    """Of Portuguese and English the one that a browser prefers (RFC 9110, 12.5.4); Portuguese when it says neither."""
    liked = {"pt": 0.0, "en": 0.0}
    for part in accept_language[:500].split(","):
        if (match := _ACCEPTED.fullmatch(part)) and (name := match[1].lower()) in liked:
            liked[name] = max(liked[name], float(match[2] or 1))
    return "en" if liked["en"] > liked["pt"] else "pt"
