"""Where the ledger's items lie, and how an item's place in a queue is written.

A campaign's contacts are spread over shards by their ids, and so are a lane's due messages, so that no partition of
DynamoDB carries a whole campaign (at most 1,000 write units a second each: "Best practices for designing and using
partition keys", Amazon DynamoDB developer guide).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from disparo.adapters.aws.tables import Item, Key

SHARDS = 16
"""Partitions of a campaign's rows."""

LANE_SHARDS = 4
"""Partitions of a lane's due messages."""

DOUBTS = "doubt"
"""The queue of messages in doubt."""

LAST = "~"
"""Sorts behind every digit and sign that keys are made of."""

_NUMBER = re.compile("[0-9]{1,18}").fullmatch

Place = tuple[int, int]
"""A campaign and a contact."""


def place_of(campaign_id: str, contact_id: str) -> Place | None:
    """The numbers of these ids, or None when they cannot be ids of ours."""
    if not (_NUMBER(campaign_id) and _NUMBER(contact_id)):
        return None
    return int(campaign_id), int(contact_id)


def shard_name(campaign: int, shard: int) -> str:
    """A partition of a campaign's rows."""
    return f"{campaign}#{shard}"


def number_key(number: int) -> str:
    """A number as text that sorts as it does."""
    return f"{number:018d}"


def row_key(place: Place) -> Key:
    """The key of a contact's item in a campaign."""
    campaign, contact = place
    return {"pk": shard_name(campaign, contact % SHARDS), "sk": number_key(contact)}


def place_of_key(item: Item) -> Place:
    """The campaign and contact that an item of the ledger, or its entry in an index, belongs to."""
    return int(str(item["pk"]).partition("#")[0]), int(str(item["sk"]).partition("#")[0])


def is_row(item: Item) -> bool:
    """Whether an item is a contact's row, not one of the pages or pointers that lie behind it."""
    return "#" not in str(item["sk"])


def lane_queue(lane: int, contact: int) -> str:
    """The partition in which a lane's message to this contact is due."""
    return f"{lane}#{contact % LANE_SHARDS}"


def lane_queues(lane: int) -> list[str]:
    """All partitions of a lane."""
    return [f"{lane}#{shard}" for shard in range(LANE_SHARDS)]


class QueuePlace(NamedTuple):
    """Where a step stands in a queue: `fence` is that of its latest claim."""

    priority: int
    due_ms: int
    step: int
    fence: int

    def __str__(self) -> str:
        return f"{self.priority:02d}#{self.due_ms:015d}#{self.step}#{self.fence}"


def queue_place(text: str) -> QueuePlace:
    """Read a place in a queue."""
    return QueuePlace(*(int(part) for part in text.split("#")))


def priority_bounds(priority: int) -> tuple[str, str]:
    """Between what the places of a priority lie."""
    return f"{priority:02d}#", f"{priority:02d}#{LAST}"


REASON_CHARACTERS = 100
"""Of a reason that the index of those in trouble holds: as many as it takes to tell reasons apart."""


class TroublePlace(NamedTuple):
    """Where a message stands among those in trouble: `changed_ms` is when it failed or died."""

    changed_ms: int
    campaign: int
    contact: int
    step: int
    state: str = ""
    reason: str = ""

    def __str__(self) -> str:
        numbers = (number_key(one) for one in (self.changed_ms, self.campaign, self.contact, self.step))
        return "#".join((*numbers, self.state, self.reason[:REASON_CHARACTERS]))


def trouble_place(text: str) -> TroublePlace:
    """Read a place among those in trouble."""
    changed, campaign, contact, step, state, reason = text.split("#", 5)
    return TroublePlace(int(changed), int(campaign), int(contact), int(step), state, reason)


def trouble_queue(shard: int) -> str:
    """A partition of the messages in trouble; a contact's are in that of its number."""
    return f"trouble#{shard % LANE_SHARDS}"
