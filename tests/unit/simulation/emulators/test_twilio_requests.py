from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disparo.domain.template import sms_segments
from disparo.simulation.emulators.twilio_requests import BadFormError, read_form, segments

NUMBERS = {"From": "+12025550100", "MessagingServiceSid": "MG" + "a" * 32}
FORM = {"To": "+5511999990000", "From": "+12025550100", "Body": "Olá"}


def test_a_form_is_read() -> None:
    callback = "https://disparo.example.com/webhooks/twilio?id=3.1.57&x=a%20b"
    sms = read_form(urlencode({**FORM, "StatusCallback": callback}).encode(), NUMBERS)
    assert (sms.to, sms.body, sms.sender, sms.status_callback) == ("+5511999990000", "Olá", "+12025550100", callback)
    assert sms.references == ("3.1.57", "a b")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "11999990000"}, 21211),
        ({"To": "+551133334444"}, 21614),
        ({"From": ""}, 21603),
        ({"From": "+12025550199"}, 21606),
        ({"To": "+12025550100"}, 21606),
        ({"MessagingServiceSid": "MG" + "b" * 32}, 21701),
        ({"Body": " "}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"StatusCallback": "disparo.example.com"}, 21609),
        ({"StatusCallback": "https://di_sparo.example.com/"}, 21609),
        ({"StatusCallback": "https://disparo.example.com/" + "x" * 4000}, 21609),
        ({"ValidityPeriod": "36001"}, 20001),
        ({"ValidityPeriod": "soon"}, 20001),
        ({"Text": "Olá"}, 20001),
    ],
)
def test_a_form_outside_the_specification_is_refused(change: dict[str, str], code: int) -> None:
    with pytest.raises(BadFormError) as refused:
        read_form(urlencode({**FORM, **change}).encode(), NUMBERS)
    assert refused.value.code == code


@pytest.mark.parametrize("body", [b"", b"To", b"To=%FF", "To=é".encode(), urlencode(FORM).encode() + b"&Body=x"])
def test_a_form_that_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(BadFormError):
        read_form(body, NUMBERS)


@given(st.text(alphabet="abcé@€[]{}~\n🎉çã ", max_size=400).filter(bool))
def test_segments_are_those_that_we_count(text: str) -> None:
    """The product counts them by itself: two readings of GSM 03.38 that must agree."""
    assert segments(text) == sms_segments(text).segments
