"""Whole sequences with any outcomes: every step gets exactly one fate, in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from disparo.domain.campaign import OnFailure, Step, When
from disparo.domain.contact import Channel
from disparo.domain.sequence import advance
from disparo.domain.template import Template
from disparo.domain.waiting import parse_wait

STEPS = st.lists(
    st.builds(
        Step,
        channel=st.sampled_from(list(Channel)),
        template=st.just(Template("t", "Oi")),
        wait=st.just(parse_wait("1d")),
        on_failure=st.sampled_from(list(OnFailure)),
        when=st.sampled_from(list(When)),
    ),
    max_size=8,
)
NO_ADDRESS = st.sets(st.sampled_from(list(Channel)))


@given(sequence=STEPS, no_address=NO_ADDRESS, sent=st.booleans(), data=st.data())
def test_one_advance_cancels_a_stretch_and_stops_before_the_first_step_that_can_go(
    sequence: list[Step], no_address: set[Channel], sent: bool, data: st.DataObject
) -> None:
    settled = data.draw(st.integers(0, len(sequence)))
    sent = sent or settled == 0
    found = advance(sequence, settled, sent, lambda step: "no_address" if step.channel in no_address else None)
    end = len(sequence) + 1 if found.next_step is None else found.next_step
    assert end > settled
    assert [number for number, _ in found.cancelled] == list(range(settled + 1, end))
    assert {reason for _, reason in found.cancelled} <= {"previous_step_failed", "not_needed", "no_address"}
    if found.next_step is None:
        assert not found.at_once
    else:
        assert sequence[found.next_step - 1].channel not in no_address


@given(sequence=STEPS, no_address=NO_ADDRESS, data=st.data())
def test_a_whole_sequence_gives_every_step_one_fate(
    sequence: list[Step], no_address: set[Channel], data: st.DataObject
) -> None:
    fates: dict[int, str] = {}
    settled, sent = 0, True
    while True:
        found = advance(sequence, settled, sent, lambda step: "no_address" if step.channel in no_address else None)
        for number, reason in found.cancelled:
            assert fates.setdefault(number, reason) is reason
        if found.next_step is None:
            break
        failed = settled > 0 and not sent
        fallback = sequence[found.next_step - 1].when is When.PREVIOUS_FAILED
        assert found.at_once == (failed or fallback)
        settled = found.next_step
        sent = data.draw(st.booleans())
        assert settled not in fates
        fates[settled] = "sent" if sent else "failed"
    assert sorted(fates) == list(range(1, len(sequence) + 1))
    check_fates(sequence, fates, no_address)


def check_fates(sequence: list[Step], fates: dict[int, str], no_address: set[Channel]) -> None:
    """Judge each step by its own rule, from what became of those before it."""
    stopped = False
    before = "sent"
    for number, step in enumerate(sequence, start=1):
        fate = fates[number]
        if stopped:
            assert fate == "previous_step_failed"
        elif step.when is When.PREVIOUS_FAILED and before == "sent":
            assert fate == "not_needed"
        elif step.channel in no_address:
            assert fate == "no_address"
        else:
            assert fate in ("sent", "failed")
            stopped = fate == "failed" and step.on_failure is OnFailure.STOP
        before = before if fate == "not_needed" else fate
