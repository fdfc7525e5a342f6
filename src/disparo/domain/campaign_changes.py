"""What may become of a campaign: by an event, by another definition, by its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from disparo.domain.campaign import CAMPAIGN_LIFECYCLE, Campaign, CampaignEvent, CampaignState
from disparo.domain.errors import InputError


def moved(campaign: Campaign, event: CampaignEvent, now: datetime) -> Campaign:
    """The campaign after an event; TransitionError when it is refused.

    It has ended when it is completed, or cancelled without ever having run: one that ran ends with its last message.
    """
    state = CAMPAIGN_LIFECYCLE.after(campaign.state, event)
    never_ran = state is CampaignState.CANCELLED and campaign.started_at is None
    over = never_ran or state is CampaignState.COMPLETED
    return replace(
        campaign,
        state=state,
        started_at=now if event is CampaignEvent.START else campaign.started_at,
        ended_at=now if over else None,
        revision=campaign.revision + 1,
    )


def redefined(campaign: Campaign, wanted: Campaign) -> Campaign:
    """The campaign with what `wanted` defines; where it stands stays.

    InputError for another name, and after the start for another list and for steps that were added, removed or moved
    to another channel.
    """
    if campaign.name != wanted.name:
        raise InputError(f'a campanha "{campaign.name}" não pode mudar de nome; crie outra')
    if campaign.state is not CampaignState.DRAFT:
        _refuse_other_steps(campaign, wanted)
    return replace(
        wanted,
        id=campaign.id,
        created_at=campaign.created_at,
        state=campaign.state,
        started_at=campaign.started_at,
        ended_at=campaign.ended_at,
        launched=campaign.launched,
        revision=campaign.revision + 1,
    )


def _refuse_other_steps(old: Campaign, new: Campaign) -> None:
    if old.list_name != new.list_name:
        raise InputError(f'a campanha "{old.name}" já começou: a lista não pode mudar; crie outra')
    if [step.channel for step in old.steps] != [step.channel for step in new.steps]:
        raise InputError(
            f'a campanha "{old.name}" já começou: passos não podem entrar, sair nem mudar de canal; '
            "mude textos e esperas, ou crie outra"
        )


def is_live(campaign: Campaign) -> bool:
    """Whether it has started and has not ended; one that is cancelled lives until its messages are settled."""
    return campaign.started_at is not None and campaign.ended_at is None


def concluded(campaign: Campaign, now: datetime) -> Campaign | None:
    """The campaign at its end once no message of it is open; None while it cannot end.

    A cancelled one stays cancelled; one that runs is completed when it was launched to its end, unless it is always
    there; others go on.
    """
    if campaign.standing:
        return None
    running = campaign.state is CampaignState.RUNNING
    may_end = campaign.state is CampaignState.CANCELLED or (running and campaign.launched)
    if campaign.ended_at is not None or not may_end:
        return None
    state = CampaignState.COMPLETED if running else campaign.state
    return replace(campaign, state=state, ended_at=now, revision=campaign.revision + 1)
