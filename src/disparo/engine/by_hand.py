"""What was written by hand, as it goes out."""

from __future__ import annotations

from datetime import datetime

from disparo.domain.campaign import Campaign
from disparo.domain.errors import NotFoundError
from disparo.domain.hand_message import HandPurpose, hand_number
from disparo.domain.message import Claimed
from disparo.domain.template import Content
from disparo.ports.hand_messages import HandMessages
from disparo.ports.inbox import SERVICE_WINDOW
from disparo.ports.renderer import Renderer

GONE = "text_gone"
"""Its text was forgotten with its contact."""
TOO_LATE = "answer_too_late"
"""It was to be answered at once, whatever the hour, and was held up until that is no answer any more (I3)."""


class HandComposer:
    """Fills in texts that were written by hand."""

    def __init__(self, texts: HandMessages, renderer: Renderer) -> None:
        self._texts, self._renderer = texts, renderer

    async def compose(self, campaign: Campaign, message: Claimed, now: datetime) -> Content | str:
        """What is to be sent, or why it is not to be; RenderError for a text that cannot be written."""
        number = hand_number(message.id.step)
        if number is None:
            return GONE
        try:
            text = await self._texts.get(message.id.contact_id, number)
        except NotFoundError:
            return GONE
        if campaign.name.startswith(HandPurpose.ANSWER.prefix) and now >= text.at + SERVICE_WINDOW:
            return TOO_LATE
        return self._renderer.compile(text.template).render(text.variables)
