"""Whether the senders that there are can carry a campaign at all."""

from __future__ import annotations

from collections.abc import Sequence

from disparo.domain.campaign import Campaign
from disparo.domain.errors import InputError
from disparo.domain.sender import Sender
from disparo.ports.channel import Inspects, SendChannel

Carrier = tuple[Sender, SendChannel]
"""A sender and what carries its messages."""


def refuse_what_nobody_carries(campaign: Campaign, carriers: Sequence[Carrier]) -> None:
    """InputError, one line for each fault, when a step's provider would refuse every message, or there is no sender.

    Any sender of a channel may get any message, so each has to take the template. Without carriers nothing is known
    and nothing refused.
    """
    if not carriers:
        return
    names = {sender.name for sender, _ in carriers}
    faults = [
        f'senders: não há remetente "{name}"; há: {", ".join(sorted(names))}'
        for name in campaign.senders
        if name not in names
    ]
    for number, step in enumerate(campaign.steps, start=1):
        serving = [one for one in carriers if one[0].channel is step.channel and campaign.goes_by(one[0].name)]
        if not serving and not faults:
            faults.append(f"steps[{number}].channel: nenhum dos remetentes da campanha leva {step.channel}")
        for sender, channel in serving:
            if isinstance(channel, Inspects) and (problem := channel.problem(step.template)) is not None:
                faults.append(f"steps[{number}] ({sender.name}): {problem}")
    if faults:
        raise InputError("\n".join(faults))
