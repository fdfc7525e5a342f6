"""Dispatch: claim what is due, hand it to its provider, conclude what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from disparo.domain.agenda.notice import own_step
from disparo.domain.campaign import Campaign, CampaignKind, CampaignState
from disparo.domain.message import Claimed, MessageEvent, Outcome
from disparo.domain.policies.circuit_breaker import PROVIDER_FAULTS
from disparo.domain.policies.lane_opening import lane_decision
from disparo.domain.policies.rate_limit import MOMENT_TOLERANCE, Pace
from disparo.domain.policies.retry import LONGEST_WAIT, FailureClass, decide_retry
from disparo.domain.receipt import SuppressionCause
from disparo.domain.sender import Sender
from disparo.domain.settlement import FollowUp, Settlement
from disparo.domain.suppression import Suppression
from disparo.domain.template import UNSUBSCRIBE_LINK, Content, RenderError, check_size
from disparo.engine.accompaniment import Accompaniment
from disparo.engine.agenda.composing import NoticeComposer
from disparo.engine.by_hand import HandComposer
from disparo.engine.follow_up import follow_ups
from disparo.engine.lane_book import LaneBook
from disparo.engine.sharing_out import shares_of, told
from disparo.ports.channel import Outgoing, SendChannel, SendsMany
from disparo.ports.ledger import Claim, ClaimRequest, Ledger
from disparo.ports.renderer import CompiledTemplate, Renderer
from disparo.ports.suppressions import Suppressions

_AT_ONCE = timedelta(0)

OPTED_OUT = SuppressionCause.OPTED_OUT

OTHERS_TURN = timedelta(milliseconds=100)
"""How soon to ask again when the channel's other senders come first."""


@dataclass(frozen=True, slots=True)
class Route:
    """How a sender's messages travel."""

    sender: Sender
    channel: SendChannel


NO_AGENDA = "no_agenda"
"""A notice that is carried by a process which knows no meetings."""


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
        accompaniment: Accompaniment | None = None,
        suppressions: Suppressions | None = None,
        notices: NoticeComposer | None = None,
        by_hand: HandComposer | None = None,
    ) -> None:
        self._ledger, self._lanes, self._renderer = ledger, lanes, renderer
        self._routes, self._chance = routes, chance
        self._accompaniment, self._shares = accompaniment, shares_of(routes)
        self._suppressions, self._notices, self._by_hand = suppressions, notices, by_hand
        self._compiled: dict[tuple[str, int, int], CompiledTemplate] = {}

    async def claim(
        self, sender: str, count: int, now: datetime, horizon: timedelta = _AT_ONCE, pace: Pace | None = None
    ) -> Claim:
        """Up to `count` messages of a sender that may leave at `now`, or until `horizon` later; when to ask again."""
        route, shares = self._routes[sender], self._shares.get(sender)
        while True:
            await self._lanes.refresh()
            view = self._lanes.view(route.sender, now)
            if not view.open:
                if shares is not None:
                    shares.found_less(sender, now)
                return Claim(next_at=view.opens_at, reason="nothing_open")
            allowed = count if shares is None else shares.allowance(sender, count, now)
            if not allowed:
                return Claim(next_at=now + OTHERS_TURN, reason="others_turn")
            request = ClaimRequest(route.sender, view.open, allowed, now, self._lanes.revision, horizon, pace)
            claim = await self._ledger.claim(request)
            if not claim.stale:
                break
        if shares is not None:
            told(shares, sender, claim, allowed, now)
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
        campaign = await self._lanes.campaign(message.id.campaign_id)
        ready = await self._compose(campaign, message, now)
        if isinstance(ready, Settlement):
            return ready
        sender = self._routes[message.sender].sender
        refusal = await self._ledger.clear_to_send(_looked_at(campaign, message), sender, now)
        if refusal is None and _may_have_replied(campaign, message) and await self._has_replied(message):
            refusal = "replied"
        if refusal is None and campaign.kind is CampaignKind.AGENDA:
            refusal = await self._void(message, now)
        return ready if refusal is None else self._hold_back(message, campaign, refusal, now)

    async def prepare_many(self, messages: Sequence[Claimed], now: datetime) -> list[Outgoing | Settlement]:
        """As `prepare` for each, which all have one sender, with one last look at them."""
        campaigns = [await self._lanes.campaign(one.id.campaign_id) for one in messages]
        ready = [await self._compose(campaigns[at], one, now) for at, one in enumerate(messages)]
        open_ = [at for at, one in enumerate(ready) if isinstance(one, Outgoing)]
        if not open_:
            return ready
        sender = self._routes[messages[0].sender].sender
        looked_at = [_looked_at(campaigns[at], messages[at]) for at in open_]
        looked = await self._ledger.clear_many(looked_at, sender, now)
        refusals = {at: refusal for at, refusal in zip(open_, looked, strict=True) if refusal is not None}
        asked = [at for at in open_ if at not in refusals and _may_have_replied(campaigns[at], messages[at])]
        replied = await asyncio.gather(*(self._has_replied(messages[at]) for at in asked))
        refusals |= {at: "replied" for at, did in zip(asked, replied, strict=True) if did}
        told = [at for at in open_ if at not in refusals and campaigns[at].kind is CampaignKind.AGENDA]
        voids = await asyncio.gather(*(self._void(messages[at], now) for at in told))
        refusals |= {at: reason for at, reason in zip(told, voids, strict=True) if reason is not None}
        for at, refusal in refusals.items():
            ready[at] = self._hold_back(messages[at], campaigns[at], refusal, now)
        return ready

    async def _compose(self, campaign: Campaign, message: Claimed, now: datetime) -> Outgoing | Settlement:
        """What is to be sent, or why it never can be."""
        along = self._accompaniment
        url = None if along is None else along.unsubscribe_url(message)
        try:
            content = await self._written(campaign, message, url, now)
        except RenderError as error:
            reason = f"{error.reason}:{error.variable}" if error.variable else error.reason
            return self._refuse(message, campaign, reason, str(error), now)
        if isinstance(content, str):
            return self._hold_back(message, campaign, content, now)
        if problem := check_size(content, message.channel):
            return self._refuse(message, campaign, problem.reason, str(problem), now)
        if message.address is None:
            return self._refuse(message, campaign, "no_address", "", now)
        window_open = along is not None and await along.window_open(message, now)
        return Outgoing(message.id, message.address, content, window_open, url)

    async def _written(self, campaign: Campaign, message: Claimed, url: str | None, now: datetime) -> Content | str:
        """What a message says; or why nothing is to be said any more, of a notice whose meeting has changed (I10)."""
        if campaign.kind is CampaignKind.AGENDA:
            return NO_AGENDA if self._notices is None else await self._notices.compose(message, now)
        if campaign.kind is CampaignKind.HAND and self._by_hand is not None:
            return await self._by_hand.compose(campaign, message, now)
        return self._render(campaign, message, url)

    async def _void(self, message: Claimed, now: datetime) -> str | None:
        """Why a notice must not go any more, right before it goes."""
        return NO_AGENDA if self._notices is None else await self._notices.refusal(message, now)

    def _hold_back(self, message: Claimed, campaign: Campaign, refusal: str, now: datetime) -> Settlement:
        """What the last look's refusal means: back to its lane, or ended."""
        if refusal in ("lost", "breaker_open"):
            return self.give_back(message, refusal, now)
        follow = follow_ups(campaign, message.id.step, sent=False, skipped=True, now=now, place=message.place)
        return Settlement(
            message.id,
            MessageEvent.CANCEL,
            message.fence,
            refusal,
            sender=self._routes[message.sender].sender,
            probe_until=_probe_until(message),
            follow_ups=follow,
        )

    async def _reason_to_wait(self, message: Claimed, now: datetime) -> str | None:
        """Why a message that was claimed ahead has to wait again, or None."""
        await self._lanes.refresh()
        campaign = await self._lanes.campaign(message.id.campaign_id)
        if campaign.state is not CampaignState.RUNNING:
            return f"campaign_{campaign.state}"
        decision = lane_decision(campaign, message.place, max(now, message.permit_at))
        return None if decision.open else decision.reason

    async def _has_replied(self, message: Claimed) -> bool:
        return await self._ledger.has_replied(message.id.campaign_id, message.id.contact_id)

    def most_at_once(self, sender: str) -> int:
        """How many messages of a sender one request can take."""
        channel = self._routes[sender].channel
        return channel.most_at_once if isinstance(channel, SendsMany) else 1

    async def hand_over(
        self, message: Claimed, outgoing: Outgoing, now: datetime, late: timedelta
    ) -> Outcome | Settlement:
        """Call the provider, unless the moment has passed: `late` after the permit, or at the lane's closing.

        `late` is measured by the caller on a clock that cannot be set back.
        """
        if _missed_its_moment(message, now, late):
            return self.give_back(message, "missed_its_moment", now)
        return await self._routes[message.sender].channel.send(outgoing, now)

    async def hand_over_many(
        self, ready: Sequence[tuple[Claimed, Outgoing, timedelta]], now: datetime
    ) -> list[Outcome | Settlement]:
        """As `hand_over` for each (message, what is sent, how late it is), in one request; for none in no request.

        All have one sender, and are no more than its `most_at_once`.
        """
        in_time = [not _missed_its_moment(message, now, late) for message, _, late in ready]
        leaving = [outgoing for (_, outgoing, _), leaves in zip(ready, in_time, strict=True) if leaves]
        outcomes = iter(await self._send_many(ready[0][0].sender, leaving, now) if leaving else ())
        return [
            next(outcomes) if leaves else self.give_back(message, "missed_its_moment", now)
            for (message, _, _), leaves in zip(ready, in_time, strict=True)
        ]

    async def _send_many(self, sender: str, leaving: Sequence[Outgoing], now: datetime) -> Sequence[Outcome]:
        channel = self._routes[sender].channel
        if len(leaving) == 1 or not isinstance(channel, SendsMany):
            return [await channel.send(one, now) for one in leaving]
        outcomes = await channel.send_many(leaving, now)
        if len(outcomes) != len(leaving):
            raise ValueError(f"{sender}: {len(outcomes)} outcomes of {len(leaving)} messages")
        return outcomes

    async def conclude_many(self, concluded: Sequence[tuple[Claimed, Outcome]], now: datetime) -> list[Settlement]:
        """As `conclude` for what one request took along; its sender's breaker hears of that request once.

        Of a fault only when none of the messages got a word of its own: a thousand that one request carried are no
        thousand signs of a sick provider.
        """
        speaks = next((at for at, (_, one) in enumerate(concluded) if one.failure not in PROVIDER_FAULTS), 0)
        return [
            await self.conclude(message, outcome, now, heard=at == speaks)
            for at, (message, outcome) in enumerate(concluded)
        ]

    async def conclude(self, message: Claimed, outcome: Outcome, now: datetime, *, heard: bool = True) -> Settlement:
        """What an outcome means for the message, its sequence and (when it is `heard`) its sender."""
        sender = self._routes[message.sender].sender
        if outcome.failure is FailureClass.RECIPIENT and outcome.reason == OPTED_OUT:
            await self._leave_alone(message, now)
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
            heard=heard,
            failure=outcome.failure,
            follow_ups=await self._follow_ups(message, event, now),
        )

    async def _leave_alone(self, message: Claimed, now: datetime) -> None:
        """The provider says that the person has asked it for no more of our messages (I5)."""
        if self._suppressions is not None:
            source = f"{message.sender} {message.id}"
            await self._suppressions.add([Suppression(key, None, OPTED_OUT, source, now) for key in message.keys])

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

    def announce(self, now: datetime) -> None:
        """All senders are about to claim, one after another: none is to take the others' part because it is first."""
        for shares in self._shares.values():
            shares.announce(now)

    def step_aside(self, sender: str) -> None:
        """A sender claims nothing more in this round: its channel's others need not wait for it."""
        if (shares := self._shares.get(sender)) is not None:
            shares.step_aside(sender)

    def _render(self, campaign: Campaign, message: Claimed, unsubscribe_url: str | None) -> Content:
        key = (campaign.id, campaign.revision, own_step(message.id.step))
        if (compiled := self._compiled.get(key)) is None:
            template = campaign.step(message.id.step).template
            compiled = self._compiled[key] = self._renderer.compile(template)
        variables = campaign.variables_for(message.variables)
        if unsubscribe_url is not None:
            variables[UNSUBSCRIBE_LINK] = unsubscribe_url
        return compiled.render(variables)


def _looked_at(campaign: Campaign, message: Claimed) -> Claimed:
    """Whoever opted out is still told so: without keys no suppression is looked at."""
    return replace(message, keys=()) if campaign.kind is CampaignKind.SERVICE else message


def _may_have_replied(campaign: Campaign, message: Claimed) -> bool:
    """Whether the contact may have replied while the message was begun, or an attempt that failed was on its way.

    The reply could not cancel what was under way.
    """
    return (message.fence > 1 or message.ahead) and campaign.stops_on_reply(message.id.step)


def _missed_its_moment(message: Claimed, now: datetime, late: timedelta) -> bool:
    return late >= MOMENT_TOLERANCE or (message.closes_at is not None and now >= message.closes_at)


def _probe_until(message: Claimed) -> datetime | None:
    return message.lease_until if message.probe else None


_ENDS = (MessageEvent.ACCEPT, MessageEvent.REJECT, MessageEvent.EXHAUST)


def _event_of(failure: FailureClass, again_at: datetime | None) -> MessageEvent:
    if again_at is not None:
        return MessageEvent.RETRY
    return MessageEvent.EXHAUST if failure is FailureClass.TRANSIENT else MessageEvent.REJECT
