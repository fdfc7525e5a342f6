"""What every family must keep about requests that are sent twice. `shared` is the same data in a second process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from disparo.ports.idempotency import (
    IN_FLIGHT_FOR,
    KEPT_FOR,
    Begun,
    Idempotency,
    InFlight,
    KeptAnswer,
    OtherRequest,
    Replay,
)

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
ANSWER = KeptAnswer(201, '{"nome": "São"}\x00'.encode() + b"\xff", {"location": "/api/v1/campaigns/1"})
MS = timedelta(milliseconds=1)


@dataclass
class Ports:
    one: Idempotency
    shared: Idempotency


Check = Callable[[Ports], Awaitable[None]]


async def check_a_free_key_is_taken(ports: Ports) -> None:
    assert await ports.one.begin("k", "f", "t1", NOW) == Begun("t1")


async def check_while_it_is_answered_the_same_request_waits(ports: Ports) -> None:
    await ports.one.begin("k", "f", "t1", NOW)
    assert await ports.shared.begin("k", "f", "t2", NOW) == InFlight()


async def check_another_request_is_told_so_at_any_time(ports: Ports) -> None:
    await ports.one.begin("k", "f", "t1", NOW)
    assert await ports.shared.begin("k", "g", "t2", NOW) == OtherRequest()
    await ports.one.finish("k", "t1", ANSWER, NOW)
    assert await ports.shared.begin("k", "g", "t2", NOW) == OtherRequest()


async def check_an_answer_is_replayed_as_it_was(ports: Ports) -> None:
    await ports.one.begin("k", "f", "t1", NOW)
    await ports.one.finish("k", "t1", ANSWER, NOW)
    for _ in range(2):
        assert await ports.shared.begin("k", "f", "t2", NOW + KEPT_FOR - MS) == Replay(ANSWER)


async def check_a_key_is_free_again_after_a_day(ports: Ports) -> None:
    await ports.one.begin("k", "f", "t1", NOW)
    await ports.one.finish("k", "t1", ANSWER, NOW)
    assert await ports.shared.begin("k", "g", "t2", NOW + KEPT_FOR) == Begun("t2")
    assert await ports.one.begin("k", "g", "t3", NOW + KEPT_FOR) == InFlight()


async def check_a_key_whose_request_died_is_free_after_a_while(ports: Ports) -> None:
    await ports.one.begin("k", "f", "t1", NOW)
    assert await ports.shared.begin("k", "f", "t2", NOW + IN_FLIGHT_FOR - MS) == InFlight()
    assert await ports.shared.begin("k", "f", "t2", NOW + IN_FLIGHT_FOR) == Begun("t2")


async def check_who_lost_the_key_keeps_no_answer_and_frees_nothing(ports: Ports) -> None:
    await ports.one.begin("k", "f", "t1", NOW)
    later = NOW + IN_FLIGHT_FOR
    await ports.shared.begin("k", "f", "t2", later)
    await ports.one.finish("k", "t1", ANSWER, later)
    await ports.one.release("k", "t1")
    assert await ports.one.begin("k", "f", "t3", later) == InFlight()


async def check_a_released_key_is_free(ports: Ports) -> None:
    await ports.one.begin("k", "f", "t1", NOW)
    await ports.one.release("k", "t1")
    assert await ports.shared.begin("k", "g", "t2", NOW) == Begun("t2")


async def check_an_answer_is_not_released(ports: Ports) -> None:
    await ports.one.begin("k", "f", "t1", NOW)
    await ports.one.finish("k", "t1", ANSWER, NOW)
    await ports.one.release("k", "t1")
    assert await ports.one.begin("k", "f", "t2", NOW) == Replay(ANSWER)


async def check_keys_do_not_meet(ports: Ports) -> None:
    for key in ("k", "K", "k ", "ana\nk", "é" * 255):
        assert isinstance(await ports.one.begin(key, "f", "t", NOW), Begun)


async def check_of_several_at_once_one_gets_the_key(ports: Ports) -> None:
    for number in range(5):
        asked = [(ports.one, ports.shared)[n % 2].begin(f"k{number}", "f", f"t{n}", NOW) for n in range(8)]
        standings = await asyncio.gather(*asked)
        assert sum(isinstance(one, Begun) for one in standings) == 1
        assert sum(one == InFlight() for one in standings) == 7


async def check_of_several_at_once_one_gets_a_key_whose_time_is_over(ports: Ports) -> None:
    await ports.one.begin("k", "f", "t", NOW)
    asked = [(ports.one, ports.shared)[n % 2].begin("k", "f", f"t{n}", NOW + KEPT_FOR) for n in range(8)]
    assert sum(isinstance(one, Begun) for one in await asyncio.gather(*asked)) == 1


async def check_pruning_leaves_what_still_holds(ports: Ports) -> None:
    await ports.one.begin("answered", "f", "t1", NOW)
    await ports.one.finish("answered", "t1", ANSWER, NOW)
    await ports.one.begin("died", "f", "t2", NOW)
    assert await ports.one.prune(NOW + IN_FLIGHT_FOR) in (0, 1)
    assert await ports.one.begin("answered", "f", "t3", NOW + IN_FLIGHT_FOR) == Replay(ANSWER)
    assert await ports.one.begin("died", "g", "t4", NOW + IN_FLIGHT_FOR) == Begun("t4")


async def check_answers_that_tell_of_a_person_go_with_them(ports: Ports) -> None:
    for key, about in (("hers", "57"), ("his", "58"), ("nobodys", None)):
        await ports.one.begin(key, "f", "t", NOW)
        await ports.one.finish(key, "t", replace(ANSWER, about=about), NOW)
    assert await ports.shared.forget_person("57", ["ana@x.com"]) == 1
    assert await ports.shared.forget_person("57", []) == 0
    assert await ports.one.begin("hers", "f", "t2", NOW) == Begun("t2")
    for key in ("his", "nobodys"):
        assert isinstance(await ports.one.begin(key, "f", "t2", NOW), Replay)


SUITE: tuple[Check, ...] = tuple(check for name, check in globals().items() if name.startswith("check_"))
