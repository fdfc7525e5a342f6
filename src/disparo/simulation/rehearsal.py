"""A campaign and all that stands in its way, copied into a store of its own, where it can be played to its end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.permits import save_book, save_breaker
from disparo.adapters.embedded.store import open_store
from disparo.domain.campaign import Campaign, CampaignEvent, CampaignState, When
from disparo.domain.contact import Channel, Contact, ContactDraft
from disparo.domain.instants import to_ms
from disparo.domain.message import SETTLED, MessageId, MessageRecord, MessageState
from disparo.domain.sender import Sender
from disparo.domain.suppression import Suppression
from disparo.domain.template import Template
from disparo.engine.launch import first_rows
from disparo.ports.ledger import LaunchPage, MessageFilter, NewMessage
from disparo.ports.store import Store
from disparo.simulation.progress import OnProgress, Progress

PAGE = 2000
_ALL_PERMITS = 1 << 40
_OPEN = frozenset(MessageState) - SETTLED

Key = tuple[str, str, int]
"""Campaign, contact and step in the copy."""


@dataclass(slots=True)
class Rehearsal:
    """The copy. `campaign` is the one it is about, under the id that it has here; `others` (id -> name) run beside it.

    `due_ms` holds when each due message of all these campaigns became or becomes due; `contacts` and `messages` tell
    how much was copied, messages as if each were sent and none failed. Whoever made it closes it.
    """

    database: Database
    store: Store
    now: datetime
    campaign: Campaign
    senders: Mapping[str, Sender]
    others: dict[str, str] = field(default_factory=dict)
    due_ms: dict[Key, int] = field(default_factory=dict)
    contacts: int = 0
    messages: int = 0
    on_progress: OnProgress | None = None

    def close(self) -> None:
        """Forget the copy."""
        self.database.close()


async def rehearse(
    store: Store,
    campaign: Campaign,
    senders: Iterable[Sender],
    now: datetime,
    on_progress: OnProgress | None = None,
) -> Rehearsal:
    """Copy a campaign that has not ended, with its audience, the permits given so far and the campaigns running beside.

    A draft is started at `now`. Of contacts only what matters is copied: place, priority, and which addresses there
    are. A message that is at its provider right now counts as still to be sent.
    """
    database = Database(None)
    try:
        by_name = {sender.name: sender for sender in senders}
        rehearsal = Rehearsal(database, open_store(database), now, campaign, by_name, on_progress=on_progress)
        running = [other for other in await store.campaigns.live() if other.state is CampaignState.RUNNING]
        together = [campaign, *(other for other in running if other.id != campaign.id)]
        # Oldest first, as there: who was served longest ago being equal, the older one comes first.
        for original in sorted(together, key=lambda one: (one.created_at, one.id)):
            copy = await _copy_campaign(store, rehearsal, original)
            if original is campaign:
                rehearsal.campaign = copy
            else:
                rehearsal.others[copy.id] = original.name
        for sender in rehearsal.senders.values():
            breaker = await store.ledger.breaker(sender.name)
            await database.write(partial(save_breaker, sender=sender.name, breaker=breaker))
            await _copy_book(store, rehearsal, sender, sender.name)
    except BaseException:
        database.close()
        raise
    return rehearsal


async def _copy_campaign(store: Store, rehearsal: Rehearsal, original: Campaign) -> Campaign:
    campaigns, now = rehearsal.store.campaigns, rehearsal.now
    steps = tuple(
        replace(step, template=Template(f"{number}", "-", _subject(step.channel)))
        for number, step in enumerate(original.steps, start=1)
    )
    # One list for each campaign: contacts of two lists may share addresses.
    bare = replace(
        original,
        name=f"c{original.id}",
        list_name=f"c{original.id}",
        steps=steps,
        variables={},
        state=CampaignState.DRAFT,
    )
    added = await campaigns.add(bare)
    copy = await campaigns.apply(added.id, CampaignEvent.START, original.started_at or now)
    entering = _Entering(rehearsal, copy)
    if original.state is CampaignState.DRAFT:
        async for contacts in _pages(store, original.list_name):
            await entering.enter_new(contacts, await _suppressed(store, contacts))
    else:
        await _copy_remaining(store, original, entering)
    await entering.finish()
    for channel, limits in original.limits.items():
        for sender in rehearsal.senders.values():
            if sender.channel is channel:
                book = replace(sender, limits=limits)
                await _copy_book(
                    store, rehearsal, book, sender.campaign_book(original.id), sender.campaign_book(copy.id)
                )
    return copy


def _subject(channel: Channel) -> str | None:
    return "-" if channel is Channel.EMAIL else None


async def _pages(store: Store, list_name: str) -> AsyncIterator[Sequence[Contact]]:
    after: str | None = None
    while contacts := await store.contacts.page(list_name, after, PAGE):
        yield contacts
        after = contacts[-1].id


async def _suppressed(store: Store, contacts: Sequence[Contact]) -> dict[str, list[Suppression]]:
    """What is suppressed of these contacts, by key."""
    by_key: dict[str, list[Suppression]] = {}
    for one in await store.suppressions.matching([key for contact in contacts for key in contact.keys]):
        by_key.setdefault(one.key, []).append(one)
    return by_key


async def _copy_remaining(store: Store, original: Campaign, entering: _Entering) -> None:
    """What a started campaign has still to do; those whom its launch has not reached yet are new."""
    rows: dict[str, list[MessageRecord]] = {}
    seen: set[str] = set()
    after: MessageId | None = None
    while page := await store.ledger.page(MessageFilter(original.id), after, PAGE):
        for row in page:
            seen.add(row.id.contact_id)
            if row.state in _OPEN:
                rows.setdefault(row.id.contact_id, []).append(row)
        after = page[-1].id
    async for contacts in _pages(store, original.list_name):
        await entering.enter_remaining([(contact, rows[contact.id]) for contact in contacts if contact.id in rows])
        new = [contact for contact in contacts if contact.id not in seen and not original.launched]
        await entering.enter_new(new, await _suppressed(store, new))


@dataclass(slots=True)
class _Entering:
    """Contacts and rows on their way into the copy."""

    rehearsal: Rehearsal
    campaign: Campaign
    cursor: int = 0

    async def enter_new(self, contacts: Sequence[Contact], suppressed: Mapping[str, Sequence[Suppression]]) -> None:
        """Enter contacts as `Launch` does."""
        rows: list[NewMessage] = []
        for contact, new_id in zip(contacts, await self._fold(contacts), strict=True):
            blocked = [one for key in contact.keys for one in suppressed.get(key, ())]
            rows += first_rows(self.campaign, replace(contact, id=new_id), blocked, self.rehearsal.now)
        await self._enroll(rows)

    async def enter_remaining(self, remaining: Sequence[tuple[Contact, Sequence[MessageRecord]]]) -> None:
        """Enter contacts with those of their rows that are open."""
        rows: list[NewMessage] = []
        for (_, records), new_id in zip(remaining, await self._fold([one for one, _ in remaining]), strict=True):
            for row in records:
                waiting = row.state is MessageState.WAITING
                due_at = None if waiting else row.due_at if row.state is MessageState.DUE else self.rehearsal.now
                state = MessageState.WAITING if waiting else MessageState.DUE
                rows.append(NewMessage(new_id, row.id.step, row.channel, row.place, state, row.priority, due_at))
        await self._enroll(rows)

    async def finish(self) -> None:
        """Nobody else comes."""
        await self._enroll([], last=True)

    async def _fold(self, contacts: Sequence[Contact]) -> list[str]:
        results = await self.rehearsal.store.contacts.fold(self.campaign.list_name, [_bare(one) for one in contacts])
        self.rehearsal.contacts += len(contacts)
        return [result.contact_id for result in results]

    async def _enroll(self, rows: Sequence[NewMessage], *, last: bool = False) -> None:
        if not rows and not last:
            return
        cursor = max([self.cursor, *(int(row.contact_id) for row in rows)])
        page = LaunchPage(self.cursor, (), (), cursor, last)
        await self.rehearsal.store.ledger.enroll(self.campaign, page, rows, self.rehearsal.now)
        self.cursor = cursor
        for row in rows:
            if row.due_at is not None:
                self.rehearsal.due_ms[self.campaign.id, row.contact_id, row.step] = to_ms(row.due_at)
        self._tell(rows)

    def _tell(self, rows: Sequence[NewMessage]) -> None:
        rehearsal, campaign = self.rehearsal, self.campaign
        rehearsal.messages += sum(
            row.state in _OPEN and campaign.step(row.step).when is not When.PREVIOUS_FAILED for row in rows
        )
        if rehearsal.on_progress is not None:
            rehearsal.on_progress(Progress(rehearsal.contacts, 0, rehearsal.messages))


def _bare(contact: Contact) -> ContactDraft:
    phone_key = contact.keys[0] if contact.phone else None
    email_key = contact.keys[-1] if contact.email else None
    return ContactDraft(
        source="",
        place=contact.place,
        phone=contact.phone,
        phone_key=phone_key,
        email=contact.email,
        email_key=email_key,
        priority=contact.priority,
    )


async def _copy_book(store: Store, rehearsal: Rehearsal, sender: Sender, name: str, copy_name: str = "") -> None:
    """Copy the permits that were given under a name, as far as the sender's limits look at them."""
    book = await store.ledger.book(name, _ALL_PERMITS, sender)
    if book.given:
        book.name = copy_name or name
        await rehearsal.database.write(lambda connection: save_book(connection, book, -1))
