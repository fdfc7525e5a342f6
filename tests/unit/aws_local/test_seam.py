"""A patch that no longer fits says so instead of being without effect."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("moto", reason="moto, of the group dev, is not installed")

from aws_local.patches.seam import SeamError, add, replace, wrap


def test_what_is_there_can_be_wrapped_and_replaced() -> None:
    owner = type("Owner", (), {"size": 1, "speak": lambda _: "a"})
    wrap(owner, "speak", _louder)
    replace(owner, "size", 2)
    add(owner, "walk", lambda _: "b")
    one = owner()
    assert (one.speak(), one.size, one.walk()) == ("a!", 2, "b")


def test_what_is_gone_is_refused() -> None:
    owner = type("Owner", (), {"size": 1})
    with pytest.raises(SeamError, match=r"Owner\.speak is not there any more"):
        wrap(owner, "speak", _louder)
    with pytest.raises(SeamError, match=r"Owner\.weight is not there any more"):
        replace(owner, "weight", 2)


def test_what_was_added_by_others_is_refused() -> None:
    owner = type("Owner", (), {"speak": lambda _: "a"})
    with pytest.raises(SeamError, match="no longer needed"):
        add(owner, "speak", lambda _: "b")


def _louder(original: Callable[..., str]) -> Callable[..., str]:
    return lambda self: original(self) + "!"
