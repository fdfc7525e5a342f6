"""Settings that only AWS uses; the embedded family carries them so that one file serves both."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from disparo.settings.kinds import Names, Url, Whole

VISIBILITY_FACTOR = 6
"""Queue visibility per function timeout (AWS Lambda developer guide, "Using Lambda with Amazon SQS")."""


def _visibility(valid: dict[str, Any]) -> int:
    return VISIBILITY_FACTOR * int(valid["lambda_timeout_send"])


def _secrets_prefix(valid: dict[str, Any]) -> str:
    return f"{valid['table_prefix']}/{valid['environment']}"


class CloudSettings(BaseModel):
    """Where the parts on AWS are, and sizes of functions, tables and queues; bounds are those of AWS."""

    store: Literal["embedded", "dynamodb"] = Field(
        default="embedded", description="Where everything is kept: one file in `data`, or tables on AWS."
    )
    aws_region: str | None = Field(
        default=None,
        pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$",
        description="Region of all calls to AWS; without it `AWS_REGION`, or that of the AWS profile.",
    )
    table_prefix: str = Field(
        default="alquimista-disparo",
        pattern=r"^[A-Za-z0-9_.-]{3,100}$",
        description="What the names of tables begin with: `<prefix>-<table>-<environment>`.",
    )
    send_queue_url: Url = Field(default=None, description="Queue of tickets from the tick to the send function.")
    send_pace_per_second: Whole = Field(
        default=50,
        ge=5,
        le=10_000,
        description="Messages of one sender that may have the same second as their moment, on AWS; what one send "
        "function after another can begin in time.",
    )
    send_dlq_url: Url = Field(default=None, description="Queue of what the functions gave up, and of dead letters.")
    ingest_queue_url: Url = Field(default=None, description="Queue of contact files that were uploaded.")
    ingest_dlq_url: Url = Field(default=None, description="Queue of contact files that could not be read.")
    imports_bucket: str | None = Field(
        default=None, pattern=r"^[a-z0-9.-]{3,63}$", description="Bucket of contact files, below `imports/`."
    )
    secrets_prefix: str = Field(
        default_factory=_secrets_prefix,
        pattern=r"^[A-Za-z0-9/_+=.@-]{1,400}$",
        description="What the names of secrets begin with: `<this>/mcp-whatsapp`; follows as "
        "`<table_prefix>/<environment>` when not set.",
    )
    lambda_timeout_api: Whole = Field(default=30, ge=1, le=900, description="Timeout of the API function, in s.")
    lambda_timeout_send: Whole = Field(default=180, ge=1, le=900, description="Timeout of the send function, in s.")
    lambda_timeout_schedule: Whole = Field(
        default=300, ge=1, le=900, description="Timeout of the schedule function, in s."
    )
    lambda_timeout_ingest: Whole = Field(default=120, ge=1, le=900, description="Timeout of the ingest function, in s.")
    lambda_memory_api: Whole = Field(default=512, ge=128, le=10_240, description="Memory of the API function, in MB.")
    lambda_memory_send: Whole = Field(
        default=1024, ge=128, le=10_240, description="Memory of the send function, in MB."
    )
    lambda_memory_schedule: Whole = Field(
        default=512, ge=128, le=10_240, description="Memory of the schedule function, in MB."
    )
    lambda_memory_ingest: Whole = Field(
        default=512,
        ge=128,
        le=10_240,
        description="Memory of the ingest function, in MB; our choice, the document gives none.",
    )
    provisioned_concurrent_executions: Whole = Field(
        default=0, ge=0, le=1000, description="Warm instances of the `api` alias; 0 for none."
    )
    reserved_concurrent_executions: Whole = Field(
        default=10, ge=0, le=10_000, description="Concurrency reserved per function; 0 for no reservation."
    )
    dynamodb_billing_mode: Literal["ON_DEMAND", "PAY_PER_REQUEST", "PROVISIONED"] = Field(
        default="ON_DEMAND", description="`PROVISIONED` or `PAY_PER_REQUEST`; `ON_DEMAND` means the latter."
    )
    dynamodb_autoscaling_enabled: bool = Field(
        default=False, description="Autoscaling of the tables; has an effect with `PROVISIONED` only."
    )
    autoscaling_read_min: Whole = Field(default=5, ge=1, le=40_000, description="Fewest read units.")
    autoscaling_read_max: Whole = Field(default=100, ge=1, le=40_000, description="Most read units.")
    autoscaling_write_min: Whole = Field(default=5, ge=1, le=40_000, description="Fewest write units.")
    autoscaling_write_max: Whole = Field(default=100, ge=1, le=40_000, description="Most write units.")
    replica_regions: Names = Field(
        default=(),
        description='Regions of global tables; none, as the document leaves `["us-west-2", "eu-west-1"]` '
        "to the future.",
    )
    visibility_timeout_seconds: Whole = Field(
        default_factory=_visibility,
        ge=0,
        le=43_200,
        description="Queue visibility, in s; follows as 6 x `lambda_timeout_send` when not set.",
    )
    message_retention_seconds: Whole = Field(
        default=1_209_600, ge=60, le=1_209_600, description="How long the queue keeps a message, in s."
    )

    def billing_mode(self) -> Literal["PAY_PER_REQUEST", "PROVISIONED"]:
        """The billing mode under the name that Terraform's AWS provider knows."""
        return "PROVISIONED" if self.dynamodb_billing_mode == "PROVISIONED" else "PAY_PER_REQUEST"
