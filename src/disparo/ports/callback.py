"""What a provider tells us by calling us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from disparo.domain.errors import DisparoError
from disparo.domain.receipt import Receipt, Reply


class CallbackRefusedError(DisparoError):
    """The call does not prove that it comes from the provider; the message says nothing that helps to forge one."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a call says, in its order."""

    receipts: Sequence[Receipt] = ()
    replies: Sequence[Reply] = ()


class Callback(Protocol):
    """Reads a provider's calls. Pure: no clock, no I/O."""

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Told:
        """Check the signature over the body as it was sent, then read it; header names are in lower case.

        CallbackRefusedError when it is not the provider's, InputError when it is but cannot be understood. What is
        of no interest to us is left out.
        """
        ...
