"""The steps of one worker, wired."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from disparo.engine.accompaniment import Accompaniment
from disparo.engine.agenda.agenda import OwnAgenda
from disparo.engine.agenda.attend import Attend
from disparo.engine.agenda.composing import NoticeComposer
from disparo.engine.agenda.parts import AgendaParts
from disparo.engine.agenda.watch import CalendarWatch
from disparo.engine.alarms import AlarmWatch
from disparo.engine.announcing import Announce, Outward
from disparo.engine.answers import Answers
from disparo.engine.by_hand import HandComposer
from disparo.engine.counting import Counting
from disparo.engine.dispatch import Dispatch, Route
from disparo.engine.housekeeping import Housekeeping
from disparo.engine.inbound import Collect, Inbound
from disparo.engine.lane_book import LaneBook
from disparo.engine.launch import Launch
from disparo.engine.recognition import Recognition
from disparo.engine.reconcile import Reconcile
from disparo.ports.channel import Collects
from disparo.ports.intents import IntentClassifier, RuleClassifier
from disparo.ports.ledger import Ledger
from disparo.ports.links import Links
from disparo.ports.renderer import Renderer
from disparo.ports.store import Store
from disparo.ports.suppressions import Suppressions

MakeDispatch = Callable[
    [
        Ledger,
        LaneBook,
        Renderer,
        Mapping[str, Route],
        Callable[[], float],
        Accompaniment | None,
        Suppressions | None,
        NoticeComposer | None,
        HandComposer | None,
    ],
    Dispatch,
]

Retaining = Callable[[datetime], Awaitable[datetime | None]]
"""One step of forgetting what is old; when it wants to be called again."""

OPT_OUT_ANSWER = "Pronto! Você não receberá mais mensagens nossas."
"""What somebody is told who asked for no more messages, unless the installation says it otherwise."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Everything that happens by itself; one for each worker."""

    ledger: Ledger
    routes: Mapping[str, Route]
    launch: Launch
    dispatch: Dispatch
    inbound: Inbound
    collect: Collect
    reconcile: Reconcile
    housekeeping: Housekeeping
    attend: Attend | None = None
    watch: CalendarWatch | None = None
    counting: Counting | None = None
    """What counts the work of this worker, where somebody wants numbers of it."""
    alarms: AlarmWatch | None = None
    """What looks at the alarms, where there are any."""
    announce: Announce | None = None
    """What tells other programs, where there may be any."""
    retention: Retaining | None = None
    """What forgets what is old, where somebody wants it."""

    @classmethod
    def build(
        cls,
        store: Store,
        renderer: Renderer,
        routes: Mapping[str, Route],
        chance: Callable[[], float],
        *,
        dispatch: MakeDispatch = Dispatch,
        links: Links | None = None,
        opt_out_answer: str = OPT_OUT_ANSWER,
        classifier: IntentClassifier | None = None,
        collecting: Sequence[Collects] = (),
        agenda: AgendaParts | None = None,
        outward: Outward | None = None,
        retention: Retaining | None = None,
    ) -> Self:
        """Wire the steps over a store; `chance` in [0, 1) draws the jitter of retries.

        `collecting` are asked for what came back besides the routes' own channels. Without an `agenda` replies lead to
        no meetings, without `outward` no other program is told of anything.
        """
        ledger = store.ledger
        lanes = LaneBook(ledger, store.campaigns)
        recognition = Recognition(ledger, store.campaigns, store.contacts, store.inbox, routes)
        answers = Answers(ledger, store.campaigns, opt_out_answer)
        events = None if outward is None else outward.events
        own = None if agenda is None else OwnAgenda.build(store, renderer, links, agenda, events)
        replies = None if own is None else own.replies
        inbound = Inbound(store, lanes, recognition, answers, classifier or RuleClassifier(), replies, events)
        asked = [route.channel for route in routes.values() if isinstance(route.channel, Collects)]
        accompaniment = Accompaniment(store.inbox, links)
        return cls(
            ledger,
            routes,
            Launch(ledger, lanes),
            dispatch(
                ledger,
                lanes,
                renderer,
                routes,
                chance,
                accompaniment,
                store.suppressions,
                None if own is None else own.composer,
                HandComposer(store.hand_messages, renderer),
            ),
            inbound,
            Collect(inbound, [*asked, *collecting]),
            Reconcile(ledger, lanes, inbound, routes, events),
            Housekeeping(ledger, store.campaigns, lanes),
            None if own is None else own.attend,
            None if own is None else own.watch,
            announce=None if outward is None else Announce(store, outward, chance),
            retention=retention,
        )
