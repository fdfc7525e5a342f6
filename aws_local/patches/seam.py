"""How a patch takes hold of moto, and fails loudly when moto has changed under it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class SeamError(Exception):
    """Moto is not as the patch expects it: the gap may be closed there, or its inside was rearranged."""


def wrap(owner: Any, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Put `make(original)` in the place of the method that moto has; SeamError when it is not there."""
    original = owner.__dict__.get(name)
    if not callable(original):
        raise SeamError(f"{owner.__name__}.{name} is not there any more")
    setattr(owner, name, make(original))


def replace(owner: Any, name: str, value: Any) -> None:
    """Put a value or property in the place of what moto has; SeamError when it is not there."""
    if name not in owner.__dict__:
        raise SeamError(f"{owner.__name__}.{name} is not there any more")
    setattr(owner, name, value)


def add(owner: Any, name: str, function: Callable[..., Any]) -> None:
    """Add a method that moto lacks; SeamError when it has it by now, so that the patch is taken out."""
    if hasattr(owner, name):
        raise SeamError(f"{owner.__name__}.{name} exists by now: this patch is no longer needed")
    setattr(owner, name, function)
