from __future__ import annotations

import asyncio
from typing import Any

import pytest

from disparo.domain.errors import StoreError
from disparo.entrypoints import import_desk
from disparo.usecases import imports


def test_neither_a_sick_store_nor_a_file_like_no_other_ends_the_tending(monkeypatch: pytest.MonkeyPatch) -> None:
    looks, worked = 0, []

    async def left_behind(_: Any) -> list[str]:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise StoreError("o disco está cheio")
        return ["a", "b"]

    async def work(_: Any, import_id: str, *__: Any) -> None:
        worked.append(import_id)
        if import_id == "a":
            raise MemoryError
        raise asyncio.CancelledError  # the end of the test

    class House:
        arrivals = None
        clock: Any = type("Clock", (), {"now": None})()

    monkeypatch.setattr(import_desk, "left_behind", left_behind)
    monkeypatch.setattr(import_desk, "desk_of", lambda _: None)
    monkeypatch.setattr(imports, "work", work)
    monkeypatch.setattr(import_desk, "LOOK_EVERY", import_desk.LOOK_EVERY * 0)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(import_desk.tend(House()))  # type: ignore[arg-type]
    assert worked == ["a", "b"]
