"""Where a contact is, as far as opening hours need to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Place:
    """A time zone (IANA name) and, when known, the region whose public holidays apply (`BR-SP`)."""

    zone: str
    region: str | None = None

    def __str__(self) -> str:
        return f"{self.zone} {self.region}" if self.region else self.zone

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read back what `str` wrote; the two are exact inverses."""
        zone, _, region = text.partition(" ")
        return cls(zone, region or None)
