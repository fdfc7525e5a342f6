"""What is to run: the functions, what calls them, and what they are told, read from what was created."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from aws_local import polling
from aws_local.names import FUNCTIONS, Names
from aws_local.resources import create_resources
from aws_local.schedules import Schedule
from aws_local.server import REGION
from aws_local.terraform import Terraform

Client = Callable[[str], Any]

HANDLER = "disparo.entrypoints.lambdas.{}.handler"
TIMEOUTS_S = {"api": 30.0, "send": 180.0, "schedule": 300.0, "ingest": 120.0}
BATCHES = {"send": (50, 1.0), "ingest": (1, 0.0)}
TASKS = ("tick", "steps")
VISIBILITY_FACTOR = 6
NOTHING = b"PK\x05\x06" + bytes(18)
"""An empty zip: the emulator keeps a package, and the functions run from the source tree."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A function's configuration."""

    name: str
    handler: str
    timeout_s: float
    memory_mb: int
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Deployment:
    """Functions by their short names, the mappings of those that queues call, the schedules of `schedule`."""

    functions: Mapping[str, Plan]
    mappings: Mapping[str, polling.Mapping]
    schedules: list[Schedule]


def deployed_by_terraform(
    terraform: Terraform, folder: Path, url: str, client: Client, names: Names, environment: Mapping[str, str]
) -> Deployment:
    """Apply `terraform/envs/<environment>` and read back what runs. `environment` is added to the functions' own."""
    package = folder / "empty.zip"
    package.write_bytes(NOTHING)
    given = {"package_file": str(package), "function_environment": json.dumps(environment)}
    hours = environment.get("DISPARO_BUSINESS_HOURS")
    parts = [f"business_hours_{part} = null" for part in ("start", "end", "timezone")]
    values = "" if hours is None else "\n".join([f"business_hours = {hours}", *parts, ""])
    terraform.applied(names.environment, folder, url, given, values)
    return read_back(client, names)


def read_back(client: Client, names: Names) -> Deployment:
    """What runs, as it was created."""
    functions = {short: _plan(client("lambda"), names.function(short)) for short in FUNCTIONS}
    found = client("lambda").list_event_source_mappings()["EventSourceMappings"]
    mappings = {
        short: _mapping(client("sqs"), one) for one in found for short in FUNCTIONS if _calls(one, names, short)
    }
    scheduler, group = client("scheduler"), f"{names.prefix}-{names.environment}"
    tasks = [one["Name"] for one in scheduler.list_schedules(GroupName=group)["Schedules"]]
    inputs = [scheduler.get_schedule(GroupName=group, Name=task)["Target"]["Input"] for task in tasks]
    return Deployment(functions, mappings, [Schedule(json.loads(text)) for text in inputs])


def deployed_by_calls(client: Client, names: Names, environment: Mapping[str, str]) -> Deployment:
    """Create tables, queues and bucket by API calls, and configure the functions with the document's values of DEV."""
    visibility_s = {
        short: int(VISIBILITY_FACTOR * TIMEOUTS_S[short] + window_s) for short, (_, window_s) in BATCHES.items()
    }
    given = {**create_resources(client, names, visibility_s), **environment}
    functions = {
        short: Plan(names.function(short), HANDLER.format(short), TIMEOUTS_S[short], 512, given) for short in FUNCTIONS
    }
    mappings = {
        short: polling.Mapping(
            given[f"DISPARO_{short.upper()}_QUEUE_URL"], names.queue_arn(names.queue(short)), size, window_s
        )
        for short, (size, window_s) in BATCHES.items()
    }
    return Deployment(functions, mappings, [Schedule({"task": task}) for task in TASKS])


def clients(url: str) -> Client:
    """A maker of clients of the emulator, one for each service."""
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            made[service] = boto3.client(
                service,
                endpoint_url=url,
                region_name=REGION,
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
        return made[service]

    return client


def _plan(client: Any, name: str) -> Plan:
    found = client.get_function_configuration(FunctionName=name, Qualifier="live")
    variables = found.get("Environment", {}).get("Variables", {})
    return Plan(name, found["Handler"], float(found["Timeout"]), found["MemorySize"], variables)


def _calls(mapping: dict[str, Any], names: Names, short: str) -> bool:
    return f":{names.function(short)}:" in mapping["FunctionArn"]


def _mapping(sqs: Any, mapping: dict[str, Any]) -> polling.Mapping:
    arn = mapping["EventSourceArn"]
    return polling.Mapping(
        queue_url=sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"],
        queue_arn=arn,
        batch_size=mapping["BatchSize"],
        window_s=float(mapping.get("MaximumBatchingWindowInSeconds") or 0),
        partial="ReportBatchItemFailures" in (mapping.get("FunctionResponseTypes") or []),
    )


def local_environment(url: str) -> dict[str, str]:
    """What everybody is told here and on AWS not."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "POWERTOOLS_TRACE_DISABLED": "1",
    }
