"""Where a simulated world keeps its data: one of the families of stores, and what can be seen of it past all faults."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from disparo.domain.message import MessageId
from disparo.ports.store import Store
from disparo.simulation.books import Books

if TYPE_CHECKING:
    from disparo.simulation.gate import Gate


class ProcessData(Protocol):
    """What one process has of the data."""

    @property
    def store(self) -> Store:
        """The ports, without their gate."""
        ...

    def cut(self) -> None:
        """The process dies: what it has not written by now is never written."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Data(Protocol):
    """The data of a world."""

    @property
    def store(self) -> Store:
        """For the world's own people, past all faults."""
        ...

    @property
    def poll(self) -> timedelta | None:
        """How often a worker looks whether something changed that nobody told it of."""
        ...

    def of_process(self, gate: Gate) -> ProcessData:
        """What a process sees of it, through its gate."""
        ...

    def books_of(self, message_id: MessageId) -> Books:
        """The rows of a message's contact in its campaign, and nothing else."""
        ...

    def all_books(self, *, undisturbed: bool = False) -> Books:
        """The whole ledger; with its counters, if these are promised even when somebody was cut off in between.

        `undisturbed`: nobody was, and nobody is at work.
        """
        ...

    def everything(self) -> Mapping[str, list[Any]]:
        """All that is kept, but for the workers' roles."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...
