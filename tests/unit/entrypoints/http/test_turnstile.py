"""So many at work, so many waiting, the rest sent away; a turn comes free whatever happened in it."""

from __future__ import annotations

import asyncio

import pytest

from disparo.entrypoints.http.turnstile import TooManyError, Turnstile


def test_so_many_at_once_and_nobody_is_lost() -> None:
    async def story() -> tuple[int, int]:
        turnstile, at_work, most, done = Turnstile(3, 100), 0, 0, 0

        async def one() -> None:
            nonlocal at_work, most, done
            async with turnstile.passed():
                at_work += 1
                most = max(most, at_work)
                await asyncio.sleep(0)
                at_work -= 1
                done += 1

        await asyncio.gather(*(one() for _ in range(50)))
        return most, done

    assert asyncio.run(story()) == (3, 50)


def test_whoever_finds_the_queue_full_is_sent_away_and_a_failure_frees_the_turn() -> None:
    async def story() -> None:
        turnstile, go = Turnstile(1, 1), asyncio.Event()

        async def waits() -> None:
            async with turnstile.passed():
                await go.wait()
                raise RuntimeError

        first, second = asyncio.create_task(waits()), asyncio.create_task(waits())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        with pytest.raises(TooManyError):
            async with turnstile.passed():
                raise AssertionError
        go.set()
        await asyncio.gather(first, second, return_exceptions=True)
        async with turnstile.passed():
            pass

    asyncio.run(story())
