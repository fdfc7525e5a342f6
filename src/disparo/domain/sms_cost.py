"""What SMS cost before they are sent, and which characters make them cost more."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from disparo.domain.template import SmsEncoding, sms_segments


@dataclass(frozen=True, slots=True)
class SmsCost:
    """What one text costs: `units` and `segments` as `sms_segments` counts them.

    `forced_by` are the characters that GSM-7 lacks, the most frequent first: one of them makes the whole text UCS-2.
    `plain_segments` is what the text would cost with a plain letter in place of each.
    """

    encoding: SmsEncoding
    units: int
    segments: int
    forced_by: tuple[str, ...] = ()
    plain_segments: int = 1


@dataclass(frozen=True, slots=True)
class SmsSpread:
    """What a step costs over some contacts: segments of a message from `least` to `most`, `typical` the median.

    `segments` and `plain_segments` are sums over all of them; `unicode` is how many messages travel as UCS-2.
    """

    messages: int
    least: int
    typical: int
    most: int
    segments: int
    plain_segments: int
    unicode: int
    forced_by: tuple[str, ...]


def sms_cost(text: str) -> SmsCost:
    """What a text costs."""
    found = sms_segments(text)
    if found.encoding is SmsEncoding.GSM7:
        return SmsCost(found.encoding, found.units, found.segments, (), found.segments)
    foreign = Counter(char for char in text if _is_foreign(char))
    plain = text.translate({ord(char): _plain(char) for char in foreign})
    forced_by = tuple(char for char, _ in foreign.most_common())
    return SmsCost(found.encoding, found.units, found.segments, forced_by, sms_segments(plain).segments)


def spread(costs: Iterable[SmsCost]) -> SmsSpread | None:
    """What several texts cost together, None when there are none."""
    known = sorted(costs, key=lambda one: one.segments)
    if not known:
        return None
    foreign = Counter(char for one in known for char in one.forced_by)
    return SmsSpread(
        len(known),
        known[0].segments,
        known[len(known) // 2].segments,
        known[-1].segments,
        sum(one.segments for one in known),
        sum(one.plain_segments for one in known),
        sum(one.encoding is SmsEncoding.UCS2 for one in known),
        tuple(char for char, _ in foreign.most_common()),
    )


def _is_foreign(char: str) -> bool:
    return sms_segments(char).encoding is SmsEncoding.UCS2


def _plain(char: str) -> str:
    """The letter without its accent, or a stand-in of the same length."""
    bare = "".join(one for one in unicodedata.normalize("NFKD", char) if not unicodedata.combining(one))
    return "?" if any(map(_is_foreign, bare)) else bare
