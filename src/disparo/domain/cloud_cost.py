"""What the AWS family costs in a month: counted use times the prices of a region.

Pure: settings come in as an `Installation`, traffic as messages a day. What is not counted by a test is an assumption,
and every assumption is a field of `Assumptions`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from disparo.domain.aws_prices import ALWAYS_FREE, PRICES, Region

WRITE_UNITS_PER_MESSAGE = 11.5
"""DynamoDB write units of a message from its import to its delivery."""

HOURS = 730
"""Hours of a month, as AWS counts them in its own estimates."""

DAYS = HOURS / 24
_SECONDS = HOURS * 3600
_MINUTES = HOURS * 60
_GB = 1_000_000_000
_MB_PER_GB = 1024


class Function(StrEnum):
    """The four Lambda functions."""

    API = "api"
    SEND = "send"
    SCHEDULE = "schedule"
    INGEST = "ingest"


class Item(StrEnum):
    """A line of the estimate; the first five are those of the source document ("Estimativa de Custos")."""

    LAMBDA = "lambda"
    DYNAMODB = "dynamodb"
    SQS = "sqs"
    EVENTBRIDGE = "eventbridge"
    SECRETS_MANAGER = "secrets_manager"
    API_GATEWAY = "api_gateway"
    CLOUDWATCH = "cloudwatch"
    KMS = "kms"
    S3 = "s3"
    DATA_TRANSFER = "data_transfer"


@dataclass(frozen=True, slots=True)
class Capacity:
    """Fewest read and write units of each table and index that is not billed by request."""

    reads: int
    writes: int


@dataclass(frozen=True, slots=True)
class Installation:
    """What is set up: memory of each function in MB, instances kept ready, architecture, how tables are billed.

    `capacity` is None for tables billed by request. `replicas` are further regions of global tables.
    """

    memory_mb: Mapping[Function, int]
    provisioned: Mapping[Function, int] = field(default_factory=dict)
    arch: Literal["arm64", "x86_64"] = "arm64"
    capacity: Capacity | None = None
    replicas: int = 0


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is assumed of the traffic; times are what Lambda bills, rates are of a month as a whole."""

    write_units_per_message: float = WRITE_UNITS_PER_MESSAGE
    read_units_per_message: float = 16.0
    bytes_kept_per_message: int = 3_000
    days_kept: int = 90
    messages_per_invocation: float = 3.0
    send_s: float = 2.0
    receipts_per_message: float = 2.0
    other_requests_per_day: int = 500
    api_s: float = 0.1
    tasks_per_minute: int = 2
    task_s: float = 0.4
    writes_per_task: float = 2.0
    reads_per_task: float = 12.0
    ingest_s_per_contact: float = 0.005
    messages_per_contact: float = 2.0
    polled_queues: int = 2
    pollers_per_queue: int = 5
    poll_s: float = 20.0
    secrets: int = 5
    secret_reads_per_hour: int = 100
    log_bytes_per_message: int = 1_500
    log_bytes_per_request: int = 1_000
    log_bytes_per_task: int = 1_000
    metrics: int = 5
    alarms: int = 34
    dashboards: int = 1
    kms_keys: int = 0
    kms_requests_per_message: float = 0.5
    bytes_out_per_message: int = 3_000
    import_bytes_per_contact: int = 200
    tables: int = 5
    indexes: int = 3
    capacity_used: float = 0.7
    open_hours_per_day: float = 9.0


@dataclass(frozen=True, slots=True)
class Charge:
    """One charge of the bill: `part` tells what for, `price` is its name in the table of prices."""

    item: Item
    part: str
    price: str
    quantity: float
    usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A month's bill in USD before taxes."""

    region: Region
    messages_per_day: int
    charges: Sequence[Charge]

    @property
    def total(self) -> float:
        """All of it."""
        return sum(charge.usd for charge in self.charges)

    def of(self, item: Item) -> float:
        """One item of it."""
        return sum(charge.usd for charge in self.charges if charge.item is item)


def estimate(
    installation: Installation,
    messages_per_day: int,
    region: Region,
    *,
    free_tier: bool = False,
    assumed: Assumptions | None = None,
) -> Estimate:
    """The bill of a month; with `free_tier`, less what AWS gives every account each month without end."""
    left = dict(ALWAYS_FREE) if free_tier else {}
    charges = []
    for charge in _use(installation, messages_per_day, assumed or Assumptions()):
        free = min(left.get(charge.price, 0.0), charge.quantity)
        left[charge.price] = left.get(charge.price, 0.0) - free
        usd = PRICES[charge.price].of(region, charge.quantity - free)
        charges.append(Charge(charge.item, charge.part, charge.price, charge.quantity, usd))
    return Estimate(region, messages_per_day, charges)


def _use(installation: Installation, messages_per_day: int, assumed: Assumptions) -> Iterator[Charge]:
    messages = messages_per_day * DAYS
    yield from _functions(installation, messages, assumed)
    yield from _tables(installation, messages, assumed)
    yield from _queues(messages, assumed)
    tasks = assumed.tasks_per_minute * _MINUTES
    yield Charge(Item.EVENTBRIDGE, "invocations", "scheduler_invocations", tasks)
    yield Charge(Item.SECRETS_MANAGER, "secrets", "secrets", assumed.secrets)
    yield Charge(Item.SECRETS_MANAGER, "reads", "secret_reads", assumed.secret_reads_per_hour * HOURS)
    yield Charge(Item.API_GATEWAY, "requests", "http_api_requests", _requests(messages, assumed))
    yield from _watching(messages, assumed)
    yield Charge(Item.KMS, "keys", "kms_keys", assumed.kms_keys)
    asked = assumed.kms_requests_per_message * messages if assumed.kms_keys else 0.0  # AWS's own keys are free
    yield Charge(Item.KMS, "requests", "kms_requests", asked)
    contacts = messages / assumed.messages_per_contact
    yield Charge(Item.S3, "storage", "s3_storage", contacts * assumed.import_bytes_per_contact / _GB)
    yield Charge(Item.S3, "writes", "s3_writes", DAYS)
    yield Charge(Item.DATA_TRANSFER, "out", "transfer_out", messages * assumed.bytes_out_per_message / _GB)


def _requests(messages: float, assumed: Assumptions) -> float:
    return messages * assumed.receipts_per_message + assumed.other_requests_per_day * DAYS


def _functions(installation: Installation, messages: float, assumed: Assumptions) -> Iterator[Charge]:
    """Per function: requests, GB-s, and what it costs to keep instances ready."""
    contacts = messages / assumed.messages_per_contact
    runs: Mapping[Function, tuple[float, float]] = {
        Function.API: (_requests(messages, assumed), assumed.api_s),
        Function.SEND: (messages / assumed.messages_per_invocation, assumed.send_s),
        Function.SCHEDULE: (assumed.tasks_per_minute * _MINUTES, assumed.task_s),
        Function.INGEST: (DAYS, contacts / DAYS * assumed.ingest_s_per_contact),
    }
    for function, (count, each_s) in runs.items():
        gb = installation.memory_mb[function] / _MB_PER_GB
        ready = installation.provisioned.get(function, 0)
        kind = "used" if ready else ""
        price = "_".join(filter(None, ("lambda", kind, "gb_s", installation.arch)))
        yield Charge(Item.LAMBDA, f"{function}_requests", "lambda_requests", count)
        yield Charge(Item.LAMBDA, f"{function}_time", price, count * each_s * gb)
        if ready:
            kept = f"lambda_ready_gb_s_{installation.arch}"
            yield Charge(Item.LAMBDA, f"{function}_provisioned", kept, ready * gb * _SECONDS)


def _tables(installation: Installation, messages: float, assumed: Assumptions) -> Iterator[Charge]:
    tasks = assumed.tasks_per_minute * _MINUTES
    copies = 1 + installation.replicas
    writes = (messages * assumed.write_units_per_message + tasks * assumed.writes_per_task) * copies
    reads = messages * assumed.read_units_per_message + tasks * assumed.reads_per_task
    if installation.capacity is None:
        yield Charge(Item.DYNAMODB, "writes", "dynamodb_writes", writes)
        yield Charge(Item.DYNAMODB, "reads", "dynamodb_reads", reads)
    else:
        # Autoscaling keeps a table at the share `capacity_used` of its capacity, and never below its minimum.
        open_s = assumed.open_hours_per_day * 3600 * DAYS * assumed.capacity_used
        places = (assumed.tables + assumed.indexes) * copies
        write_units = max(places * installation.capacity.writes, writes / open_s)
        read_units = max(places * installation.capacity.reads, reads / open_s)
        yield Charge(Item.DYNAMODB, "write_capacity", "dynamodb_write_hours", write_units * HOURS)
        yield Charge(Item.DYNAMODB, "read_capacity", "dynamodb_read_hours", read_units * HOURS)
    stored = messages / DAYS * assumed.days_kept * assumed.bytes_kept_per_message / _GB * copies
    yield Charge(Item.DYNAMODB, "storage", "dynamodb_storage", stored)
    yield Charge(Item.DYNAMODB, "backup", "dynamodb_pitr", stored)


def _queues(messages: float, assumed: Assumptions) -> Iterator[Charge]:
    """A message is sent in batches of ten and received and deleted with its invocation; pollers ask all the time."""
    handled = messages * (1 / 10 + 2 / assumed.messages_per_invocation)
    polls = assumed.polled_queues * assumed.pollers_per_queue * _SECONDS / assumed.poll_s
    yield Charge(Item.SQS, "messages", "sqs_requests", handled)
    yield Charge(Item.SQS, "idle_polling", "sqs_requests", polls)


def _watching(messages: float, assumed: Assumptions) -> Iterator[Charge]:
    logged = (
        messages * assumed.log_bytes_per_message
        + _requests(messages, assumed) * assumed.log_bytes_per_request
        + assumed.tasks_per_minute * _MINUTES * assumed.log_bytes_per_task
    ) / _GB
    yield Charge(Item.CLOUDWATCH, "log_ingestion", "log_ingestion", logged)
    yield Charge(Item.CLOUDWATCH, "log_storage", "log_storage", logged)
    yield Charge(Item.CLOUDWATCH, "metrics", "metrics", assumed.metrics)
    yield Charge(Item.CLOUDWATCH, "alarms", "alarms", assumed.alarms)
    yield Charge(Item.CLOUDWATCH, "dashboards", "dashboards", assumed.dashboards)
