from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from disparo.adapters.channels.sendgrid.errors import judge, without_addresses
from disparo.adapters.http_exchange import Answer
from disparo.domain.policies.retry import FailureClass

F = FailureClass
NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)


def answer(status: int, body: Any = None, **headers: str) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (200, F.UNKNOWN),
        (302, F.AUTH),
        (400, F.PERMANENT),
        (401, F.AUTH),
        (403, F.AUTH),
        (404, F.PERMANENT),
        (405, F.PERMANENT),
        (408, F.UNKNOWN),
        (413, F.PERMANENT),
        (415, F.PERMANENT),
        (429, F.THROTTLED),
        (500, F.UNKNOWN),
        (503, F.UNKNOWN),
        (599, F.UNKNOWN),
    ],
)
def test_each_status_has_its_class(status: int, failure: FailureClass) -> None:
    outcome = judge(answer(status), NOW).outcome
    assert (outcome.accepted, outcome.failure) == (False, failure)
    assert outcome.reason
    assert outcome.detail.startswith(str(status))


def test_taken_is_202_and_nothing_else() -> None:
    outcome = judge(answer(202, b"", x_message_id="abc"), NOW).outcome
    assert (outcome.accepted, outcome.provider_id) == (True, "abc")
    assert judge(answer(202, b""), NOW).outcome.provider_id is None


def test_the_words_of_the_provider_are_kept_without_addresses() -> None:
    body = {"errors": [{"field": "from", "message": 'The address "ana.b+c@example.com.br" is not verified.'}]}
    outcome = judge(answer(403, body), NOW).outcome
    assert outcome.detail == "403 from: The address <…> is not verified."
    assert len(without_addresses("x" * 5000)) == 300


@pytest.mark.parametrize(
    ("part", "place", "failure"),
    [
        ("personalizations.3.to.0.email", 3, F.RECIPIENT),
        ("personalizations.3.to", 3, F.RECIPIENT),
        ("personalizations[3].to[0].email", 3, F.RECIPIENT),
        ("personalizations.0.subject", 0, F.PERMANENT),
        ("personalizations.12", 12, F.PERMANENT),
    ],
)
def test_a_named_recipient_is_the_one_at_fault(part: str, place: int, failure: FailureClass) -> None:
    verdict = judge(answer(400, {"errors": [{"field": part, "message": "x"}]}), NOW)
    assert {at: one.failure for at, one in verdict.faults.items()} == {place: failure}
    assert verdict.divisible


@pytest.mark.parametrize(
    "part", ["personalizations", "personalizations.x.to", "personalizations.٣.to", "content", "", None]
)
def test_without_a_name_nobody_is(part: str | None) -> None:
    verdict = judge(answer(400, {"errors": [{"field": part, "message": "x"}]}), NOW)
    assert (verdict.faults, verdict.divisible) == ({}, True)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"errors": 3}', b'{"errors": [3, null]}', b"\xff"])
def test_an_answer_that_is_no_json_is_read_by_its_status(body: bytes) -> None:
    verdict = judge(answer(400, body), NOW)
    assert (verdict.outcome.failure, verdict.faults) == (F.PERMANENT, {})


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"x_ratelimit_reset": str(int(NOW.timestamp()) + 30)}, 30.0),
        ({"x_ratelimit_reset": "1392815263"}, 0.0),
        ({"retry_after": "7"}, 7.0),
        ({"x_ratelimit_reset": "soon", "retry_after": "-1"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_what_the_provider_says(headers: dict[str, str], wait: float | None) -> None:
    assert judge(answer(429, **headers), NOW).outcome.retry_after_s == wait


def test_an_answer_made_to_be_slow_is_not() -> None:
    error = {"field": "personalizations.1." * 50, "message": "a" * 900 + "@"}
    body = json.dumps({"errors": [error] * 130}).encode()  # as much of an answer as is read
    begun = time.perf_counter()
    judge(answer(400, body), NOW)
    assert time.perf_counter() - begun < 1
