"""A message is one ledger row: one step of a campaign for one contact."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Self

from disparo.domain.contact import Channel
from disparo.domain.errors import NotFoundError
from disparo.domain.lifecycle import Lifecycle
from disparo.domain.place import Place
from disparo.domain.policies.retry import FailureClass


class MessageState(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    """An earlier step has not ended yet."""
    DUE = "due"
    """May be sent once its instant has come and its lane is open."""
    CLAIMED = "claimed"
    """A worker holds it and its permit."""
    SENDING = "sending"
    """The intent is recorded: from here on it may have reached the provider."""
    IN_DOUBT = "in_doubt"
    """Nobody knows whether the provider took it."""
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    """The address or the message itself was refused for good."""
    DEAD = "dead"
    """Given up: retries used up, or held in doubt. A person may send it again."""
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class MessageEvent(StrEnum):
    """What can happen to a message."""

    PROMOTE = "promote"
    CLAIM = "claim"
    BEGIN = "begin"
    RELEASE = "release"
    """It surely was not sent and goes back to its lane; that is not an attempt."""
    ACCEPT = "accept"
    RETRY = "retry"
    REJECT = "reject"
    EXHAUST = "exhaust"
    DOUBT = "doubt"
    HOLD = "hold"
    RESEND = "resend"
    DELIVER = "deliver"
    READ = "read"
    CANCEL = "cancel"
    EXPIRE = "expire"
    REDRIVE = "redrive"


_S, _E = MessageState, MessageEvent

MESSAGE_LIFECYCLE: Lifecycle[MessageState, MessageEvent] = Lifecycle(
    "message",
    _S.WAITING,
    {
        (_S.WAITING, _E.PROMOTE): _S.DUE,
        (_S.WAITING, _E.CANCEL): _S.CANCELLED,
        (_S.WAITING, _E.EXPIRE): _S.EXPIRED,
        (_S.DUE, _E.CLAIM): _S.CLAIMED,
        (_S.DUE, _E.CANCEL): _S.CANCELLED,
        (_S.DUE, _E.EXPIRE): _S.EXPIRED,
        # Late evidence that an attempt which was given up had arrived after all: it must not go out again.
        (_S.DUE, _E.ACCEPT): _S.ACCEPTED,
        (_S.DUE, _E.DELIVER): _S.DELIVERED,
        (_S.DUE, _E.READ): _S.READ,
        (_S.CLAIMED, _E.BEGIN): _S.SENDING,
        (_S.CLAIMED, _E.RELEASE): _S.DUE,
        (_S.CLAIMED, _E.CANCEL): _S.CANCELLED,
        (_S.SENDING, _E.RELEASE): _S.DUE,
        (_S.SENDING, _E.CANCEL): _S.CANCELLED,
        (_S.SENDING, _E.ACCEPT): _S.ACCEPTED,
        (_S.SENDING, _E.RETRY): _S.DUE,
        (_S.SENDING, _E.REJECT): _S.FAILED,
        (_S.SENDING, _E.EXHAUST): _S.DEAD,
        (_S.SENDING, _E.DOUBT): _S.IN_DOUBT,
        (_S.SENDING, _E.DELIVER): _S.DELIVERED,
        (_S.SENDING, _E.READ): _S.READ,
        (_S.IN_DOUBT, _E.RELEASE): _S.DUE,
        (_S.IN_DOUBT, _E.CANCEL): _S.CANCELLED,
        (_S.IN_DOUBT, _E.RETRY): _S.DUE,
        (_S.IN_DOUBT, _E.EXHAUST): _S.DEAD,
        (_S.IN_DOUBT, _E.RESEND): _S.DUE,
        (_S.IN_DOUBT, _E.ACCEPT): _S.ACCEPTED,
        (_S.IN_DOUBT, _E.DELIVER): _S.DELIVERED,
        (_S.IN_DOUBT, _E.READ): _S.READ,
        (_S.IN_DOUBT, _E.REJECT): _S.FAILED,
        (_S.IN_DOUBT, _E.HOLD): _S.DEAD,
        (_S.ACCEPTED, _E.DELIVER): _S.DELIVERED,
        (_S.ACCEPTED, _E.READ): _S.READ,
        (_S.ACCEPTED, _E.REJECT): _S.FAILED,
        (_S.DELIVERED, _E.READ): _S.READ,
        (_S.FAILED, _E.REDRIVE): _S.DUE,
        (_S.DEAD, _E.REDRIVE): _S.DUE,
        (_S.DEAD, _E.ACCEPT): _S.ACCEPTED,
        (_S.DEAD, _E.DELIVER): _S.DELIVERED,
        (_S.DEAD, _E.READ): _S.READ,
    },
    {
        _S.WAITING: "a mensagem espera o passo anterior",
        _S.DUE: "a mensagem está na fila",
        _S.CLAIMED: "a mensagem está separada para envio",
        _S.SENDING: "a mensagem está sendo enviada",
        _S.IN_DOUBT: "a mensagem está em dúvida",
        _S.ACCEPTED: "a mensagem já foi enviada",
        _S.DELIVERED: "a mensagem já foi entregue",
        _S.READ: "a mensagem já foi lida",
        _S.FAILED: "a mensagem falhou",
        _S.DEAD: "a mensagem é uma carta morta",
        _S.CANCELLED: "a mensagem está cancelada",
        _S.EXPIRED: "a mensagem está vencida",
    },
    {
        _E.PROMOTE: "pô-la na fila",
        _E.CLAIM: "separá-la para envio",
        _E.BEGIN: "começar o envio",
        _E.RELEASE: "devolvê-la à fila",
        _E.ACCEPT: "dá-la por enviada",
        _E.RETRY: "tentar de novo",
        _E.REJECT: "dá-la por recusada",
        _E.EXHAUST: "desistir dela",
        _E.DOUBT: "pô-la em dúvida",
        _E.HOLD: "retê-la",
        _E.RESEND: "reenviá-la",
        _E.DELIVER: "dá-la por entregue",
        _E.READ: "dá-la por lida",
        _E.CANCEL: "cancelá-la",
        _E.EXPIRE: "dá-la por vencida",
        _E.REDRIVE: "recolocá-la na fila",
    },
)

SENT = frozenset({_S.ACCEPTED, _S.DELIVERED, _S.READ})
"""The provider took it."""
UNSENT_ENDS = frozenset({_S.FAILED, _S.DEAD, _S.CANCELLED, _S.EXPIRED})
"""Ended without reaching anybody, each with a reason."""
SETTLED = SENT | UNSENT_ENDS
"""Nothing more happens to it by itself."""


class MessageId(NamedTuple):
    """The ledger's key: at most one row for a campaign's step and a contact, whatever is replayed.

    As text, `<campaign>.<step>.<contact>` is what providers carry back to us (under 256 bytes).
    """

    campaign_id: str
    step: int
    contact_id: str

    def __str__(self) -> str:
        return f"{self.campaign_id}.{self.step}.{self.contact_id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an id as people and providers write it; NotFoundError when it has not that form."""
        campaign_id, _, rest = text.partition(".")
        step, _, contact_id = rest.partition(".")
        if not (campaign_id and contact_id and re.fullmatch("[0-9]{1,18}", step)):
            raise NotFoundError(f"{text!r} não é o id de uma mensagem; um id é como 3.1.57 (veja: disparo messages)")
        return cls(campaign_id, int(step), contact_id)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in a worker's hands: its permit is spent, and when it has `begun`, its intent recorded.

    `fence` is the number of this claim; an outcome that carries an older one comes too late to decide. It may leave
    from `permit_at` until `permit_at + MOMENT_TOLERANCE`, and never at or after `closes_at`.
    """

    id: MessageId
    channel: Channel
    sender: str
    place: Place
    fence: int
    retries_used: int
    permit_at: datetime
    closes_at: datetime | None
    phone: str | None
    email: str | None
    keys: tuple[str, ...]
    variables: Mapping[str, str]
    lease_until: datetime
    """Until when it is in this worker's hands."""
    probe: bool = False
    """Whether it is the one message that a half-open breaker lets through."""
    begun: bool = True
    """Whether the intent is recorded; what was claimed ahead of its moment is begun shortly before that has come."""
    ahead: bool = False
    """Whether it was begun some time after its claim, so that its contact may have replied in between."""

    @property
    def address(self) -> str | None:
        """Where this message goes, or None when the contact has no address for its channel."""
        return self.email if self.channel is Channel.EMAIL else self.phone


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of handing a message to its provider.

    `accepted` with the provider's own id, or a failure class; `detail` is the provider's code and words.
    """

    accepted: bool
    provider_id: str | None = None
    failure: FailureClass | None = None
    reason: str = ""
    detail: str = ""
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A ledger row as it is shown to people."""

    id: MessageId
    channel: Channel
    place: Place
    state: MessageState
    reason: str
    priority: int
    due_at: datetime | None
    """When it is looked at next: due, end of the lease, next look at a doubt. None when waiting or settled."""
    attempts: int
    retries_used: int
    changed_at: datetime
    provider_id: str | None = None
