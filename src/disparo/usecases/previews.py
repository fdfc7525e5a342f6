"""Seeing what contacts would get, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from disparo.domain.campaign import Campaign
from disparo.domain.contact import Channel, Contact
from disparo.domain.sms_cost import SmsCost, SmsSpread, sms_cost, spread
from disparo.domain.template import UNSUBSCRIBE_LINK, Content, RenderError, SizeProblem, check_size
from disparo.ports.renderer import CompiledTemplate, Renderer


@dataclass(frozen=True, slots=True)
class Preview:
    """One step for one contact: its `content`, or the `error` (reason, variable) for which it would be refused.

    `address` is None when the contact has none for the channel: the step would be left out. `sms` is what an SMS
    costs, `problem` why the channel could not carry the content.
    """

    contact: Contact
    step: int
    channel: Channel
    address: str | None
    content: Content | None = None
    error: RenderError | None = None
    sms: SmsCost | None = None
    problem: SizeProblem | None = None

    @property
    def ok(self) -> bool:
        """Whether it could be sent as it stands."""
        return self.content is not None and self.problem is None and self.address is not None


async def preview(
    campaign: Campaign, contacts: Sequence[Contact], renderer: Renderer, *, public_url: str | None = None
) -> Sequence[Preview]:
    """Each step for each contact, contact by contact, with the variables that it would have when sent.

    With `public_url` an e-mail has an unsubscribe link as well, here one that leads nowhere.

    The campaign may be a draft that no store knows. Raises TemplateError for a template that cannot be used.
    """
    return previews_of(campaign, contacts, renderer, public_url=public_url)


def previews_of(
    campaign: Campaign, contacts: Sequence[Contact], renderer: Renderer, *, public_url: str | None = None
) -> Sequence[Preview]:
    """The same without an event loop, for a thread."""
    compiled = [renderer.compile(step.template) for step in campaign.steps]
    return [
        _preview(campaign, number, template, contact, public_url)
        for contact in contacts
        for number, template in enumerate(compiled, start=1)
    ]


def _preview(
    campaign: Campaign, number: int, template: CompiledTemplate, contact: Contact, public_url: str | None
) -> Preview:
    channel = campaign.step(number).channel
    variables = campaign.variables_for(contact.variables)
    if channel is Channel.EMAIL and public_url is not None:
        variables[UNSUBSCRIBE_LINK] = f"{public_url}/u/0.0.0.exemplo"
    return preview_of(number, channel, template, contact, variables)


def preview_of(
    number: int, channel: Channel, template: CompiledTemplate, contact: Contact, variables: Mapping[str, str]
) -> Preview:
    """One template for one contact, filled in with these variables."""
    address = contact.address(channel)
    try:
        content = template.render(variables)
    except RenderError as error:
        return Preview(contact, number, channel, address, error=error)
    sms = sms_cost(content.text) if channel is Channel.SMS else None
    return Preview(contact, number, channel, address, content, None, sms, check_size(content, channel))


def sms_costs(previews: Sequence[Preview]) -> Mapping[int, SmsSpread]:
    """By step, what its SMS cost to those contacts of a preview who would get one."""
    by_step: dict[int, list[SmsCost]] = {}
    for one in previews:
        if one.sms is not None and one.address is not None:
            by_step.setdefault(one.step, []).append(one.sms)
    return {step: found for step, costs in sorted(by_step.items()) if (found := spread(costs)) is not None}
