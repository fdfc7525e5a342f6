"""Whether due messages keep flowing while some sender could carry them: nobody waits for another one's trouble."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from disparo.domain.campaign import CampaignState
from disparo.domain.message import MessageId, MessageState
from disparo.domain.policies.rate_limit import Limits
from disparo.simulation.books import Books, Row
from disparo.simulation.facts import Facts

if TYPE_CHECKING:
    from disparo.ports.ledger import Claim, ClaimRequest

WINDOWS_S = {"burst": 60.0, "hourly": 3_600.0, "daily": 86_400.0}
SLACK_S = 2.0
"""By so much, and no more, a window may be stretched."""

AHEAD_S = 70.0
"""So much later than its claim a permit may count."""

TURN_S = 5.0
"""Whose turn it is is decided again within two seconds; longer is a wait for nobody."""
PATIENCE_S = 1.0
"""One that asks less often than that has not been asking all the time."""

WAITS = timedelta(minutes=20)
"""How long a due message may wait for a sender that could have taken it, where nothing goes wrong any more."""
WAITS_FOR_A_MINUTE = timedelta(hours=3)
"""The same where a schedule calls: with nothing to do, its minutes are skipped."""
STEP = timedelta(minutes=4)
LOOKS_AFTER_S = tuple(3_600.0 * hours for hours in (1, 3, 5, 8, 11, 30, 100))
"""How long after everything has healed it is looked at."""


@dataclass(slots=True)
class _Denied:
    """Since when, and until when, a sender asked again and again and was told that it is the others' turn."""

    since_s: float
    last_s: float


@dataclass(slots=True)
class Flow:
    """Follows what senders are told when they ask for messages."""

    facts: Facts
    _denied: dict[tuple[str, str], _Denied] = field(default_factory=dict)

    def asked(self, process: str, sender: str, claim: Claim, at_s: float) -> bool:
        """A sender asked in a process and was told this; whether it has waited too long for its turn."""
        if claim.messages:
            channel = self.facts.senders[sender].channel
            for key in [key for key in self._denied if self.facts.senders[key[1]].channel is channel]:
                if key[0] == process:
                    del self._denied[key]
        elif claim.reason != "others_turn":
            self._denied.pop((process, sender), None)
        else:
            denied = self._denied.setdefault((process, sender), _Denied(at_s, at_s))
            if at_s - denied.last_s > PATIENCE_S:
                denied.since_s = at_s
            denied.last_s = at_s
            return at_s - denied.since_s > TURN_S
        return False

    def waits_its_turn(self, process: str, sender: str) -> bool:
        """Whether this is what a sender was told last."""
        return (process, sender) in self._denied

    def could_take(self, sender: str, books: Books, now: datetime) -> MessageId | None:
        """A message that was due for all the time, for which a sender was told to wait for its turn."""
        waits = timedelta(seconds=TURN_S)
        for row in books.rows.values():
            campaign = self.facts.campaigns[row.id.campaign_id]
            channel = campaign.plan.step(row.id.step).channel
            due = row.state is MessageState.DUE and row.due_at is not None and row.due_at <= now - waits
            own = not campaign.plan.senders or sender in campaign.plan.senders
            if due and own and channel is self.facts.senders[sender].channel and self._in_hours(row.id, now, waits):
                return row.id
        return None

    def told_to_wait(self, request: ClaimRequest, claim: Claim, asked_s: float) -> str | None:
        """A sender is stopped by its own breaker and its own limits only; of stores in which a claim is one act.

        `asked_s` is when it asked, which may be some time before the store decided.
        """
        sender = request.sender
        if claim.messages or not claim.blocked:
            return None
        if claim.reason.startswith("breaker") and self.facts.breakers[sender.name].opened_at is None:
            return f"{sender.name} waits for a breaker, but its own is closed"
        book, _, window = claim.reason.rpartition(":")
        if not book or window not in WINDOWS_S or self.facts.clock_sets:
            return None
        if book != sender.name:
            return f"{sender.name} waits for the limit of {book}"
        used_up = self._used_up(sender.name, sender.limits, window, asked_s)
        return None if used_up else f"{sender.name} waits below its {window}"

    def _used_up(self, sender: str, limits: Limits, window: str, at_s: float, campaign_id: str | None = None) -> bool:
        allowed = getattr(limits, window)
        since_s = at_s - WINDOWS_S[window] - SLACK_S
        claims = self.facts.claims_by[sender]
        used = sum(claimed_s >= since_s and campaign_id in (None, one.campaign_id) for claimed_s, one in claims)
        return allowed is not None and used >= allowed

    def stuck(self, books: Books, now: datetime, waits: timedelta) -> str | None:
        """A message that is due for long, in hours and of a running campaign, although a sender could have taken it.

        Not where the clock was set: until it has caught up, limits and breakers count from instants that lie ahead.
        """
        if self.facts.clock_sets:
            return None
        for row in books.rows.values():
            if row.state is MessageState.DUE and row.due_at is not None and row.due_at <= now - waits:
                if not self._in_hours(row.id, now, waits):
                    continue
                if sender := self._idle(row, waits):
                    return f"{row.id} is due since {row.due_at}, but {sender} takes nothing"
        return None

    def _in_hours(self, message_id: MessageId, now: datetime, waits: timedelta) -> bool:
        campaign, place = self.facts.campaigns[message_id.campaign_id], self.facts.place_of(message_id)
        _, since_s, state = campaign.states[-1]
        if state is not CampaignState.RUNNING or self.facts.now_s - since_s < waits.total_seconds():
            return False
        if campaign.start_at is not None and now - waits < campaign.start_at:
            return False
        spec = campaign.hours[-1][-1]
        return all(spec.open_at(place, now - number * STEP) for number in range(waits // STEP + 1))

    def _idle(self, row: Row, waits: timedelta) -> str | None:
        """A sender that may carry it, is well, has had permits left and has claimed nothing for all that time."""
        facts, campaign = self.facts, self.facts.campaigns[row.id.campaign_id]
        channel = campaign.plan.step(row.id.step).channel
        own = campaign.limits[-1][-1].get(channel, Limits())
        free_s = facts.now_s - waits.total_seconds() - AHEAD_S
        for name, sender in facts.senders.items():
            if sender.channel is not channel or (campaign.plan.senders and name not in campaign.plan.senders):
                continue
            if facts.breakers[name].opened_at is not None:
                continue
            limits = facts.sender_limits[name][-1][-1]
            if any(self._used_up(name, limits, window, free_s) for window in WINDOWS_S):
                continue
            if any(self._used_up(name, own, window, free_s, row.id.campaign_id) for window in WINDOWS_S):
                continue
            last_s = facts.claims_by[name][-1][0] if facts.claims_by[name] else 0.0
            if facts.now_s - last_s > waits.total_seconds():
                return name
        return None
