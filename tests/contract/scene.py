"""A stage for the contract checks: people, campaigns, claims, through ports alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from disparo.domain.agenda.notice import own_step
from disparo.domain.campaign import Campaign, CampaignEvent
from disparo.domain.campaign_document import parse_campaign
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.lane import OpenLane
from disparo.domain.message import SENT, UNSENT_ENDS, Claimed, MessageEvent, MessageId, MessageRecord, MessageState
from disparo.domain.place import Place
from disparo.domain.policies.rate_limit import Limits, Pace
from disparo.domain.sender import Sender
from disparo.domain.settlement import Settlement
from disparo.ports.ledger import Claim, ClaimRequest, MessageFilter, NewMessage
from disparo.ports.store import Store

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
"""Ten in the morning of a Monday in Sao Paulo."""
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
MS = timedelta(milliseconds=1)
HOME = Place("America/Sao_Paulo", "BR-SP")
WHATSAPP = Sender("whatsapp", Channel.WHATSAPP)
"""A sender without limits, whose leases last a minute."""
STEPS = (
    {"channel": "whatsapp", "text": "Oi"},
    {"channel": "email", "wait": "1d", "subject": "Oi", "text": "Oi"},
    {"channel": "whatsapp", "wait": "1d", "text": "Oi de novo"},
)
NO_LIMITS: Mapping[str, Limits] = {}


class Scene:
    """A store and `other`, the same data in a second process."""

    def __init__(self, store: Store, other: Store) -> None:
        self.store, self.other = store, other
        self._people = 0

    async def people(
        self, count: int, list_name: str, *, priority: int = 5, places: Sequence[Place] = (HOME,)
    ) -> list[str]:
        """Add so many people to a list, living in these places in turn; their ids."""
        numbers = range(self._people, self._people + count)
        self._people += count
        drafts = [
            ContactDraft(
                f"{list_name}.csv:{number + 2}",
                places[number % len(places)],
                phone=phone_of(number),
                phone_key=phone_of(number),
                email=f"P{number}@example.com",
                email_key=mail_of(number),
                priority=priority,
                variables={"numero": str(number)},
            )
            for number in numbers
        ]
        return [result.contact_id for result in await self.store.contacts.fold(list_name, drafts)]

    async def draft(self, name: str = "promo", *, steps: int = 1, **keys: object) -> Campaign:
        """Keep the draft of a campaign for the list of its own name."""
        document = {"name": name, "list": name, "steps": STEPS[:steps], **keys}
        return await self.store.campaigns.add(parse_campaign(document, created_at=NOW))

    async def start(self, name: str = "promo", *, steps: int = 1, **keys: object) -> Campaign:
        """Start a campaign at NOW; nobody is entered yet."""
        campaign = await self.draft(name, steps=steps, **keys)
        return await self.store.campaigns.apply(campaign.id, CampaignEvent.START, NOW)

    async def enter(self, campaign: Campaign, *, due_at: datetime = NOW, limit: int = 1000) -> bool:
        """Enter the next page: first steps due, later ones waiting; whether anything was done."""
        page = await self.store.ledger.launch_page(campaign, limit)
        rows = [
            NewMessage(
                contact.id,
                number,
                step.channel,
                contact.place or HOME,
                MessageState.DUE if number == 1 else MessageState.WAITING,
                contact.priority,
                due_at if number == 1 else None,
            )
            for contact in page.contacts
            for number, step in enumerate(campaign.steps, 1)
        ]
        return await self.store.ledger.enroll(campaign, page, rows, NOW)

    async def begin(
        self,
        people: int = 1,
        name: str = "promo",
        *,
        steps: int = 1,
        due_at: datetime = NOW,
        priority: int = 5,
        places: Sequence[Place] = (HOME,),
    ) -> Campaign:
        """A campaign under way, of so many people."""
        await self.people(people, name, priority=priority, places=places)
        campaign = await self.start(name, steps=steps)
        assert await self.enter(campaign, due_at=due_at, limit=people + 1)
        return await self.store.campaigns.get(campaign.id)

    async def lanes(
        self, limits: Mapping[str, Limits] = NO_LIMITS, closes_at: datetime | None = None
    ) -> list[OpenLane]:
        """Every WhatsApp lane of running campaigns, taken as open; `limits` are campaigns' own, by id."""
        return [
            OpenLane(lane.id, lane.campaign_id, closes_at, lane.priorities, limits.get(lane.campaign_id, Limits()))
            for lane in await self.store.ledger.lanes()
            if lane.channel is Channel.WHATSAPP
        ]

    async def claim(
        self,
        count: int = 100,
        at: datetime = NOW,
        *,
        sender: Sender = WHATSAPP,
        lanes: Sequence[OpenLane] | None = None,
        store: Store | None = None,
        horizon: timedelta = timedelta(0),
        pace: Pace | None = None,
    ) -> Claim:
        """What a worker gets that asks at `at`."""
        ledger = (store or self.store).ledger
        chosen = await self.lanes() if lanes is None else lanes
        return await ledger.claim(ClaimRequest(sender, chosen, count, at, await ledger.revision(), horizon, pace))

    async def one(self, at: datetime = NOW, sender: Sender = WHATSAPP) -> Claimed:
        """The one message that there is to claim."""
        [message] = (await self.claim(1, at, sender=sender)).messages
        return message

    async def settle(self, *settlements: Settlement, at: datetime = NOW) -> list[bool]:
        """Whether each settlement changed its row."""
        return [*await self.store.ledger.settle(settlements, at)]

    async def rows(self, campaign: Campaign) -> list[MessageRecord]:
        """All rows of a campaign, in order."""
        return [*await self.store.ledger.page(MessageFilter(campaign.id), None, 100_000)]

    async def states(self, campaign: Campaign) -> list[str]:
        """The states of all rows, in order of contact and step."""
        return [str(row.state) for row in await self.rows(campaign)]

    async def check_tallies(self) -> None:
        """The counters of every campaign say what counting its rows would say."""
        for campaign in await self.store.campaigns.all():
            counted = Counter(
                (own_step(row.id.step), row.state, row.reason if row.state in UNSENT_ENDS else "")
                for row in await self.rows(campaign)
            )
            kept = {
                (one.step, one.state, one.reason): one.count
                for one in await self.store.campaigns.tally(campaign.id)
                if one.state in list(MessageState)
            }
            assert kept == counted

    async def check_hours(self) -> None:
        """What was counted by the hour comes to what stands now: true where nobody was killed."""
        for campaign in await self.store.campaigns.all():
            came: Counter[str] = Counter()
            for hour in await self.store.campaigns.hours(campaign.id):
                came[hour.event] += hour.count
            states = Counter(row.state for row in await self.rows(campaign))
            assert came["sent"] - came["bounced"] == sum(states[state] for state in SENT)
            given_up = states[MessageState.FAILED] + states[MessageState.DEAD]
            assert came["failed"] + came["bounced"] + came["dead"] - came["revived"] == given_up


def phone_of(number: int) -> str:
    """The phone, and its key, of person number `number` of a scene."""
    return f"+55419{88880000 + number}"


def mail_of(number: int) -> str:
    """The e-mail key of person number `number` of a scene."""
    return f"p{number}@example.com"


def speaks_of(message: Claimed, event: MessageEvent, **rest: object) -> Settlement:
    """A settlement of a claimed message, under its fence."""
    return Settlement(message.id, event, message.fence, **rest)  # type: ignore[arg-type]


def later_word(message_id: MessageId, event: MessageEvent, event_id: str | None = None) -> Settlement:
    """A settlement that knows of no claim, as a receipt brings it."""
    return Settlement(message_id, event, event_id=event_id)
