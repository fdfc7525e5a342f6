from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disparo.domain.contact import Channel
from disparo.domain.errors import NotFoundError, TransitionError
from disparo.domain.message import (
    MESSAGE_LIFECYCLE,
    SENT,
    SETTLED,
    UNSENT_ENDS,
    Claimed,
    MessageEvent,
    MessageId,
    MessageState,
)
from disparo.domain.place import Place

S, E = MessageState, MessageEvent
TABLE = MESSAGE_LIFECYCLE.table
EVIDENCE = (E.ACCEPT, E.DELIVER, E.READ)
"""What only a provider can know: that it has the message, that it arrived, that it was read."""
FORWARD = [S.ACCEPTED, S.DELIVERED, S.READ]


def reachable(start: MessageState) -> set[MessageState]:
    """Every state that some events lead to from `start`, itself included."""
    found, frontier = {start}, [start]
    while frontier:
        state = frontier.pop()
        targets = {target for (source, _), target in TABLE.items() if source is state} - found
        found |= targets
        frontier += targets
    return found


def test_every_state_is_reached_and_every_event_used() -> None:
    assert reachable(MESSAGE_LIFECYCLE.initial) == set(S)
    assert {event for _, event in TABLE} == set(E)


def test_a_message_begins_waiting_and_ends_sent_or_with_a_reason_why_not() -> None:
    assert MESSAGE_LIFECYCLE.initial is S.WAITING
    assert {S.ACCEPTED, S.DELIVERED, S.READ} == SENT
    assert {S.FAILED, S.DEAD, S.CANCELLED, S.EXPIRED} == UNSENT_ENDS
    assert SETTLED == SENT | UNSENT_ENDS
    assert set(S) - SETTLED == {S.WAITING, S.DUE, S.CLAIMED, S.SENDING, S.IN_DOUBT}


@pytest.mark.parametrize("state", sorted(set(S) - SETTLED))
def test_whatever_is_not_settled_can_be_sent_and_can_be_ended(state: MessageState) -> None:
    assert reachable(state) >= SENT | {S.CANCELLED, S.DEAD, S.FAILED}


def test_what_is_settled_moves_by_evidence_a_refusal_after_acceptance_or_a_persons_order_only() -> None:
    for (source, event), target in TABLE.items():
        if source not in SETTLED:
            continue
        if event is E.REDRIVE:
            assert (source in UNSENT_ENDS, target) == (True, S.DUE)
        elif event is E.REJECT:
            assert (source, target) == (S.ACCEPTED, S.FAILED)
        else:
            assert event in EVIDENCE
            assert source not in SENT or FORWARD.index(target) > FORWARD.index(source)


def test_evidence_always_means_the_same() -> None:
    meaning = dict(zip(EVIDENCE, FORWARD, strict=True))
    for (_, event), target in TABLE.items():
        assert event not in meaning or target is meaning[event]


@pytest.mark.parametrize("state", [S.DUE, S.SENDING, S.IN_DOUBT, S.DEAD])
@pytest.mark.parametrize("event", EVIDENCE)
def test_evidence_is_heard_wherever_an_attempt_may_have_arrived(state: MessageState, event: MessageEvent) -> None:
    assert MESSAGE_LIFECYCLE.after(state, event) in SENT


def test_what_reached_the_provider_is_never_sent_again() -> None:
    """I2: no event leads from a sent state back to where a worker would take it."""
    for state in SENT:
        assert reachable(state) - {S.FAILED} <= SENT or state is S.ACCEPTED
        assert not any(TABLE.get((state, event)) in (S.DUE, S.CLAIMED, S.SENDING) for event in E)


def test_only_what_is_due_is_claimed_and_only_what_is_claimed_begins() -> None:
    assert [pair for pair in TABLE if pair[1] is E.CLAIM] == [(S.DUE, E.CLAIM)]
    assert [pair for pair in TABLE if pair[1] is E.BEGIN] == [(S.CLAIMED, E.BEGIN)]


def test_a_doubt_arises_from_sending_only() -> None:
    assert [source for (source, _), target in TABLE.items() if target is S.IN_DOUBT] == [S.SENDING]


@pytest.mark.parametrize("state", [S.CANCELLED, S.EXPIRED, S.READ])
def test_a_cancelled_expired_or_read_message_cannot_be_sent_again_by_hand(state: MessageState) -> None:
    with pytest.raises(TransitionError, match="; não é possível recolocá-la na fila"):
        MESSAGE_LIFECYCLE.after(state, E.REDRIVE)


def test_the_diagram_has_every_transition() -> None:
    lines = MESSAGE_LIFECYCLE.mermaid().splitlines()
    assert lines[:2] == ["stateDiagram-v2", "    [*] --> waiting"]
    assert sorted(lines[2:]) == sorted(
        f"    {source} --> {target}: {event}" for (source, event), target in TABLE.items()
    )


def test_an_id_is_written_with_dots() -> None:
    assert str(MessageId("3", 1, "57")) == "3.1.57"
    assert MessageId.parse("3.1.57") == MessageId("3", 1, "57")


@given(st.builds(MessageId, st.from_regex(r"\A[^.]{1,40}\Z"), st.integers(1, 10**6), st.from_regex(r"\A.{1,40}\Z")))
def test_an_id_comes_back_from_its_text(message_id: MessageId) -> None:
    assert MessageId.parse(str(message_id)) == message_id


@given(st.integers(1, 2**63 - 1), st.integers(1, 999), st.integers(1, 2**63 - 1))
def test_the_ids_of_a_store_fit_what_providers_carry_back(campaign: int, step: int, contact: int) -> None:
    assert len(str(MessageId(str(campaign), step, str(contact))).encode()) < 256


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "3", "3.1", "3.1.", ".1.57", "3..57", "3.x.57", "3.-1.57", "3.1,57", "3 1 57", "3.².57"],
)
def test_a_text_that_is_no_id_is_not_found(text: str) -> None:
    with pytest.raises(NotFoundError, match=r"não é o id de uma mensagem; um id é como 3\.1\.57"):
        MessageId.parse(text)


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        (Channel.WHATSAPP, "+5541988887777"),
        (Channel.SMS, "+5541988887777"),
        (Channel.EMAIL, "ana@example.com"),
    ],
)
def test_a_claimed_message_goes_to_the_address_of_its_channel(channel: Channel, address: str) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    message = Claimed(
        MessageId("3", 1, "57"), channel, "sender", Place("America/Sao_Paulo"), 1, 0, now, None,
        "+5541988887777", "ana@example.com", (), {}, now,
    )  # fmt: skip
    assert message.address == address
