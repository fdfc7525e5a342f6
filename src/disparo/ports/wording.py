"""Instants in people's words, in their language and their own zone."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Wording(Protocol):
    """Writes instants for people; `language` is `pt` or `en`, `zone` an IANA name. Pure."""

    def day(self, at: datetime, zone: str, language: str) -> str:
        """The date in full, without the year: `segunda-feira, 23 de novembro`, `Monday, November 23`."""
        ...

    def clock(self, at: datetime, zone: str, language: str) -> str:
        """The time of day: `14:00`, `2:00 PM`."""
        ...

    def zone(self, at: datetime, zone: str, language: str) -> str:
        """What the zone is called then, with its distance from UTC: `horário de Brasília (GMT-3)`."""
        ...

    def short(self, at: datetime, zone: str, language: str) -> str:
        """Day and time in at most 20 characters, as a button's title has: `seg 23/11 14:00`."""
        ...
