"""What holds a campaign back: the time for which its due messages had to wait, by what they waited for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

from disparo.domain.campaign import Campaign
from disparo.domain.contact import Channel
from disparo.domain.instants import MILLISECOND
from disparo.domain.intervals import Interval, intersect, merge, subtract

CLOSED = "closed"
"""Hours: nothing may go to the place of those who wait."""
OTHERS = "other_campaigns"
"""The limit of a sender, as far as other campaigns used it."""
BREAKER = "breaker"
SENDING = "sending"

_UNEXPLAINED = frozenset({"", "nothing_open", "free"})
"""Messages wait although their sender has nothing to do: their own lane is closed, and another one open or empty."""


@dataclass(frozen=True, slots=True)
class Holdup:
    """For how long due messages of a channel waited for one thing while hours were open somewhere.

    `reason` is `<channel>:<window>` for a limit of the sender, `campaign:<window>` for the campaign's own, `breaker`,
    `closed` (of other places) or `other_campaigns`; `limit` is the limit's number.
    """

    channel: Channel
    reason: str
    lasting: timedelta
    limit: int | None = None


@dataclass(slots=True)
class SenderTimeline:
    """What one sender's claims said, as (from when in ms, reason); each holds until the next."""

    changes: list[tuple[int, str]] = field(default_factory=list)

    def say(self, at_ms: int, reason: str) -> None:
        """From now on this is what it waits for."""
        if not self.changes or self.changes[-1][1] != reason:
            self.changes.append((at_ms, reason))

    def by_reason(self, end_ms: int) -> dict[str, list[Interval]]:
        """When each reason held, up to `end_ms`."""
        spans: dict[str, list[Interval]] = {}
        for (start, reason), (end, _) in pairwise([*self.changes, (end_ms, "")]):
            spans.setdefault(reason, []).append(Interval(start, min(end, end_ms)))
        return spans


@dataclass(frozen=True, slots=True)
class Waiting:
    """One channel of a campaign: when it had due messages, and what its sender waited for.

    `others_share` is the share of the sender's messages in that time that were other campaigns' (0.0 to 1.0).
    """

    channel: Channel
    backlog: Sequence[Interval]
    timeline: SenderTimeline
    limits: Mapping[str, int]
    others_share: float = 0.0


def holdups(campaign: Campaign, waiting: Iterable[Waiting], open_spans: Sequence[Interval]) -> tuple[Holdup, ...]:
    """What each channel's due messages waited for while hours were open, longest first.

    Time in which messages were only being sent is left out.
    """
    found: list[Holdup] = []
    for one in waiting:
        lasting: dict[str, int] = {}
        due_in_hours = intersect(one.backlog, open_spans)
        end_ms = due_in_hours[-1].end_ms if due_in_hours else 0
        for reason, spans in one.timeline.by_reason(end_ms).items():
            name = _named(reason, campaign)
            lasting[name] = lasting.get(name, 0) + total_ms(intersect(spans, due_in_hours))
        _part_of_others(one, lasting)
        found += [
            Holdup(one.channel, reason, span_ms * MILLISECOND, one.limits.get(reason))
            for reason, span_ms in lasting.items()
            if span_ms and reason != SENDING
        ]
    return tuple(sorted(found, key=lambda holdup: (-holdup.lasting, holdup.channel, holdup.reason)))


def total_ms(spans: Iterable[Interval]) -> int:
    """How long these are, together."""
    return sum(end - start for start, end in spans)


def idle_ms(backlogs: Iterable[Sequence[Interval]], open_spans: Sequence[Interval]) -> int:
    """For how long hours were open and no message was due: a step's wait was running."""
    return total_ms(subtract(open_spans, merge(span for backlog in backlogs for span in backlog)))


def _named(reason: str, campaign: Campaign) -> str:
    book, _, window = reason.partition(":")
    if "/" in book:
        return f"campaign:{window}" if book.endswith(f"/{campaign.id}") else OTHERS
    if reason.startswith("breaker"):
        return BREAKER
    return CLOSED if reason in _UNEXPLAINED else reason


def _part_of_others(one: Waiting, lasting: dict[str, int]) -> None:
    """A limit that several campaigns share holds each back for the others' part of it."""
    for reason in [reason for reason in lasting if ":" in reason and not reason.startswith("campaign:")]:
        theirs = round(lasting[reason] * one.others_share)
        if theirs:
            lasting[reason] -= theirs
            lasting[OTHERS] = lasting.get(OTHERS, 0) + theirs
