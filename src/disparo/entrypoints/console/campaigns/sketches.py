"""Campaigns that are being written: their documents, and how far they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from disparo.domain.campaign import Campaign
from disparo.domain.campaign_sketch import LARGEST_BYTES, CampaignSketch
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.words import mark
from disparo.entrypoints.http import compiling
from disparo.ports.renderer import Renderer
from disparo.usecases import campaign_edits

OF = "of"
"""Key of a sketch that is a draft opened again: the draft's id."""

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
    document = {key: value for key, value in sketch.document.items() if key != OF and value not in (None, "")}
    return document if "hours" in document else {**document, "hours": console.house.settings.hours_document()}


def steps_of(sketch: CampaignSketch) -> list[dict[str, Any]]:
    """The messages that were written so far."""
    return [dict(one) for one in sketch.document.get("steps") or ()]


def channels_of(sketch: CampaignSketch) -> list[Channel]:
    """The channels of the messages, each once."""
    known = (str(one.get("channel")) for one in steps_of(sketch))
    return list(dict.fromkeys(Channel(one) for one in known if one in set(Channel)))


async def keep(console: Console, sketch: CampaignSketch, parts: Mapping[str, Any], by: str) -> CampaignSketch:
    """Keep a sketch with these parts in place of those that it has; InputError when it grew too large."""
    document = {**sketch.document, **parts}
    if len(str(document).encode("utf-8", "replace")) > LARGEST_BYTES:
        raise InputError(f"a campanha inteira passa de {LARGEST_BYTES // 1000} kB; encurte os textos")
    return await console.house.store.sketches.put(replace(sketch, document=document, by=by), console.house.clock.now())


async def whole(console: Console, sketch: CampaignSketch) -> tuple[Campaign, Renderer]:
    """The campaign that a sketch describes and its templates compiled; InputError with all that is wrong or missing."""
    house, document = console.house, document_of(console, sketch)
    compiled = await compiling.ready(house, document)
    return await campaign_edits.check(house.store, document, compiled, house.clock.now()), compiled


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
