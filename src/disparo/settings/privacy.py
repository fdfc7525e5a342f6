"""Settings of how long data of people are kept, and how much may be uploaded."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from disparo.settings.kinds import Whole

_LONGEST = 36_500


def _days(value: object) -> object:
    return None if isinstance(value, str) and value.strip().lower() == "none" else value


Days = Annotated[Annotated[Whole, Field(ge=1, le=_LONGEST)] | None, BeforeValidator(_days)]
"""A number of days, or `none`."""


class PrivacySettings(BaseModel):
    """How long what is known of people is kept; without a number it stays until somebody erases it."""

    contact_retention_days: Days = Field(
        default=None,
        description="Days after which a contact with whom nothing happened since is erased; `none` keeps them.",
    )
    message_retention_days: Days = Field(
        default=None,
        description="Days after the end of a campaign in which the histories of its messages are kept, with "
        "providers' words and ids; what was sent stays counted. `none` keeps them.",
    )
    inbox_retention_days: Days = Field(
        default=None, description="Days that a reply is kept once somebody has dealt with it; `none` keeps them."
    )
    import_retention_days: Whole = Field(
        default=7,
        ge=0,
        le=_LONGEST,
        description="Days that an uploaded contact file and the report of its wrong rows are kept after the import "
        "has ended.",
    )
    audit_retention_days: Annotated[Annotated[Whole, Field(ge=365, le=_LONGEST)] | None, BeforeValidator(_days)] = (
        Field(
            default=None,
            description="Days that it is kept who did what, at least 365; `none` keeps it.",
        )
    )
    upload_limit_mb: Whole = Field(
        default=512, ge=1, le=10_240, description="The largest file that may be uploaded, in MB of 1,048,576 bytes."
    )
