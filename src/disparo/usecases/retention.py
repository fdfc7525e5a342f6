"""Forgetting what is old: contacts, histories of messages, replies, contact files, as the settings say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from disparo.domain.audit import AuditEntry
from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.contact_import import ENDED, Import, ImportState
from disparo.domain.inbox_entry import event_digest
from disparo.domain.instants import to_ms
from disparo.domain.message import SETTLED
from disparo.ports.idempotency import Idempotency
from disparo.ports.inbox import Conversation
from disparo.usecases.erasures import Archive, erase

BATCH = 50
"""Contacts, conversations or files of one step."""
HISTORIES = 500
"""Contacts whose histories one step takes."""
ENTRIES = 500
"""Of the audit, of one step."""
AUDIT_SLACK = timedelta(minutes=1)
"""How much older than asked for they are: SQLite's table refuses to lose what is younger than a year to the second."""
PRUNE_EVERY = timedelta(hours=1)
DRAFTS_KEPT_FOR = timedelta(days=1)
"""How long an uploaded file waits for a person to say what its columns are."""
ACTOR = "system:retention"

_ENDED = frozenset({CampaignState.COMPLETED, CampaignState.CANCELLED})


@dataclass(frozen=True, slots=True)
class RetentionTerms:
    """How long things are kept; None is until somebody erases them."""

    contacts: timedelta | None = None
    messages: timedelta | None = None
    inbox: timedelta | None = None
    files: timedelta | None = None
    """Of uploads and reports of wrong rows; None where something else removes them."""
    audit: timedelta | None = None


class RetentionSweep:
    """One step at a time; each does a bounded batch, and what is under way is never touched.

    Safe in several workers at once and after a kill: what was half forgotten is forgotten again. A day's work begins
    with the day (UTC) and goes on until nothing is left. How many went is written into the audit, not who.
    """

    def __init__(self, archive: Archive, idempotency: Idempotency, terms: RetentionTerms) -> None:
        self._archive, self._idempotency, self._terms = archive, idempotency, terms
        self._people = replace(archive, imports=None, files=None)  # files have a time of their own
        self._prune_at: datetime | None = None
        self._done_on: dict[str, object] = {}

    async def run(self, now: datetime) -> datetime | None:
        """Do one step; `now` when there is more to do at once, else when to look again."""
        await self._archive.store.retention.note_newest(now)
        if self._prune_at is None or now >= self._prune_at:
            await self._idempotency.prune(now)
            self._prune_at = now + PRUNE_EVERY
        sweeps: tuple[tuple[str, timedelta | None, Callable[[datetime, datetime], Awaitable[bool]]], ...] = (
            ("contacts", self._terms.contacts, self._contacts),
            ("messages", self._terms.messages, self._messages),
            ("inbox", self._terms.inbox, self._inbox),
            ("files", self._terms.files, self._files),
            ("audit", self._terms.audit, self._audit),
        )
        for name, kept_for, sweep in sweeps:
            today = now.astimezone(UTC).date()
            if kept_for is None or self._done_on.get(name) == today:
                continue
            if await sweep(now - kept_for, now):
                return now
            self._done_on[name] = today
        return min(self._prune_at, _next_day(now))

    async def _contacts(self, before: datetime, now: datetime) -> bool:
        """Erase some contacts who were there before and with whom nothing happened since; whether there are more."""
        store = self._archive.store
        begin, until = await self._standing("contacts"), await store.retention.newest_by(before)
        ids, onward = await store.retention.contacts(begin, until, BATCH)
        campaigns = await store.campaigns.all()
        erased = 0
        for contact_id in ids:
            if not await self._is_needed(contact_id, campaigns, before, now):
                await erase(self._people, contact_id, now)
                erased += 1
        await store.retention.keep_position("contacts", "" if onward is None else str(onward))
        await self._tell("contacts", erased, now)
        return onward is not None

    async def _standing(self, sweep: str) -> int:
        position = await self._archive.store.retention.position(sweep)
        return int(position) if position.isdecimal() else 0

    async def _is_needed(self, contact_id: str, campaigns: Sequence[Campaign], before: datetime, now: datetime) -> bool:
        """Whether something is under way with a contact, or happened since `before`."""
        store = self._archive.store
        contact = await store.contacts.get(contact_id)
        theirs = [one for one in campaigns if one.list_name == contact.list_name]
        if any(one.state not in _ENDED and not one.standing for one in theirs):
            return True
        # What was written to them by hand, answers and notices are in campaigns that are nobody's list's.
        for campaign in (*theirs, *(one for one in campaigns if one.standing)):
            rows = await store.ledger.rows_of(campaign.id, contact_id)
            if any(row.state not in SETTLED or row.changed_at >= before for row in rows):
                return True
        for meeting in await store.meetings.of_contacts([contact_id]):
            ends = meeting.slot.end_at if meeting.slot is not None else meeting.offers_until
            if (ends is not None and ends >= before) or (meeting.live and (ends is None or ends > now)):
                return True
        # By their addresses: what they wrote before they were known, or as a contact of another list, would go, too.
        known = await store.contacts.everything(contact_id)
        for owner in (contact_id, *contact.keys, *known["same_person"]):
            said = await store.inbox.conversation(owner)
            if said is not None and not _is_silent(said, before):
                return True
        return False

    async def _messages(self, before: datetime, now: datetime) -> bool:
        """Clean the histories of some messages of a campaign that ended before; whether there are more."""
        store = self._archive.store
        for campaign in await store.campaigns.all():
            if campaign.state not in _ENDED or (campaign.ended_at or now) >= before:
                continue
            name = f"messages#{campaign.id}#{to_ms(campaign.ended_at or now)}"
            if (position := await store.retention.position(name)) == "done":
                continue
            onward = await store.retention.scrub(campaign.id, position, HISTORIES)
            await store.retention.keep_position(name, "done" if onward is None else onward)
            if onward is None:
                await self._tell("messages", 1, now, campaign=campaign.id)
            return True
        return False

    async def _inbox(self, before: datetime, now: datetime) -> bool:
        """Forget some conversations in which all is dealt with and nothing was said since; whether there are more."""
        inbox = self._archive.store.inbox
        after = await self._archive.store.retention.position("inbox") or f"{to_ms(before):015d}-{event_digest('')}"
        page = await inbox.conversations(after, BATCH)
        gone = [one for one in page if _is_silent(one, before)]
        for one in gone:
            await inbox.forget(one.contact_id or "", await self._keys_to_forget(one, before))
        onward = page[-1].latest.id if len(page) == BATCH else ""
        await self._archive.store.retention.keep_position("inbox", onward)
        await self._tell("inbox", len(gone), now)
        return onward != ""

    async def _keys_to_forget(self, one: Conversation, before: datetime) -> Sequence[str]:
        """The key of who wrote, unless it is also that of somebody who waits, or who wrote lately.

        So it is of who wrote before they were anybody's contact, and of who is in another list as well.
        """
        inbox, heard = self._archive.store.inbox, one.latest.heard
        stranger = await inbox.conversation(heard.key)
        heard_at = await inbox.last_heard(heard.channel, heard.sender, [heard.key])
        others = (stranger is not None and not _is_silent(stranger, before)) or (heard_at or before) > before
        return [] if others else [heard.key]

    async def _files(self, before: datetime, now: datetime) -> bool:
        """Remove some old contact files with their reports, and uploads that nobody went on with."""
        imports, files = self._archive.imports, self._archive.files
        if imports is None or files is None:
            return False
        after: str | None = await self._archive.store.retention.position("files") or None
        page = await imports.page(after, BATCH)
        removed = 0
        for one in page:
            if one.state is ImportState.DRAFT and one.changed_at < now - DRAFTS_KEPT_FOR:
                await imports.fail(one.id, "ninguém disse o que são as colunas; envie o arquivo outra vez", now)
                await files.discard(one.key)
            elif _is_over(one, before):
                await files.discard(one.key)
                for part in one.reports:
                    await files.discard_report(one.id, part)
                removed += await imports.empty(one.id)
        onward = page[-1].id if len(page) == BATCH else ""
        await self._archive.store.retention.keep_position("files", onward)
        await self._tell("files", removed, now)
        return onward != ""

    async def _audit(self, before: datetime, now: datetime) -> bool:
        """Remove some of what was done before; whether there is more."""
        gone = await self._archive.store.audit.prune(before - AUDIT_SLACK, ENTRIES)
        await self._tell("audit", gone, now)
        return gone == ENTRIES

    async def _tell(self, what: str, count: int, now: datetime, **detail: str) -> None:
        if count:
            entry = AuditEntry(now, ACTOR, "retenção", "retention.forget", what, detail={"count": str(count), **detail})
            await self._archive.store.audit.append(entry)


def _is_silent(one: Conversation, before: datetime) -> bool:
    return one.unhandled == 0 and one.latest.heard.at < before


def _is_over(one: Import, before: datetime) -> bool:
    return one.state in ENDED and not one.discarded and one.changed_at < before


def _next_day(now: datetime) -> datetime:
    today = now.astimezone(UTC).date()
    return datetime.combine(today + timedelta(days=1), time(), UTC)
