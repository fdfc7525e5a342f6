"""What goes along with a message: the link to unsubscribe, and whether its recipient wrote to us lately."""

from __future__ import annotations

from datetime import datetime, timedelta

from disparo.domain.contact import Channel
from disparo.domain.message import Claimed
from disparo.ports.inbox import SERVICE_WINDOW, Inbox
from disparo.ports.links import Links

_MARGIN = timedelta(minutes=1)
"""Our clock and Meta's need not agree, and the message has a way to go."""


class Accompaniment:
    """Looks up what the content of a message does not tell; `links` is None where nobody could follow one."""

    def __init__(self, inbox: Inbox, links: Links | None) -> None:
        self._inbox, self._links = inbox, links

    def unsubscribe_url(self, message: Claimed) -> str | None:
        """Where the recipient can ask for no more messages; of e-mail only."""
        if message.channel is not Channel.EMAIL or self._links is None:
            return None
        return self._links.unsubscribe_url(message.id)

    async def window_open(self, message: Claimed, now: datetime) -> bool:
        """Whether a free text may be sent by WhatsApp, as the person wrote to this sender less than a day ago."""
        if message.channel is not Channel.WHATSAPP:
            return False
        heard_at = await self._inbox.last_heard(message.channel, message.sender, message.keys)
        return heard_at is not None and now < heard_at + SERVICE_WINDOW - _MARGIN
