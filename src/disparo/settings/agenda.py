"""Settings of the agenda that hold for all hosts and types of meetings."""

from __future__ import annotations

from pydantic import BaseModel, Field

from disparo.settings.kinds import Number


class AgendaSettings(BaseModel):
    """How calendars are asked, and who invites; hosts and types of meetings have a file of their own."""

    company_name: str = Field(
        default="", max_length=80, description="Who invites, as booking pages show it; nothing when empty."
    )
    calendar_timeout_s: Number = Field(
        default=10.0, gt=0, le=60, description="How long a host's calendar may take to answer, in s; then it is busy."
    )
