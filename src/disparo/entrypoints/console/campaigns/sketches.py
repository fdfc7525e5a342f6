"""Campaigns that are being written: their documents, and how far they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from disparo.domain.campaign import Campaign
from disparo.domain.campaign_sketch import LARGEST_BYTES, CampaignSketch
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError, RevisionError
from disparo.entrypoints.console.campaigns.message_form import step_form
from disparo.entrypoints.console.forms import Form
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.words import mark
from disparo.entrypoints.http import compiling
from disparo.ports.renderer import Renderer
from disparo.usecases import campaign_edits

OF, SEEN_AS, TABS = "of", "seen_as", "tabs"
"""Keys that only a sketch has: which draft was opened again, what that was like, and which page wrote which message."""

STEPS = (
    ("audience", mark("Público")),
    ("messages", mark("Mensagens")),
    ("sending", mark("Horários e limites")),
    ("forecast", mark("Previsão")),
    ("start", mark("Iniciar")),
)


def path_of(sketch_id: str, step: str = "") -> str:
    """The address of a sketch's page."""
    return f"/console/campaigns/new/{sketch_id}" + (f"/{step}" if step else "")


def document_of(console: Console, sketch: CampaignSketch) -> dict[str, Any]:
    """What was written, as the document of a campaign: without what is only of the sketch, with the usual hours."""
    own = (OF, SEEN_AS, TABS)
    document = {key: value for key, value in sketch.document.items() if key not in own and value not in (None, "")}
    return document if "hours" in document else {**document, "hours": console.house.settings.hours_document()}


def steps_of(sketch: CampaignSketch) -> list[dict[str, Any]]:
    """The messages that were written so far."""
    return [dict(one) for one in sketch.document.get("steps") or ()]


def channels_of(sketch: CampaignSketch) -> list[Channel]:
    """The channels of the messages, each once."""
    known = (str(one.get("channel")) for one in steps_of(sketch))
    return list(dict.fromkeys(Channel(one) for one in known if one in set(Channel)))


async def keep(console: Console, sketch: CampaignSketch, parts: Mapping[str, Any], by: str) -> CampaignSketch:
    """Keep a sketch with these parts in place of those that it has; InputError when it grew too large.

    What was kept in between, as by the page itself while somebody writes, stays but for these parts.
    """
    document = {**sketch.document, **parts}
    refuse_too_large(document)
    sketches, now = console.house.store.sketches, console.house.clock.now()
    try:
        return await sketches.put(replace(sketch, document=document, by=by), now)
    except RevisionError:
        present = await sketches.get(sketch.id)
        return await sketches.put(replace(present, document={**present.document, **parts}, by=by), now)


def refuse_too_large(document: Mapping[str, Any]) -> None:
    """InputError for more than a store takes."""
    if len(str(document).encode("utf-8", "replace")) > LARGEST_BYTES:
        raise InputError(f"a campanha inteira passa de {LARGEST_BYTES // 1000} kB; encurte os textos")


async def whole(console: Console, sketch: CampaignSketch) -> tuple[Campaign, Renderer]:
    """The campaign that a sketch describes and its templates compiled; InputError with all that is wrong or missing."""
    house, document = console.house, document_of(console, sketch)
    compiled = await compiling.ready(house, document)
    return await campaign_edits.check(house.store, document, compiled, house.clock.now()), compiled


def overtaken(sketch: CampaignSketch, number: int, form: Form) -> bool:
    """Whether a message is another than the one that a form was made of, and not by what that page wrote itself."""
    tab = form.get("tab")
    mine = bool(tab) and (sketch.document.get(TABS) or {}).get(str(number)) == tab
    return not mine and form.overtaken(step_form(steps_of(sketch)[number - 1]))


def reached(sketch: CampaignSketch) -> int:
    """How many pages of the way may be looked at: all once there are a list and a message."""
    if not sketch.document.get("name") or not sketch.document.get("list"):
        return 1
    return len(STEPS) if steps_of(sketch) and all(one.get("text") for one in steps_of(sketch)) else 2


def way(sketch: CampaignSketch, translate: Any) -> Sequence[tuple[str, str | None]]:
    """The pages of the way for the stepper: their words, and their addresses as far as they may be looked at."""
    open_ = reached(sketch)
    return [
        (translate(text), path_of(sketch.id, name) if number <= open_ else None)
        for number, (name, text) in enumerate(STEPS, start=1)
    ]
