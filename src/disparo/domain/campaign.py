"""A campaign: whom to message, by which steps, within which hours and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from disparo.domain.agenda.notice import own_step
from disparo.domain.contact import Channel
from disparo.domain.lifecycle import Lifecycle
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.template import Template
from disparo.domain.waiting import Wait


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class CampaignEvent(StrEnum):
    """What can happen to a campaign."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    COMPLETE = "complete"
    REOPEN = "reopen"
    """A dead letter of a completed campaign is sent again."""


_S, _E = CampaignState, CampaignEvent

CAMPAIGN_LIFECYCLE: Lifecycle[CampaignState, CampaignEvent] = Lifecycle(
    "campaign",
    _S.DRAFT,
    {
        (_S.DRAFT, _E.START): _S.RUNNING,
        (_S.DRAFT, _E.CANCEL): _S.CANCELLED,
        (_S.RUNNING, _E.PAUSE): _S.PAUSED,
        (_S.RUNNING, _E.CANCEL): _S.CANCELLED,
        (_S.RUNNING, _E.COMPLETE): _S.COMPLETED,
        (_S.PAUSED, _E.RESUME): _S.RUNNING,
        (_S.PAUSED, _E.CANCEL): _S.CANCELLED,
        (_S.COMPLETED, _E.REOPEN): _S.RUNNING,
    },
    {
        _S.DRAFT: "a campanha é um rascunho",
        _S.RUNNING: "a campanha está em andamento",
        _S.PAUSED: "a campanha está pausada",
        _S.COMPLETED: "a campanha está concluída",
        _S.CANCELLED: "a campanha está cancelada",
    },
    {
        _E.START: "iniciá-la",
        _E.PAUSE: "pausá-la",
        _E.RESUME: "retomá-la",
        _E.CANCEL: "cancelá-la",
        _E.COMPLETE: "concluí-la",
        _E.REOPEN: "reabri-la",
    },
)


ANSWERS_PREFIX = "respostas-"
"""How the campaigns are called that answer people, before their sender's name."""
AGENDA_PREFIX = "agenda-"
"""How the campaigns are called whose messages are notices of meetings."""

MOST_STEPS = 99
"""Steps of one campaign: larger numbers of rows are those of notices (`agenda.notice`)."""


class CampaignKind(StrEnum):
    """What a campaign is for."""

    CAMPAIGN = "campaign"
    SERVICE = "service"
    """Messages that answer people: always there, entered one by one, sent to whom opted out as well (that is what
    the first of them tells), and never completed."""
    AGENDA = "agenda"
    """Notices of meetings: always there, entered one by one, several to a contact, never completed. Who opted out
    gets none any more, and a reply stops none."""
    HAND = "hand"
    """What people write to one contact (`hand_message`): always there, several to a contact, never completed. Who
    opted out gets none any more, and a reply stops none."""


class OnFailure(StrEnum):
    """What a step's failure means for the steps after it."""

    STOP = "stop"
    NEXT = "next"
    """Fall through to the next step at once, without its wait."""


class When(StrEnum):
    """For whom a step is."""

    ALWAYS = "always"
    PREVIOUS_FAILED = "previous_failed"
    """Only those whom the step before did not reach."""


@dataclass(frozen=True, slots=True)
class Step:
    """One message of a sequence: `wait` counts from the step before (from the start, for the first)."""

    channel: Channel
    template: Template
    wait: Wait
    on_failure: OnFailure = OnFailure.STOP
    when: When = When.ALWAYS
    stop_on_reply: bool = True
    meeting: str | None = None
    """The meeting type of which a positive reply to this step is offered times."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as it was defined, and where it stands.

    Steps are numbered from 1. `limits` are the campaign's own, on top of each sender's. `revision` rises with every
    change, so that a worker notices that what it knows is old. `deadline` after the start, what was not sent yet
    expires.
    """

    id: str
    name: str
    list_name: str
    steps: tuple[Step, ...]
    hours: BusinessHours
    place: Place
    """The place of contacts of whom nothing better is known."""
    created_at: datetime
    limits: Mapping[Channel, Limits] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    deadline: timedelta = timedelta(days=30)
    start_at: datetime | None = None
    """Not before this instant, when given."""
    state: CampaignState = CampaignState.DRAFT
    started_at: datetime | None = None
    ended_at: datetime | None = None
    launched: bool = False
    """Whether every contact of its audience has its ledger rows."""
    revision: int = 0
    kind: CampaignKind = CampaignKind.CAMPAIGN
    senders: tuple[str, ...] = ()
    """The senders that it goes by; any of its channels when there are none."""

    def step(self, number: int) -> Step:
        """The step with this number, from 1; for a notice's number the step that it is of."""
        return self.steps[own_step(number) - 1]

    def stops_on_reply(self, number: int) -> bool:
        """Whether a reply of its contact cancels this step. A notice goes as long as it holds, whatever they write.

        So does what a person has written to them.
        """
        return self.kind not in (CampaignKind.AGENDA, CampaignKind.HAND) and self.step(number).stop_on_reply

    @property
    def standing(self) -> bool:
        """Whether it is always there: entered one by one by the program itself, never expired, ended or cancelled."""
        return self.kind is not CampaignKind.CAMPAIGN

    def variables_for(self, variables: Mapping[str, str]) -> dict[str, str]:
        """What a template is filled in with for a contact: the campaign's variables, the contact's own before them."""
        return {**self.variables, **variables}

    def limits_on(self, channel: Channel) -> Limits:
        """The campaign's own limits on a channel; without any, none holds."""
        return self.limits.get(channel, Limits())

    def goes_by(self, sender: str) -> bool:
        """Whether a sender may carry its messages."""
        return not self.senders or sender in self.senders

    @property
    def expires_at(self) -> datetime | None:
        """When unsent messages expire; None before the start, and of a campaign that is always there."""
        if self.started_at is None or self.standing:
            return None
        return self.started_at + self.deadline
