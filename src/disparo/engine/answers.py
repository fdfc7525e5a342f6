"""Answers: what is said to somebody who wrote to us, through the ledger like everything else."""

from __future__ import annotations

from datetime import datetime, timedelta

from disparo.domain.campaign import ANSWERS_PREFIX, Campaign, CampaignKind, Step
from disparo.domain.contact import Channel, Contact
from disparo.domain.message import MessageState
from disparo.domain.place import Place
from disparo.domain.template import Template
from disparo.domain.waiting import Wait, WaitUnit
from disparo.ports.campaigns import Campaigns
from disparo.ports.ledger import Ledger, NewMessage
from disparo.ports.standing import ALWAYS, NOBODY, standing

FIRST = 0
"""Priority of an answer: somebody is waiting for it."""

A_MOMENT = timedelta(seconds=2)
"""Until then the reply is in the inbox, which is how WhatsApp's window for a free text is known to be open."""


class Answers:
    """Confirms an opt-out, once to each contact, by the sender that it was said to.

    An answer is a row of the ledger, of a campaign that only answers: so it takes its permit, is sent once and survives
    a kill. It is sent at once, whatever the hour: the person has just written.
    """

    def __init__(self, ledger: Ledger, campaigns: Campaigns, text: str) -> None:
        self._ledger, self._campaigns, self._text = ledger, campaigns, text

    async def confirm_opt_out(self, contact: Contact, channel: Channel, sender: str, now: datetime) -> bool:
        """Enter the confirmation; False when this contact has had one from this sender before.

        Neither is there one when somebody's own campaign has the name of ours.
        """
        campaign = await self._campaign(channel, sender, now)
        if campaign.kind is not CampaignKind.SERVICE:
            return False
        place = contact.place or campaign.place
        row = NewMessage(contact.id, 1, channel, place, MessageState.DUE, FIRST, now + A_MOMENT, "")
        [entered] = await self._ledger.enter(campaign, [row], now)
        return entered

    async def _campaign(self, channel: Channel, sender: str, now: datetime) -> Campaign:
        """The sender's campaign of answers."""
        return await standing(self._campaigns, self._draft(f"{ANSWERS_PREFIX}{sender}", channel, sender, now), now)

    def _draft(self, name: str, channel: Channel, sender: str, now: datetime) -> Campaign:
        subject = "Descadastro" if channel is Channel.EMAIL else None
        return Campaign(
            id="",
            name=name,
            list_name=NOBODY,
            steps=(Step(channel, Template("descadastro", self._text, subject), Wait(0, WaitUnit.MINUTES)),),
            hours=ALWAYS,
            place=Place(ALWAYS.zone, None),
            created_at=now,
            deadline=timedelta(days=1),
            kind=CampaignKind.SERVICE,
            senders=(sender,),
        )
