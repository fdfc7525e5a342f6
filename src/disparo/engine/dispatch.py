"""Dispatch: claim what is due, hand it to its provider, conclude what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.message import Claimed, MessageEvent, Outcome
from disparo.domain.policies.lane_opening import lane_decision
from disparo.domain.policies.rate_limit import MOMENT_TOLERANCE, Pace
from disparo.domain.policies.retry import LONGEST_WAIT, FailureClass, decide_retry
from disparo.domain.sender import Sender
from disparo.domain.settlement import FollowUp, Settlement
from disparo.domain.template import Content, RenderError, check_size
from disparo.engine.follow_up import follow_ups
from disparo.engine.lane_book import LaneBook
from disparo.ports.channel import Outgoing, SendChannel
from disparo.ports.ledger import Claim, ClaimRequest, Ledger
from disparo.ports.renderer import CompiledTemplate, Renderer

_AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Route:
    """How a sender's messages travel."""

    sender: Sender
    channel: SendChannel


class Dispatch:
    """One message's way from its lane to its provider and back into the ledger.

    `claim`, then for each message `begin` (when it was claimed ahead), `prepare`, `hand_over` and `conclude`, then
    `record` for any number of them. Each
    takes the instant at which it is called; whoever calls them keeps time and concurrency.
    """

    def __init__(
        self,
        ledger: Ledger,
        lanes: LaneBook,
        renderer: Renderer,
        routes: Mapping[str, Route],
        chance: Callable[[], float],
    ) -> None:
        self._ledger, self._lanes, self._renderer = ledger, lanes, renderer
        self._routes, self._chance = routes, chance
        self._compiled: dict[tuple[str, int, int], CompiledTemplate] = {}

    async def claim(
        self, sender: str, count: int, now: datetime, horizon: timedelta = _AT_ONCE, pace: Pace | None = None
    ) -> Claim:
        """Up to `count` messages of a sender that may leave at `now`, or until `horizon` later; when to ask again."""
        route = self._routes[sender]
        while True:
            await self._lanes.refresh()
            view = self._lanes.view(route.sender.channel, now)
            if not view.open:
                return Claim(next_at=view.opens_at, reason="nothing_open")
            request = ClaimRequest(route.sender, view.open, count, now, self._lanes.revision, horizon, pace)
            claim = await self._ledger.claim(request)
            if not claim.stale:
                break
        if claim.blocked:
            return claim
        return replace(
            claim, next_at=min((at for at in (claim.next_at, view.opens_at) if at is not None), default=None)
        )

    async def begin(self, message: Claimed, now: datetime) -> Claimed | Settlement | None:
        """Record the intent of what was claimed ahead, when its moment has come or shortly before.

        None when it is not ours to begin: then there is nothing to record either, as a duplicate may have it under
        way. Back to its lane when its campaign or hours, as they are at its moment, have changed since the claim.
        """
        if not await self._ledger.begin(message, now):
            return None
        reason = await self._reason_to_wait(message, now)
        return replace(message, begun=True, ahead=True) if reason is None else self.give_back(message, reason, now)

    async def prepare(self, message: Claimed, now: datetime) -> Outgoing | Settlement:
        """A message that has begun, ready for its provider; or what became of it: refused, or back to its lane.

        This is the last look, so it is to be called when its moment has come.
        """
        sender = self._routes[message.sender].sender
        campaign = await self._lanes.campaign(message.id.campaign_id)
        try:
            content = self._render(campaign, message)
        except RenderError as error:
            reason = f"{error.reason}:{error.variable}" if error.variable else error.reason
            return self._refuse(message, campaign, reason, str(error), now)
        if problem := check_size(content, message.channel):
            return self._refuse(message, campaign, problem.reason, str(problem), now)
        if message.address is None:
            return self._refuse(message, campaign, "no_address", "", now)
        refusal = await self._ledger.clear_to_send(message, sender, now)
        if refusal is None and await self._was_answered_meanwhile(campaign, message):
            refusal = "replied"
        if refusal in ("lost", "breaker_open"):
            return self.give_back(message, refusal, now)
        if refusal is not None:
            follow = follow_ups(campaign, message.id.step, sent=False, skipped=True, now=now, place=message.place)
            return Settlement(
                message.id,
                MessageEvent.CANCEL,
                message.fence,
                refusal,
                sender=sender,
                probe_until=_probe_until(message),
                follow_ups=follow,
            )
        return Outgoing(message.id, message.address, content)

    async def _reason_to_wait(self, message: Claimed, now: datetime) -> str | None:
        """Why a message that was claimed ahead has to wait again, or None."""
        await self._lanes.refresh()
        campaign = await self._lanes.campaign(message.id.campaign_id)
        if campaign.state is not CampaignState.RUNNING:
            return f"campaign_{campaign.state}"
        decision = lane_decision(campaign, message.place, max(now, message.permit_at))
        return None if decision.open else decision.reason

    async def _was_answered_meanwhile(self, campaign: Campaign, message: Claimed) -> bool:
        """Whether the contact replied while the message was begun, or an attempt that failed was on its way.

        The reply could not cancel what was under way.
        """
        if (message.fence == 1 and not message.ahead) or not campaign.step(message.id.step).stop_on_reply:
            return False
        return await self._ledger.has_replied(message.id.campaign_id, message.id.contact_id)

    async def hand_over(
        self, message: Claimed, outgoing: Outgoing, now: datetime, late: timedelta
    ) -> Outcome | Settlement:
        """Call the provider, unless the moment has passed: `late` after the permit, or at the lane's closing.

        `late` is measured by the caller on a clock that cannot be set back.
        """
        if late >= MOMENT_TOLERANCE or (message.closes_at is not None and now >= message.closes_at):
            return self.give_back(message, "missed_its_moment", now)
        return await self._routes[message.sender].channel.send(outgoing, now)

    async def conclude(self, message: Claimed, outcome: Outcome, now: datetime) -> Settlement:
        """What an outcome means for the message, its sequence and its sender."""
        sender = self._routes[message.sender].sender
        decision = None
        event, due_at, reason = MessageEvent.ACCEPT, None, outcome.reason
        if outcome.failure is FailureClass.UNKNOWN:
            event, due_at = MessageEvent.DOUBT, now
        elif outcome.failure is not None:
            after = (
                None
                if outcome.retry_after_s is None
                else timedelta(seconds=max(0.0, min(outcome.retry_after_s, LONGEST_WAIT.total_seconds())))
            )
            decision = decide_retry(
                sender.retry, outcome.failure, message.retries_used, now, retry_after=after, chance=self._chance()
            )
            event, due_at = _event_of(outcome.failure, decision.at), decision.at
            reason = decision.reason if event is MessageEvent.EXHAUST else reason or decision.reason
        return Settlement(
            message.id,
            event,
            message.fence,
            reason,
            outcome.detail,
            due_at,
            uses_retry=decision is not None and decision.uses_retry,
            provider_id=outcome.provider_id,
            sender=sender,
            heard=True,
            failure=outcome.failure,
            follow_ups=await self._follow_ups(message, event, now),
        )

    def give_back(self, message: Claimed, reason: str, now: datetime) -> Settlement:
        """The message goes back to its lane, surely not sent; that is not an attempt (I6)."""
        sender = self._routes[message.sender].sender
        return Settlement(
            message.id,
            MessageEvent.RELEASE,
            message.fence,
            reason,
            due_at=now,
            sender=sender,
            probe_until=_probe_until(message),
        )

    async def record(self, settlements: list[Settlement], now: datetime) -> None:
        """Write down what became of messages; durable when it returns."""
        await self._ledger.settle(settlements, now)

    async def _follow_ups(self, message: Claimed, event: MessageEvent, now: datetime) -> Sequence[FollowUp]:
        if event not in _ENDS:
            return ()
        campaign = await self._lanes.campaign(message.id.campaign_id)
        sent = event is MessageEvent.ACCEPT
        return follow_ups(campaign, message.id.step, sent=sent, now=now, place=message.place)

    def _refuse(self, message: Claimed, campaign: Campaign, reason: str, detail: str, now: datetime) -> Settlement:
        sender = self._routes[message.sender].sender
        follow = follow_ups(campaign, message.id.step, sent=False, now=now, place=message.place)
        return Settlement(
            message.id,
            MessageEvent.REJECT,
            message.fence,
            reason,
            detail,
            sender=sender,
            probe_until=_probe_until(message),
            follow_ups=follow,
        )

    def _render(self, campaign: Campaign, message: Claimed) -> Content:
        key = (campaign.id, campaign.revision, message.id.step)
        if (compiled := self._compiled.get(key)) is None:
            template = campaign.step(message.id.step).template
            compiled = self._compiled[key] = self._renderer.compile(template)
        return compiled.render(campaign.variables_for(message.variables))


def _probe_until(message: Claimed) -> datetime | None:
    return message.lease_until if message.probe else None


_ENDS = (MessageEvent.ACCEPT, MessageEvent.REJECT, MessageEvent.EXHAUST)


def _event_of(failure: FailureClass, again_at: datetime | None) -> MessageEvent:
    if again_at is not None:
        return MessageEvent.RETRY
    return MessageEvent.EXHAUST if failure is FailureClass.TRANSIENT else MessageEvent.REJECT
