from __future__ import annotations

import pytest

from disparo.adapters.channels.twilio.credentials import parse
from disparo.domain.errors import InputError
from tests.unit.adapters.channels.twilio.account import SECRET, TOKEN

KEY = {"api_key_sid": "SK" + "d" * 32, "api_key_secret": "hush-2"}


def test_a_number_and_an_account_are_enough() -> None:
    found = parse("mcp-sms", {**SECRET, "account_sid": f"  {SECRET['account_sid']} ", "shoe_size": "42"})
    assert (found.endpoint, found.from_number, found.validity_period_s) == (
        "https://api.twilio.com",
        "+12025550100",
        3600,
    )
    assert found.login == (SECRET["account_sid"], TOKEN)


def test_an_api_key_signs_in_and_the_token_goes_on_checking_signatures() -> None:
    found = parse("mcp-sms", {**SECRET, **KEY})
    assert found.login == (KEY["api_key_sid"], "hush-2")
    assert found.auth_token == TOKEN


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"account_sid": ""}, "account_sid"),
        ({"account_sid": "SECRETVALUE"}, "account_sid"),
        ({"auth_token": ""}, "auth_token"),
        ({"auth_token": "SECRET VALUE"}, "auth_token"),
        ({"endpoint": "http://api.twilio.com/SECRETVALUE"}, "endpoint"),
        ({"endpoint": "https://api.twilio.com?SECRETVALUE"}, "endpoint"),
        ({"endpoint": "https://user:SECRETVALUE@api.twilio.com"}, "endpoint"),
        ({"from_number": ""}, "from_number"),
        ({"from_number": "١٢٣٤٥"}, "from_number"),
        ({"from_number": "+SECRETVALUE"}, "from_number"),
        ({"messaging_service_sid": "SECRETVALUE"}, "messaging_service_sid"),
        ({"validity_period_s": "0"}, "validity_period_s"),
        ({"validity_period_s": "36001"}, "validity_period_s"),
        ({"validity_period_s": "SECRETVALUE"}, "validity_period_s"),
        ({"api_key_sid": "SECRETVALUE"}, "api_key_sid"),
    ],
)
def test_a_wrong_secret_names_its_field_and_no_value(change: dict[str, str], field: str) -> None:
    with pytest.raises(InputError) as refused:
        parse("mcp-sms", {**SECRET, **change})
    assert "mcp-sms" in str(refused.value)
    assert field in str(refused.value)
    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:8801/twilio", "http://localhost:1/", "https://x.example/t/"])
def test_an_emulator_may_stand_in(endpoint: str) -> None:
    assert parse("mcp-sms", {**SECRET, "endpoint": endpoint}).endpoint == endpoint.rstrip("/")


def test_secrets_are_not_shown() -> None:
    shown = repr(parse("mcp-sms", {**SECRET, **KEY}))
    assert TOKEN not in shown
    assert "hush-2" not in shown
