"""Whatever a provider signs, its call is read or refused in words of ours, and names in it are bounded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable

from hypothesis import given
from hypothesis import strategies as st

from disparo.adapters.channels.twilio.callback import TwilioCallback
from disparo.domain.errors import InputError
from disparo.ports.callback import CallbackRefusedError, Told
from tests.unit.adapters.aws.sms import topic as aws
from tests.unit.adapters.channels.twilio import account as twilio

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.just("9" * 9000)
TWILIO_NAMES = st.sampled_from(
    """MessageSid SmsSid MessageStatus SmsStatus ErrorCode ErrorMessage From To Body NumMedia OptOutType ButtonPayload
    OriginalRepliedMessageSid Sid Level X""".split()  # noqa: SIM905  # a list of them would take a page
)
KNOWN = st.sampled_from(["delivered", "failed", "received", "+5511999990000", "whatsapp:+5511999990000", "STOP", "1"])
FORMS = st.dictionaries(TWILIO_NAMES, KNOWN | TEXTS, max_size=9)

AWS_NAMES = st.sampled_from(
    """eventType eventTimestamp messageId messageStatus isFinal context inboundMessageId originationNumber
    destinationNumber messageKeyword messageBody previousPublishedMessageId x""".split()  # noqa: SIM905
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | TEXTS | st.sampled_from(["TEXT_DELIVERED", "+5511"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("disparo_id") | TEXTS, inner, max_size=3),
    max_leaves=6,
)
EVENTS = st.dictionaries(AWS_NAMES, VALUES, max_size=9)


def heard(reading: Awaitable[Told]) -> None:
    async def check() -> Told:
        return await reading

    try:
        told = asyncio.run(check())
    except (InputError, CallbackRefusedError):
        return
    events = [*told.receipts, *told.replies, *told.notices]
    assert len(events) == 1
    assert max(len(one.event_id) for one in events) <= 700
    assert all(len(one.message_id) <= 300 and len(one.detail) <= 300 for one in told.receipts)
    assert all(len(one.text) <= 4096 for one in told.replies)
    assert all(len(one.detail) <= 8000 for one in told.notices)


@given(FORMS, st.sampled_from(["", "?id=3.1.57", "?id=", "?x=1"]))
def test_twilio(form: dict[str, str], query: str) -> None:
    heard(TwilioCallback(twilio.credentials()).read(twilio.call(form, query=query), twilio.NOW))


@given(EVENTS | st.sampled_from(["", "[]", "{", "5", '"\\ud800"']))
def test_aws(message: dict[str, object] | str) -> None:
    text = message if isinstance(message, str) else json.dumps(message)
    heard(aws.callback().read(aws.call(text), aws.NOW))
