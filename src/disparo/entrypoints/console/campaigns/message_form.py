"""One message of a campaign as a form, and the form as the step of a campaign's document."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from disparo.domain.campaign import OnFailure, When
from disparo.domain.campaign_document import parse_campaign
from disparo.domain.contact import Channel
from disparo.domain.errors import DisparoError, InputError
from disparo.domain.instants import from_ms
from disparo.domain.template import TemplateError
from disparo.domain.waiting import WaitUnit, parse_wait
from disparo.entrypoints.console.forms import Form
from disparo.entrypoints.console.plain import plain
from disparo.ports.renderer import Renderer

TEXT_KEYS = ("text", "subject", "html", "choices", "choices_label", "approved")
"""Keys of a step that its template brings."""
UNITS: Mapping[str, str] = {"m": "minutos", "h": "horas", "d": "dias", "bd": "dias úteis"}
_LETTERS = {WaitUnit.MINUTES: "m", WaitUnit.HOURS: "h", WaitUnit.DAYS: "d", WaitUnit.BUSINESS_DAYS: "bd"}
_NOT_ID = re.compile(r"[^a-z0-9]+")
_PART = re.compile(r"^steps\[1\]\.(\w+)[^:]*: (.*)$", re.DOTALL)
_EPOCH = from_ms(0)


def step_form(step: Mapping[str, Any]) -> Form:
    """A step as the form shows it."""
    try:
        wait = parse_wait(str(step.get("wait", "0m")))
        amount, unit = str(wait.amount), _LETTERS[wait.unit]
    except InputError:
        amount, unit = "0", "m"
    approved = step.get("approved") or {}
    body = approved.get("body") or []
    return Form.of(
        {
            "text": step.get("text"),
            "subject": step.get("subject"),
            "html": step.get("html"),
            "wait": amount,
            "wait_unit": unit,
            "when": step.get("when", When.ALWAYS.value),
            "on_failure": step.get("on_failure", OnFailure.STOP.value),
            "stop_on_reply": "1" if step.get("stop_on_reply", True) else "",
            "meeting": step.get("meeting", ""),
            "choices": "\n".join(_choice_line(one) for one in step.get("choices") or ()),
            "choices_label": step.get("choices_label"),
            "approved_name": approved.get("name"),
            "approved_language": approved.get("language", "pt_BR"),
            "approved_body": "\n".join(body.values() if isinstance(body, Mapping) else body),
        }
    )


def step_of(form: Form, before: Mapping[str, Any]) -> dict[str, Any]:
    """The step that a form says; what the form does not show stays as it was."""
    channel = str(before.get("channel", Channel.WHATSAPP.value))
    step: dict[str, Any] = {key: before[key] for key in ("channel", "name") if key in before}
    step["text"] = form.get("text")
    amount = form.get("wait") or "0"
    step["wait"] = f"{amount}{form.get('wait_unit') or 'm'}" if amount.isdecimal() else amount
    step["when"] = form.get("when") or When.ALWAYS.value
    step["on_failure"] = form.get("on_failure") or OnFailure.STOP.value
    step["stop_on_reply"] = bool(form.get("stop_on_reply"))
    if meeting := form.get("meeting"):
        step["meeting"] = meeting
    if channel == Channel.EMAIL:
        step["subject"] = form.get("subject")
        if html := form.get("html"):
            step["html"] = html
    if channel == Channel.WHATSAPP:
        step |= _whatsapp(form, before)
    return step


def _whatsapp(form: Form, before: Mapping[str, Any]) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    label = form.get("choices_label")
    if lines := [line.strip() for line in form.get("choices").splitlines() if line.strip()]:
        parts["choices"] = _choices(lines, described=bool(label))
        if label:
            parts["choices_label"] = label
    if name := form.get("approved_name"):
        kept = before.get("approved") or {}
        approved = {key: value for key, value in kept.items() if key not in ("name", "language", "body")}
        approved |= {"name": name, "language": form.get("approved_language") or "pt_BR"}
        if body := [line.strip() for line in form.get("approved_body").splitlines() if line.strip()]:
            old = kept.get("body")
            named = isinstance(old, Mapping) and len(old) == len(body)
            approved["body"] = dict(zip(old, body, strict=True)) if named and isinstance(old, Mapping) else body
        parts["approved"] = approved
    return parts


def _choices(lines: Sequence[str], *, described: bool) -> list[dict[str, str]]:
    """Answers, one a line, `título | descrição`; their ids are made of their titles."""
    found: list[dict[str, str]] = []
    for number, line in enumerate(lines, start=1):
        title, _bar, description = (part.strip() for part in line.partition("|"))
        slug = _NOT_ID.sub("-", title.lower()).strip("-")[:40] or f"opcao-{number}"
        taken = {one["id"] for one in found}
        choice = {"id": slug if slug not in taken else f"{slug}-{number}", "title": title}
        found.append({**choice, "description": description} if description and described else choice)
    return found


def _choice_line(choice: Mapping[str, Any]) -> str:
    title, description = str(choice.get("title", "")), choice.get("description")
    return f"{title} | {description}" if description else title


def faults_of(step: Mapping[str, Any], *, first: bool, renderer: Renderer) -> Mapping[str, str]:
    """What is wrong with one step by the field of its form; under the empty name what is of none."""
    shell = {"name": "x", "list": "x", "steps": [step if first else {**step, "when": "always"}]}
    try:
        campaign = parse_campaign(shell, created_at=_EPOCH)
        renderer.compile(campaign.steps[0].template)
    except TemplateError as error:
        where = _FIELDS.get((error.part or "").partition("[")[0].partition(".")[0], "")
        return {where: _without_place(error)}
    except DisparoError as error:
        return _by_field(str(error))
    return {}


def _by_field(words: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in words.splitlines():
        matched = _PART.match(line)
        where, said = (_FIELDS.get(matched[1], ""), matched[2]) if matched else ("", line)
        told = plain(said, placed=not where)
        found[where] = f"{found[where]}; {told}" if where in found else told
    return found


def _without_place(error: TemplateError) -> str:
    """`linha 3: …` of a message that begins with the template's name."""
    place, _colon, rest = str(error).partition(": ")
    line = place.rpartition(", ")[2]
    return f"{line}: {rest}" if line.startswith("linha ") else rest


_FIELDS: Mapping[str, str] = {
    **{name: name for name in ("text", "subject", "html", "wait", "when", "on_failure", "meeting", "choices")},
    **{"choices_label": "choices_label", "approved": "approved_name"},
}
