"""Whatever comes by mail is read, or refused as no mail."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from disparo.adapters.channels.mailbox.quoting import new_part
from disparo.adapters.channels.mailbox.reading import read_mail
from disparo.domain.errors import InputError
from disparo.ports.callback import Told
from tests.unit.adapters.channels.mailbox.calendar_mails import apple, gmail, outlook

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)

NAMES = st.sampled_from(
    re.findall(
        r"\S+",
        """From To Subject Date Message-ID In-Reply-To References Return-Path Auto-Submitted Content-Type Precedence
        Content-Transfer-Encoding Content-Disposition X-Failed-Recipients Action Diagnostic-Code Status
        Final-Recipient Original-Envelope-Id Feedback-Type Disposition""",
    )
)
VALUES = st.text(max_size=30) | st.sampled_from(
    """<disparo.3.1.57@a.b>|<>|mailer-daemon@x|=?utf-8?b?!!!?=|=?punycode?q?=FF?=|failed|5.1.1|4.x|a@b.c|smtp; 550 no
    text/plain; charset=idna|text/html|multipart/report; boundary=b|multipart/mixed; boundary=b|message/delivery-status
    message/rfc822|message/feedback-report|message/disposition-notification|text/rfc822-headers|message/partial
    text/calendar; method=REPLY|application/ics
    message/global-delivery-status|text/plain; charset*0*=x''%FF|base64|quoted-printable|x-uuencode|8bit|auto-replied
    rfc822; a@b.c|Mon, 99 Xxx 99999 99:99:99 +9999|Thu, 1 Jan 0001 00:00:00 +2359|unsubscribe|Undelivered""".replace(
        "\n    ", "|"
    ).split("|")
)
LINES = st.one_of(
    st.builds("{}: {}".format, NAMES, VALUES),
    st.sampled_from(["", "--b", "--b--", "> x", "begin 644 x", "Em seg. escreveu:", "<div class=gmail_quote>", "-- "]),
    st.text(max_size=30),
).map(lambda line: line.encode("utf-8", "replace"))
MAILS = st.lists(LINES | st.binary(max_size=20), max_size=40).map(b"\r\n".join) | st.binary(max_size=300)


@given(MAILS)
def test_nothing_that_anybody_sends_breaks_the_reader(raw: bytes) -> None:
    with suppress(InputError):
        told = read_mail(raw, NOW)
        assert told == read_mail(raw, NOW)
        _is_bounded(told)


@given(st.sampled_from([gmail(), outlook("DECLINED", "Não posso"), apple("TENTATIVE")]), st.data())
def test_nor_does_a_calendars_answer_that_was_torn_on_its_way(raw: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, len(raw)))
    with suppress(InputError):
        _is_bounded(read_mail(raw[:start] + data.draw(st.binary(max_size=20)) + raw[end:], NOW))


@given(st.text(max_size=500), st.text(max_size=500))
def test_new_words_are_some_of_the_words(text: str, more: str) -> None:
    found = new_part(f"{text}\n> {more}")
    assert len(found) <= len(text) + len(more) + 2
    assert new_part(found) == found or found.startswith(("-", "_")), "what is left has no quotation in it"


def _is_bounded(told: Told) -> None:
    for receipt in told.receipts:
        assert 0 < len(receipt.event_id) <= 210
        assert len(receipt.detail) <= 300
        assert receipt.at.tzinfo is UTC
        assert "@" not in receipt.detail
    for reply in told.replies:
        assert len(reply.text) <= 8000
        assert reply.message_id or reply.address
        assert len(reply.meeting or "") <= 255
        reply.text.encode()
    for notice in told.notices:
        assert len(notice.detail) <= 8000
