"""How far the messages of a campaign got, step by step: from those that were due to the meetings that came of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from disparo.domain.agenda.meeting import KEEPS_TIME
from disparo.domain.campaign import Campaign
from disparo.domain.contact import Channel
from disparo.domain.errors import DisparoError
from disparo.domain.message import SENT, MessageId
from disparo.ports.agenda import MeetingFilter
from disparo.ports.store import Store
from disparo.usecases.campaigns import StepReport

PAGE = 500
MOST_MEETINGS = 5_000
"""Meetings of one campaign that are looked at, the newest ones; a page has to answer."""


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One step, in cumulative numbers: what was read was also delivered, and what was delivered also sent.

    `due` are all its messages, those that wait included; `booked` the contacts who agreed on a meeting by it.
    """

    number: int
    channel: Channel
    template: str
    due: int
    sent: int
    delivered: int
    read: int
    replied: int
    booked: int


async def funnel(store: Store, campaign: Campaign, steps: Sequence[StepReport]) -> Sequence[FunnelStep]:
    """The funnel of a campaign of which these are the steps' reports."""
    booked = await _booked(store, campaign) if any(step.meeting for step in campaign.steps) else Counter()
    return [_step(one, booked[one.number]) for one in steps]


def _step(step: StepReport, booked: int) -> FunnelStep:
    states = step.states
    read = states.get("read", 0)
    return FunnelStep(
        number=step.number,
        channel=step.channel,
        template=step.template,
        due=sum(states.values()),
        sent=sum(count for state, count in states.items() if state in SENT),
        delivered=states.get("delivered", 0) + read,
        read=read,
        replied=step.replied,
        booked=booked,
    )


async def _booked(store: Store, campaign: Campaign) -> Counter[int]:
    """By step, how many meetings were agreed on; one that tells of no message is the first offering step's."""
    wanted = MeetingFilter(states=KEEPS_TIME, campaign_id=campaign.id)
    first = next(number for number, step in enumerate(campaign.steps, start=1) if step.meeting)
    found: Counter[int] = Counter()
    after: str | None = None
    while found.total() < MOST_MEETINGS and (page := await store.meetings.page(wanted, after, PAGE)):
        found.update(_step_of(one.message_id, first) for one in page)
        after = page[-1].id
    return found


def _step_of(message_id: str | None, otherwise: int) -> int:
    try:
        return otherwise if message_id is None else MessageId.parse(message_id).step
    except DisparoError:
        return otherwise
