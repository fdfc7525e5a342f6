"""SQLite and DynamoDB do the same: one random story told to both ledgers ends in the same rows, books and counters.

What differs by design is left out of the comparison: a message that is claimed ahead is `claimed` in SQLite and `due`
on DynamoDB, and one that is being sent may still be counted as due there. So nothing but its begin, or the end of its
lease, happens to such a message here.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from disparo.adapters.aws.store import open_store as open_dynamo_store
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.domain.agenda.notice import NoticeKind, NoticeStep
from disparo.domain.campaign import Campaign, CampaignEvent
from disparo.domain.campaign_document import parse_campaign
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.instants import to_ms
from disparo.domain.lane import OpenLane
from disparo.domain.message import Claimed, MessageEvent, MessageId, MessageRecord, MessageState
from disparo.domain.place import Place
from disparo.domain.policies.circuit_breaker import BreakerPolicy
from disparo.domain.policies.rate_limit import Limits, Pace, reserve
from disparo.domain.policies.retry import FailureClass
from disparo.domain.sender import Sender
from disparo.domain.settlement import FollowUp, Settlement
from disparo.domain.suppression import Suppression
from disparo.domain.ticket import Ticket
from disparo.ports.ledger import Claim, ClaimRequest, MessageFilter, NewMessage
from disparo.ports.store import Store
from disparo.simulation.memory_tables import MemoryTables
from tests.contract.scene import HOME, HOUR, MINUTE, NOW, SECOND

MANAUS = Place("America/Manaus", "BR-AM")
LEASE = 4 * SECOND
"""Shorter than what DynamoDB holds behind the last moment of a claim, so that a lost ticket frees its message at the
same instant in both."""
STEPS, PEOPLE, LISTS = 3, 9, ("a", "b", "c")
AGENDA = str(len(LISTS) + 1)
OPEN = ("due", "claimed", "sending")


@dataclass
class Family:
    """The ports of one family, in two processes."""

    stores: tuple[Store, Store]

    async def begin(self, name: str) -> Campaign:
        """A campaign of three WhatsApp steps; some people are more urgent, some live elsewhere."""
        store = self.stores[0]
        drafts = [
            ContactDraft(
                f"{name}.csv:{row}",
                (HOME, MANAUS)[row % 2],
                phone=(phone := f"+55419{name}{row}"),
                phone_key=phone,
                priority=(5, 5, 1)[row % 3],
            )
            for row in range(PEOPLE)
        ]
        await store.contacts.fold(name, drafts)
        steps = [{"channel": "whatsapp", "text": "Oi", **({"wait": "1h"} if step else {})} for step in range(STEPS)]
        draft = await store.campaigns.add(parse_campaign({"name": name, "list": name, "steps": steps}, created_at=NOW))
        campaign = await store.campaigns.apply(draft.id, CampaignEvent.START, NOW)
        while True:
            page = await store.ledger.launch_page(campaign, 4)
            rows = [
                NewMessage(
                    one.id,
                    step,
                    Channel.WHATSAPP,
                    one.place or HOME,
                    MessageState.DUE if step == 1 else MessageState.WAITING,
                    one.priority,
                    NOW - SECOND * (int(one.id) * 7 % 5) if step == 1 else None,
                )
                for one in page.contacts
                for step in range(1, STEPS + 1)
            ]
            assert await store.ledger.enroll(campaign, page, rows, NOW)
            if page.last:
                return campaign

    async def begin_agenda(self) -> None:
        """A campaign of notices, whose rows come one by one.

        It begins with as much to do as the others: what a campaign without anything due means for the order in which
        they are served is a family's own affair.
        """
        steps = [{"channel": "whatsapp", "text": str(kind)} for kind in NoticeKind]
        document = {"name": "agenda-whatsapp", "list": "-", "kind": "agenda", "steps": steps}
        draft = await self.stores[0].campaigns.add(parse_campaign(document, created_at=NOW))
        assert draft.id == AGENDA
        await self.stores[0].campaigns.apply(draft.id, CampaignEvent.START, NOW)
        numbers = [NoticeStep(str(meeting), 0, NoticeKind.BRIEFING).number() for meeting in range(10, 30)]
        rows = [
            NewMessage(str(at % 3 + 1), step, Channel.WHATSAPP, HOME, MessageState.DUE, 5, NOW - SECOND * (30 - at))
            for at, step in enumerate(numbers)
        ]
        assert all(await self.notify(0, rows, NOW))

    async def notify(self, process: int, rows: Sequence[NewMessage], now: datetime) -> Sequence[bool]:
        campaign = await self.stores[process].campaigns.get(AGENDA)
        return [*await self.stores[process].ledger.enter(campaign, rows, now)]

    async def claim(self, ask: Ask, sender: Sender, own: Limits, now: datetime) -> Claim:
        ledger = self.stores[ask.process].ledger
        lanes = [
            OpenLane(lane.id, lane.campaign_id, None, lane.priorities, own if lane.campaign_id == "1" else Limits())
            for lane in await ledger.lanes()
        ]
        revision = await ledger.revision()
        return await ledger.claim(ClaimRequest(sender, lanes, ask.count, now, revision, ask.horizon, ask.pace))

    async def rows(self) -> list[MessageRecord]:
        return [*await self.stores[0].ledger.page(MessageFilter(), None, 10_000)]

    async def counters(self) -> dict[tuple[str, int, str, str], int]:
        """What is counted; a message that is under way is due, claimed or being sent."""
        counted: Counter[tuple[str, int, str, str]] = Counter()
        for campaign in await self.stores[0].campaigns.all():
            for one in await self.stores[0].campaigns.tally(campaign.id):
                counted[campaign.id, one.step, "open" if one.state in OPEN else one.state, one.reason] += one.count
        return dict(counted)

    async def journal(self, message_id: MessageId) -> list[object]:
        lines = await self.stores[0].ledger.journal(message_id)
        return [line for line in lines if (line.event, line.reason) != ("release", "lease_ran_out")]


@dataclass(frozen=True)
class Ask:
    """A process asks for messages at an instant, `gap` after what was before; `back`: its clock is behind."""

    process: int
    count: int
    gap: timedelta
    back: timedelta
    horizon: timedelta
    pace: Pace | None
    sender: int
    outcomes: list[int]
    """What becomes of each message, in turn."""
    limits: Limits | None
    then: int
    which: int


GAPS = st.sampled_from([0, 1, 900, 4_000, 59_999, 61_000, 61_001, 3_600_000]).map(lambda ms: timedelta(milliseconds=ms))
LIMITS = st.builds(Limits, burst=st.none() | st.integers(1, 6), hourly=st.none() | st.integers(2, 20))
ASKS = st.builds(
    Ask,
    process=st.integers(0, 1),
    count=st.integers(1, 9),
    gap=GAPS,
    back=st.sampled_from([0 * SECOND] * 3 + [SECOND, MINUTE]),
    horizon=st.sampled_from([0 * SECOND, 0 * SECOND, MINUTE, 3 * MINUTE, 26 * HOUR]),
    pace=st.sampled_from([None, Pace(2, SECOND), Pace(1, 7 * SECOND)]),
    sender=st.sampled_from([0, 0, 0, 1]),
    outcomes=st.lists(st.integers(0, 8), min_size=9, max_size=9),
    limits=st.none() | st.none() | LIMITS,
    then=st.integers(0, 11),
    which=st.integers(0, 1_000),
)


@dataclass
class Story:
    """The same told to both families, and compared after every act."""

    sqlite: Family
    dynamo: Family
    limits: Limits
    own: Limits
    now: datetime = NOW
    lost: list[MessageId] = field(default_factory=list)

    @property
    def families(self) -> tuple[Family, Family]:
        return self.sqlite, self.dynamo

    async def both(self, act: Callable[[Family], object]) -> list[object]:
        """Do something with both families; the answers have to be equal."""
        answers = [await act(family) for family in self.families]  # type: ignore[misc]
        assert answers[0] == answers[1]
        return answers

    def sender(self, number: int) -> Sender:
        name = ("whatsapp", "outro")[number]
        return Sender(name, Channel.WHATSAPP, self.limits, breaker=BreakerPolicy(3, MINUTE), lease=LEASE)

    async def tell(self, ask: Ask) -> None:
        self.now += ask.gap
        self.limits = ask.limits or self.limits
        sender, now = self.sender(ask.sender), self.now - ask.back
        await self._lapse(now)
        claims = [await family.claim(ask, sender, self.own, now) for family in self.families]
        assert claims[0] == claims[1]
        for number, message in enumerate(claims[0].messages):
            await self._carry(message, ask.outcomes[number], sender, max(now, message.permit_at), ask.process)
        if claims[0].messages and not claims[0].messages[0].begun:
            self.now = max(self.now, max(one.permit_at for one in claims[0].messages))
        await self._compare(sender)
        await self._something_else(ask)
        await self._compare(sender)

    async def _carry(self, message: Claimed, outcome: int, sender: Sender, at: datetime, process: int) -> None:
        if not message.begun:
            ticket = Ticket.of(message)
            await self.both(lambda family: family.stores[process].ledger.pick_up(ticket, at))
            if outcome == 8:  # the ticket is lost
                self.lost.append(message.id)
                return
            await self.both(lambda family: family.stores[1 - process].ledger.begin(message, at))
            await self.both(lambda family: family.stores[process].ledger.begin(message, at))
        await self.both(lambda family: family.stores[process].ledger.clear_to_send(message, sender, at))
        if outcome == 7:  # killed at work: its lease will run out
            return
        settlement = _settlement(message, outcome, sender, at)
        await self.both(lambda family: _settle(family, process, [settlement, settlement], at))

    async def _lapse(self, now: datetime) -> None:
        """What is lost ends here: in SQLite it goes to the end of its queue, on DynamoDB it keeps its place."""
        for family in self.families:
            for _ in range(4):
                await family.stores[0].ledger.lapse(now, 1_000)
        over = [one for one in self.lost if await self._is_free(one)]
        cancels = [Settlement(one, MessageEvent.CANCEL, reason="lost") for one in over]
        await self.both(lambda family: _settle(family, 0, cancels, now))
        self.lost = [one for one in self.lost if one not in over]

    async def _is_free(self, message_id: MessageId) -> bool:
        return (await self.sqlite.stores[0].ledger.get(message_id)).state is not MessageState.CLAIMED

    async def _something_else(self, ask: Ask) -> None:
        rows = [row for row in await self.sqlite.rows() if row.id not in self.lost]
        row, now, ledger = rows[ask.which % len(rows)], self.now, ask.process
        settled = {
            0: [Settlement(row.id, MessageEvent.DELIVER, event_id=f"d:{row.id}:{ask.which % 3}")],
            1: [Settlement(row.id, MessageEvent.REJECT, reason="bounced", event_id=f"r:{row.id}")],
            2: [
                Settlement(one.id, MessageEvent.REDRIVE, due_at=now) for one in rows if one.state in ("failed", "dead")
            ],
            3: [Settlement(row.id, MessageEvent.CANCEL, row.attempts, "replied")],
            4: [Settlement(row.id, MessageEvent.PROMOTE, due_at=now)],
        }
        if ask.then in settled:
            await self.both(lambda family: _settle(family, ledger, settled[ask.then], now))
        elif ask.then == 5:
            await self.both(
                lambda family: family.stores[ledger].ledger.note(row.id, "replied", "Oi", f"n:{row.id}", now)
            )
        elif ask.then == 6:
            await self._doubts(ask, now)
        elif ask.then == 7 and not self.lost:
            contact = await self.sqlite.stores[0].contacts.get(row.id.contact_id)
            stop = Suppression(contact.keys[0], None, "opted_out", "reply", now)
            await self.both(lambda family: family.stores[ledger].suppressions.add([stop]))
        elif ask.then == 8 and not self.lost and row.id.campaign_id == "3":
            await self._cancel(now)
        elif ask.then >= 9:
            notices = list(_notices(ask, now))
            await self.both(lambda family: family.notify(ledger, notices, now))
            if ask.then == 9:
                await self.both(lambda family: family.notify(1 - ledger, notices, now))

    async def _doubts(self, ask: Ask, now: datetime) -> None:
        found = [
            sorted(await one.stores[0].ledger.doubts(now, 99), key=lambda doubt: doubt.record.id)
            for one in self.families
        ]
        assert found[0] == found[1]
        event = (MessageEvent.HOLD, MessageEvent.RELEASE, MessageEvent.RESEND)[ask.which % 3]
        due_at = None if event is MessageEvent.HOLD else now
        settled = [Settlement(one.record.id, event, one.record.attempts, "looked", due_at=due_at) for one in found[0]]
        await self.both(lambda family: _settle(family, 0, settled[1:], now))
        for one in found[0][:1]:
            for family in self.families:
                await family.stores[0].ledger.look_again(one.record.id, now + MINUTE)

    async def _cancel(self, now: datetime) -> None:
        for family in self.families:
            store = family.stores[0]
            campaign = await store.campaigns.get("c")
            if campaign.state == "running":
                campaign = await store.campaigns.apply(campaign.id, CampaignEvent.CANCEL, now)
            while await store.ledger.sweep(campaign, MessageEvent.CANCEL, "campaign_cancelled", now, 4):
                pass
        await self.both(lambda family: family.stores[1].campaigns.conclude("3", now))

    async def _compare(self, sender: Sender) -> None:
        rows = [[_comparable(row, self.lost) for row in await family.rows()] for family in self.families]
        assert rows[0] == rows[1]
        await self.both(lambda family: family.counters())
        for name in ("whatsapp", "outro"):
            await self.both(lambda family, name=name: family.stores[0].ledger.breaker(name))  # type: ignore[misc]
        for book in (sender.name, sender.campaign_book("1"), sender.campaign_book("2")):
            await self.both(lambda family, book=book: _permits(family, book, sender, self.now))  # type: ignore[misc]

    async def histories(self) -> None:
        for row in await self.sqlite.rows():
            await self.both(lambda family, row=row: family.journal(row.id))  # type: ignore[misc]
            await self.both(
                lambda family, row=row: family.stores[0].ledger.has_replied(row.id.campaign_id, row.id.contact_id)  # type: ignore[misc]
            )


def _notices(ask: Ask, now: datetime) -> Iterator[NewMessage]:
    """Some notices of a few people, each due at an instant of its own; of small numbers, so that some come again."""
    for number in range(ask.count):
        which = ask.which * 7 + number * 5
        step = NoticeStep(str(which % 3 + 1), which % 2, tuple(NoticeKind)[which % 4]).number()
        due_at = now + timedelta(milliseconds=which * 977 % 400_000 + number)
        yield NewMessage(str(which % 2 + 1), step, Channel.WHATSAPP, HOME, MessageState.DUE, 5, due_at)


def _settlement(message: Claimed, outcome: int, sender: Sender, at: datetime) -> Settlement:
    failures = (
        None,
        None,
        FailureClass.TRANSIENT,
        FailureClass.RECIPIENT,
        FailureClass.UNKNOWN,
        FailureClass.TRANSIENT,
    )
    events = (
        MessageEvent.ACCEPT,
        MessageEvent.ACCEPT,
        MessageEvent.RETRY,
        MessageEvent.REJECT,
        MessageEvent.DOUBT,
        MessageEvent.EXHAUST,
        MessageEvent.RELEASE,
    )
    event = events[outcome % len(events)]
    heard = event is not MessageEvent.RELEASE
    again_at = {MessageEvent.RETRY: at + SECOND, MessageEvent.DOUBT: at, MessageEvent.RELEASE: at}.get(event)
    follow = [FollowUp(step, MessageEvent.PROMOTE, due_at=at) for step in range(message.id.step + 1, STEPS + 1)]
    return Settlement(
        message.id,
        event,
        message.fence,
        f"{event}ed",
        due_at=again_at,
        uses_retry=event is MessageEvent.RETRY,
        provider_id=f"wamid.{message.id}" if event is MessageEvent.ACCEPT else None,
        sender=sender,
        heard=heard,
        failure=failures[outcome] if heard and outcome < len(failures) else None,
        probe_until=message.lease_until if message.probe and not heard else None,
        follow_ups=follow if event in (MessageEvent.ACCEPT, MessageEvent.REJECT) else (),
    )


async def _settle(family: Family, process: int, settlements: Sequence[Settlement], now: datetime) -> list[bool]:
    return [*await family.stores[process].ledger.settle(settlements, now)]


async def _permits(family: Family, name: str, sender: Sender, now: datetime) -> object:
    """What a book would give, now and later, whatever it has kept to know it."""
    book = await family.stores[0].ledger.book(name, 40, sender)
    given, last_at_ms = book.given, book.last_at_ms
    grant = reserve([book], 40, to_ms(now), 7_200_000)
    moments = [at for at, times in grant.runs for _ in range(times)]
    return given, last_at_ms, moments, grant.next_at_ms, grant.reason


def _comparable(row: MessageRecord, lost: Sequence[MessageId]) -> MessageRecord:
    if row.id not in lost:
        return row
    return replace(row, state=MessageState.DUE, reason="", due_at=None, attempts=0, changed_at=NOW)


@settings(settings.get_profile("fast"), max_examples=40)
@given(limits=LIMITS, own=LIMITS, asks=st.lists(ASKS, min_size=3, max_size=25))
def test_both_families_tell_the_same_story(limits: Limits, own: Limits, asks: list[Ask]) -> None:
    async def told() -> None:
        database, tables = Database(None), MemoryTables()
        sqlite = Family((open_store(database), open_store(database.sibling())))
        dynamo = Family((open_dynamo_store(tables), open_dynamo_store(tables.sibling())))
        for family in (sqlite, dynamo):
            for name in LISTS:
                await family.begin(name)
            await family.begin_agenda()
        story = Story(sqlite, dynamo, limits, own)
        for ask in asks:
            await story.tell(ask)
        await story.histories()
        database.close()

    asyncio.run(told())
