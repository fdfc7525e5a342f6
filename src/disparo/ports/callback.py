"""What a provider tells us by calling us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from disparo.domain.errors import DisparoError, InputError
from disparo.domain.receipt import Notice, Receipt, Reply


class CallbackRefusedError(DisparoError):
    """The call does not prove that it comes from the provider; the message says nothing that helps to forge one."""


class UnreadableCallError(InputError):
    """The call is the provider's, but what it says cannot be understood."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it reached us: header names in lower case, the body byte for byte.

    `url` is the address that the provider called, with its query as it was written: that of the setting `public_url`
    where there is one, since a proxy may have changed it on the way.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """What a call says, in its order."""

    receipts: Sequence[Receipt] = ()
    replies: Sequence[Reply] = ()
    notices: Sequence[Notice] = ()


class News(Protocol):
    """What came back at once, whether we were called (`Told`) or asked for it (`Collected`)."""

    @property
    def receipts(self) -> Sequence[Receipt]:
        """What became of messages."""
        ...

    @property
    def replies(self) -> Sequence[Reply]:
        """What people wrote."""
        ...

    @property
    def notices(self) -> Sequence[Notice]:
        """What is kept for the operator."""
        ...


class Callback(Protocol):
    """Reads a provider's calls. It looks at nothing but the call and the account's secret, and changes nothing."""

    async def read(self, call: Call, now: datetime) -> Told:
        """Check the signature over the call as it was sent, then read it.

        CallbackRefusedError when it is not the provider's, InputError when it is but cannot be understood. An event
        that is not known becomes a Notice, or a receipt of kind NOTED when it names a message of ours.
        """
        ...

    async def greet(self, call: Call) -> str:
        """The text that answers a provider's GET, by which it makes sure that the address is ours.

        CallbackRefusedError when it does not know our token, and of a provider that has no such question.
        """
        ...
