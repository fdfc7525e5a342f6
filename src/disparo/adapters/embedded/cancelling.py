"""Cancelling what has not begun of some contacts, in every campaign."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

import apsw

from disparo.adapters.embedded.rows import fetch
from disparo.adapters.embedded.settling import settle
from disparo.domain.cancelling import Unsent, cancellations
from disparo.domain.contact import Channel
from disparo.domain.message import MessageId, MessageState

UNSENT = """
-- The terms of state are the campaigns that go on; the first of them is there for the index. What answers people is not
-- stopped: it is how somebody hears that the opt-out was understood.
SELECT m.campaign_id, m.step, m.contact_id, l.channel, m.state
FROM json_each(:contacts) AS wanted
CROSS JOIN campaign AS k INDEXED BY campaign_live
CROSS JOIN message AS m ON m.campaign_id = k.id AND m.contact_id = wanted.value
CROSS JOIN lane AS l ON l.id = m.lane_id
WHERE m.state IN ('due', 'waiting')
  AND k.state IN ('running', 'paused', 'cancelled') AND k.state <> 'cancelled'
  AND k.definition ->> 'kind' IS NOT 'service'
"""

Cause = Callable[[int, Channel], tuple[str, str] | None]
"""Why a contact's messages of a channel end (reason and detail), or None when they go on."""


def cancel_unsent(connection: apsw.Connection, contacts: Iterable[int], cause: Cause, now_ms: int) -> int:
    """Cancel the due and waiting messages of these contacts that have a cause; how many were cancelled."""
    unsent = (
        Unsent(MessageId(str(campaign), step, str(contact)), Channel(channel), MessageState(state))
        for campaign, step, contact, channel, state in fetch(
            connection, UNSENT, {"contacts": json.dumps(list(contacts))}
        )
    )
    return sum(settle(connection, cancellations(unsent, lambda contact, channel: cause(int(contact), channel)), now_ms))
