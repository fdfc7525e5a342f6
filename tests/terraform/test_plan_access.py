"""The plan of both environments: who may do what, what is encrypted, what is open."""

from __future__ import annotations

import json
import re
from itertools import chain

import pytest

from tests.terraform.document import OURS, SECRETS
from tests.terraform.plan import Plan
from tests.terraform.workspace import (
    ACCOUNT,
    ENVIRONMENTS,
    planned,
    provisioned_with_a_key,
    with_every_option,
)

FUNCTIONS = ("api", "send", "schedule", "ingest")
USUAL = {"mcp-whatsapp", "mcp-email", "mcp-sms"}
"""Secrets of the providers that send where no sender is named."""
OPEN = {
    "GET /webhooks/{provider}",
    "POST /webhooks/{provider}",
    "GET /u/{token}",
    "HEAD /u/{token}",
    "POST /u/{token}",
    "GET /book/{token}",
    "HEAD /book/{token}",
    "POST /book/{token}",
    "GET /book/{token}/invite.ics",
    "HEAD /book/{token}/invite.ics",
    "GET /agendar/{type_id}",
    "HEAD /agendar/{type_id}",
    "POST /agendar/{type_id}",
}
"""Routes that anybody may call: providers sign their calls, and whoever has a link may use it."""
SIGNED_IN = {"ANY /console", "ANY /console/{proxy+}"}
"""Routes at which the program itself asks who it is."""
KEYS = {"ANY /api/v1/{proxy+}", "ANY /mcp", "GET /metrics"}
"""The same, for programs with a key."""
WITHOUT_RESOURCES = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
"""Actions for which AWS knows no resource (Service Authorization Reference, "AWS X-Ray")."""
WILD = (
    re.compile(r"arn:aws:logs:us-east-1:\d{12}:log-group:/aws/lambda/[\w-]+:log-stream:\*"),  # Lambda names streams
    re.compile(r"arn:aws:s3:::[\w-]+/(imports|rejected)/\*"),  # every file of one folder
    re.compile(r"arn:aws:secretsmanager:us-east-1:\d{12}:secret:[\w/-]+-\?{6}"),  # six characters that AWS chooses
)


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def plan(environment: str) -> Plan:
    return planned(environment)


def test_no_function_may_do_everything_or_touch_everything(plan: Plan) -> None:
    for function in FUNCTIONS:
        for statement in plan.statements(function):
            assert statement["Effect"] == "Allow"
            assert not any("*" in action for action in statement["Action"])
            if set(statement["Action"]) <= WITHOUT_RESOURCES:
                assert statement["Resource"] == ["*"]
                continue
            for resource in statement["Resource"]:
                assert "*" not in resource.replace("?", "*") or any(wild.fullmatch(resource) for wild in WILD), resource


def test_functions_touch_their_own_environment_alone(plan: Plan, environment: str) -> None:
    other = {"dev": "prod", "prod": "dev"}[environment]
    for function in FUNCTIONS:
        for resource in chain.from_iterable(one["Resource"] for one in plan.statements(function)):
            assert resource == "*" or f"-{environment}" in resource or f"/{environment}/" in resource
            assert f"-{other}" not in resource


def test_functions_write_to_their_own_log_alone(plan: Plan, environment: str) -> None:
    for function in FUNCTIONS:
        (log,) = [one for one in plan.statements(function) if any(act.startswith("logs:") for act in one["Action"])]
        (group,) = log["Resource"]
        assert f":/aws/lambda/alquimista-disparo-{function}-{environment}:" in group
        assert set(log["Action"]) == {"logs:CreateLogStream", "logs:PutLogEvents"}


@pytest.mark.parametrize(
    ("function", "written", "read", "secrets"),
    [
        ("api", {"agenda", "campaigns", "contacts", "control", "ledger"}, set(), {*USUAL, "mcp-calendar", "links"}),
        ("send", {"control", "ledger"}, {"agenda", "campaigns", "contacts"}, {*USUAL, "links"}),
        (
            "schedule",
            {"agenda", "campaigns", "contacts", "control", "ledger"},
            set(),
            {*USUAL, "mcp-calendar", "links"},
        ),
        ("ingest", {"contacts", "control"}, set(), set()),
    ],
)
def test_functions_touch_the_tables_and_secrets_that_they_need(
    plan: Plan, function: str, written: set[str], read: set[str], secrets: set[str]
) -> None:
    assert _tables(plan, function, "dynamodb:PutItem") == written
    assert _tables(plan, function, "dynamodb:GetItem") == written | read
    indexed = {one.partition("/index/")[2] for one in _resources(plan, function, "dynamodb:Query") if "/index/" in one}
    by_table = {"campaigns": "status-created-index", "contacts": "campaign-status-index", "ledger": "due-index"}
    assert indexed == {by_table[table] for table in (written | read) & set(by_table)}
    assert not _resources(plan, function, "dynamodb:Scan")
    assert plan.secrets_of(function) == secrets
    assert not _resources(plan, function, "sms-voice:SendTextMessage")


@pytest.mark.parametrize(
    ("function", "consumed", "sent_to"),
    [
        ("api", {"send-dlq", "ingest-dlq"}, {"send", "ingest"}),
        ("send", {"send"}, {"send-dlq"}),
        ("schedule", set(), {"send", "send-dlq", "ingest"}),
        ("ingest", {"ingest"}, {"ingest"}),
    ],
)
def test_functions_touch_the_queues_that_they_need(
    plan: Plan, function: str, consumed: set[str], sent_to: set[str]
) -> None:
    assert _queues(plan, function, "sqs:ReceiveMessage") == consumed == _queues(plan, function, "sqs:DeleteMessage")
    assert _queues(plan, function, "sqs:SendMessage") == sent_to


def test_folders_of_the_bucket_are_told_apart(plan: Plan, environment: str) -> None:
    bucket = f"arn:aws:s3:::alquimista-disparo-imports-{environment}-{ACCOUNT}"
    assert _resources(plan, "ingest", "s3:GetObject") == {f"{bucket}/imports/*"}
    assert _resources(plan, "ingest", "s3:PutObject") == {f"{bucket}/rejected/*"}
    for act in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):  # an erased person is taken out of both
        assert _resources(plan, "api", act) == {f"{bucket}/imports/*", f"{bucket}/rejected/*"}
    assert not _resources(plan, "ingest", "s3:DeleteObject")
    for function in ("send", "schedule"):
        assert not any(act.startswith("s3:") for one in plan.statements(function) for act in one["Action"])


def test_policies_fit_into_a_role(plan: Plan) -> None:
    for role in plan.all("aws_iam_role_policy", "functions").values():
        assert len(re.sub(r"\s", "", role["policy"])) < 10_240


def test_schedules_may_call_one_alias_and_nobody_else_may_use_their_role(plan: Plan, environment: str) -> None:
    (role,) = [one for one in plan.each("aws_iam_role") if one["name"].endswith("-scheduler")]
    (trust,) = json.loads(role["assume_role_policy"])["Statement"]
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    group = f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule-group/alquimista-disparo-{environment}"
    assert trust["Condition"]["ArnEquals"] == {"aws:SourceArn": group}
    (policy,) = plan.all("aws_iam_role_policy", "schedules").values()
    (statement,) = json.loads(policy["policy"])["Statement"]
    assert statement["Action"] == "lambda:InvokeFunction"
    assert statement["Resource"].endswith(f":function:alquimista-disparo-schedule-{environment}:live")


def test_a_tick_and_the_steps_fire_each_minute_and_are_not_repeated(plan: Plan) -> None:
    schedules = plan.all("aws_scheduler_schedule")
    assert {name: json.loads(one["target"][0]["input"]) for name, one in schedules.items()} == {
        "tick": {"task": "tick"},
        "steps": {"task": "steps"},
    }
    for one in schedules.values():
        assert one["schedule_expression"] == "rate(1 minute)"
        assert one["target"][0]["retry_policy"][0]["maximum_retry_attempts"] == 0
    config = plan.all("aws_lambda_function_event_invoke_config")["schedule"]
    assert config["maximum_retry_attempts"] == 0
    assert (
        config["destination_config"][0]["on_failure"][0]["destination"]
        .split(":")[-1]
        .startswith("alquimista-disparo-send-dlq-")
    )


def test_without_an_issuer_the_program_asks_for_keys_and_all_else_is_signed(plan: Plan) -> None:
    passed = {"GET /health", *OPEN, *SIGNED_IN, *KEYS}
    assert _routes(plan) == {**dict.fromkeys(passed, "NONE"), "$default": "AWS_IAM"}
    assert plan.all("aws_apigatewayv2_authorizer") == {}


def test_with_an_issuer_its_tokens_open_the_api() -> None:
    plan = with_every_option()
    routes = _routes(plan)
    assert routes["$default"] == "JWT"
    assert not KEYS & routes.keys()  # an open route would take the API away from the authorizer
    assert {routes[one] for one in SIGNED_IN} == {"NONE"}
    (authorizer,) = plan.all("aws_apigatewayv2_authorizer").values()
    (jwt,) = authorizer["jwt_configuration"]
    assert (jwt["issuer"], jwt["audience"]) == ("https://login.example.com/", ["disparo"])


def test_the_api_is_throttled_and_writes_down_who_called(plan: Plan) -> None:
    stage = plan.all("aws_apigatewayv2_stage")["default"]
    (settings,) = stage["default_route_settings"]
    assert (settings["throttling_rate_limit"], settings["throttling_burst_limit"]) == (50, 100)
    assert "$context.status" in stage["access_log_settings"][0]["format"]


def test_a_flood_at_an_open_address_has_a_bucket_of_its_own(plan: Plan) -> None:
    stage = plan.all("aws_apigatewayv2_stage")["default"]
    settings = {one["route_key"]: one for one in stage["route_settings"]}
    assert set(settings) == OPEN
    for one in settings.values():
        assert (one["throttling_rate_limit"], one["throttling_burst_limit"]) == (25, 100)


def test_secrets_are_made_empty_and_say_what_belongs_into_them(plan: Plan, environment: str) -> None:
    secrets = plan.all("aws_secretsmanager_secret")
    assert set(secrets) == {*SECRETS, *OURS, "made"}
    for name, keys in {**SECRETS, **OURS}.items():
        assert secrets[name]["name"] == f"alquimista-disparo/{environment}/{name}"
        assert secrets[name]["description"].endswith(f"as JSON: {', '.join(keys)}")
        assert secrets[name]["tags"]["Keys"].split() == list(keys)
    assert secrets["made"]["name"] == f"alquimista-disparo/{environment}/links"


def test_only_the_key_of_our_links_has_a_value_and_no_state_holds_it(plan: Plan) -> None:
    ((name, version),) = plan.all("aws_secretsmanager_secret_version").items()
    assert (name, version["secret_string_wo_version"]) == ("made", 1)
    assert version.get("secret_string") is None
    assert version.get("secret_string_wo") is None


def test_secrets_rotate_where_somebody_has_a_function_for_it() -> None:
    (rotation,) = with_every_option().all("aws_secretsmanager_secret_rotation").values()
    assert rotation["rotation_rules"][0]["automatically_after_days"] == 90
    assert rotation["rotate_immediately"] is False
    assert planned("dev").all("aws_secretsmanager_secret_rotation") == {}


def test_contact_files_are_closed_in_and_forgotten(plan: Plan) -> None:
    (block,) = plan.all("aws_s3_bucket_public_access_block").values()
    assert all(value for name, value in block.items() if name.startswith(("block_", "ignore_", "restrict_")))
    (lifecycle,) = plan.all("aws_s3_bucket_lifecycle_configuration").values()
    assert lifecycle["rule"][0]["expiration"][0]["days"] == 7
    (notification,) = plan.all("aws_s3_bucket_notification").values()
    (queue,) = notification["queue"]
    assert (queue["events"], queue["filter_prefix"]) == (["s3:ObjectCreated:*"], "imports/")


def test_the_bucket_alone_may_send_to_the_ingest_queue(plan: Plan, environment: str) -> None:
    (queue,) = [one for one in plan.each("aws_sqs_queue") if one["name"] == f"alquimista-disparo-ingest-{environment}"]
    (allowed,) = [one for one in json.loads(queue["policy"])["Statement"] if one["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "s3.amazonaws.com"}
    bucket = f"arn:aws:s3:::alquimista-disparo-imports-{environment}-{ACCOUNT}"
    assert allowed["Condition"]["ArnEquals"] == {"aws:SourceArn": bucket}
    assert allowed["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}


def test_log_lines_are_kept_for_a_while(plan: Plan, environment: str) -> None:
    groups = plan.each("aws_cloudwatch_log_group")
    assert len(groups) == len(FUNCTIONS) + 1
    assert {group["retention_in_days"] for group in groups} == {{"dev": 30, "prod": 365}[environment]}


def test_a_key_of_ours_encrypts_everything_when_asked_for() -> None:
    plan = provisioned_with_a_key()
    (key,) = plan.all("aws_kms_key").values()
    assert key["enable_key_rotation"] is True
    unknown = {change["address"]: change["change"]["after_unknown"] for change in plan.document["resource_changes"]}
    for address, after in unknown.items():
        for kind, argument in (
            ("aws_sqs_queue", "kms_master_key_id"),
            ("aws_sns_topic", "kms_master_key_id"),
            ("aws_secretsmanager_secret", "kms_key_id"),
            ("aws_cloudwatch_log_group", "kms_key_id"),
            ("aws_lambda_function", "kms_key_arn"),
        ):
            if f".{kind}." in address:
                assert after.get(argument) is True, address  # it is the key's ARN, which does not exist yet
        if ".aws_dynamodb_table." in address:
            assert after["server_side_encryption"][0].get("kms_key_arn") is True, address


def _resources(plan: Plan, function: str, action: str) -> set[str]:
    return {resource for one in plan.statements(function) if action in one["Action"] for resource in one["Resource"]}


def _tables(plan: Plan, function: str, action: str) -> set[str]:
    found = {one for one in _resources(plan, function, action) if "/index/" not in one}
    return {re.sub(r".*table/alquimista-disparo-(\w+)-\w+", r"\1", one) for one in found}


def _queues(plan: Plan, function: str, action: str) -> set[str]:
    return {re.sub(r".*:alquimista-disparo-([\w-]+)-\w+", r"\1", one) for one in _resources(plan, function, action)}


def _routes(plan: Plan) -> dict[str, str]:
    return {route["route_key"]: route["authorization_type"] for route in plan.each("aws_apigatewayv2_route")}
