from __future__ import annotations

import time

import pytest

from disparo.domain.mail_message_id import mail_message_id, message_of
from disparo.domain.message import MessageId

OURS = mail_message_id(MessageId("3", 1, "57"), "mail.example.com")


def test_the_id_names_the_message_and_the_domain() -> None:
    assert OURS == "<disparo.3.1.57@mail.example.com>"
    assert message_of(OURS) == "3.1.57"


def test_of_a_whole_conversation_the_last_message_of_ours_is_the_one_that_is_answered() -> None:
    later = mail_message_id(MessageId("3", 2, "57"), "mail.example.com")
    assert message_of(f"<a@x.com> {OURS}\r\n {later} <CAF=foo@mail.gmail.com>") == "3.2.57"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<CAF=foo@mail.gmail.com>",
        "disparo.3.1.57@mail.example.com",
        "<disparo.3.1@mail.example.com>",
        "<disparo.3.x.57@mail.example.com>",
        "<disparo.3.1.57>",
        "<disparo.3.1.57@mail.example.com",
        "<disparo.3.1.57\r\n@mail.example.com>",
    ],
)
def test_what_names_no_message_of_ours_is_none(text: str) -> None:
    assert message_of(text) is None


def test_a_header_made_to_be_slow_is_not() -> None:
    text = "<disparo." + "1" * 5_000_000 + "<disparo.1.1." * 100_000
    begun = time.perf_counter()
    assert message_of(text) is None
    assert time.perf_counter() - begun < 0.5
