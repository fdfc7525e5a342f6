"""Messages that were given up, and sending them again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from disparo.domain.campaign import CampaignEvent, CampaignState
from disparo.domain.contact import Channel
from disparo.domain.dead_letter import REDRIVABLE, is_dead_letter
from disparo.domain.errors import NotFoundError, TransitionError
from disparo.domain.message import MessageEvent, MessageId, MessageRecord, MessageState
from disparo.domain.settlement import Settlement
from disparo.ports.ledger import MessageFilter, Trouble
from disparo.ports.store import Store
from disparo.usecases.messages import MessageHistory, history
from disparo.usecases.redrive_rules import FORCIBLE, Judge, Refusal

__all__ = ["FORCIBLE", "REDRIVABLE", "Refusal", "is_dead_letter"]

BATCH = 500
"""Rows that are read at once."""

SLICE = 50
"""Messages that are judged and made due in one go; then others work."""

MOST_READS = 10
"""Batches that one page of the latest looks at: among many that nobody can mend it may end short, and go on."""


@dataclass(frozen=True, slots=True)
class DeadLetterCount:
    """How many dead letters a step of a campaign has, by state and reason."""

    campaign_id: str
    campaign: str
    step: int
    channel: Channel
    state: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class RedriveReport:
    """How many are due again, and which are not (message id and why).

    `after` is where to go on, of one that was told to look at so many only; None when all were looked at.
    """

    redriven: int
    refused: Sequence[tuple[str, Refusal]]
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Latest:
    """Dead letters, who came there last first; `after` asks for those before them, None when there are none."""

    records: Sequence[MessageRecord]
    after: str | None


async def summary(store: Store, campaign: str | None) -> Sequence[DeadLetterCount]:
    """Dead letters by campaign (newest first), step, state and reason, of one campaign (name or id) or of all.

    From the counters, so it costs the same whatever their number. NotFoundError for an unknown campaign.
    """
    campaigns = await store.campaigns.all() if campaign is None else [await store.campaigns.get(campaign)]
    tallies = await store.campaigns.tallies([one.id for one in campaigns])
    return [
        DeadLetterCount(
            one.id, one.name, tally.step, one.step(tally.step).channel, tally.state, tally.reason, tally.count
        )
        for one in campaigns
        for tally in tallies.get(one.id, ())
        if tally.state in REDRIVABLE and is_dead_letter(MessageState(tally.state), tally.reason)
    ]


async def page(store: Store, wanted: MessageFilter, after: str | None, limit: int) -> Sequence[MessageRecord]:
    """Up to `limit` dead letters among the wanted ones, in order of campaign, contact and step, from behind `after`.

    Fewer than `limit` are the last ones. NotFoundError when `after` is no message id.
    """
    narrowed = _narrowed(wanted)
    cursor = None if after is None else MessageId.parse(after)
    found: list[MessageRecord] = []
    while len(found) < limit and narrowed.states:
        rows = await store.ledger.page(narrowed, cursor, BATCH)
        found.extend(row for row in rows if is_dead_letter(row.state, row.reason))
        if len(rows) < BATCH:
            break
        cursor = rows[-1].id
        await asyncio.sleep(0)
    return found[:limit]


async def latest(store: Store, wanted: MessageFilter, after: str | None, limit: int) -> Latest:
    """Up to `limit` dead letters among the wanted ones, the latest first, from behind the cursor `after`.

    Bounded at any size: where most of what failed is nothing that anybody can mend, there may be fewer, and more behind
    them. NotFoundError for what is no cursor.
    """
    narrowed = _narrowed(wanted)
    found, cursor = list[Trouble](), after
    for number in range(MOST_READS if narrowed.states else 0):
        some = limit + SLICE  # mostly enough, or nearly
        rows = await store.ledger.troubled(narrowed, cursor, min(some << number, BATCH) if number else some)
        found.extend(row for row in rows if is_dead_letter(row.record.state, row.record.reason))
        cursor = rows[-1].cursor if rows else None
        if len(found) > limit:
            return Latest([row.record for row in found[:limit]], found[limit - 1].cursor)
        if not rows:
            break
        await asyncio.sleep(0)
    return Latest([row.record for row in found], cursor)


def _narrowed(wanted: MessageFilter) -> MessageFilter:
    """Only the states in which there are dead letters (for this reason, where one is given)."""
    states = frozenset(REDRIVABLE) & (wanted.states if wanted.states is not None else frozenset(REDRIVABLE))
    reason = wanted.reason
    return replace(wanted, states=frozenset(one for one in states if reason is None or is_dead_letter(one, reason)))


async def show(store: Store, message_id: str) -> MessageHistory:
    """One dead letter; NotFoundError when there is no such message, or it is no dead letter."""
    found = await history(store, message_id)
    if not is_dead_letter(found.record.state, found.record.reason):
        raise NotFoundError(
            f"a mensagem {message_id} não é uma carta morta; para saber o que houve com ela: disparo why {message_id}"
        )
    return found


async def redrive(
    store: Store, wanted: Sequence[str] | MessageFilter, now: datetime, *, force: bool = False
) -> RedriveReport:
    """Make dead letters due again at `now`: these message ids, or all that the filter finds.

    Retries start anew, a completed campaign is reopened, hours and limits hold as ever. What might become a second
    message to somebody (`held_in_doubt`, `replied`, `fallback_sent`) is refused unless `force`; who is suppressed is
    refused always (I5). What a failed step cancelled behind it stays cancelled. Asking twice is as once. NotFoundError,
    and nothing done, when an id stands for no message; of a filter, what was done before a kill stays done.
    """
    if not isinstance(wanted, MessageFilter):
        records = [await store.ledger.get(MessageId.parse(one)) for one in dict.fromkeys(wanted)]
        return await _redriven(store, records, now, force)
    whole = RedriveReport(0, [])
    while True:
        part = await redrive_some(store, wanted, now, BATCH, after=whole.after, force=force)
        whole = RedriveReport(whole.redriven + part.redriven, [*whole.refused, *part.refused], part.after)
        if part.after is None:
            return whole


async def redrive_some(
    store: Store, wanted: MessageFilter, now: datetime, most: int, *, after: str | None = None, force: bool = False
) -> RedriveReport:
    """As `redrive`, but of what the filter finds no more than `most`, from behind the message id `after`.

    The report's `after` goes on from there, so that hundreds of thousands take many short calls. Others work meanwhile.
    """
    records = await page(store, wanted, after, most)
    report = await _redriven(store, records, now, force)
    return report if len(records) < most else replace(report, after=str(records[-1].id))


async def prospects(store: Store, records: Sequence[MessageRecord], now: datetime) -> Sequence[Refusal | None]:
    """What a redrive of these, together and in this order, would say of each at `now`; None for what would go."""
    judge = Judge(store, now, force=False)
    return [await judge.refusal(record) for record in records]


async def _redriven(store: Store, records: Sequence[MessageRecord], now: datetime, force: bool) -> RedriveReport:
    """Judge these and make due what may go, slice by slice; others work in between."""
    redriven, refused = 0, list[tuple[str, Refusal]]()
    judge = Judge(store, now, force)
    for first in range(0, len(records), SLICE):
        ids = []
        for record in records[first : first + SLICE]:
            refusal = await judge.refusal(record)
            if refusal is None:
                ids.append(record.id)
            else:
                refused.append((str(record.id), refusal))
        done = await _settle(store, ids, now)
        redriven += len(done)
        refused.extend((str(one), Refusal.NOT_A_DEAD_LETTER) for one in ids if one not in done)
        await asyncio.sleep(0)
    return RedriveReport(redriven, refused)


async def _settle(store: Store, ids: Sequence[MessageId], now: datetime) -> set[MessageId]:
    """Make these due; which of them were."""
    campaigns = {one.campaign_id for one in ids}
    await _reopen(store, campaigns, now)  # first, so that a kill in between leaves no message in an ended campaign
    settlements = [Settlement(one, MessageEvent.REDRIVE, reason="redriven", due_at=now) for one in ids]
    changed = await store.ledger.settle(settlements, now) if settlements else []
    await _reopen(store, campaigns, now)  # a worker may have found it empty meanwhile
    return {one for one, did in zip(ids, changed, strict=True) if did}


async def _reopen(store: Store, campaign_ids: set[str], now: datetime) -> None:
    for campaign_id in sorted(campaign_ids):
        if (await store.campaigns.get(campaign_id)).state is CampaignState.COMPLETED:
            with suppress(TransitionError):  # somebody else was faster
                await store.campaigns.apply(campaign_id, CampaignEvent.REOPEN, now)
