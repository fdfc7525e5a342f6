"""The program's own metrics, printed as CloudWatch reads them (embedded metric format)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

NAMESPACE = "AlquimistaAI/DisparoAgenda"


class Metric(StrEnum):
    """Names of the source document, "Métricas Customizadas"; the last is ours."""

    RATE_LIMIT_HIT = "RateLimitHit"
    """Count: a claim that a limit kept from taking more."""
    MESSAGES_SENT = "MessagesSent"
    """Count: a message that its provider took."""
    MESSAGES_FAILED_RATE = "MessagesFailedRate"
    """Percent: 100 for each message that was refused or given up, 0 for each that was taken; its average is the rate,
    over any time and number of functions."""
    QUEUE_DEPTH = "QueueDepth"
    """Count: tickets that could be carried and were not, at each tick."""
    AVERAGE_DISPATCH_TIME = "AverageDispatchTime"
    """Milliseconds: from a message's moment to its provider's answer, one value each; its average is the average."""
    CONFIRMATION_RATE = "ConfirmationRate"
    """Percent: 100 for each proposal that ended with a time agreed, 0 for each that ended without one; at the moment at
    which people are told."""
    NO_SHOW_RATE = "NoShowRate"
    """Percent: 100 for each meeting to which nobody came, 0 for each that was held; when somebody says so."""
    CALENDAR_UNREADABLE = "CalendarUnreadable"
    """Count: a look at a host's calendar, one in five minutes, that could not read it."""


_UNITS: Mapping[Metric, MetricUnit] = {
    Metric.RATE_LIMIT_HIT: MetricUnit.Count,
    Metric.MESSAGES_SENT: MetricUnit.Count,
    Metric.MESSAGES_FAILED_RATE: MetricUnit.Percent,
    Metric.QUEUE_DEPTH: MetricUnit.Count,
    Metric.AVERAGE_DISPATCH_TIME: MetricUnit.Milliseconds,
    Metric.CONFIRMATION_RATE: MetricUnit.Percent,
    Metric.NO_SHOW_RATE: MetricUnit.Percent,
    Metric.CALENDAR_UNREADABLE: MetricUnit.Count,
}


def emit(values: Mapping[Metric, Sequence[float]], **about: str) -> None:
    """Print values of metrics under the one dimension `service` (from `POWERTOOLS_SERVICE_NAME`).

    `about` (the channel) goes with them as plain fields, which log queries can group by: each value of a dimension
    would be another metric to pay for. Nothing is printed when there are no values.
    """
    metrics = EphemeralMetrics(namespace=NAMESPACE)
    for key, value in about.items():
        metrics.add_metadata(key, value)
    for metric, found in values.items():
        for one in found:
            metrics.add_metric(metric, _UNITS[metric], one)
    if metrics.metric_set:
        metrics.flush_metrics()
