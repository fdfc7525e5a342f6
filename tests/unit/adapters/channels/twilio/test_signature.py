from __future__ import annotations

import pytest

from disparo.adapters.channels.twilio.signature import is_signed, signature, spellings
from disparo.ports.callback import Call

URL = "https://h.example/webhooks/twilio?id=3.1.57"
FIELDS = [("To", "+5511"), ("Body", "Olá & até"), ("To", "+5511")]


@pytest.mark.parametrize(
    ("url", "both"),
    [
        ("https://h.example/a?b=1", ("https://h.example/a?b=1", "https://h.example:443/a?b=1")),
        ("http://h.example", ("http://h.example", "http://h.example:80")),
        ("https://h.example:8443/a", ("https://h.example/a", "https://h.example:8443/a")),
        ("http://[::1]:8080/a:9", ("http://[::1]/a:9", "http://[::1]:8080/a:9")),
        ("ftp://h.example", ("ftp://h.example",)),
    ],
)
def test_a_url_is_tried_with_and_without_its_port(url: str, both: tuple[str, ...]) -> None:
    assert spellings(url) == both


def test_a_signature_holds_for_both_spellings_and_in_any_order_of_fields() -> None:
    for spelling in spellings(URL):
        call = Call(URL, {"x-twilio-signature": signature(spelling, FIELDS, "token")}, b"")
        assert is_signed(call, FIELDS[::-1], "token")
        assert not is_signed(call, FIELDS[:1], "token")
        assert not is_signed(call, FIELDS, "other")
