"""Which step follows which, case by case. A step is written as its `when` and `on_failure`; an x is out of reach."""

from __future__ import annotations

import pytest

from disparo.domain.campaign import OnFailure, Step, When
from disparo.domain.contact import Channel
from disparo.domain.sequence import Advance, advance
from disparo.domain.template import Template
from disparo.domain.waiting import parse_wait

ALWAYS, FALLBACK = When.ALWAYS, When.PREVIOUS_FAILED


def steps(text: str) -> tuple[Step, ...]:
    """`A` is always, `F` a fallback; `>` behind it falls through to the next one, `x` has no address (SMS)."""
    return tuple(
        Step(
            Channel.SMS if "x" in word else Channel.EMAIL,
            Template("t", "Oi"),
            parse_wait("2d"),
            OnFailure.NEXT if ">" in word else OnFailure.STOP,
            FALLBACK if word.startswith("F") else ALWAYS,
        )
        for word in text.split()
    )


def unreachable(step: Step) -> str | None:
    return "no_phone" if step.channel is Channel.SMS else None


def follows(text: str, settled: int, sent: bool = True) -> Advance:
    return advance(steps(text), settled, sent, unreachable)


def cancelled(**reasons: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(number.removeprefix("s")), reason) for number, reason in reasons.items())


@pytest.mark.parametrize(
    ("text", "settled", "sent", "expected"),
    [
        # After the start or a sent step the next one comes, after its wait.
        ("A A", 0, True, Advance(1, False, ())),
        ("A A", 1, True, Advance(2, False, ())),
        ("A> A", 1, True, Advance(2, False, ())),
        ("A A", 2, True, Advance(None, False, ())),
        # A failed step stops everything behind it, or falls through at once.
        ("A A A", 1, False, Advance(None, False, cancelled(s2="previous_step_failed", s3="previous_step_failed"))),
        ("A A", 2, False, Advance(None, False, ())),
        ("A> A A", 1, False, Advance(2, True, ())),
        ("A> F A", 1, False, Advance(2, True, ())),
        ("A F", 1, False, Advance(None, False, cancelled(s2="previous_step_failed"))),
        # A fallback is left out when what came before was sent; what is behind it keeps its wait.
        ("A> F A", 1, True, Advance(3, False, cancelled(s2="not_needed"))),
        ("A> F> F> A", 1, True, Advance(4, False, cancelled(s2="not_needed", s3="not_needed"))),
        ("A> F", 1, True, Advance(None, False, cancelled(s2="not_needed"))),
        ("A> F> F A", 2, True, Advance(4, False, cancelled(s3="not_needed"))),
        ("A> F> F A", 2, False, Advance(3, True, ())),
        ("F A", 0, True, Advance(2, False, cancelled(s1="not_needed"))),
        # A step that cannot reach the contact is left out: the wait of the next one stays ...
        ("Ax A", 0, True, Advance(2, False, cancelled(s1="no_phone"))),
        ("A Ax A", 1, True, Advance(3, False, cancelled(s2="no_phone"))),
        ("A> Ax A", 1, False, Advance(3, True, cancelled(s2="no_phone"))),
        # ... but a fallback behind it is for exactly this case and comes at once.
        ("Ax F", 0, True, Advance(2, True, cancelled(s1="no_phone"))),
        ("Ax> Fx F A", 0, True, Advance(3, True, cancelled(s1="no_phone", s2="no_phone"))),
        ("A Ax F", 1, True, Advance(3, True, cancelled(s2="no_phone"))),
        # A fallback that nobody needs is not asked for an address.
        ("A Fx F A", 1, True, Advance(4, False, cancelled(s2="not_needed", s3="not_needed"))),
        # Nobody can be reached any more.
        ("Ax Ax Fx", 0, True, Advance(None, False, cancelled(s1="no_phone", s2="no_phone", s3="no_phone"))),
        ("A> Fx", 1, False, Advance(None, False, cancelled(s2="no_phone"))),
        # An empty sequence has nothing to follow.
        ("", 0, True, Advance(None, False, ())),
    ],
)  # fmt: skip
def test_what_follows(text: str, settled: int, sent: bool, expected: Advance) -> None:
    assert follows(text, settled, sent) == expected


@pytest.mark.parametrize("text", ["A A", "A> A", "F A", "Ax F", "", "Ax A>"])
def test_the_start_counts_as_sent(text: str) -> None:
    assert follows(text, 0, sent=False) == follows(text, 0, sent=True)


def test_the_reason_is_what_makes_the_step_unreachable() -> None:
    reasons = {Channel.SMS: "opted_out", Channel.EMAIL: "no_email"}
    ends = advance(steps("A Ax"), 0, True, lambda step: reasons[step.channel])
    assert ends == Advance(None, False, cancelled(s1="no_email", s2="opted_out"))
