"""Tables, queues, bucket and secrets made by API calls, where Terraform or its provider is not to be had.

Only what functions use at run time; alarms, roles, API Gateway and the rest exist by Terraform alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from secrets import token_hex
from typing import Any

from aws_local.names import QUEUES, Names
from aws_local.tables import create_tables

RETENTION_S = 14 * 86_400
MOST_RECEIVES = 5
SECRETS = ("mcp-whatsapp", "mcp-email", "mcp-sms", "mcp-calendar")
LINKS = "links"


def create_resources(client: Callable[[str], Any], names: Names, visibility_s: dict[str, int]) -> dict[str, str]:
    """Create everything; what the program must have in its environment to find it.

    `client` makes a client of a service; `visibility_s` is the visibility timeout of each queue of `QUEUES`.
    """
    create_tables(client("dynamodb"), names.prefix, names.environment)
    sqs = client("sqs")
    urls = {short: _queue(sqs, names, short, visibility_s[short]) for short in QUEUES}
    _bucket(client("s3"), names)
    for secret in SECRETS:
        client("secretsmanager").create_secret(Name=f"{names.secrets}/{secret}")
    key = json.dumps({"key": token_hex(32)})
    client("secretsmanager").create_secret(Name=f"{names.secrets}/{LINKS}", SecretString=key)
    return {
        "DISPARO_ENVIRONMENT": names.environment,
        "DISPARO_STORE": "dynamodb",
        "DISPARO_TABLE_PREFIX": names.prefix,
        "DISPARO_SEND_QUEUE_URL": urls["send"],
        "DISPARO_SEND_DLQ_URL": _url(sqs, names.dlq("send")),
        "DISPARO_INGEST_QUEUE_URL": urls["ingest"],
        "DISPARO_INGEST_DLQ_URL": _url(sqs, names.dlq("ingest")),
        "DISPARO_IMPORTS_BUCKET": names.bucket,
        "DISPARO_SECRETS_PREFIX": names.secrets,
    }


def _queue(sqs: Any, names: Names, short: str, visibility_s: int) -> str:
    sqs.create_queue(QueueName=names.dlq(short), Attributes={"MessageRetentionPeriod": str(RETENTION_S)})
    redrive = {"deadLetterTargetArn": names.queue_arn(names.dlq(short)), "maxReceiveCount": MOST_RECEIVES}
    attributes = {"VisibilityTimeout": str(visibility_s), "RedrivePolicy": json.dumps(redrive)}
    return str(sqs.create_queue(QueueName=names.queue(short), Attributes=attributes)["QueueUrl"])


def _url(sqs: Any, name: str) -> str:
    return str(sqs.get_queue_url(QueueName=name)["QueueUrl"])


def _bucket(s3: Any, names: Names) -> None:
    s3.create_bucket(Bucket=names.bucket)
    rule = {
        "QueueArn": names.queue_arn(names.queue("ingest")),
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "imports/"}]}},
    }
    s3.put_bucket_notification_configuration(
        Bucket=names.bucket, NotificationConfiguration={"QueueConfigurations": [rule]}
    )
