"""What calls of the store mean for the truth about a world: noted when they have taken effect."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from disparo.domain.agenda.meeting import Meeting
from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.folding import FoldResult
from disparo.domain.message import Claimed, MessageEvent, MessageId
from disparo.domain.settlement import BY_TEMPLATE, Settlement
from disparo.domain.suppression import Suppression
from disparo.simulation.facts import ClaimFact, Heard
from disparo.simulation.gate import PortCall
from disparo.simulation.hours_oracle import ALWAYS

if TYPE_CHECKING:
    from disparo.ports.inbox import Heard as InboxHeard
    from disparo.ports.ledger import Claim, ClaimRequest
    from disparo.simulation.world import World

_OUTCOMES = frozenset(
    {MessageEvent.ACCEPT, MessageEvent.RETRY, MessageEvent.REJECT, MessageEvent.EXHAUST, MessageEvent.DOUBT}
)
"""What a process writes down when it has heard from a provider; the last look may refuse as well."""

_TAKEN = frozenset({MessageEvent.ACCEPT, MessageEvent.DELIVER, MessageEvent.READ})


class Observer:
    """Told of each call of a port when it has returned, in a store whose calls are one act each."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._facts = world.facts

    def returned(self, call: PortCall, result: Any) -> None:
        """A call has taken effect, and its caller is about to be told."""
        if (watch := getattr(self, f"_on_{call.port}_{call.method}", None)) is not None:
            watch(call, result, *call.args)

    # Claims

    def _on_ledger_claim(self, call: PortCall, claim: Claim, request: ClaimRequest) -> None:
        for message in claim.messages:
            self._world.note(call.process, f"claims {message.id} ({message.fence})")
            self._claimed(call.process, message, request.now)
        asked_s = (request.now - self._world.scenario.start_at).total_seconds()
        if problem := self._world.flow.told_to_wait(request, claim, asked_s):
            self._world.fail("failover", problem)
        if claim.reason and not claim.messages:
            sender = request.sender.name
            self._world.note(call.process, f"claims nothing of {sender}: {claim.reason} until {claim.next_at}")

    def _claimed(self, process: str, message: Claimed, now: datetime) -> None:
        facts, at_s = self._facts, self._world.elapsed_s()
        fact = ClaimFact(facts.next(), message.fence, at_s, now, message.lease_until, at_s, message.sender)
        facts.claimed(message.id, fact)
        facts.begun(process, message.id, fact, at_s)

    def _on_ledger_clear_to_send(
        self, call: PortCall, refusal: str | None, message: Claimed, sender: Any, now: datetime
    ) -> None:
        if refusal is None:
            row = self._world.data.books_of(message.id).rows[message.id]
            self._facts.looked(call.process, message.id, row.state, row.fence, sender.name, now)

    def _on_ledger_clear_many(
        self, call: PortCall, refusals: Sequence[str | None], messages: Sequence[Claimed], sender: Any, now: datetime
    ) -> None:
        for message, refusal in zip(messages, refusals, strict=True):
            self._on_ledger_clear_to_send(call, refusal, message, sender, now)

    # Outcomes

    def _on_ledger_settle(
        self, call: PortCall, results: Sequence[bool], settlements: Sequence[Settlement], now: datetime
    ) -> None:
        for one, moved in zip(settlements, results, strict=True):
            self._world.note(call.process, f"settles {one.id} {one.event} {one.reason}{'' if moved else ' in vain'}")
            self._settled(call, one, moved, now)
            if self._facts.campaigns[one.id.campaign_id].standing:
                self._world.news()

    def _settled(self, call: PortCall, one: Settlement, moved: bool, now: datetime) -> None:
        facts = self._facts
        if moved and one.event in _TAKEN:
            facts.accepted.setdefault(one.id, facts.next())
        elif moved and one.event is MessageEvent.REDRIVE:
            self._redriven(one.id, one.reason)
        elif moved and one.fence is not None and one.fence < len(facts.claims_of[one.id]):
            self._world.fail("I2", f"{one.id}: {one.event} of claim {one.fence}, but there is a newer one")
        if (heard := self._recorded(call, one)) is not None and heard.speaks:
            facts.breakers[heard.sender].hear(heard.failure, now)

    def _recorded(self, call: PortCall, one: Settlement) -> Heard | None:
        """What this settlement writes down of what its process heard."""
        if one.sender is None or one.fence is None or not (one.heard or one.event in _OUTCOMES):
            return None
        heard = self._facts.recorded(call.process, one.id, one.fence, speaks=one.heard)
        if heard is not None and heard.speaks is not one.heard:
            self._world.fail("I7", f"{one.id} speaks for its request, or another one should")
        return heard

    def _redriven(self, message_id: MessageId, reason: str) -> None:
        facts = self._facts
        facts.redriven[message_id] += 1
        facts.accepted.pop(message_id, None)
        if reason == BY_TEMPLATE:
            facts.by_template[message_id] += 1
            if facts.by_template[message_id] > len(facts.told_closed[message_id]):
                self._world.fail("I2", f"{message_id} goes once more by template, but nobody said that it had failed")

    def _on_ledger_enroll(self, call: PortCall, done: bool, campaign: Any, _: Any, messages: Any, *__: Any) -> None:
        self._world.note(call.process, f"enters {len(messages)} rows of campaign {campaign.id}: {done}")

    def _on_ledger_enter(self, call: PortCall, entered: Sequence[bool], campaign: Any, messages: Any, *_: Any) -> None:
        if self._world.stopping:
            self._facts.left_open |= {MessageId(campaign.id, one.step, one.contact_id) for one in messages}
        told = [f"{one.contact_id}{'' if new else ' again'}" for one, new in zip(messages, entered, strict=True)]
        self._world.note(call.process, f"answers {', '.join(told)}")

    def _on_ledger_lapse(self, call: PortCall, count: int, *_: Any) -> None:
        if count:
            self._world.note(call.process, f"puts {count} in doubt")

    # Orders

    def _on_campaigns_add(self, call: PortCall, campaign: Campaign, *_: Any) -> None:
        if campaign.standing:
            self._world.note(call.process, f"makes campaign {campaign.id}, {campaign.name}")
            agenda, by_hand = self._world.agenda, self._world.writer.hours_of(campaign)
            self._facts.answering(campaign, by_hand or (ALWAYS if agenda is None else agenda.hours_of(campaign)))

    def _on_campaigns_apply(self, call: PortCall, campaign: Campaign, *_: Any) -> None:
        self._campaign_is(call.process, campaign.id, campaign.state, ended=campaign.ended_at is not None)

    def _on_campaigns_conclude(self, call: PortCall, concluded: bool, campaign_id: str, *_: Any) -> None:
        if concluded:
            running = self._facts.campaigns[campaign_id].states[-1][-1] is CampaignState.RUNNING
            state = CampaignState.COMPLETED if running else self._facts.campaigns[campaign_id].states[-1][-1]
            self._campaign_is(call.process, campaign_id, state, ended=True)

    def _campaign_is(self, process: str, campaign_id: str, state: CampaignState, *, ended: bool) -> None:
        facts = self._facts.campaigns[campaign_id]
        facts.left_open = self._world.stopping
        facts.states.append((self._facts.next(), self._world.elapsed_s(), state))
        facts.ended = ended
        self._world.note(process, f"campaign {campaign_id} is {state}{', for good' if ended else ''}")
        self._world.news()

    # Meetings

    def _on_meetings_add(self, call: PortCall, kept: Meeting, _: Meeting, __: Any, now: datetime) -> None:
        if self._world.agenda is not None:
            self._world.agenda.committed(call, kept, now)

    _on_meetings_replace = _on_meetings_add

    # People

    def _on_contacts_fold(self, _: PortCall, results: Sequence[FoldResult], __: str, drafts: Any) -> None:
        for result, draft in zip(results, drafts, strict=True):
            self._facts.contacts.setdefault(result.contact_id, draft)

    def _on_inbox_keep(self, _: PortCall, __: bool, entry: InboxHeard, *___: Any) -> None:
        self._world.listener.kept(entry.event_id)
        if entry.contact_id is not None:
            self._facts.wrote |= dict.fromkeys(self._facts.keys_of(entry.contact_id), self._facts.next())

    def _on_suppressions_add(self, call: PortCall, _: int, suppressions: Sequence[Suppression]) -> None:
        for one in suppressions:
            self._suppressed(call.process, one)

    def _suppressed(self, process: str, one: Suppression) -> None:
        self._facts.suppressed.setdefault((one.key, one.channel), self._facts.next())
        self._world.note(process, f"suppresses {one.key} on {one.channel or 'all'}")
