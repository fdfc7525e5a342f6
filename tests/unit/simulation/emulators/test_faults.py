from __future__ import annotations

from typing import Any

import pytest

from disparo.domain.errors import InputError
from disparo.simulation.emulators.faults import Fault, FaultKind, FaultOrders, fault_of


def orders(*faults: Fault) -> FaultOrders:
    made = FaultOrders()
    made.order(*faults)
    return made


def test_faults_happen_in_order_as_often_as_they_were_asked_for() -> None:
    some = orders(Fault(FaultKind.DROP_AFTER, times=2), Fault(FaultKind.SLOW))
    kinds = [fault.kind if (fault := some.of_request("twilio", ["a"])) else None for _ in range(4)]
    assert kinds == [FaultKind.DROP_AFTER, FaultKind.DROP_AFTER, FaultKind.SLOW, None]


def test_a_fault_without_end_lasts_until_it_is_cleared() -> None:
    some = orders(Fault(FaultKind.SLOW, times=0))
    assert all(some.of_request("twilio", ["a"]) for _ in range(5))
    some.clear()
    assert some.of_request("twilio", ["a"]) is None


def test_a_fault_waits_for_its_provider_and_address() -> None:
    some = orders(Fault(FaultKind.ERROR, "twilio", "b", "20429"))
    assert some.of_request("whatsapp", ["b"]) is None
    assert some.of_request("twilio", ["a"]) is None
    assert some.of_request("twilio", ["a", "b"]) == Fault(FaultKind.ERROR, "twilio", "b", "20429")


def test_what_happens_later_is_apart_from_the_answer() -> None:
    some = orders(Fault(FaultKind.REPLY, text="oi"), Fault(FaultKind.WEBHOOKS_TWICE), Fault(FaultKind.REPLY, text="2"))
    assert some.of_request("twilio", ["a"]) is None
    assert [fault.kind for fault in some.of_message("twilio", "a")] == [FaultKind.REPLY, FaultKind.WEBHOOKS_TWICE]
    assert [fault.text for fault in some.of_message("twilio", "a")] == ["2"]


def test_a_drop_before_reading_keeps_its_turn() -> None:
    some = orders(Fault(FaultKind.DROP_AFTER), Fault(FaultKind.DROP_BEFORE))
    assert not some.unread("twilio")
    some.of_request("twilio", ["a"])
    assert some.unread("twilio")
    assert not some.unread("twilio")


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ([], "object"),
        ({"kind": "flood"}, "kind"),
        ({}, "kind"),
        ({"kind": "error", "provider": "smtp"}, "provider"),
        ({"kind": "slow", "seconds": -1}, "seconds"),
        ({"kind": "slow", "times": True}, "times"),
        ({"kind": "slow", "to": 7}, "to"),
        ({"kind": "slow", "odd": 7}, "odd"),
    ],
)
def test_a_wrong_fault_names_its_field(document: Any, field: str) -> None:
    with pytest.raises(InputError, match=field):
        fault_of(document)


def test_a_fault_is_read_from_its_json() -> None:
    assert fault_of({"kind": "error", "code": 131026, "times": 2}) == Fault(FaultKind.ERROR, code="131026", times=2)
