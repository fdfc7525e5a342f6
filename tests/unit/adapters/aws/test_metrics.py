"""Metrics as CloudWatch reads them: the document's namespace and names, one dimension, no person."""

from __future__ import annotations

import json

import pytest

from disparo.adapters.aws.metrics import Metric, emit

# Source document, "Métricas Customizadas".
DOCUMENT = {
    *("RateLimitHit", "MessagesSent", "MessagesFailedRate", "QueueDepth"),
    *("AverageDispatchTime", "ConfirmationRate", "NoShowRate"),
}


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "alquimista-disparo-dev")
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_names_are_the_documents_and_one_of_ours() -> None:
    assert {str(one) for one in Metric} == DOCUMENT | {"CalendarUnreadable"}


def test_values_are_printed_under_one_dimension(lines) -> None:
    emit({Metric.MESSAGES_SENT: [3], Metric.MESSAGES_FAILED_RATE: [0, 100, 0, 0]}, channel="sms")
    [line] = lines()
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "AlquimistaAI/DisparoAgenda"
    assert directive["Dimensions"] == [["service"]]
    units = {one["Name"]: one["Unit"] for one in directive["Metrics"]}
    assert units == {"MessagesSent": "Count", "MessagesFailedRate": "Percent"}
    assert (line["service"], line["channel"]) == ("alquimista-disparo-dev", "sms")
    assert (line["MessagesSent"], line["MessagesFailedRate"]) == ([3.0], [0.0, 100.0, 0.0, 0.0])


def test_nothing_is_printed_without_values(lines) -> None:
    emit({Metric.MESSAGES_SENT: []})
    assert lines() == []


def test_many_values_are_printed_in_hundreds(lines) -> None:
    emit({Metric.AVERAGE_DISPATCH_TIME: [float(one) for one in range(250)]})
    found = lines()
    assert [len(line["AverageDispatchTime"]) for line in found] == [100, 100, 50]
    assert sorted(value for line in found for value in line["AverageDispatchTime"]) == list(range(250))
