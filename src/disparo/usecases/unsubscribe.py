"""A person asks, by a link in a message, for no more messages."""

from __future__ import annotations

from datetime import datetime

from disparo.domain.message import MessageId
from disparo.domain.suppression import Suppression
from disparo.domain.webhook import EventType
from disparo.domain.webhook_events import opt_out_event
from disparo.ports.events import Events
from disparo.ports.store import Store


async def unsubscribe(
    store: Store, message_id: MessageId, now: datetime, source: str, events: Events | None = None
) -> int:
    """Message whoever got this message no more, on no channel and at no address; how many were cancelled at once.

    The person objects to being messaged, not to one channel (LGPD, Lei 13.709/2018, art. 18, IX and § 2º), so every key
    of the contact is suppressed, as `opted_out` by `source` and the message's id. Twice is as once. An erased contact
    has no address left to suppress and none to be messaged at: that is 0. NotFoundError when there never was one.
    """
    contact = await store.contacts.get(message_id.contact_id)
    why = f"{source} {message_id}"
    if events is not None and await events.wanted({EventType.CONTACT_OPTED_OUT}, now):
        gone = {one.key for one in await store.suppressions.matching(contact.keys) if one.channel is None}
        if not gone.issuperset(contact.keys):
            # Told before it is written: after a kill they ask again. The same person once a day.
            key = f"{source} {contact.id} {now:%Y-%m-%d}"
            await events.publish([opt_out_event(contact.id, source, message_id, key, now)], now)
    return await store.suppressions.add([Suppression(key, None, "opted_out", why, now) for key in contact.keys])
