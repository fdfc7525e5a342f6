"""The plan of both environments: tables, queues, functions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from disparo.settings import load_settings
from disparo.settings.sending import SendingSettings
from tests.terraform.document import SETTINGS, TABLES, TFVARS, TTL_ATTRIBUTE
from tests.terraform.plan import Plan
from tests.terraform.workspace import (
    ACCOUNT,
    ENVIRONMENTS,
    environment_ready,
    planned,
    provisioned_with_a_key,
    with_every_option,
    workspace,
)

FUNCTIONS = {"api", "send", "schedule", "ingest"}
LAMBDA_ENVIRONMENT_BYTES = 4096
QUEUE_URL = "https://sqs.ap-southeast-2.amazonaws.com/123456789012/alquimista-disparo-ingest-dlq-prod"


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def plan(environment: str) -> Plan:
    return planned(environment)


def test_environments_are_valid(environment: str) -> None:
    workspace().done(environment_ready(environment), "validate")


def test_what_terraform_refuses_it_refuses() -> None:
    place = workspace().place("dev").parents[1] / "modules" / "disparo"
    workspace().done(place, "init", "-backend=false", "-input=false")
    workspace().done(place, "test")


def test_prod_plans_with_the_contradiction_of_the_document_and_says_so() -> None:
    assert "dynamodb_autoscaling_enabled has no effect" in planned("prod").said.replace("\n", " ")
    assert "Warning" not in planned("dev").said


def test_tables_have_the_keys_and_indexes_of_the_document(plan: Plan, environment: str) -> None:
    tables = plan.all("aws_dynamodb_table")
    assert set(tables) == {"campaigns", "contacts", "ledger", "control", "agenda"}
    for name, (key, index, hash_key, range_key) in TABLES.items():
        table = tables[name]
        assert table["hash_key"] == key
        assert table["range_key"] is None
        (only,) = table["global_secondary_index"]
        assert (only["name"], only["hash_key"], only["range_key"]) == (index, hash_key, range_key)
        assert only["projection_type"] == "ALL"
    for name, table in tables.items():
        assert table["name"] == f"alquimista-disparo-{name}-{environment}"


def test_the_tables_are_those_that_the_program_knows(plan: Plan) -> None:
    from disparo.adapters.aws import tables as program

    for known in program.TABLES:
        table = plan.all("aws_dynamodb_table")[known.name]
        assert (table["hash_key"], table["range_key"]) == (known.hash, known.range)
        indexes = {one["name"]: (one["hash_key"], one["range_key"]) for one in table["global_secondary_index"]}
        assert indexes == dict(known.indexes)
        keys_only = {one["name"] for one in table["global_secondary_index"] if one["projection_type"] == "KEYS_ONLY"}
        assert keys_only == program.KEYS_ONLY & set(indexes)
        assert {one["type"] for one in table["attribute"]} == {"S"}


def test_tables_are_encrypted_restorable_and_forget(plan: Plan, environment: str) -> None:
    for table in plan.all("aws_dynamodb_table").values():
        assert table["point_in_time_recovery"][0]["enabled"]
        assert table["server_side_encryption"][0]["enabled"]
        assert (table["ttl"][0]["attribute_name"], table["ttl"][0]["enabled"]) == (TTL_ATTRIBUTE, True)
        assert table["deletion_protection_enabled"] is (environment == "prod")
        assert table["replica"] == []


def test_on_demand_is_translated_and_scales_nothing(plan: Plan) -> None:
    assert {table["billing_mode"] for table in plan.all("aws_dynamodb_table").values()} == {"PAY_PER_REQUEST"}
    assert plan.kinds().isdisjoint({"aws_appautoscaling_target", "aws_appautoscaling_policy"})


def test_provisioned_tables_and_their_indexes_are_scaled_between_the_documents_bounds() -> None:
    plan = provisioned_with_a_key()
    targets = plan.all("aws_appautoscaling_target").values()
    assert len(targets) == 2 * (5 + 3)
    assert len({(target["resource_id"], target["scalable_dimension"]) for target in targets}) == 16
    assert {(target["min_capacity"], target["max_capacity"]) for target in targets} == {(5, 100)}
    for target in targets:
        assert ("/index/" in target["resource_id"]) == target["scalable_dimension"].startswith("dynamodb:index:")
    assert len(plan.all("aws_appautoscaling_policy")) == 16
    for table in plan.all("aws_dynamodb_table").values():
        assert (table["read_capacity"], table["write_capacity"]) == (5, 5)
        assert {(one["read_capacity"], one["write_capacity"]) for one in table["global_secondary_index"]} <= {(5, 5)}


def test_regions_of_the_document_can_hold_copies() -> None:
    for table in with_every_option().all("aws_dynamodb_table").values():
        assert {replica["region_name"] for replica in table["replica"]} == {"us-west-2", "eu-west-1"}
        assert all(replica["point_in_time_recovery"] for replica in table["replica"])
        assert table["stream_view_type"] == "NEW_AND_OLD_IMAGES"


def test_queues_hide_messages_for_six_timeouts_and_keep_them_as_the_document_says(plan: Plan, environment: str) -> None:
    document = TFVARS[environment]
    by_name = {queue["name"]: queue for queue in plan.each("aws_sqs_queue")}
    assert set(by_name) == {
        f"alquimista-disparo-{name}-{environment}" for name in ("send", "send-dlq", "ingest", "ingest-dlq")
    }
    for function in ("send", "ingest"):
        queue = by_name[f"alquimista-disparo-{function}-{environment}"]
        dead = by_name[f"alquimista-disparo-{function}-dlq-{environment}"]
        window = plan.all("aws_lambda_event_source_mapping")[function]["maximum_batching_window_in_seconds"]
        six = 6 * int(str(document[f"lambda_timeout_{function}"]))
        wanted = document.get("visibility_timeout_seconds", six + window) if function == "send" else six
        assert queue["visibility_timeout_seconds"] == wanted >= six
        assert queue["message_retention_seconds"] == document["message_retention_seconds"]
        assert dead["message_retention_seconds"] == 1209600
        arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:"
        assert json.loads(queue["redrive_policy"]) == {
            "deadLetterTargetArn": arn + dead["name"],
            "maxReceiveCount": 5,
        }
        assert json.loads(dead["redrive_allow_policy"]) == {
            "redrivePermission": "byQueue",
            "sourceQueueArns": [arn + queue["name"]],
        }
        for one in (queue, dead):
            assert one["sqs_managed_sse_enabled"] is True
            assert "aws:SecureTransport" in one["policy"]


def test_functions_have_the_documents_sizes(plan: Plan, environment: str) -> None:
    document = TFVARS[environment]
    functions = plan.all("aws_lambda_function")
    assert set(functions) == FUNCTIONS
    for key, function in functions.items():
        assert function["function_name"] == f"alquimista-disparo-{key}-{environment}"
        assert function["handler"] == f"disparo.entrypoints.lambdas.{key}.handler"
        assert function["timeout"] == document[f"lambda_timeout_{key}"]
        assert function["memory_size"] == document.get(f"lambda_memory_{key}", function["memory_size"])
        assert function["reserved_concurrent_executions"] == document["reserved_concurrent_executions"]
        assert (function["runtime"], function["architectures"]) == ("python3.12", ["arm64"])
        assert function["tracing_config"][0]["mode"] == "Active"
        assert function["publish"] is True


def test_reservations_and_what_aws_keeps_free_make_the_quota_that_is_needed(plan: Plan, environment: str) -> None:
    each = [one["reserved_concurrent_executions"] for one in plan.all("aws_lambda_function").values()]
    assert plan.output("reserved_concurrency") == sum(each) == {"dev": 40, "prod": 400}[environment]


def test_no_reservation_is_not_no_execution() -> None:
    plan = with_every_option()
    reserved = {key: one["reserved_concurrent_executions"] for key, one in plan.all("aws_lambda_function").items()}
    assert reserved == {"api": -1, "send": -1, "ingest": -1, "schedule": 2}
    assert plan.all("aws_lambda_event_source_mapping")["send"]["scaling_config"] == [{"maximum_concurrency": 10}]


def test_warm_instances_stand_behind_the_alias_of_the_api_alone() -> None:
    (config,) = planned("prod").all("aws_lambda_provisioned_concurrency_config").values()
    assert config["function_name"] == "alquimista-disparo-api-prod"
    assert (config["qualifier"], config["provisioned_concurrent_executions"]) == ("live", 5)
    assert planned("dev").all("aws_lambda_provisioned_concurrency_config") == {}


def test_every_caller_uses_the_alias(plan: Plan) -> None:
    assert {key: one["name"] for key, one in plan.all("aws_lambda_alias").items()} == dict.fromkeys(FUNCTIONS, "live")
    assert plan.all("aws_lambda_permission")["api"]["qualifier"] == "live"
    assert plan.all("aws_lambda_function_event_invoke_config")["schedule"]["qualifier"] == "live"
    for caller, reference in (
        ("functions.aws_lambda_event_source_mapping", "aws_lambda_alias.live"),
        ("schedules.aws_scheduler_schedule", "var.function_arn"),
        ("api.aws_apigatewayv2_integration", "var.function.invoke_arn"),
    ):
        assert any(one.startswith(reference) for one in _references(plan, *caller.split("."))), caller


def test_queues_call_their_functions_in_batches_that_may_fail_in_part(plan: Plan, environment: str) -> None:
    mappings = plan.all("aws_lambda_event_source_mapping")
    assert set(mappings) == {"send", "ingest"}
    for key, mapping in mappings.items():
        assert mapping["event_source_arn"] == f"arn:aws:sqs:us-east-1:{ACCOUNT}:alquimista-disparo-{key}-{environment}"
        assert mapping["function_response_types"] == ["ReportBatchItemFailures"]
        (scaling,) = mapping["scaling_config"]
        assert 2 <= scaling["maximum_concurrency"] <= int(str(TFVARS[environment]["reserved_concurrent_executions"]))
        assert mapping["batch_size"] <= 10 or mapping["maximum_batching_window_in_seconds"] >= 1


def test_functions_are_told_the_settings_of_the_document(plan: Plan, environment: str) -> None:
    told = plan.output("program_environment")
    for name in SETTINGS:
        assert told[f"DISPARO_{name.upper()}"] == str(TFVARS[environment][name])
    assert told["DISPARO_STORE"] == "dynamodb"


def test_the_program_in_a_function_has_the_settings_that_it_would_have_from_the_file(
    plan: Plan, environment: str, tmp_path: Path
) -> None:
    told = _told(plan)
    inside = load_settings(environ=told, cwd=tmp_path).settings
    file = workspace().place(environment) / "terraform.tfvars"
    outside = load_settings(tfvars=file, environ={}, cwd=tmp_path).settings
    assert inside.model_dump(include=set(SendingSettings.model_fields)) == outside.model_dump(
        include=set(SendingSettings.model_fields)
    )
    assert (inside.store, inside.send_dlq_url) == ("dynamodb", QUEUE_URL)


def test_the_environment_of_a_function_fits(plan: Plan) -> None:
    told = _told(plan)
    assert sum(len(name) + len(value) for name, value in told.items()) < LAMBDA_ENVIRONMENT_BYTES * 0.75


def test_hours_can_be_the_documents_json() -> None:
    told = with_every_option().output("program_environment")
    assert json.loads(told["DISPARO_BUSINESS_HOURS"]) == {
        "timezone": "America/Sao_Paulo",
        "workingDays": [1, 2, 3, 4, 5],
        "startTime": "08:00",
        "endTime": "18:00",
        "lunchBreak": {"start": "12:00", "end": "13:00"},
    }
    assert "DISPARO_BUSINESS_HOURS_START" not in told


def _told(plan: Plan) -> dict[str, str]:
    """The functions' environment; queues' addresses are known only when they are there."""
    change = plan.document["output_changes"]["program_environment"]
    return {**change["after"], **dict.fromkeys(change["after_unknown"], QUEUE_URL)}


def _references(plan: Plan, module: str, kind: str) -> list[str]:
    """What the arguments of a resource refer to, as the configuration says."""
    root = plan.document["configuration"]["root_module"]["module_calls"]["disparo"]["module"]
    resources = root["module_calls"][module]["module"]["resources"]
    found: list[str] = []
    for one in resources:
        if one["type"] == kind:
            found += _within(one["expressions"])
    return found


def _within(value: object) -> list[str]:
    if isinstance(value, dict):
        return [*value.get("references", ()), *(one for inner in value.values() for one in _within(inner))]
    return [one for inner in value for one in _within(inner)] if isinstance(value, list) else []
