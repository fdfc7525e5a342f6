"""The codes in a mail server's words."""

from __future__ import annotations

import pytest

from disparo.adapters.mail_status import LONGEST_DETAIL, basic_status, enhanced_status, impersonal


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("5.1.1", "5.1.1"),
        ("smtp; 550-5.7.26 unauthenticated", "5.7.26"),
        ("host [5.1.1.7] said: 550 no", None),
        ("version 15.2.1 of the server", None),
        ("5.1.1234", None),
        ("3.1.1", None),
        ("", None),
    ],
)
def test_an_enhanced_code_is_no_part_of_another_number(text: str, status: str | None) -> None:
    found = enhanced_status(text)
    assert (str(found) if found else None) == status


@pytest.mark.parametrize(
    ("text", "code"), [("550 no", 550), ("said: 421-wait", 421), ("port 25", None), ("1550 x", None), ("250 ok", 250)]
)
def test_a_reply_code_stands_alone(text: str, code: int | None) -> None:
    assert basic_status(text) == code


def test_addresses_are_left_out_and_words_kept_in_one_line() -> None:
    text = "550 <ana.silva@x.com>:\r\n\tuser Ana.Silva (mailto:ana.silva@x.com) anasilva unknown"
    assert impersonal(text, "ana.silva@x.com") == "550 <<…>>: user <…> (mailto:<…>) anasilva unknown"
    assert len(impersonal("palavra " * 100)) == LONGEST_DETAIL
