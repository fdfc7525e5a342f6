"""Another program that is told what happens: an endpoint, and what it was told in truth."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from disparo.adapters.announced_store import announced
from disparo.adapters.outbox_events import OutboxEvents
from disparo.adapters.standard_webhooks import check, signing_key
from disparo.adapters.webhook_signing import SealedSigning, written_secret
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.campaign import CAMPAIGN_LIFECYCLE, CampaignEvent, CampaignState
from disparo.domain.errors import DisparoError
from disparo.domain.inbox_entry import event_digest
from disparo.domain.message import MessageId
from disparo.domain.person_document import iso
from disparo.domain.receipt import Reply
from disparo.domain.webhook import Endpoint, EventType
from disparo.engine.announcing import Outward
from disparo.ports.store import Store
from disparo.ports.webhooks import Posted

if TYPE_CHECKING:
    from disparo.simulation.process import Process
    from disparo.simulation.world import World

NAME = "programa"
SECRET = written_secret(b"twenty-four bytes of key")
_MESSAGES = frozenset(kind for kind in EventType if kind.startswith("message."))
_OTHERS = frozenset(EventType) - _MESSAGES
_AT_MOST = timedelta(days=12)


class Plain:
    """`Sealer` that hides nothing."""

    def seal(self, text: str, about: str) -> str:
        """See `Sealer.seal`."""
        return f"{about} {text}"

    def open(self, sealed: str, about: str) -> str:
        """See `Sealer.open`."""
        return sealed.removeprefix(f"{about} ")


class Listener:
    """An endpoint that listens to a world; while things go wrong it is often slow, down, or says no."""

    def __init__(self, world: World) -> None:
        self._world, self.listens = world, world.scenario.listened
        self._random = random.Random(f"listener {world.scenario.seed}")
        self.told: dict[str, Mapping[str, Any]] = {}
        """What it was told, by the ids of events."""
        self.replies: set[str] = set()
        """The ids of replies that were taken to their end, or kept."""
        self.campaigns: Mapping[str, CampaignState] = {}
        """Where campaigns stand at the end."""
        self._since_s = 0.0
        # Events of every message make ten times as many calls, so they are asked for in every third world.
        self._types = frozenset() if self._random.random() < 0.3 else _OTHERS

    async def set_up(self) -> None:
        """Somebody names the endpoint, if anybody listens."""
        if not self.listens:
            return
        sealed = Plain().seal(SECRET, f"webhook:{NAME}")
        now = self._world.clock.now()
        await self._world.store.webhooks.add(
            Endpoint(NAME, "https://programa.example.com/", sealed, now, self._types, include_personal=True)
        )

    def outward(self, process: Process, store: Store) -> tuple[Store, Outward]:
        """What a process has of announcing, over its own store."""
        events = OutboxEvents(store.webhooks)
        post = PostOfProcess(self, process)
        return announced(store, events), Outward(events, post, SealedSigning(Plain))

    def announcing(self, store: Store) -> Store:
        """A store as who acts by hand has it, in a process that begins with that act."""
        return announced(store, OutboxEvents(store.webhooks)) if self.listens else store

    def taken(self, event: object) -> None:
        """A reply was taken to its end."""
        if isinstance(event, Reply):
            self.kept(event.event)

    def kept(self, event_id: str) -> None:
        """A reply was kept; one that comes while everybody stops is told of when somebody works again."""
        if not self._world.stopping:
            self.replies.add(event_digest(event_id))

    async def come_to_rest(self, rests: Callable[[], bool], at_most: timedelta) -> None:
        """Wait until everything rests and is delivered; while that goes on more may happen."""
        await self._world.until(rests, at_most)
        while self.listens and self._world.violation is None and await self._waits():
            await self._world.until(rests, at_most)
        kept = await self._world.store.campaigns.all()
        self.campaigns = {one.id: one.state for one in kept if not one.standing}

    async def _waits(self) -> bool:
        """Wait a while for what is still to be delivered; False when there is nothing, or it takes too long."""
        due_at = await self._world.store.webhooks.next_due(NAME)
        if due_at is None:
            return False
        self._since_s = self._since_s or self._world.elapsed_s()
        if self._world.elapsed_s() - self._since_s > _AT_MOST.total_seconds():
            self._world.fail("announced", f"a delivery is due {due_at}, for ever")
        await asyncio.sleep(900.0)
        return True

    # What it hears

    def hear(self, headers: Mapping[str, str], body: bytes, now: datetime) -> int:
        """A request arrives; the status that it is answered."""
        world = self._world
        try:
            check(signing_key(SECRET), headers, body, now)
        except DisparoError as error:
            world.fail("announced", f"a delivery that is not signed well: {error}")
        told = json.loads(body)
        event_id = headers["webhook-id"]
        world.note("listener", f"hears {told['type']} {event_id[-6:]}")
        if self.told.setdefault(event_id, told) != told:
            world.fail("announced", f"{event_id} was told as {self.told[event_id]} and as {told}")
        if problem := self._false(told):
            world.fail("announced", f"{told['type']}: {problem}")
        world.news()
        return 200

    def answers(self) -> float:
        """How it is today, from 0 (gone) to 1."""
        return 1.0 if self._world.healed else self._random.random()

    def _false(self, told: Mapping[str, Any]) -> str | None:
        """What is told that is not so."""
        kind, data = EventType(told["type"]), told["data"]
        if kind is EventType.REPLY_RECEIVED and not self._wrote(data["reply_id"], data["text"]):
            return f"nobody wrote {data}"
        if kind.startswith("meeting."):
            return self._false_of_meeting(kind, data)
        if kind is EventType.MESSAGE_ACCEPTED and not self._world.facts.copies_of(MessageId.parse(data["message_id"])):
            return f"{data['message_id']} was never taken"
        return None

    def _wrote(self, reply_id: str, text: str) -> bool:
        replies = (one for one in self._world.events if isinstance(one, Reply))
        return any(event_digest(one.event) == reply_id and one.text == text for one in replies)

    def _false_of_meeting(self, kind: EventType, data: Mapping[str, Any]) -> str | None:
        agenda = self._world.agenda
        if agenda is None:
            return "there are no meetings"
        revisions = [one.meeting for one in agenda.facts.revisions[data["meeting_id"]]]
        then = [one for one in revisions if one.sequence == data["version"]]
        if not then:
            return f"meeting {data['meeting_id']} never had version {data['version']}"
        wanted = change_of(then[0], [one for one in revisions if one.sequence < data["version"]])
        if wanted != kind:
            return f"version {data['version']} of meeting {data['meeting_id']} is {wanted}"
        slot, told = then[0].slot, data["slot"]
        if (slot is None) != (told is None) or (slot is not None and told["start_at"] != iso(slot.start_at)):
            return f"meeting {data['meeting_id']} was {slot}, not {told}"
        return None

    # What it must have heard

    def missing(self) -> str | None:
        """What happened and it was never told."""
        if not self.listens:
            return None
        replies = {one["data"]["reply_id"] for one in self.told.values() if one["type"] == EventType.REPLY_RECEIVED}
        if lost := sorted(self.replies - replies):
            return f"nobody was told of the replies {lost[:3]}"
        for campaign_id, state in self.campaigns.items():
            if problem := self._untold_of_campaign(campaign_id, state):
                return problem
        agenda = self._world.agenda
        if agenda is None:
            return None
        known = {
            (one["data"]["meeting_id"], one["data"]["version"])
            for one in self.told.values()
            if one["type"].startswith("meeting.")
        }
        for meeting_id, revisions in agenda.facts.revisions.items():
            versions = {one.meeting.sequence for one in revisions}
            if meeting_id in agenda.facts.left_open:
                continue
            if lost_versions := sorted(versions - {0} - {version for one, version in known if one == meeting_id}):
                return f"nobody was told of versions {lost_versions} of meeting {meeting_id}"
        return None

    def _untold_of_campaign(self, campaign_id: str, state: CampaignState) -> str | None:
        """Each change that was told leads on from the one before it, and the last one to where the campaign stands."""
        told = [one["data"] for one in self.told.values() if one["type"].startswith("campaign.")]
        own = sorted((one for one in told if one["campaign_id"] == campaign_id), key=lambda one: int(one["revision"]))
        stands = CAMPAIGN_LIFECYCLE.initial
        for one in own:
            if not CAMPAIGN_LIFECYCLE.allows(stands, CampaignEvent(one["event"])):
                return f"nobody was told how campaign {campaign_id} came from {stands} to {one}"
            stands = CampaignState(one["state"])
        return None if stands is state else f"campaign {campaign_id} is {state}, and {stands} was told last"


def change_of(meeting: Meeting, before: list[Meeting]) -> EventType:
    """What happened to a meeting in its version, by how it stands and stood."""
    if meeting.state not in (MeetingState.PROPOSED, MeetingState.CONFIRMED):
        return EventType(f"meeting.{meeting.state}")
    if meeting.agreed == meeting.sequence:
        return EventType.MEETING_MOVED if any(one.slot for one in before) else EventType.MEETING_AGREED
    return EventType.MEETING_PROPOSED


class PostOfProcess:
    """`Post` of one process: what it sends may be cut off, or answered and not heard of."""

    def __init__(self, listener: Listener, process: Process) -> None:
        self._listener, self._process = listener, process

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:  # noqa: ARG002
        """See `Post.post`."""
        listener, world = self._listener, self._process.world
        frozen = await self._process.gate.before_request()
        sent_at = world.clock.now()
        mood = listener.answers()
        await asyncio.sleep(0.05 if mood > 0.5 else 3.0)
        if mood < 0.1:
            return Posted(None, timedelta(seconds=3), "not_connected")
        # A process that stood still before it sent has an old signature, which a receiver may refuse.
        status = listener.hear(headers, body, sent_at) if not frozen else 400
        if mood < 0.2:
            return Posted(None, timedelta(seconds=3), "no_answer")
        if mood < 0.25:
            return Posted(503, timedelta(seconds=3), retry_after=timedelta(minutes=2))
        return Posted(status, timedelta(seconds=1))

    async def refusal(self, url: str) -> str | None:  # noqa: ARG002
        """See `Post.refusal`."""
        return None

    async def close(self) -> None:
        """See `Post.close`."""
