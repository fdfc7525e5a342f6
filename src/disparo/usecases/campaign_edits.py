"""Making a campaign out of another, and changing one thing of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from disparo.domain.campaign import Campaign
from disparo.domain.campaign_document import campaign_document
from disparo.domain.errors import InputError
from disparo.ports.renderer import Renderer
from disparo.ports.store import Store
from disparo.usecases import campaigns


async def check(store: Store, document: Mapping[str, object], renderer: Renderer, now: datetime) -> Campaign:
    """The campaign that a document describes, with no id and kept nowhere.

    Refuses what `campaigns.create` refuses, but for a name that is taken.
    """
    campaign = campaigns.read(document, renderer, now)
    await campaigns.audience(store, campaign)
    return campaign


async def duplicate(store: Store, name: str, new_name: str, renderer: Renderer, now: datetime) -> Campaign:
    """A draft like a campaign, for the list as it is now; when it is to begin is not taken along."""
    original = await store.campaigns.get(name)
    if original.standing:
        raise InputError(f'a campanha "{original.name}" é do próprio programa e não se copia')
    return await campaigns.create(store, copied(original, new_name), renderer, now)


def copied(original: Campaign, new_name: str) -> dict[str, Any]:
    """The document of a campaign under another name; templates that were called after it follow."""
    steps = [
        replace(step, template=replace(step.template, name=_renamed(step.template.name, original.name, new_name)))
        for step in original.steps
    ]
    return {**campaign_document(replace(original, steps=tuple(steps), start_at=None)), "name": new_name}


async def changed(store: Store, name: str, part: Mapping[str, object]) -> Mapping[str, object]:
    """The document of a campaign with these keys in place of those that it has; None takes one out."""
    document = {**campaign_document(await store.campaigns.get(name)), **part}
    return {key: value for key, value in document.items() if value is not None}


def _renamed(template: str, old: str, new: str) -> str:
    prefix, dash, number = template.rpartition("-")
    return f"{new}-{number}" if dash and prefix == old and number.isdecimal() else template
