"""Both families through the whole application: the same story is told to each, and then each is asked the same."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI, Response

from disparo.entrypoints.http import sse
from disparo.entrypoints.http.app import create_app
from disparo.entrypoints.http.identity import Identity
from disparo.entrypoints.http.installation import local_caller
from disparo.usecases.accounts import sessions
from tests.account_scene import HOME
from tests.contract.asking import at_random
from tests.contract.full_story import tell
from tests.contract.lived_in import FAMILIES, Chance, House, opened, without_chance
from tests.contract.twins import Twins
from tests.contract.walking import LISTINGS, MADE_UP, all_pages, look_at_the_api, pages_by_links
from tests.unit.entrypoints.http.conftest import Client

SLOW = os.environ.get("DISPARO_SLOW") == "1"


@dataclass
class Pair:
    """Two installations that have lived through the same."""

    houses: list[House]
    apis: list[FastAPI]
    chance: Chance
    broken: list[str]

    def twins(self) -> Twins:
        """Both as one, for who may do all."""
        return Twins(*self.apis, chance=self.chance)

    async def signed_in(self) -> tuple[Twins, dict[str, str]]:
        """Both as one with real sign-in, and the headers of an admin's browser."""
        token = ""
        for house in self.houses:
            account = await house.app.store.accounts.get("c1")
            self.chance.begin(7)
            token = (await sessions.begin(house.app.locks, account, HOME, house.clock.now())).token
        cookie = f"disparo_session={token}; __Host-disparo_session={token}"
        headers = {"cookie": cookie, "accept": "text/html", "host": "disparo.example.com"}
        apis = [create_app(house.app, Identity(house.app), self.report) for house in self.houses]
        return Twins(*apis, chance=self.chance), headers

    def report(self, event: str, error: BaseException, **_: str) -> None:
        """Something broke."""
        self.broken.append(f"{event}: {error!r}")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Told once; whoever changes something leaves it so."""
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sse, "EVERY", timedelta(milliseconds=1))
        patch.setattr(sse, "LASTS", timedelta(milliseconds=2))
        found = Pair([], [], stack.enter_context(without_chance()), [])
        for family in FAMILIES:
            house = stack.enter_context(opened(family, tmp_path_factory.mktemp(family)))
            api = create_app(house.app, local_caller, found.report)
            found.chance.begin(1)
            asyncio.run(tell(house, api))
            found.houses.append(house)
            found.apis.append(api)
        yield found


def alike(pair: Pair, twins: Twins, least: int) -> None:
    """AssertionError with what is different."""
    assert not pair.broken
    assert not twins.differences, "\n\n".join(twins.differences[:20])
    assert twins.asked >= least


def test_every_address_of_the_api_tells_the_same(pair: Pair) -> None:
    async def story() -> None:
        twins = pair.twins()
        statuses = [answer.status async for _, answer in look_at_the_api(Client(twins, None), pair.apis[0])]  # type: ignore[arg-type]
        alike(pair, twins, 250)
        assert max(statuses) < 500
        assert statuses.count(200) > 150, "the story has left too little to look at"

    asyncio.run(story())


def test_a_listing_has_the_same_pages_of_any_size_and_they_make_the_whole(pair: Pair) -> None:
    async def story() -> None:
        twins = pair.twins()
        client = Client(twins, None)  # type: ignore[arg-type]
        for listing in LISTINGS:
            whole = (await client.get(f"{listing}{'&' if '?' in listing else '?'}limit=200")).json["items"]
            assert whole, f"{listing}: the story has left nothing of it"
            for limit in (1, 2, 7, 50) if SLOW else (7,):
                if "q=" not in listing:  # what is looked for comes as one page
                    some = await all_pages(client, listing, limit)
                    assert some[: len(whole)] == whole, (listing, limit)
        alike(pair, twins, 150)

    asyncio.run(story())


def test_cursors_that_were_made_up_break_nothing_and_end(pair: Pair) -> None:
    async def story() -> None:
        twins = pair.twins()
        client = Client(twins, None)  # type: ignore[arg-type]
        for listing in LISTINGS:
            for cursor in MADE_UP:
                path = f"{listing}{'&' if '?' in listing else '?'}limit=3&after={quote(cursor, safe='')}"
                answer = await asyncio.wait_for(client.get(path), 10)
                assert answer.status in (200, 404, 422), path
        assert not pair.broken
        # What comes behind a cursor that was never given out is promised by nobody.
        told = [one for one in twins.differences if " or " in one.partition("\n")[0]]
        assert not told, "\n\n".join(told[:20])

    asyncio.run(story())


def test_every_page_of_the_console_is_there_and_says_the_same(pair: Pair) -> None:
    async def story() -> None:
        twins, headers = await pair.signed_in()
        client = Client(twins, None, headers)  # type: ignore[arg-type]
        also = ("/console/contacts?q=ana", "/console/agenda?view=day", "/console/agenda?who=host:ana")
        faults = [(path, one.status) async for path, one in pages_by_links(client, *also) if one.status >= 400]
        assert not faults
        alike(pair, twins, 120)

    asyncio.run(story())


@pytest.mark.parametrize("seed", range(2) if SLOW else range(1))
def test_whatever_is_done_they_go_on_alike(pair: Pair, seed: int) -> None:
    """Random requests with real ids among them, and time that passes; what is left is looked at all the while.

    Which of several messages that are due at once goes first is no promise, so no seed is here in which a limit or a
    chance decides between them (as in 2 to 5).
    """

    async def story() -> None:
        twins = pair.twins()
        client = Client(twins, None)  # type: ignore[arg-type]
        at = 0
        async for answer in at_random(client, seed, 600 if SLOW else 150):
            assert answer.status < 500
            if (at := at + 1) % 25 == 0:
                await _later(pair, timedelta(minutes=(7, 60, 600)[at // 25 % 3]))
                for listing in LISTINGS:
                    await client.get(f"{listing}{'&' if '?' in listing else '?'}limit=200")
        alike(pair, twins, 200)

    asyncio.run(story())


async def _later(pair: Pair, passes: timedelta) -> None:
    for house in pair.houses:
        house.clock.at += passes
        pair.chance.begin(3)
        await house.work()


def test_what_is_used_of_a_limit_is_counted(pair: Pair) -> None:
    """Once it was looked for in the permits that the next one needs, and a sender's first ones were none."""

    async def story() -> None:
        for house in pair.houses:
            pair.chance.begin(5)
            one = {"list": "nova", "name": "Nova", "phone": "+55 41 98765-4321"}
            client = Client(create_app(house.app), house.app)  # type: ignore[arg-type]
            assert (await client.post("/api/v1/contacts", one)).status == 201
            document: dict[str, Any] = {
                "name": "nova",
                "list": "nova",
                "steps": [{"channel": "whatsapp", "text": "Oi"}],
            }
            assert (await client.post("/api/v1/campaigns", document)).status == 201
            assert (await client.post("/api/v1/campaigns/nova/start")).status == 200
            house.clock.at += timedelta(days=1)
            await house.work()
            shown = [one for one in (await client.get("/api/v1/senders")).json if one["name"] == "whatsapp"]
            assert all(one["used"] >= 1 for one in shown[0]["windows"]), shown

    asyncio.run(story())


def test_a_difference_is_found(pair: Pair) -> None:
    """Planted: another status, another text."""

    async def story() -> None:
        one, other = FastAPI(), FastAPI()
        for api, status, body in ((one, 200, "a"), (other, 404, "b")):
            api.add_api_route("/status", lambda status=status: Response(status_code=status))
            api.add_api_route("/text", lambda body=body: Response(body))
            api.add_api_route("/same", lambda: Response("x"))
        twins = Twins(one, other, pair.chance)
        for path in ("/status", "/text", "/same"):
            await Client(twins, None).get(path)  # type: ignore[arg-type]
        assert len(twins.differences) == 2

    asyncio.run(story())
