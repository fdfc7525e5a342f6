from __future__ import annotations

import pytest

from disparo.adapters.aws.sms.credentials import parse
from disparo.domain.errors import InputError
from tests.unit.adapters.aws.sms.topic import SECRET, TOPIC


def test_what_is_left_out_has_a_sensible_value() -> None:
    found = parse("mcp-sms-aws", {**SECRET, "topic_arn": f"{TOPIC}, {TOPIC}-in", "shoe_size": "42"})
    assert (found.message_type, found.time_to_live_s, found.protect_configuration) == ("PROMOTIONAL", 3600, None)
    assert found.topics == {TOPIC, f"{TOPIC}-in"}
    assert parse("mcp-sms-aws", {**SECRET, "topic_arn": ""}).topics == frozenset()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("region", ""),
        ("region", "Brazil (SECRET)"),
        ("origination_identity", ""),
        ("origination_identity", "SECRET VALUE"),
        ("configuration_set", ""),
        ("configuration_set", "SECRET VALUE"),
        ("message_type", "SECRET"),
        ("topic_arn", "SECRET"),
        ("time_to_live_s", "4"),
        ("time_to_live_s", "259201"),
        ("time_to_live_s", "SECRET"),
        ("protect_configuration", "SECRET VALUE"),
        ("endpoint", "http://SECRET.example"),
    ],
)
def test_a_wrong_secret_names_its_field_and_no_value(field: str, value: str) -> None:
    with pytest.raises(InputError) as refused:
        parse("mcp-sms-aws", {**SECRET, field: value})
    assert f"mcp-sms-aws: {'falta ' if not value else ''}{field}" in str(refused.value)
    assert "SECRET" not in str(refused.value)
