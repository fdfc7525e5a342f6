"""Which messages an answer leaves as done: the developer guide's "Success and failure conditions", row by row."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("moto", reason="moto, of the group dev, is not installed")

from aws_local.polling import FAILED, done_of, record_of

BATCH = [{"MessageId": "a"}, {"MessageId": "b"}]


@pytest.mark.parametrize(
    "answer",
    [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}],
    ids=["null", "empty", "empty list", "null list"],
)
def test_nothing_named_is_all_done(answer: object) -> None:
    assert done_of(answer, BATCH, partial=True) == BATCH


def test_what_is_named_is_not_done() -> None:
    assert done_of({"batchItemFailures": [{"itemIdentifier": "b"}]}, BATCH, partial=True) == [{"MessageId": "a"}]


@pytest.mark.parametrize(
    "answer",
    [
        FAILED,
        "text",
        {"batchItemFailures": "text"},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"wrong": "a"}]},
        {"batchItemFailures": [{"itemIdentifier": "c"}]},
    ],
    ids=["failed", "no object", "no list", "empty id", "null id", "wrong key", "unknown id"],
)
def test_an_answer_that_makes_no_sense_fails_the_batch(answer: object) -> None:
    assert done_of(answer, BATCH, partial=True) == []


def test_without_partial_failures_only_an_error_fails() -> None:
    assert done_of({"batchItemFailures": [{"itemIdentifier": "b"}]}, BATCH, partial=False) == BATCH
    assert done_of(FAILED, BATCH, partial=False) == []


def test_a_record_is_as_functions_know_it() -> None:
    message: dict[str, Any] = {
        "MessageId": "a",
        "ReceiptHandle": "h",
        "Body": "{}",
        "MD5OfBody": "99914b932bd37a50b983c5e7c90ae93b",
        "Attributes": {"ApproximateReceiveCount": "1"},
        "MessageAttributes": {"kind": {"DataType": "String", "StringValue": "x"}},
    }
    record = record_of(message, "arn:aws:sqs:us-east-1:123456789012:q")
    assert (record["messageId"], record["receiptHandle"], record["eventSource"]) == ("a", "h", "aws:sqs")
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["messageAttributes"] == {"kind": {"stringValue": "x", "dataType": "String"}}
