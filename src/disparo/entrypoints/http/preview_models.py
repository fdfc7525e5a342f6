"""What a contact would get, as the API tells of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from disparo.domain.contact import Channel
from disparo.usecases.previews import Preview

Values = Annotated[
    Mapping[Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=10_000)]],
    Field(max_length=200, description="Sample values by the names of variables; they go before the contact's own."),
]
_SMS: dict[str, Any] = {
    **{"segments": 2, "encoding": "ucs2", "units": 83, "plain_segments": 1, "forced_by": ["ã", "ç"]},
}
_PREVIEW: dict[str, Any] = {
    **{"contact_id": "57", "contact": "Ana Souza", "step": 1, "channel": "whatsapp", "address": "+5541988887777"},
    **{"ok": True, "fault": None, "variable": None, "problem": None, "subject": None, "text": "Oi, Ana!"},
    **{"html": None, "approved": None, "choices": None, "sms": None},
}


class SmsOut(BaseModel):
    """What a text costs as SMS."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_SMS]})

    segments: int
    encoding: str = Field(description="`gsm7` or `ucs2`.")
    units: int
    plain_segments: int = Field(description="How many it would be without the characters in `forced_by`.")
    forced_by: Sequence[str] = Field(description="Characters that make it travel as `ucs2`.")


class PreviewOut(BaseModel):
    """A message as one contact would get it, or why it could not be sent."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PREVIEW]})

    contact_id: str | None = Field(description="Null for sample values.")
    contact: str
    step: int
    channel: Channel
    address: str | None = Field(description="Null when the contact has none for this channel: the step is left out.")
    ok: bool = Field(description="Whether it could be sent as it stands.")
    fault: str | None = Field(description="A code, as `missing_variable` or `text_too_long`.")
    variable: str | None = Field(description="The variable that the fault is about.")
    problem: str | None = Field(description="The fault in words, in Portuguese.")
    subject: str | None
    text: str | None
    html: str | None
    approved: Mapping[str, Any] | None = Field(description="What WhatsApp sends to who has not written for a day.")
    choices: Mapping[str, Any] | None = Field(description="WhatsApp's buttons or list under the text.")
    sms: SmsOut | None


class PreviewsOut(BaseModel):
    """Messages of several contacts and steps."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_PREVIEW], "variables": {"1": ["nome"]}}]})

    items: Sequence[PreviewOut]
    variables: Mapping[str, Sequence[str]] = Field(description="By step, the variables that its template asks for.")


def preview_out(one: Preview) -> PreviewOut:
    """A preview."""
    content, error, size = one.content, one.error, one.problem
    return PreviewOut(
        contact_id=one.contact.id or None,
        contact=one.contact.name,
        step=one.step,
        channel=one.channel,
        address=one.address or None,
        ok=one.ok,
        fault=error.reason if error else size.reason if size else None,
        variable=error.variable if error else None,
        problem=str(error) if error else f"{size.size} {size.unit}; no máximo {size.limit}" if size else None,
        subject=content.subject if content else None,
        text=content.text if content else None,
        html=content.html if content else None,
        approved=asdict(content.approved) if content and content.approved else None,
        choices=asdict(content.choices) if content and content.choices else None,
        sms=SmsOut.model_validate(one.sms) if one.sms else None,
    )
