"""Faults come in the order and number that was ordered."""

from __future__ import annotations

import pytest

pytest.importorskip("moto", reason="moto, of the group dev, is not installed")

from aws_local.faults import Fate, Faults, called


def test_nothing_ordered_is_nothing_done() -> None:
    assert Faults().fate_of("dynamodb", "PutItem") == (Fate.DONE, 0.0)


def test_each_kind_takes_its_number_of_calls_after_those_skipped() -> None:
    faults = Faults()
    faults.order({"dynamodb": {"skip": 1, "throttle": 2, "refuse": 1, "drop": 1, "delay_ms": 5}})
    fates = [faults.fate_of("dynamodb", "PutItem") for _ in range(6)]
    expected = [Fate.DONE, Fate.THROTTLED, Fate.THROTTLED, Fate.REFUSED, Fate.DROPPED, Fate.DONE]
    assert fates == [(fate, 0.005) for fate in expected]


def test_an_answer_is_lost_only_of_a_write_unless_operations_are_named() -> None:
    faults = Faults()
    faults.order({"dynamodb": {"drop": 1}, "sqs": {"drop": 1, "operations": ["ReceiveMessage"]}})
    assert [faults.fate_of("dynamodb", name)[0] for name in ("GetItem", "PutItem")] == [Fate.DONE, Fate.DROPPED]
    assert [faults.fate_of("sqs", name)[0] for name in ("SendMessage", "ReceiveMessage")] == [Fate.DONE, Fate.DROPPED]


def test_a_new_order_replaces_the_old_one_and_a_wrong_one_changes_nothing() -> None:
    faults = Faults()
    faults.order({"dynamodb": {"throttle": 1}})
    with pytest.raises(TypeError):
        faults.order({"dynamodb": {"explode": 1}})
    assert faults.fate_of("dynamodb", "GetItem")[0] is Fate.THROTTLED
    faults.order({})
    assert faults.fate_of("dynamodb", "GetItem")[0] is Fate.DONE


def test_calls_are_counted_until_reset() -> None:
    faults = Faults()
    faults.fate_of("sqs", "SendMessage")
    assert faults.calls(reset=True) == {"sqs.SendMessage": 1}
    assert faults.calls(reset=False) == {}


def test_a_request_tells_what_it_calls() -> None:
    assert called({"HTTP_X_AMZ_TARGET": "DynamoDB_20120810.PutItem"}) == ("dynamodb", "PutItem")
    signature = "AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/s3/aws4_request, SignedHeaders=host"
    assert called({"HTTP_AUTHORIZATION": signature, "REQUEST_METHOD": "PUT"}) == ("s3", "PUT")
    assert called({"REQUEST_METHOD": "GET"}) == ("unsigned", "GET")
