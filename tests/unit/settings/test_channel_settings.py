"""Settings of what carries messages: where we are, what is answered, and what is never shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from disparo.domain.errors import InputError
from disparo.settings import Settings, load_settings
from disparo.settings.showing import HIDDEN, shown_value


@pytest.mark.parametrize("url", ["https://a.example", "https://a.example:8443/disparo/", "http://[::1]:8080"])
def test_an_address_under_which_we_are_reached(url: str) -> None:
    assert Settings.model_validate({"public_url": url}).public_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url", ["https://a.example?x=1", "https://a.example/#x", "https://u:p@a.example", "http://a.b"]
)
def test_an_address_to_which_no_path_can_be_added_or_that_holds_a_password(url: str) -> None:
    with pytest.raises(ValidationError, match=r"disparo\.exemplo"):
        Settings.model_validate({"public_url": url})


@pytest.mark.parametrize("text", ["Pronto, {{ nome }}!", "{% if", "x {{"])
def test_the_answer_to_an_opt_out_is_no_template(text: str) -> None:
    with pytest.raises(ValidationError, match="igual para todos"):
        Settings.model_validate({"opt_out_answer": text})


def test_a_secret_among_the_settings_is_neither_shown_nor_in_an_error() -> None:
    long = Settings.model_validate({"sandbox_webhook_secret": "uma-palavra-bem-longa"})
    assert shown_value(long, "sandbox_webhook_secret") == HIDDEN
    assert shown_value(Settings(), "sandbox_webhook_secret") is None
    environ = {"DISPARO_SANDBOX_WEBHOOK_SECRET": "curta"}
    with pytest.raises(InputError, match="sandbox_webhook_secret") as caught:
        load_settings(environ=environ, cwd=Path("/nonexistent"))
    assert "curta" not in str(caught.value)


def test_a_sender_without_a_limit_says_so_and_null_says_nothing() -> None:
    senders = {"um": {"channel": "sms", "provider": "sandbox", "hourly": "none", "burst": 7, "daily": None}}
    found = Settings.model_validate({"senders": senders, "rate_limit_sms_daily": 90})
    limits = found.limits_of(found.senders["um"])
    assert (limits.burst, limits.hourly, limits.daily) == (7, None, 90)
