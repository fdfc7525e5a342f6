"""Settings of one installation: where its data are, what is real, and what the sandbox plays."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from disparo.settings.kinds import Rate, Whole


class RunningSettings(BaseModel):
    """Where and how this installation runs."""

    environment: Literal["dev", "prod"] = Field(default="dev", description="Profile that gives the other defaults.")
    data: Path = Field(
        default=Path("disparo-data"),
        description="Directory of the data; a relative path starts at the file that names it, else at the "
        "working directory.",
    )
    live: bool = Field(default=False, description="Send to real providers; else the sandbox takes everything.")
    default_list: str = Field(
        default="contatos",
        min_length=1,
        max_length=100,
        description="List that an import without a list goes to.",
    )
    log_format: Literal["console", "json"] = Field(default="console", description="Shape of the log lines.")


class SandboxSettings(BaseModel):
    """What the sandbox does with messages; the same seed plays the same story. Rates are of 1."""

    sandbox_seed: Whole = Field(
        default=1, ge=0, le=4_294_967_295, description="Seed of everything that the sandbox decides."
    )
    sandbox_webhook_secret: str | None = Field(
        default=None,
        min_length=16,
        max_length=200,
        description="Secret of the door `/webhooks/sandbox`; without it there is none.",
    )
    sandbox_latency_ms_min: Whole = Field(default=20, ge=0, le=900_000, description="Fastest answer, in ms.")
    sandbox_latency_ms_max: Whole = Field(default=200, ge=0, le=900_000, description="Slowest answer, in ms.")
    sandbox_recipient_failure_rate: Rate = Field(default=0.02, description="Attempts that fail for the recipient.")
    sandbox_transient_rate: Rate = Field(default=0.03, description="Attempts that fail for the provider, for now.")
    sandbox_throttled_rate: Rate = Field(default=0.01, description="Attempts refused as too many.")
    sandbox_lost_answer_rate: Rate = Field(default=0.005, description="Attempts accepted whose answer is lost.")
    sandbox_lost_request_rate: Rate = Field(
        default=0.0, description="Attempts that never arrive and are never answered."
    )
    sandbox_permanent_rate: Rate = Field(default=0.0, description="Attempts refused for what the message is.")
    sandbox_auth_rate: Rate = Field(default=0.0, description="Attempts refused for our credentials.")
    sandbox_undelivered_rate: Rate = Field(default=0.0, description="Messages accepted and reported as failed later.")
    sandbox_reply_rate: Rate = Field(default=0.05, description="Delivered messages that are replied to.")
    sandbox_opt_out_rate: Rate = Field(default=0.01, description="Delivered messages answered with an opt-out.")
    sandbox_read_rate: Rate = Field(default=0.6, description="Delivered messages that are read.")
