"""What an AWS account (or the emulator) says was made, next to the values of the source document."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.terraform.document import (
    ALARMS,
    METRICS,
    NAMESPACE,
    OURS,
    OWN_METRICS,
    SECRETS,
    SETTINGS,
    TABLES,
    TFVARS,
    TTL_ATTRIBUTE,
)

Client = Callable[[str], Any]


def tables(client: Client, environment: str) -> None:
    """Keys, indexes, billing, recovery, encryption, expiry."""
    dynamodb = client("dynamodb")
    for name, (key, index, hash_key, range_key) in TABLES.items():
        full = f"alquimista-disparo-{name}-{environment}"
        table = dynamodb.describe_table(TableName=full)["Table"]
        assert table["KeySchema"] == [{"AttributeName": key, "KeyType": "HASH"}]
        (only,) = table["GlobalSecondaryIndexes"]
        assert only["IndexName"] == index
        assert [part["AttributeName"] for part in only["KeySchema"]] == [hash_key, range_key]
        assert only["Projection"]["ProjectionType"] == "ALL"
        assert {one["AttributeType"] for one in table["AttributeDefinitions"]} == {"S"}
        assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
        assert table["SSEDescription"]["Status"] == "ENABLED"
        backups = dynamodb.describe_continuous_backups(TableName=full)["ContinuousBackupsDescription"]
        assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
        expiry = dynamodb.describe_time_to_live(TableName=full)["TimeToLiveDescription"]
        assert (expiry["AttributeName"], expiry["TimeToLiveStatus"]) == (TTL_ATTRIBUTE, "ENABLED")


def queues(client: Client, environment: str) -> None:
    """Visibility, retention, redrive."""
    sqs, document = client("sqs"), TFVARS[environment]
    url = sqs.get_queue_url(QueueName=f"alquimista-disparo-send-{environment}")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    six = 6 * int(str(document["lambda_timeout_send"]))
    assert int(queue["VisibilityTimeout"]) == document.get("visibility_timeout_seconds", six) == six
    assert int(queue["MessageRetentionPeriod"]) == document["message_retention_seconds"]
    dead = json.loads(queue["RedrivePolicy"])["deadLetterTargetArn"]
    assert dead.endswith(f":alquimista-disparo-send-dlq-{environment}")


def functions(client: Client, environment: str) -> None:
    """Timeouts, memory, concurrency, and the settings that the program is told."""
    awslambda, document = client("lambda"), TFVARS[environment]
    for key in ("api", "send", "schedule", "ingest"):
        name = f"alquimista-disparo-{key}-{environment}"
        function = awslambda.get_function(FunctionName=name)
        configuration = function["Configuration"]
        assert configuration["Timeout"] == document[f"lambda_timeout_{key}"]
        if key != "ingest":  # the document gives none
            assert configuration["MemorySize"] == document[f"lambda_memory_{key}"]
        reserved = function["Concurrency"]["ReservedConcurrentExecutions"]
        assert reserved == document["reserved_concurrent_executions"]
        told = configuration["Environment"]["Variables"]
        assert {setting: told[f"DISPARO_{setting.upper()}"] for setting in SETTINGS} == {
            setting: str(document[setting]) for setting in SETTINGS
        }
        assert told["POWERTOOLS_METRICS_NAMESPACE"] == NAMESPACE
        assert told["DISPARO_PUBLIC_URL"].startswith("https://")
        assert awslambda.get_alias(FunctionName=name, Name="live")["FunctionVersion"] == "1"
    if warm := document.get("provisioned_concurrent_executions"):
        name = f"alquimista-disparo-api-{environment}"
        config = awslambda.get_provisioned_concurrency_config(FunctionName=name, Qualifier="live")
        assert config["RequestedProvisionedConcurrentExecutions"] == warm


def alarms(client: Client, environment: str) -> None:
    """The document's three, with its figures and with dimensions; every metric of its own is on the dashboard."""
    cloudwatch = client("cloudwatch")
    made = cloudwatch.describe_alarms(AlarmNamePrefix="disparo-agenda-", MaxRecords=100)["MetricAlarms"]
    for name, figures in ALARMS.items():
        found = [one for one in made if one["AlarmName"].startswith(name) and one["AlarmName"].endswith(environment)]
        assert found
        for alarm in found:
            assert {key: alarm[key.title().replace("_", "")] for key in figures} == figures
            assert len(alarm["Dimensions"]) == 1
            assert alarm["AlarmActions"][0].endswith(f":alquimista-disparo-alarms-{environment}")
    dashboard = cloudwatch.get_dashboard(DashboardName=f"alquimista-disparo-{environment}")["DashboardBody"]
    lines = [line for widget in json.loads(dashboard)["widgets"] for line in widget["properties"]["metrics"]]
    assert {line[1] for line in lines if line[0] == NAMESPACE} == {*METRICS, *OWN_METRICS}
    assert {line[3] for line in lines if line[0] == NAMESPACE} == {f"alquimista-disparo-{environment}"}


def secrets(client: Client, environment: str) -> None:
    """Made, described, and without a value."""
    manager = client("secretsmanager")
    for name, keys in {**SECRETS, **OURS}.items():
        secret = manager.describe_secret(SecretId=f"alquimista-disparo/{environment}/{name}")
        assert secret["Description"].endswith(", ".join(keys))
        assert not secret.get("VersionIdsToStages")


def link_key(client: Client, environment: str) -> str:
    """The key of our links, which was made with the secret."""
    secret = client("secretsmanager").get_secret_value(SecretId=f"alquimista-disparo/{environment}/links")
    return str(json.loads(secret["SecretString"])["key"])


def schedules(client: Client, environment: str) -> None:
    """A tick and the steps, each minute, at the alias."""
    scheduler = client("scheduler")
    for task in ("tick", "steps"):
        one = scheduler.get_schedule(GroupName=f"alquimista-disparo-{environment}", Name=task)
        assert one["ScheduleExpression"] == "rate(1 minute)"
        assert json.loads(one["Target"]["Input"]) == {"task": task}
        assert one["Target"]["Arn"].endswith(f":alquimista-disparo-schedule-{environment}:live")


EVERYTHING = (tables, queues, functions, alarms, secrets, schedules)
