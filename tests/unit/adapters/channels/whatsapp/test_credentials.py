from __future__ import annotations

import pytest

from disparo.adapters.channels.whatsapp.credentials import CLOUD_API, parse
from disparo.domain.errors import InputError

DOCUMENT = {
    "endpoint": "https://api.whatsapp.com/v1",
    "api_key": "EAAGm0PX4ZCps",
    "phone_number_id": "123456789",
    "business_account_id": "987654321",
    "webhook_verify_token": "combinado-com-a-meta",
}
WHOLE = {**DOCUMENT, "app_secret": "0123456789abcdef"}


def refused(**changes: str | None) -> str:
    fields = {key: value for key, value in {**WHOLE, **changes}.items() if value is not None}
    with pytest.raises(InputError) as caught:
        parse("mcp-whatsapp", fields)
    return str(caught.value)


def test_the_secret_of_the_document_with_the_apps_own_is_read() -> None:
    found = parse("mcp-whatsapp", {**WHOLE, "api_key": " EAAGm0PX4ZCps\n", "something": "else"})
    assert found.messages_url == f"{CLOUD_API}/123456789/messages"
    assert (found.api_key, found.business_account_id) == ("EAAGm0PX4ZCps", "987654321")


def test_the_endpoint_and_the_account_may_be_left_out() -> None:
    fields = {key: value for key, value in WHOLE.items() if key not in ("endpoint", "business_account_id")}
    assert parse("x", fields).endpoint == CLOUD_API


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("https://graph.facebook.com/v24.0/", "https://graph.facebook.com/v24.0"),
        ("https://proxy.example:8443/wa", "https://proxy.example:8443/wa"),
        ("http://localhost:8080/v23.0", "http://localhost:8080/v23.0"),
        ("http://127.0.0.1:9", "http://127.0.0.1:9"),
        ("http://[::1]:9", "http://[::1]:9"),
        ("HTTPS://API.whatsapp.com/v1/", CLOUD_API),
    ],
)
def test_an_endpoint_is_used_as_written(written: str, used: str) -> None:
    assert parse("x", {**WHOLE, "endpoint": written}).endpoint == used


@pytest.mark.parametrize(
    "endpoint",
    [
        *(
            "http://graph.facebook.com",
            "graph.facebook.com",
            "ftp://x",
            "https://",
            "https://a b.example",
            "https://x:y",
        ),
        *(
            "https://user:pass@x.example",
            "https://x.example/?a=1",
            "https://x.example#a",
            "https://[::1",
            "https://x:0",
        ),
        "http://localhost.evil.example",
    ],
)
def test_an_endpoint_that_would_give_the_key_away_is_refused(endpoint: str) -> None:
    assert refused(endpoint=endpoint).startswith("segredo mcp-whatsapp: endpoint não serve")


@pytest.mark.parametrize("field", ["api_key", "phone_number_id", "webhook_verify_token", "app_secret"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_field_is_named(field: str, value: str | None) -> None:
    assert refused(**{field: value}).startswith(f"segredo mcp-whatsapp: falta {field}; escreva ")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("api_key", "EAAG\nx-evil: 1"),
        ("api_key", "EAAG chave"),
        ("phone_number_id", "+55 41 98888-7777"),
        ("phone_number_id", "1/../2"),
        ("business_account_id", "minha conta"),
        ("app_secret", "çedilha"),
    ],
)
def test_a_field_of_the_wrong_form_is_named_and_not_shown(field: str, value: str) -> None:
    told = refused(**{field: value})
    assert told.startswith(f"segredo mcp-whatsapp: {field} não tem a forma certa")
    assert value not in told


def test_the_example_of_the_document_is_no_secret() -> None:
    assert "api_key ainda é o do exemplo" in refused(api_key="YOUR_WHATSAPP_API_KEY")


def test_nothing_secret_is_in_the_representation() -> None:
    shown = repr(parse("x", WHOLE))
    assert "123456789" in shown
    assert not [value for value in ("EAAGm0PX4ZCps", "combinado-com-a-meta", "0123456789abcdef") if value in shown]
