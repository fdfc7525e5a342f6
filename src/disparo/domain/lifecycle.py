"""A lifecycle is a table: (state, event) -> state. What is not in the table is refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from disparo.domain.errors import TransitionError

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Lifecycle(Generic[S, E]):
    """The states of one kind of thing and the events that move it."""

    name: str
    initial: S
    table: Mapping[tuple[S, E], S]
    standing: Mapping[S, str]
    """Where it stands, as a sentence in Portuguese: `a campanha está pausada`."""
    acts: Mapping[E, str]
    """What an event would do, in Portuguese: `retomá-la`."""

    def after(self, state: S, event: E) -> S:
        """The state that `event` leads to; TransitionError when it leads nowhere."""
        if (found := self.table.get((state, event))) is None:
            raise TransitionError(f"{self.standing[state]}; não é possível {self.acts[event]}")
        return found

    def allows(self, state: S, event: E) -> bool:
        """Whether `event` is a transition from `state`."""
        return (state, event) in self.table

    def mermaid(self) -> str:
        """The diagram of the table for the documentation."""
        arrows = [f"    {source} --> {target}: {event}" for (source, event), target in self.table.items()]
        return "\n".join(["stateDiagram-v2", f"    [*] --> {self.initial}", *arrows])
