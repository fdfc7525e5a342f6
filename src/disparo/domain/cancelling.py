"""What ends of a contact's sequence when messages to it must not begin any more (I5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from disparo.domain.contact import Channel
from disparo.domain.message import MessageEvent, MessageId, MessageState
from disparo.domain.settlement import Settlement

Cause = Callable[[str, Channel], tuple[str, str] | None]
"""Why a contact's messages of a channel end (reason and detail), or None when they go on."""


class Unsent(NamedTuple):
    """A message that has not begun: due or waiting."""

    id: MessageId
    channel: Channel
    state: MessageState


def cancellations(unsent: Iterable[Unsent], cause: Cause) -> list[Settlement]:
    """The cancelling settlements of the messages that have a cause.

    A due one with others waiting behind it that go on is left: it is refused when its turn comes (`clear_to_send`), and
    its settlement promotes them, so that nothing can come between the two.
    """
    unsent = [*unsent]
    going_on = {
        _sequence(one)
        for one in unsent
        if one.state is MessageState.WAITING and cause(one.id.contact_id, one.channel) is None
    }
    return [
        Settlement(one.id, MessageEvent.CANCEL, reason=why[0], detail=why[1])
        for one in unsent
        if (why := cause(one.id.contact_id, one.channel)) is not None
        and not (one.state is MessageState.DUE and _sequence(one) in going_on)
    ]


def _sequence(one: Unsent) -> tuple[str, str]:
    return one.id.campaign_id, one.id.contact_id
