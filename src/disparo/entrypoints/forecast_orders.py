"""What somebody wants foreseen, when two of them ask the same, and playing it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.errors import InputError
from disparo.domain.sender import Sender
from disparo.domain.template import Template
from disparo.ports.store import Store
from disparo.settings import Settings

if TYPE_CHECKING:
    from disparo.simulation.forecast import Forecast
    from disparo.simulation.progress import OnProgress, Progress

AT_ONCE_S = 25.0
"""For how long somebody waits for an answer: API Gateway gives one up after 30 s, and people before that."""
LIMIT_S = 1800.0
"""How long a forecast may take where it is a job."""
_ANY = datetime(2000, 1, 1, tzinfo=UTC)
_BARE = Template("-", "-")


@dataclass(frozen=True, slots=True)
class Order:
    """What to foresee: a campaign that is kept, or a draft that no store knows, from `now` on.

    `fixed` says that this very instant was asked for, and not whenever it is asked.
    """

    campaign: Campaign
    now: datetime
    failures: bool = False
    limit_s: float = LIMIT_S
    fixed: bool = False


class TooLongError(InputError):
    """The campaign is too large to be played within the order's limit."""

    def __init__(self, order: Order) -> None:
        limit = f"{order.limit_s / 60:.0f} min" if order.limit_s >= 120 else f"{order.limit_s:.0f} s"
        super().__init__(f"a previsão passou de {limit} e foi encerrada; {at_the_terminal(order.campaign)}")


def at_the_terminal(campaign: Campaign) -> str:
    """What somebody may do instead, where forecasts have no limit."""
    keep = "" if campaign.id else "guarde a campanha como rascunho e "
    return f"{keep}faça-a no terminal, que não tem limite: disparo forecast {campaign.name}"


@dataclass(frozen=True, slots=True)
class Question:
    """All that the answer depends on, but for the passing of time: two orders that have it in common are one.

    Compared, never hashed. Texts are not part of it, as they do not matter for when a message goes out.
    """

    campaign: Campaign
    contacts: int
    senders: Sequence[Sender]
    script: object | None
    """The failures that are played."""
    beside: Sequence[tuple[Campaign, int]]
    """The campaigns that run beside it, and how many contacts their lists have."""
    at: datetime | None

    @property
    def messages(self) -> int:
        """How many there are to play, at most."""
        of_each = [(self.campaign, self.contacts), *self.beside]
        return sum(len(campaign.steps) * contacts for campaign, contacts in of_each)


async def question_of(store: Store, settings: Settings, order: Order) -> Question:
    """What an order asks, as things are now."""
    from disparo.bootstrap import sandbox_script, senders_of

    contacts = {one.name: one.contacts for one in await store.contacts.lists()}
    running = [one for one in await store.campaigns.live() if one.state is CampaignState.RUNNING]
    return Question(
        campaign=_bare(order.campaign),
        contacts=contacts.get(order.campaign.list_name, 0),
        senders=senders_of(settings),
        script=sandbox_script(settings) if order.failures else None,
        beside=[(_bare(one), contacts.get(one.list_name, 0)) for one in running if one.id != order.campaign.id],
        at=order.now if order.fixed else None,
    )


def _bare(campaign: Campaign) -> Campaign:
    """A campaign without what changes by itself, or matters to no forecast."""
    steps = tuple(replace(step, template=_BARE) for step in campaign.steps)
    return replace(campaign, steps=steps, variables={}, created_at=_ANY, launched=False, revision=0)


def play(store: Store, settings: Settings, order: Order, on_progress: OnProgress | None = None) -> Forecast:
    """Play here and now; TooLongError. Not for use inside an event loop."""
    from disparo.bootstrap import sandbox_script, senders_of
    from disparo.simulation.forecast import forecast

    over = time.monotonic() + order.limit_s

    def told(progress: Progress) -> None:
        if time.monotonic() > over:
            raise TooLongError(order)
        if on_progress is not None:
            on_progress(progress)

    return forecast(
        store,
        order.campaign,
        senders_of(settings),
        order.now,
        failures=sandbox_script(settings) if order.failures else None,
        concurrency=settings.send_concurrency,
        on_progress=told,
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a forecast is, and how long it may still take; None as long as nobody knows."""

    contacts: int = 0
    played: int = 0
    messages: int = 0
    share: float = 0.0
    left: timedelta | None = None
