"""Templates made ready beside the event loop: a long one takes so long that others would wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from disparo.domain.campaign import Campaign
from disparo.domain.contact import Contact
from disparo.domain.library_template import LibraryTemplate
from disparo.domain.template import Template
from disparo.entrypoints.http.installation import Installation
from disparo.ports.renderer import CompiledTemplate, Renderer
from disparo.usecases import campaigns, templates
from disparo.usecases.previews import Preview, previews_of

MOST_PREVIEWS = 60
"""Messages of one answer, steps times contacts; each part of each may take some hundredths of a second."""


class Compiled:
    """`Renderer` that compiles a template once and then knows it; for one request."""

    def __init__(self) -> None:
        from disparo.bootstrap import renderer

        self._renderer = renderer()
        self._known: dict[Template, CompiledTemplate] = {}

    def compile(self, template: Template) -> CompiledTemplate:
        """See `Renderer.compile`."""
        if template not in self._known:
            self._known[template] = self._renderer.compile(template)
        return self._known[template]


async def ready(house: Installation, document: Mapping[str, object]) -> Renderer:
    """A renderer that has compiled the templates of a campaign's document; InputError when one cannot be."""
    compiled = Compiled()
    await asyncio.to_thread(campaigns.read, document, compiled, house.clock.now())
    return compiled


async def checked(house: Installation, document: Mapping[str, object]) -> templates.Checked:
    """A template's document, read and compiled; see `templates.check`."""
    from disparo.bootstrap import renderer

    return await asyncio.to_thread(templates.check, document, renderer(), house.clock.now())


async def made_ready(kept: LibraryTemplate) -> templates.Checked:
    """A template that is kept; see `templates.made_ready`."""
    from disparo.bootstrap import renderer

    return await asyncio.to_thread(templates.made_ready, kept, renderer())


async def previewed(
    house: Installation, campaign: Campaign, contacts: Sequence[Contact], compiler: Renderer
) -> Sequence[Preview]:
    """What these contacts would get, of as many as make `MOST_PREVIEWS` messages."""
    room = max(1, MOST_PREVIEWS // len(campaign.steps))
    return await asyncio.to_thread(
        previews_of, campaign, contacts[:room], compiler, public_url=house.settings.public_url
    )
