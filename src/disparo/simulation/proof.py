"""What really went out, judged by whoever did not send it.

Only the sandbox's log of what it took, the contacts and the written rules are read: hours are checked with the zone's
wall clock and the `holidays` package, limits by counting every window, not with the program's own policies.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from disparo.adapters.channels.sandbox.outbox import Entry
from disparo.domain.campaign import Campaign
from disparo.domain.contact import Channel, Contact
from disparo.domain.message import SENT, SETTLED, MessageId, MessageRecord, MessageState
from disparo.domain.place import Place
from disparo.domain.policies.rate_limit import Limits
from disparo.ports.ledger import MessageFilter
from disparo.ports.store import Store

PAGE = 2000
_MS = 1000
_REFUSED_LATER = frozenset({MessageState.FAILED, MessageState.DEAD})
"""States in which a message may end that its provider had taken: refused afterwards, or held in doubt."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How often each promise was broken; all 0 is the proof.

    `lost`: contacts and steps without a row, rows without an end, sent rows that the log does not have and entries of
    the log that no row admits to. `repeated`: entries beyond the first of a message, and the same text to the same
    address. `outside_hours` and `above_limit`: entries. `after_opt_out`: entries to somebody who had asked for no more.
    """

    messages: int
    lost: int
    repeated: int
    outside_hours: int
    above_limit: int
    after_opt_out: int

    @property
    def holds(self) -> bool:
        """Whether every promise was kept."""
        return not any(getattr(self, field.name) for field in fields(self) if field.name != "messages")


async def prove(
    store: Store, campaign: Campaign, log: Sequence[Entry], limits: Mapping[Channel, Sequence[Limits]]
) -> Proof:
    """Judge a campaign that has ended by the sandbox's log; `limits` are all those that each channel had to keep to.

    Hours must be shifts of one day, as `startTime` before `endTime`.
    """
    entries = [entry for entry in log if MessageId.parse(entry.id).campaign_id == campaign.id]
    contacts = {contact.id: contact for contact in await _contacts(store, campaign.list_name)}
    rows = {row.id: row for row in await _rows(store, campaign.id)}
    opted_out = {one.key: one.at for one in await store.suppressions.page("", 1 << 30)}
    document = campaign.hours.to_document()
    return Proof(
        messages=len(entries),
        lost=_lost(campaign, contacts, rows, {MessageId.parse(entry.id) for entry in entries}),
        repeated=_repeated(entries),
        outside_hours=sum(not in_hours(document, _place(campaign, contacts, entry), _at(entry)) for entry in entries),
        above_limit=sum(
            above(limit, [entry.at_ms for entry in entries if entry.channel == channel])
            for channel, all_limits in limits.items()
            for limit in all_limits
        ),
        after_opt_out=sum(_was_out(contacts, entry, opted_out) for entry in entries),
    )


def in_hours(document: Mapping[str, Any], place: Place, at: datetime) -> bool:
    """Whether a contact's wall clock shows a working day, inside the hours and outside lunch."""
    daily = {**document, **document["timezones"].get(place.zone, {})}
    local = at.astimezone(ZoneInfo(place.zone))
    clock, lunch = f"{local:%H:%M}", daily["lunchBreak"]
    if local.isoweekday() not in daily["workingDays"] or not daily["startTime"] <= clock < daily["endTime"]:
        return False
    if lunch and lunch["start"] <= clock < lunch["end"]:
        return False
    country, _, state = (place.region or document["country"]).partition("-")
    return local.date().isoformat() not in document["holidays"] and local.date() not in _holidays(
        country, state if document["regionalHolidays"] else "", local.year, document["optionalHolidays"]
    )


@lru_cache(maxsize=256)
def _holidays(country: str, state: str, year: int, optional: bool) -> frozenset[date]:
    categories = ("public", "optional") if optional else ("public",)
    return frozenset(holidays.country_holidays(country, subdiv=state or None, years=year, categories=categories))


def above(limits: Limits, at_ms: Sequence[int]) -> int:
    """How many of these instants have, in some window that ends with them, more than the limit."""
    instants = sorted(at_ms)
    over: set[int] = set()
    for limit, seconds in ((limits.burst, 60), (limits.hourly, 3_600), (limits.daily, 86_400)):
        if limit is None:
            continue
        for position, at in enumerate(instants):
            oldest = bisect_left(instants, at - seconds * _MS + 1)
            if position - oldest + 1 > limit:
                over.add(position)
    return len(over)


def _lost(
    campaign: Campaign,
    contacts: Mapping[str, Contact],
    rows: Mapping[MessageId, MessageRecord],
    taken: set[MessageId],
) -> int:
    steps = range(1, len(campaign.steps) + 1)
    wanted = {MessageId(campaign.id, step, contact) for contact in contacts for step in steps}
    without_row = len(wanted - rows.keys()) + len(taken - rows.keys())
    without_end = sum(row.state not in SETTLED for row in rows.values())
    never_taken = sum(row.state in SENT and row.id not in taken for row in rows.values())
    not_admitted = sum(row.id in taken and row.state not in SENT | _REFUSED_LATER for row in rows.values())
    return without_row + without_end + never_taken + not_admitted


def _repeated(entries: Sequence[Entry]) -> int:
    by_id = Counter(entry.id for entry in entries)
    first_of = {entry.id: entry for entry in entries}
    same_text = Counter((entry.channel, entry.address, entry.text) for entry in first_of.values())
    return len(entries) - len(by_id) + len(first_of) - len(same_text)


def _was_out(contacts: Mapping[str, Contact], entry: Entry, opted_out: Mapping[str, datetime]) -> bool:
    keys = contacts[MessageId.parse(entry.id).contact_id].keys
    return any(key in opted_out and opted_out[key] < _at(entry) for key in keys)


def _place(campaign: Campaign, contacts: Mapping[str, Contact], entry: Entry) -> Place:
    return contacts[MessageId.parse(entry.id).contact_id].place or campaign.place


def _at(entry: Entry) -> datetime:
    return datetime.fromtimestamp(entry.at_ms / _MS, UTC)


async def _contacts(store: Store, list_name: str) -> list[Contact]:
    found: list[Contact] = []
    while page := await store.contacts.page(list_name, found[-1].id if found else None, PAGE):
        found.extend(page)
    return found


async def _rows(store: Store, campaign_id: str) -> list[MessageRecord]:
    found: list[MessageRecord] = []
    while page := await store.ledger.page(MessageFilter(campaign_id), found[-1].id if found else None, PAGE):
        found.extend(page)
    return found
