"""Bringing many messages to their provider in one request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from disparo.domain.message import Claimed, Outcome
from disparo.domain.settlement import Settlement
from disparo.engine.dispatch import Dispatch
from disparo.ports.channel import Outgoing
from disparo.ports.clock import Clock


async def deliver_together(
    dispatch: Dispatch, clock: Clock, messages: Sequence[Claimed], late: Callable[[int], timedelta]
) -> list[tuple[Settlement, bool]]:
    """What became of each message, in their order, and whether its provider was called.

    All have one sender. `late(n)` says how late the message at place n is, on a clock that cannot be set back.
    """
    prepared = await dispatch.prepare_many(messages, clock.now())
    became = {at: (one, False) for at, one in enumerate(prepared) if isinstance(one, Settlement)}
    ready = {at: (messages[at], one, late(at)) for at, one in enumerate(prepared) if isinstance(one, Outgoing)}
    handed = dict(zip(ready, await dispatch.hand_over_many([*ready.values()], clock.now()), strict=True))
    became |= {at: (one, False) for at, one in handed.items() if isinstance(one, Settlement)}
    answered = {at: (messages[at], one) for at, one in handed.items() if isinstance(one, Outcome)}
    concluded = await dispatch.conclude_many([*answered.values()], clock.now())
    became |= {at: (one, True) for at, one in zip(answered, concluded, strict=True)}
    return [became[at] for at in range(len(messages))]
