from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest

from disparo.domain.contact import Channel
from disparo.domain.policies.eligibility import Eligibility, eligible
from disparo.domain.suppression import Suppression

PHONE, EMAIL = "+5541988887777", "ana@example.com"
PHONE_KEY, EMAIL_KEY = "+5541988887777", "ana@example.com"
YES = Eligibility(True, "eligible")


def suppressed(key: str, channel: Channel | None, reason: str = "opted_out") -> Suppression:
    return Suppression(key, channel, reason, "receipt", datetime(2026, 3, 2, tzinfo=UTC))


def judge(
    channel: Channel, *suppressions: Suppression, phone: str | None = PHONE, email: str | None = EMAIL
) -> Eligibility:
    return eligible(channel, phone=phone, email=email, keys=(PHONE_KEY, EMAIL_KEY), suppressions=suppressions)


def stopped(*suppressions: Suppression) -> set[Channel]:
    return {channel for channel in Channel if not judge(channel, *suppressions).ok}


@pytest.mark.parametrize("channel", Channel)
def test_whoever_has_an_address_and_no_suppression_is_eligible(channel: Channel) -> None:
    assert judge(channel) == YES


@pytest.mark.parametrize("missing", [None, ""])
@pytest.mark.parametrize(
    ("channel", "reason"),
    [(Channel.WHATSAPP, "no_phone"), (Channel.SMS, "no_phone"), (Channel.EMAIL, "no_email")],
)
def test_each_channel_needs_its_own_address_only(channel: Channel, reason: str, missing: str | None) -> None:
    phone_only, email_only = judge(channel, email=missing), judge(channel, phone=missing)
    without, with_it = (phone_only, email_only) if channel is Channel.EMAIL else (email_only, phone_only)
    assert without == Eligibility(False, reason)
    assert with_it == YES


@pytest.mark.parametrize("key", [PHONE_KEY, EMAIL_KEY])
def test_a_suppression_of_every_channel_by_either_key_stops_the_person(key: str) -> None:
    assert stopped(suppressed(key, None)) == set(Channel)


@pytest.mark.parametrize("key", [PHONE_KEY, EMAIL_KEY])
@pytest.mark.parametrize("channel", Channel)
def test_a_suppression_of_one_channel_stops_that_one_only(key: str, channel: Channel) -> None:
    assert stopped(suppressed(key, channel)) == {channel}


def test_suppressions_add_up() -> None:
    assert stopped(suppressed(PHONE_KEY, Channel.SMS), suppressed(EMAIL_KEY, Channel.EMAIL)) == {
        Channel.SMS,
        Channel.EMAIL,
    }


@pytest.mark.parametrize("channel", [None, *Channel])
def test_suppressions_of_somebody_else_are_ignored(channel: Channel | None) -> None:
    assert stopped(suppressed("+5541900000000", channel), suppressed("", channel)) == set()


@pytest.mark.parametrize("reason", ["opted_out", "bounced", "complained", "by_hand", "imported"])
def test_the_reason_is_the_suppressions_own(reason: str) -> None:
    assert judge(Channel.EMAIL, suppressed(EMAIL_KEY, Channel.EMAIL, reason)) == Eligibility(False, reason)


def test_the_gravest_of_several_reasons_is_named_in_whatever_order_they_come() -> None:
    gravest_first = ["opted_out", "complained", "bounced", "by_hand", "imported"]
    for first in range(len(gravest_first)):
        for order in permutations(gravest_first[first:]):
            named = judge(Channel.SMS, *(suppressed(PHONE_KEY, None, reason) for reason in order)).reason
            assert named == gravest_first[first]


def test_a_reason_of_another_channel_is_not_named() -> None:
    opted_out = suppressed(EMAIL_KEY, Channel.EMAIL, "opted_out")
    by_hand = suppressed(PHONE_KEY, None, "by_hand")
    assert judge(Channel.WHATSAPP, opted_out, by_hand).reason == "by_hand"
    assert judge(Channel.EMAIL, opted_out, by_hand).reason == "opted_out"


def test_a_missing_address_is_named_before_a_suppression() -> None:
    assert judge(Channel.EMAIL, suppressed(PHONE_KEY, None), email=None).reason == "no_email"
