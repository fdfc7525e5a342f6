"""Where plain moto is no AWS and `aws_local.server` is: what the stores and their tests rely on."""

from __future__ import annotations

import json
import threading
import urllib.request
import uuid
from typing import Any
from urllib.parse import unquote_plus

import pytest

pytest.importorskip("moto", reason="moto, of the group dev, is not installed")

from botocore.exceptions import ClientError

from tests.contract.emulator import client, create_tables, emulator

ROUNDS = 60
THREADS = 6


@pytest.fixture
def table() -> str:
    prefix = f"t{uuid.uuid4().hex[:8]}"
    create_tables(client("dynamodb"), prefix, "test")
    return f"{prefix}-control-test"


@pytest.fixture(autouse=True)
def _no_faults_are_left_over() -> Any:
    yield
    _order({})


def test_one_of_many_wins_a_conditional_write(table: str) -> None:
    dynamodb: Any = client("dynamodb")
    wins: list[int] = []

    def race() -> None:
        for number in range(ROUNDS):
            try:
                dynamodb.put_item(
                    TableName=table, Item=_item(str(number)), ConditionExpression="attribute_not_exists(pk)"
                )
                wins.append(number)
            except dynamodb.exceptions.ConditionalCheckFailedException:
                continue

    racers = [threading.Thread(target=race) for _ in range(THREADS)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(wins) == list(range(ROUNDS))


def test_a_failed_condition_shows_the_item_that_is_there(table: str) -> None:
    dynamodb: Any = client("dynamodb")
    dynamodb.put_item(TableName=table, Item=_item("a"))
    refused = {
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    with pytest.raises(ClientError) as caught:
        dynamodb.put_item(TableName=table, Item=_item("a"), **refused)
    assert caught.value.response["Item"] == _item("a")
    with pytest.raises(ClientError) as caught:
        dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": _item("a"), **refused}}])
    assert caught.value.response["CancellationReasons"][0]["Item"] == _item("a")


def test_a_transaction_is_all_or_nothing(table: str) -> None:
    dynamodb: Any = client("dynamodb")
    dynamodb.put_item(TableName=table, Item=_item("there"))
    changes = [
        {"Put": {"TableName": table, "Item": _item("new")}},
        {"Update": {"TableName": table, "Key": _item("there"), **_adding(1)}},
        {"Delete": {"TableName": table, "Key": _item("x"), "ConditionExpression": "attribute_exists(pk)"}},
    ]
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(TransactItems=changes)
    assert dynamodb.scan(TableName=table)["Items"] == [_item("there")]
    dynamodb.transact_write_items(TransactItems=changes[:2])
    assert dynamodb.scan(TableName=table)["Count"] == 2


def test_a_transaction_that_fails_half_way_is_undone(table: str) -> None:
    dynamodb: Any = client("dynamodb")
    dynamodb.put_item(TableName=table, Item={**_item("there"), "n": {"S": "text"}})
    changes = [
        {"Put": {"TableName": table, "Item": _item("new")}},
        {"Update": {"TableName": table, "Key": _item("there"), **_adding(1)}},
    ]
    with pytest.raises(ClientError):
        dynamodb.transact_write_items(TransactItems=changes)
    assert dynamodb.scan(TableName=table)["Items"] == [{**_item("there"), "n": {"S": "text"}}]


def test_a_token_makes_a_transaction_happen_once(table: str) -> None:
    dynamodb: Any = client("dynamodb")
    token = str(uuid.uuid4())
    for _ in range(2):
        dynamodb.transact_write_items(ClientRequestToken=token, TransactItems=[_update(table, 1)])
    assert dynamodb.get_item(TableName=table, Key=_item("sum"))["Item"]["n"] == {"N": "1"}
    with pytest.raises(dynamodb.exceptions.IdempotentParameterMismatchException):
        dynamodb.transact_write_items(ClientRequestToken=token, TransactItems=[_update(table, 2)])


def test_a_batch_of_26_is_refused(table: str) -> None:
    dynamodb: Any = client("dynamodb")
    requests = [{"PutRequest": {"Item": _item(str(number))}} for number in range(26)]
    with pytest.raises(ClientError, match="Too many items"):
        dynamodb.batch_write_item(RequestItems={table: requests})
    dynamodb.batch_write_item(RequestItems={table: requests[:25]})


def test_throttling_refusals_and_lost_answers_come_as_ordered(table: str) -> None:
    dynamodb: Any = client("dynamodb", retries={"total_max_attempts": 1})
    _order({"dynamodb": {"skip": 1, "throttle": 1, "drop": 1}})
    dynamodb.put_item(TableName=table, Item=_item("first"))
    with pytest.raises(dynamodb.exceptions.ProvisionedThroughputExceededException):
        dynamodb.put_item(TableName=table, Item=_item("second"))
    assert dynamodb.scan(TableName=table)["Count"] == 1
    with pytest.raises(Exception, match=r"Connection was closed|closed before"):
        dynamodb.put_item(TableName=table, Item=_item("third"))
    assert dynamodb.scan(TableName=table)["Count"] == 2


def test_a_call_whose_answer_is_lost_is_repeated_by_the_sdk(table: str) -> None:
    dynamodb: Any = client("dynamodb")
    _order({"dynamodb": {"drop": 1, "operations": ["UpdateItem"]}})
    dynamodb.update_item(TableName=table, Key=_item("sum"), **_adding(1))
    assert dynamodb.get_item(TableName=table, Key=_item("sum"))["Item"]["n"] == {"N": "2"}


def test_a_new_file_is_told_to_the_queue() -> None:
    sqs: Any = client("sqs")
    s3: Any = client("s3", s3={"addressing_style": "path"})
    queue = sqs.create_queue(QueueName="told")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    s3.create_bucket(Bucket="files")
    rule = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(Bucket="files", NotificationConfiguration={"QueueConfigurations": [rule]})
    s3.put_object(Bucket="files", Key="imports/lista de março.csv", Body=b"nome\n")
    bodies = [json.loads(m["Body"]) for m in _received(sqs, queue)]
    [record] = [record for body in bodies for record in body.get("Records", [])]
    assert record["s3"]["bucket"]["name"] == "files"
    assert unquote_plus(record["s3"]["object"]["key"]) == "imports/lista de março.csv"


def test_a_rotated_secret_keeps_its_value() -> None:
    secrets: Any = client("secretsmanager")
    arn = secrets.create_secret(Name=f"s{uuid.uuid4().hex}", SecretString="first")["ARN"]
    secrets.put_secret_value(SecretId=arn, SecretString="second")
    function = "arn:aws:lambda:us-east-1:123456789012:function:rotate"
    secrets.rotate_secret(SecretId=arn, RotationLambdaARN=function, RotationRules={"AutomaticallyAfterDays": 30})
    assert secrets.get_secret_value(SecretId=arn)["SecretString"] == "second"
    assert secrets.get_secret_value(SecretId=arn, VersionStage="AWSPREVIOUS")["SecretString"] == "first"


def test_attributes_of_a_queue_come_back_as_they_were_set() -> None:
    sqs: Any = client("sqs")
    queue = sqs.create_queue(QueueName="attributes")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    wanted = {
        "Policy": json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": arn}]}),
        "RedriveAllowPolicy": '{"redrivePermission":"denyAll"}',
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3}, separators=(",", ":")),
    }
    for name, value in wanted.items():
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={name: value})
    found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert {name: found[name] for name in wanted} == wanted


def test_calls_are_counted(table: str) -> None:
    _control("DELETE", "calls")
    client("dynamodb").put_item(TableName=table, Item=_item("a"))
    assert _control("GET", "calls") == {"dynamodb.PutItem": 1}


def _item(key: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": "p"}, "sk": {"S": key}}


def _adding(number: int) -> dict[str, Any]:
    return {"UpdateExpression": "ADD n :n", "ExpressionAttributeValues": {":n": {"N": str(number)}}}


def _update(table: str, number: int) -> dict[str, Any]:
    return {"Update": {"TableName": table, "Key": _item("sum"), **_adding(number)}}


def _received(sqs: Any, queue: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=2)[
        "Messages"
    ]
    return found


def _order(faults: dict[str, Any]) -> None:
    _control("POST", "faults", faults)


def _control(verb: str, door: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{emulator()}/__disparo__/{door}", data, method=verb)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)
