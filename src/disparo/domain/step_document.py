"""The steps of a campaign's document (see `campaign_document`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from disparo.domain.campaign import MOST_STEPS, OnFailure, Step, When
from disparo.domain.contact import Channel
from disparo.domain.document_table import DocumentTable, choices
from disparo.domain.template_document import TEMPLATE_KEYS, read_template, template_document
from disparo.domain.waiting import Wait, WaitUnit, parse_wait

STEP_KEYS = ("channel", "wait", "when", "on_failure", "stop_on_reply", "meeting", *TEMPLATE_KEYS)

_AT_ONCE = Wait(0, WaitUnit.MINUTES)
_TYPE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def read_steps(root: DocumentTable, campaign: str) -> tuple[Step, ...]:
    """The steps that are right, in order; a template without a name is called `<campaign>-<number>`."""
    if not root.raw("steps"):
        root.refuse("steps", "escreva ao menos um passo, sob [[steps]]")
        return ()
    numbered = [*root.tables("steps")]
    if len(numbered) > MOST_STEPS:
        root.note("steps", f"são {len(numbered)} passos; uma campanha tem no máximo {MOST_STEPS}: divida-a em duas")
        return ()
    steps = [_step(values, number, campaign, root.faults) for number, values in numbered]
    return tuple(step for step in steps if step is not None)


def step_document(step: Step) -> dict[str, Any]:
    """A step as JSON values, every default written out."""
    return {
        "channel": step.channel.value,
        "wait": str(step.wait),
        "when": step.when.value,
        "on_failure": step.on_failure.value,
        "stop_on_reply": step.stop_on_reply,
        **({} if step.meeting is None else {"meeting": step.meeting}),
        **template_document(step.template),
    }


def _step(values: Mapping[str, object], number: int, campaign: str, faults: list[str]) -> Step | None:
    place = f"steps[{number}]."
    table = DocumentTable(values, STEP_KEYS, faults, place)
    channel = table.choice("channel", Channel)
    if "channel" not in table:
        table.refuse("channel", choices(Channel))
    template = read_template(table, f"{campaign}-{number}", channel, place)
    wait = table.read("wait", parse_wait) or _AT_ONCE
    when = table.choice("when", When) or When.ALWAYS
    on_failure = table.choice("on_failure", OnFailure) or OnFailure.STOP
    stop_on_reply, meeting = table.flag("stop_on_reply", True), _meeting(table)
    if number == 1 and when is When.PREVIOUS_FAILED:
        table.refuse("when", f'o primeiro passo não tem anterior; escreva "{When.ALWAYS}" ou retire a chave')
    if channel is None or template is None:
        return None
    return Step(channel, template, wait, on_failure, when, stop_on_reply, meeting)


def _meeting(table: DocumentTable) -> str | None:
    """A meeting type's id; whether there is such a type is for the store to say."""
    meeting = table.text("meeting")
    if meeting is None or _TYPE.fullmatch(meeting):
        return meeting
    table.refuse("meeting", 'escreva o id de um tipo de reunião, como meeting = "visita" (veja: disparo hosts types)')
    return None
