"""Faults that are ordered while the emulators run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from disparo.domain.errors import InputError

PROVIDERS = ("whatsapp", "sendgrid", "twilio")


class FaultKind(StrEnum):
    """What can be ordered."""

    ERROR = "error"
    """Answer the error `code`; not taken. SendGrid's codes are HTTP statuses."""
    ERROR_AFTER_TAKING = "error_after_taking"
    """Take it, and answer the error `code` all the same."""
    DROP_BEFORE = "drop_before"
    """Drop the connection; not taken. Without `to` the body is not even read."""
    DROP_AFTER = "drop_after"
    """Take it, and drop the connection instead of an answer."""
    SLOW = "slow"
    """Answer `seconds` later."""
    UNDELIVERED = "undelivered"
    """Take it, and report later that it failed, with `code`; SendGrid's are `bounce`, `blocked` and `dropped`."""
    REPLY = "reply"
    """The person answers `text`."""
    OPT_OUT = "opt_out"
    """The person wants no more messages, in the way that the provider has for it."""
    COMPLAINT = "complaint"
    """The person calls it spam (SendGrid; elsewhere an opt-out)."""
    WEBHOOKS_LOST = "webhooks_lost"
    WEBHOOKS_LATE = "webhooks_late"
    """They come `seconds` later."""
    WEBHOOKS_TWICE = "webhooks_twice"
    WEBHOOKS_REVERSED = "webhooks_reversed"


BEFORE_TAKING = frozenset({FaultKind.ERROR, FaultKind.DROP_BEFORE})
IN_THE_ANSWER = BEFORE_TAKING | {FaultKind.ERROR_AFTER_TAKING, FaultKind.DROP_AFTER, FaultKind.SLOW}
LATER = frozenset(FaultKind) - IN_THE_ANSWER

_NUMBERS = {"seconds": (int, float), "times": (int,)}


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault for the next `times` messages (0: until cleared) of a provider, of one address, or of all."""

    kind: FaultKind
    provider: str | None = None
    to: str | None = None
    code: str | None = None
    seconds: float = 0.0
    text: str = ""
    times: int = 1


class FaultOrders:
    """The faults that are yet to happen, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._orders: list[Fault] = []

    def order(self, *faults: Fault) -> None:
        """Ask for more."""
        self._orders.extend(faults)

    def clear(self) -> None:
        """Forget all."""
        self._orders.clear()

    def coming(self) -> list[Fault]:
        """Those that have not all happened."""
        return list(self._orders)

    def unread(self, provider: str) -> bool:
        """Whether the next request is dropped before anybody reads it; that uses the fault up."""
        of_requests = (one for one in self._orders if one.kind in IN_THE_ANSWER and one.provider in (None, provider))
        first = next(of_requests, None)
        if first is None or first.kind is not FaultKind.DROP_BEFORE or first.to is not None:
            return False
        return self._take(provider, None, {FaultKind.DROP_BEFORE}) is not None

    def of_request(self, provider: str, addresses: Collection[str]) -> Fault | None:
        """The first fault for the answer to a request to these addresses; that uses it up."""
        return self._take(provider, addresses, IN_THE_ANSWER) if self._orders else None

    def of_message(self, provider: str, address: str) -> list[Fault]:
        """What happens to a message that was taken: at most one fault of each kind, all used up."""
        if not self._orders:
            return []
        found = (self._take(provider, (address,), {kind}) for kind in sorted(LATER))
        return [fault for fault in found if fault is not None]

    def _take(self, provider: str, addresses: Collection[str] | None, kinds: Collection[FaultKind]) -> Fault | None:
        for place, fault in enumerate(self._orders):
            concerned = fault.to is None or (addresses is not None and fault.to in addresses)
            if fault.kind in kinds and fault.provider in (None, provider) and concerned:
                if fault.times == 1:
                    del self._orders[place]
                elif fault.times > 1:
                    self._orders[place] = replace(fault, times=fault.times - 1)
                return fault
        return None


def fault_of(document: object) -> Fault:
    """A fault from its JSON; InputError that names the field."""
    if not isinstance(document, Mapping):
        raise InputError("a fault is a JSON object")
    unknown = set(document) - {field.name for field in fields(Fault)}
    if unknown:
        raise InputError(f"{min(unknown)}: a fault has no such field")
    values: dict[str, Any] = dict(document)
    try:
        values["kind"] = FaultKind(str(values.get("kind")))
    except ValueError:
        raise InputError(f"kind: one of {', '.join(FaultKind)}") from None
    if values.get("provider") not in (None, *PROVIDERS):
        raise InputError(f"provider: one of {', '.join(PROVIDERS)}")
    if values.get("code") is not None:
        values["code"] = str(values["code"])
    for name, kinds in _NUMBERS.items():
        value = values.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, kinds) or value < 0:
            raise InputError(f"{name}: a number from 0 on")
    for name in ("to", "text"):
        if not isinstance(values.get(name, ""), str):
            raise InputError(f"{name}: a text")
    return Fault(**values)
