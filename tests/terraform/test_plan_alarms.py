"""The plan of both environments: alarms that match something, and the dashboard."""

from __future__ import annotations

import pytest

from disparo.adapters.aws.metrics import NAMESPACE as PROGRAM_NAMESPACE
from disparo.adapters.aws.metrics import Metric
from tests.terraform.document import ALARMS, METRICS, NAMESPACE, OWN_METRICS, TFVARS
from tests.terraform.plan import Plan, Values
from tests.terraform.workspace import ENVIRONMENTS, planned, with_every_option

DIMENSIONS = {
    "AWS/Lambda": {"FunctionName"},
    "AWS/SQS": {"QueueName"},
    "AWS/DynamoDB": {"TableName"},
    "AWS/Scheduler": {"ScheduleGroup"},
    "AWS/ApiGateway": {"ApiId", "Stage"},
    NAMESPACE: {"service"},
}
"""What each service publishes its metrics by (its page in the AWS documentation); Powertools adds `service`."""


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def plan(environment: str) -> Plan:
    return planned(environment)


@pytest.mark.parametrize("name", ALARMS)
def test_alarms_have_the_documents_figures(plan: Plan, name: str) -> None:
    found = [alarm for full, alarm in plan.alarms().items() if full.startswith(f"{name}-")]
    assert found
    for alarm in found:
        assert {key: alarm[key] for key in ALARMS[name]} == ALARMS[name]


def test_errors_are_watched_for_each_function_and_dead_letters_for_each_queue(plan: Plan, environment: str) -> None:
    alarms = plan.alarms()
    functions = {
        alarms[f"disparo-agenda-high-error-rate-{key}-{environment}"]["dimensions"]["FunctionName"]
        for key in ("api", "send", "schedule", "ingest")
    }
    assert functions == {one["function_name"] for one in plan.each("aws_lambda_function")}
    dead = {
        alarms[f"disparo-agenda-dlq-messages-{key}-{environment}"]["dimensions"]["QueueName"]
        for key in ("send", "ingest")
    }
    assert dead == {one["name"] for one in plan.each("aws_sqs_queue") if "-dlq-" in one["name"]}


def test_every_metric_is_watched_by_the_dimensions_that_it_is_published_by(plan: Plan) -> None:
    known = {
        "FunctionName": {one["function_name"] for one in plan.each("aws_lambda_function")},
        "QueueName": {one["name"] for one in plan.each("aws_sqs_queue")},
        "TableName": {one["name"] for one in plan.each("aws_dynamodb_table")},
        "ScheduleGroup": {one["name"] for one in plan.each("aws_scheduler_schedule_group")},
        "Stage": {one["name"] for one in plan.each("aws_apigatewayv2_stage")},
    }
    for alarm in plan.alarms().values():
        for metric in _metrics(alarm):
            # An API's id is known only when it is there; the rest of its dimensions goes unknown with it.
            dimensions = metric.get("dimensions") or {}
            expected = DIMENSIONS[metric["namespace"]]
            assert set(dimensions) == expected or (metric["namespace"] == "AWS/ApiGateway" and not dimensions)
            for name, value in dimensions.items():
                assert value in known.get(name, {value}), alarm["alarm_name"]


def test_a_function_near_its_timeout_is_seen_before_it_fails(plan: Plan, environment: str) -> None:
    for key, function in plan.all("aws_lambda_function").items():
        alarm = plan.alarms()[f"disparo-agenda-near-timeout-{key}-{environment}"]
        assert (alarm["metric_name"], alarm["extended_statistic"]) == ("Duration", "p95")
        assert alarm["threshold"] == pytest.approx(0.8 * 1000 * function["timeout"])
        assert alarm["dimensions"] == {"FunctionName": function["function_name"]}


def test_a_tick_that_does_not_come_is_an_alarm(plan: Plan, environment: str) -> None:
    alarm = plan.alarms()[f"disparo-agenda-no-tick-{environment}"]
    assert (alarm["metric_name"], alarm["comparison_operator"]) == ("Invocations", "LessThanThreshold")
    assert alarm["period"] * alarm["evaluation_periods"] == 600
    assert alarm["treat_missing_data"] == "breaching"  # of a function that is not called there is no data


def test_silence_is_no_alarm_elsewhere(plan: Plan, environment: str) -> None:
    silent = {name for name, one in plan.alarms().items() if one["treat_missing_data"] != "notBreaching"}
    assert silent == {f"disparo-agenda-no-tick-{environment}"}


def test_the_programs_own_metrics_are_the_documents() -> None:
    assert {str(metric) for metric in Metric} == {*METRICS, *OWN_METRICS}
    assert PROGRAM_NAMESPACE == NAMESPACE


def test_own_metrics_are_watched_under_the_service_that_the_functions_are_told(plan: Plan, environment: str) -> None:
    own = [alarm for alarm in plan.alarms().values() if alarm["namespace"] == NAMESPACE]
    assert {alarm["metric_name"] for alarm in own} == {"RateLimitHit", "MessagesFailedRate", "CalendarUnreadable"}
    assert {alarm["dimensions"]["service"] for alarm in own} == {f"alquimista-disparo-{environment}"}


def test_a_calendar_that_stays_unreadable_is_an_alarm(plan: Plan, environment: str) -> None:
    alarm = plan.alarms()[f"disparo-agenda-calendar-unreadable-{environment}"]
    assert (alarm["statistic"], alarm["threshold"]) == ("Sum", 0)
    assert alarm["period"] * alarm["evaluation_periods"] == 1800  # six looks in a row


def test_alarm_names_tell_environments_apart() -> None:
    dev, prod = (set(planned(environment).alarms()) for environment in ENVIRONMENTS)
    assert dev.isdisjoint(prod)


def test_someone_can_be_told_of_alarms() -> None:
    (subscription,) = with_every_option().all("aws_sns_topic_subscription").values()
    assert (subscription["protocol"], subscription["endpoint"]) == ("email", "plantao@example.com")
    assert planned("dev").all("aws_sns_topic_subscription") == {}


def test_every_alarm_goes_to_the_topic() -> None:
    root = planned("dev").document["configuration"]["root_module"]["module_calls"]["disparo"]["module"]
    alarms = [
        one
        for one in root["module_calls"]["monitoring"]["module"]["resources"]
        if one["type"] == "aws_cloudwatch_metric_alarm"
    ]
    assert len(alarms) == 5
    for alarm in alarms:
        assert "aws_sns_topic.alarms" in alarm["expressions"]["alarm_actions"]["references"]


def test_the_threshold_of_old_messages_is_below_what_the_queue_keeps(plan: Plan, environment: str) -> None:
    kept = int(str(TFVARS[environment]["message_retention_seconds"]))
    for queue in ("send", "ingest"):
        assert plan.alarms()[f"disparo-agenda-old-messages-{queue}-{environment}"]["threshold"] < kept / 2


def _metrics(alarm: Values) -> list[Values]:
    queries = [query["metric"][0] for query in alarm["metric_query"] if query["metric"]]
    return queries or [alarm]
