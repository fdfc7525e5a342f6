"""Public on-demand prices of AWS in two regions, in USD before taxes: a dated table, since prices change.

Each line names AWS's page and the regions whose figure was found again in public copies of AWS's price lists (see
`checked`); the others were written down from AWS's pages as known and not compared. docs/cost.md shows the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

AS_OF = date(2026, 11, 22)
"""When the table was made; the price lists that were compared are those published from 2026-09-13 to 2026-10-05."""

MILLION = 1_000_000


class Region(StrEnum):
    """The regions that the table knows."""

    US_EAST_1 = "us-east-1"
    SA_EAST_1 = "sa-east-1"


@dataclass(frozen=True, slots=True)
class Price:
    """What `per` units cost in each region; `page` is AWS's own, `checked` the regions found in its price lists."""

    unit: str
    per: int
    us_east_1: float
    sa_east_1: float
    page: str
    checked: frozenset[Region] = frozenset()

    def of(self, region: Region, quantity: float) -> float:
        """The cost of so many units in USD."""
        usd = self.us_east_1 if region is Region.US_EAST_1 else self.sa_east_1
        return usd * quantity / self.per


_US = frozenset({Region.US_EAST_1})
_SA = frozenset({Region.SA_EAST_1})
_BOTH = _US | _SA

_LAMBDA = "https://aws.amazon.com/lambda/pricing/"
_DYNAMODB = "https://aws.amazon.com/dynamodb/pricing/on-demand/"
_CAPACITY = "https://aws.amazon.com/dynamodb/pricing/provisioned/"
_SQS = "https://aws.amazon.com/sqs/pricing/"
_EVENTBRIDGE = "https://aws.amazon.com/eventbridge/pricing/"
_SECRETS = "https://aws.amazon.com/secrets-manager/pricing/"
_GATEWAY = "https://aws.amazon.com/api-gateway/pricing/"
_CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/"
_KMS = "https://aws.amazon.com/kms/pricing/"
_S3 = "https://aws.amazon.com/s3/pricing/"
_TRANSFER = "https://aws.amazon.com/ec2/pricing/on-demand/"

PRICES: Mapping[str, Price] = {
    "lambda_requests": Price("request", MILLION, 0.20, 0.20, _LAMBDA, _US),
    "lambda_gb_s_arm64": Price("GB-s", 1, 0.0000133334, 0.0000133334, _LAMBDA, _US),
    "lambda_gb_s_x86_64": Price("GB-s", 1, 0.0000166667, 0.0000166667, _LAMBDA, _US),
    "lambda_ready_gb_s_arm64": Price("GB-s kept ready", 1, 0.0000033334, 0.0000033334, _LAMBDA, _US),
    "lambda_ready_gb_s_x86_64": Price("GB-s kept ready", 1, 0.0000041667, 0.0000041667, _LAMBDA, _US),
    "lambda_used_gb_s_arm64": Price("GB-s on a ready instance", 1, 0.0000077778, 0.0000077778, _LAMBDA, _US),
    "lambda_used_gb_s_x86_64": Price("GB-s on a ready instance", 1, 0.0000097222, 0.0000097222, _LAMBDA, _US),
    "dynamodb_writes": Price("write unit", MILLION, 0.625, 0.9375, _DYNAMODB, _US),
    "dynamodb_reads": Price("read unit", MILLION, 0.125, 0.1875, _DYNAMODB, _US),
    "dynamodb_write_hours": Price("write capacity unit-hour", 1, 0.00065, 0.000975, _CAPACITY),
    "dynamodb_read_hours": Price("read capacity unit-hour", 1, 0.00013, 0.000195, _CAPACITY),
    "dynamodb_storage": Price("GB-month", 1, 0.25, 0.375, _DYNAMODB, _US),
    "dynamodb_pitr": Price("GB-month", 1, 0.20, 0.30, _DYNAMODB),
    "sqs_requests": Price("request", MILLION, 0.40, 0.40, _SQS, _US),
    "scheduler_invocations": Price("invocation", MILLION, 1.00, 1.00, _EVENTBRIDGE),
    "secrets": Price("secret-month", 1, 0.40, 0.40, _SECRETS, _US),
    "secret_reads": Price("request", 10_000, 0.05, 0.05, _SECRETS),
    "http_api_requests": Price("request", MILLION, 1.00, 1.59, _GATEWAY, _US),
    "log_ingestion": Price("GB", 1, 0.50, 0.90, _CLOUDWATCH, _BOTH),
    "log_storage": Price("GB-month", 1, 0.03, 0.0408, _CLOUDWATCH, _BOTH),
    "metrics": Price("metric-month", 1, 0.30, 0.30, _CLOUDWATCH, _US),
    "alarms": Price("alarm-month", 1, 0.10, 0.10, _CLOUDWATCH, _US),
    "dashboards": Price("dashboard-month", 1, 3.00, 3.00, _CLOUDWATCH, _US),
    "kms_keys": Price("key-month", 1, 1.00, 1.00, _KMS),
    "kms_requests": Price("request", 10_000, 0.03, 0.03, _KMS),
    "s3_storage": Price("GB-month", 1, 0.023, 0.0405, _S3, _SA),
    "s3_writes": Price("request", 1_000, 0.005, 0.007, _S3, _SA),
    "transfer_out": Price("GB", 1, 0.09, 0.15, _TRANSFER, _BOTH),
}
"""By name; of tiered prices the first tier, far above which no use of ours gets."""

ALWAYS_FREE: Mapping[str, float] = {
    "lambda_requests": MILLION,
    "lambda_gb_s_arm64": 400_000,
    "lambda_gb_s_x86_64": 400_000,
    "dynamodb_storage": 25,
    "sqs_requests": MILLION,
    "scheduler_invocations": 14 * MILLION,
    "log_ingestion": 5,
    "metrics": 10,
    "alarms": 10,
    "dashboards": 3,
    "kms_requests": 20_000,
    "transfer_out": 100,
}
"""What an account gets each month without end (https://aws.amazon.com/free/); what ends after a year is left out."""


_NOT_CHECKED = r" \*"


def price_table() -> str:
    """The table in Markdown; a star stands at each figure that was not found in a price list."""
    lines = [
        "| price | unit | us-east-1 | sa-east-1 | always free | page |",
        "|---|---|---:|---:|---:|---|",
    ]
    for name, price in PRICES.items():
        figures = [
            f"{usd:.10f}".rstrip("0").rstrip(".") + ("" if region in price.checked else _NOT_CHECKED)
            for region, usd in ((Region.US_EAST_1, price.us_east_1), (Region.SA_EAST_1, price.sa_east_1))
        ]
        per = price.unit if price.per == 1 else f"{price.per:,} x {price.unit}"
        free = f"{ALWAYS_FREE[name]:,.0f}" if name in ALWAYS_FREE else ""
        cells = [f"`{name}`", per, *figures, free, f"[{price.page.split('/')[3]}]({price.page})"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
