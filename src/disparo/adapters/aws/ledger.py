"""The ledger in DynamoDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from disparo.adapters.aws import claiming, enrolling, listing, permits, settling, troubled, watching
from disparo.adapters.aws.enrolment import Enrolment, entry_of
from disparo.adapters.aws.enrolments import Enrolments
from disparo.adapters.aws.lanes import lanes_of
from disparo.adapters.aws.last_look import last_look
from disparo.adapters.aws.ledger_keys import Place, place_of
from disparo.adapters.aws.revision import live_items, revision
from disparo.adapters.aws.roles import hold_role
from disparo.adapters.aws.sweeping import sweep
from disparo.adapters.aws.tables import CONTROL, Tables
from disparo.adapters.aws.tallies import Tallies
from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.errors import NotFoundError
from disparo.domain.instants import to_ms
from disparo.domain.lane import Lane
from disparo.domain.message import Claimed, MessageEvent, MessageId, MessageRecord
from disparo.domain.policies.circuit_breaker import Breaker
from disparo.domain.policies.rate_limit import PermitBook
from disparo.domain.sender import Sender
from disparo.domain.settlement import Settlement
from disparo.domain.ticket import Ticket
from disparo.ports.ledger import (
    Claim,
    ClaimRequest,
    Doubt,
    JournalEntry,
    LaunchPage,
    MessageFilter,
    NewMessage,
    Trouble,
)

MOST_PICKED_UP = 1_000
"""Enrolments remembered between `pick_up` and `begin`."""


class DynamoLedger:
    """`Ledger` in the tables ledger and control."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._tallies = Tallies()
        self._enrolments = Enrolments(tables)
        self._picked_up: dict[Place, Enrolment] = {}

    async def revision(self) -> int:
        """See `Ledger.revision`."""
        return await revision(self._tables)

    async def lanes(self) -> Sequence[Lane]:
        """See `Ledger.lanes`."""
        live = await live_items(self._tables)
        running = [str(item["campaign_id"]) for item in live if item["status"] == _RUNNING]
        return await lanes_of(self._tables, running)

    async def launch_page(self, campaign: Campaign, limit: int) -> LaunchPage:
        """See `Ledger.launch_page`."""
        return await enrolling.next_page(self._tables, campaign, limit)

    async def enroll(self, campaign: Campaign, page: LaunchPage, messages: Sequence[NewMessage], now: datetime) -> bool:
        """See `Ledger.enroll`."""
        return await enrolling.enter(self._tables, campaign, page, messages, to_ms(now), self._tallies)

    async def enter(self, campaign: Campaign, messages: Sequence[NewMessage], now: datetime) -> Sequence[bool]:
        """See `Ledger.enter`."""
        return await enrolling.enter_singly(self._tables, campaign, messages, to_ms(now), self._tallies)

    async def claim(self, request: ClaimRequest) -> Claim:
        """See `Ledger.claim`."""
        return await claiming.take(self._tables, request)

    async def pick_up(self, ticket: Ticket, now: datetime) -> Claimed | None:
        """See `Ledger.pick_up`."""
        if len(self._picked_up) > MOST_PICKED_UP:  # those that were given back and never begun
            self._picked_up.clear()
        return await claiming.pick_up(self._tables, ticket, now, self._picked_up)

    async def begin(self, message: Claimed, now: datetime) -> bool:
        """See `Ledger.begin`."""
        return await claiming.begin(self._tables, message, now, self._picked_up)

    async def clear_to_send(self, message: Claimed, sender: Sender, now: datetime) -> str | None:
        """See `Ledger.clear_to_send`."""
        return (await self.clear_many([message], sender, now))[0]

    async def clear_many(self, messages: Sequence[Claimed], sender: Sender, now: datetime) -> Sequence[str | None]:
        """See `Ledger.clear_many`."""
        return await last_look(self._tables, messages, sender, now)

    async def has_replied(self, campaign_id: str, contact_id: str) -> bool:
        """See `Ledger.has_replied`."""
        one = await self._enrolment(campaign_id, contact_id)
        return one is not None and one.replied

    async def settle(self, settlements: Sequence[Settlement], now: datetime) -> Sequence[bool]:
        """See `Ledger.settle`."""
        return await settling.settle(self._tables, settlements, to_ms(now), self._tallies)

    async def note(self, message_id: MessageId, event: str, detail: str, event_id: str, now: datetime) -> bool:
        """See `Ledger.note`."""
        return await settling.note(self._tables, message_id, event, detail, event_id, to_ms(now), self._tallies)

    async def seen(self, message_id: MessageId, event_id: str) -> bool:
        """See `Ledger.seen`."""
        one = await self._enrolment(message_id.campaign_id, message_id.contact_id)
        return one is not None and one.knows(event_id)

    async def lapse(self, now: datetime, limit: int) -> int:
        """See `Ledger.lapse`."""
        return await watching.lapse(self._tables, now, limit, self._tallies)

    async def doubts(self, now: datetime, limit: int) -> Sequence[Doubt]:
        """See `Ledger.doubts`."""
        return await watching.doubts(self._tables, now, limit)

    async def look_again(self, message_id: MessageId, at: datetime) -> None:
        """See `Ledger.look_again`."""
        await watching.look_again(self._tables, message_id, at)

    async def next_watch(self) -> datetime | None:
        """See `Ledger.next_watch`."""
        return await watching.next_watch(self._tables)

    async def sweep(self, campaign: Campaign, event: MessageEvent, reason: str, now: datetime, limit: int) -> int:
        """See `Ledger.sweep`."""
        return await sweep(self._tables, campaign, event, reason, to_ms(now), limit, self._tallies)

    async def hold_role(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """See `Ledger.hold_role`."""
        return await hold_role(self._tables, name, holder, now, until)

    async def rows_of(self, campaign_id: str, contact_id: str) -> Sequence[MessageRecord]:
        """See `Ledger.rows_of`."""
        one = await self._enrolment(campaign_id, contact_id)
        return one.records() if one is not None else []

    async def get(self, message_id: MessageId) -> MessageRecord:
        """See `Ledger.get`."""
        one = await self._enrolment(message_id.campaign_id, message_id.contact_id)
        if one is None or message_id.step not in one.rows:
            raise NotFoundError(f"a mensagem {message_id} não existe (veja: disparo messages)")
        return one.record(message_id.step)

    async def page(self, wanted: MessageFilter, after: MessageId | None, limit: int) -> Sequence[MessageRecord]:
        """See `Ledger.page`."""
        if wanted.states is not None and wanted.states <= troubled.FOUND_BY_INDEX:
            return await troubled.in_order(self._tables, wanted, after, limit)
        return await listing.page(self._tables, wanted, after, limit)

    async def troubled(self, wanted: MessageFilter, after: str | None, limit: int) -> Sequence[Trouble]:
        """See `Ledger.troubled`."""
        return await troubled.latest(self._tables, wanted, after, limit)

    async def journal(self, message_id: MessageId) -> Sequence[JournalEntry]:
        """See `Ledger.journal`."""
        one = await self._enrolment(message_id.campaign_id, message_id.contact_id)
        lines = [] if one is None else await self._enrolments.history(one)
        return [entry_of(line) for line in lines if line.step == message_id.step]

    async def breaker(self, sender: str) -> Breaker:
        """See `Ledger.breaker`."""
        return permits.breaker_of(await self._tables.get(CONTROL, permits.breaker_key(sender)))

    async def book(self, name: str, count: int, sender: Sender) -> PermitBook:
        """See `Ledger.book`."""
        item = await self._tables.get(CONTROL, permits.book_key(name))
        return (await permits.load_book(self._tables, item, name, sender.limits, count)).book

    async def given_since(self, name: str, instants: Sequence[datetime]) -> Sequence[int]:
        """See `Ledger.given_since`."""
        return await permits.given_since(self._tables, name, [to_ms(one) for one in instants])

    async def prune(self) -> None:
        """See `Ledger.prune`."""
        await permits.prune(self._tables)

    async def _enrolment(self, campaign_id: str, contact_id: str) -> Enrolment | None:
        if (place := place_of(campaign_id, contact_id)) is None:
            return None
        [one] = await self._enrolments.load([place])
        return one


_RUNNING = str(CampaignState.RUNNING)
