from __future__ import annotations

import pytest

from disparo.domain.sms_cost import sms_cost, spread
from disparo.domain.template import SmsEncoding, sms_segments


def test_a_text_in_gsm7_has_nobody_to_blame() -> None:
    cost = sms_cost("Café às 15h? É só responder @ [ok] €")
    assert (cost.encoding, cost.segments, cost.forced_by, cost.plain_segments) == (SmsEncoding.UCS2, 1, ("ó",), 1)
    plain = sms_cost("Café às 15h? [ok] €")
    assert (plain.encoding, plain.units, plain.forced_by, plain.plain_segments) == (SmsEncoding.GSM7, 22, (), 1)


@pytest.mark.parametrize(
    ("text", "forced_by", "segments", "plain"),
    [
        ("ã" + "a" * 100, ("ã",), 2, 1),
        ("não, ação – já! 🎉" + "a" * 60, ("ã", "ç", "–", "á", "🎉"), 2, 1),
        ("a\u0303" * 70, ("\u0303",), 3, 1),
        ("“Oi”" + "a" * 300, ("“", "”"), 5, 2),
        ("ﬁ" * 100, ("ﬁ",), 2, 2),
        ("", (), 1, 1),
    ],
)
def test_characters_that_force_unicode_are_named_with_what_they_cost(
    text: str, forced_by: tuple[str, ...], segments: int, plain: int
) -> None:
    cost = sms_cost(text)
    assert (cost.forced_by, cost.segments, cost.plain_segments) == (forced_by, segments, plain)
    assert (cost.units, cost.segments) == (sms_segments(text).units, sms_segments(text).segments)


def test_a_spread_tells_the_least_the_median_and_the_most() -> None:
    texts = ["oi", "oi " * 60, "ã" * 71, "ã", "á" + "oi " * 100]
    found = spread(sms_cost(text) for text in texts)
    assert found is not None
    assert (found.messages, found.least, found.typical, found.most) == (5, 1, 2, 5)
    assert (found.segments, found.plain_segments, found.unicode) == (11, 7, 3)
    assert found.forced_by == ("ã", "á")
    assert spread([]) is None
