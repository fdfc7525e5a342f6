"""The ledger: one row per campaign, step and contact, from the start to its end (I1, I2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from disparo.domain.agenda.notice import own_step
from disparo.domain.campaign import Campaign
from disparo.domain.contact import Channel, Contact
from disparo.domain.errors import NotFoundError
from disparo.domain.instants import to_ms
from disparo.domain.lane import Lane, OpenLane
from disparo.domain.message import Claimed, MessageEvent, MessageId, MessageRecord, MessageState
from disparo.domain.place import Place
from disparo.domain.policies.circuit_breaker import Breaker
from disparo.domain.policies.rate_limit import Pace, PermitBook
from disparo.domain.sender import Sender
from disparo.domain.settlement import Settlement
from disparo.domain.suppression import Suppression
from disparo.domain.ticket import Ticket


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A row to enter: waiting, due at `due_at`, or already cancelled with its reason."""

    contact_id: str
    step: int
    channel: Channel
    place: Place
    state: MessageState
    priority: int
    due_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LaunchPage:
    """The next contacts of a campaign that have no rows yet; `cursor` guards against entering a page twice."""

    cursor: int
    contacts: Sequence[Contact]
    suppressions: Sequence[Sequence[Suppression]]
    """For each contact, what is suppressed of its keys."""
    next_cursor: int
    last: bool


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """What a worker may take now: up to `count` messages of these lanes, under the sender's limits and breaker.

    With a `horizon` their moments lie up to so far ahead, spread by `pace`, and none has begun. `lanes` come in the
    order in which they are to be served inside a campaign. `revision` is the store's when the lanes were decided.
    """

    sender: Sender
    lanes: Sequence[OpenLane]
    count: int
    now: datetime
    revision: int
    horizon: timedelta = timedelta(0)
    pace: Pace | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Messages claimed, and when it is worth asking again (None: when something changes) and why not sooner.

    `stale` says that campaigns changed since the lanes were decided: nothing was taken, decide again.
    """

    messages: Sequence[Claimed] = ()
    next_at: datetime | None = None
    reason: str = ""
    blocked: bool = False
    """Whether the sender itself (a limit, its breaker) stands in the way, so that more messages change nothing."""
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """A message of unknown outcome: the attempt that began at `began_at`, in doubt since `since`."""

    record: MessageRecord
    sender: str
    began_at: datetime
    since: datetime


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line of a message's history."""

    at: datetime
    event: str
    attempt: int
    reason: str
    detail: str
    provider_id: str | None


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages to list; None is any."""

    campaign_id: str | None = None
    states: frozenset[MessageState] | None = None
    contact_id: str | None = None
    step: int | None = None
    """A row's own step number, or, for notices, the step of the campaign that they are of."""
    reason: str | None = None
    channel: Channel | None = None

    def fits(self, step: int, state: MessageState, reason: str, channel: Channel) -> bool:
        """Whether a row of its campaign and contact is one of them."""
        return (
            self.step in (None, step, own_step(step))
            and self.reason in (None, reason)
            and self.channel in (None, channel)
            and (self.states is None or state in self.states)
        )


TROUBLED = frozenset({MessageState.FAILED, MessageState.DEAD})
"""The states of messages that a person may have to look at."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A message that failed or is dead; the `cursor` asks for those before it."""

    cursor: str
    record: MessageRecord


def trouble_cursor(record: MessageRecord) -> str:
    """Where a message stands among those in trouble: by when it came there, then by its campaign, contact and step."""
    return f"{to_ms(record.changed_at)}-{record.id}"


def split_trouble_cursor(cursor: str) -> tuple[int, MessageId]:
    """The instant (milliseconds) and message of such a cursor; NotFoundError for what is none."""
    at_ms, _, message_id = cursor.partition("-")
    if not re.fullmatch("[0-9]{1,15}", at_ms):
        raise NotFoundError(f"{cursor[:40]!r} não continua nenhuma lista; comece de novo, sem ele")
    return int(at_ms), MessageId.parse(message_id)


class Ledger(Protocol):
    """Every promise about messages is kept here, under any number of processes and a kill at any instant.

    Each call is durable when it returns. Of a call for one message all or nothing happens. Of one for many
    (`enroll`, `settle`, `lapse`, `sweep`, a claim's rows) that raises or is cut off by a kill, some may have happened,
    each of them entirely; calling again does the rest, and no promise is broken in between. Counters may then lag
    behind the rows until a campaign is concluded. The embedded family does better: there every call is one act.
    """

    async def revision(self) -> int:
        """A number that rises when a campaign, its lanes or its state change. Cheap."""
        ...

    async def lanes(self) -> Sequence[Lane]:
        """The lanes of running campaigns."""
        ...

    async def launch_page(self, campaign: Campaign, limit: int) -> LaunchPage:
        """The next contacts to enter, in the order of the list. Contacts imported after the start are left out."""
        ...

    async def enroll(self, campaign: Campaign, page: LaunchPage, messages: Sequence[NewMessage], now: datetime) -> bool:
        """Enter a page's rows and move the cursor.

        False, and nothing done, when another worker entered it or the campaign no longer runs.
        """
        ...

    async def enter(self, campaign: Campaign, messages: Sequence[NewMessage], now: datetime) -> Sequence[bool]:
        """Enter single rows into a running campaign, due or already ended; for each whether it is new.

        A contact may get several at once, and more of them later. A row that is there already stays as it is, so that
        the same call again changes nothing, whatever became of the rows meanwhile.
        """
        ...

    async def claim(self, request: ClaimRequest) -> Claim:
        """Take due messages: permits, rows and intent in one act.

        Fair between campaigns, by priority and then due time inside one. A half-open breaker lets one through.
        A message is in one worker's hands until its lease runs out. Without a horizon all have begun: their intent is
        recorded.
        """
        ...

    async def pick_up(self, ticket: Ticket, now: datetime) -> Claimed | None:
        """What was claimed ahead, with what sending it needs.

        None when there is nothing to do for this ticket: it has begun already (a duplicate), its lease ran out, or the
        message was ended meanwhile.
        """
        ...

    async def begin(self, message: Claimed, now: datetime) -> bool:
        """Record the intent of a message that was claimed ahead: from here on it may have reached its provider.

        False when it is not (or no longer) this claim's to begin; of two that begin the same one, one is told True.
        """
        ...

    async def clear_to_send(self, message: Claimed, sender: Sender, now: datetime) -> str | None:
        """The last look before the provider is called: None, or why not.

        `lost` (the claim is no longer ours), `breaker_open`, or the reason of the suppression of one of its keys.
        """
        ...

    async def clear_many(self, messages: Sequence[Claimed], sender: Sender, now: datetime) -> Sequence[str | None]:
        """The last look before a request that takes many: as `clear_to_send` for each, in their order."""
        ...

    async def has_replied(self, campaign_id: str, contact_id: str) -> bool:
        """Whether this contact replied to this campaign since a person last sent it a message again."""
        ...

    async def settle(self, settlements: Sequence[Settlement], now: datetime) -> Sequence[bool]:
        """Write down what happened, in order; for each, whether it changed its row.

        Rows only move along their lifecycle: what is no transition, carries an old fence or repeats an `event_id`
        changes nothing (I11). Follow-ups apply only with their settlement, and leave rows that have moved on.
        """
        ...

    async def note(self, message_id: MessageId, event: str, detail: str, event_id: str, now: datetime) -> bool:
        """Write a line into a message's history and count it; False when this `event_id` is known already."""
        ...

    async def seen(self, message_id: MessageId, event_id: str) -> bool:
        """Whether this provider event, which belongs to one message, was noted or settled before."""
        ...

    async def lapse(self, now: datetime, limit: int) -> int:
        """Put messages whose lease ran out in doubt; how many."""
        ...

    async def doubts(self, now: datetime, limit: int) -> Sequence[Doubt]:
        """Messages in doubt whose next look has come, the longest waiting first."""
        ...

    async def look_again(self, message_id: MessageId, at: datetime) -> None:
        """Look at a doubt again at this instant."""
        ...

    async def next_watch(self) -> datetime | None:
        """When the next lease runs out or the next doubt wants a look."""
        ...

    async def sweep(self, campaign: Campaign, event: MessageEvent, reason: str, now: datetime, limit: int) -> int:
        """End the unsent rows of up to `limit` contacts of a campaign by CANCEL or EXPIRE; 0 when it is through."""
        ...

    async def hold_role(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Take or keep a role that one worker at a time should have; False while another holds it.

        It saves double work only: whatever is done under a role must be safe when two believe to hold it.
        """
        ...

    async def rows_of(self, campaign_id: str, contact_id: str) -> Sequence[MessageRecord]:
        """A contact's rows in a campaign, in order of steps."""
        ...

    async def get(self, message_id: MessageId) -> MessageRecord:
        """One row; NotFoundError when there is none."""
        ...

    async def page(self, wanted: MessageFilter, after: MessageId | None, limit: int) -> Sequence[MessageRecord]:
        """Rows in order of campaign, contact and step, from behind `after`.

        Of a campaign, of a contact, and of those who failed, are dead or in doubt only these are read, however many
        others there are; where rows are found through an index, one that came there a moment ago may be missing. Any
        other filter may look at many rows: it lets others work meanwhile.
        """
        ...

    async def troubled(self, wanted: MessageFilter, after: str | None, limit: int) -> Sequence[Trouble]:
        """Messages that failed or are dead, who came there last first, from behind a cursor; `wanted.states` may
        choose one of the two. NotFoundError for what is no cursor.

        Only these are looked at. What changed a moment ago may be missing, and of a person who has many of them in one
        campaign the oldest.
        """
        ...

    async def journal(self, message_id: MessageId) -> Sequence[JournalEntry]:
        """A message's history, oldest first."""
        ...

    async def breaker(self, sender: str) -> Breaker:
        """A sender's breaker as it stands."""
        ...

    async def book(self, name: str, count: int, sender: Sender) -> PermitBook:
        """A sender's permits, as far as the next `count` need them, to look at; nothing is taken."""
        ...

    async def given_since(self, name: str, instants: Sequence[datetime]) -> Sequence[int]:
        """How many permits a book has given after each of these instants, of those that are not pruned."""
        ...

    async def prune(self) -> None:
        """Forget permits that no window can look at any more."""
        ...
