from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from disparo.domain.message import MessageEvent, MessageState
from disparo.domain.settlement import Settlement
from disparo.ports.ledger import MessageFilter
from disparo.usecases import campaigns
from tests.unit.entrypoints.http.conftest import Client, campaign

PATH = "/api/v1/dead-letters"


async def dead(client: Client, reasons: Sequence[str]) -> None:
    """A campaign whose messages were given up for these reasons, one each."""
    house, now = client.house, client.house.clock.at
    await house.people(len(reasons))
    await client.post("/api/v1/campaigns", campaign())
    await campaigns.start(house.store, "camp", now)
    await house.launch()
    claimed = (await house.engine.dispatch.claim("whatsapp", len(reasons), now)).messages
    in_order = sorted(claimed, key=lambda one: int(one.id.contact_id))
    done = [
        Settlement(one.id, MessageEvent.EXHAUST, one.fence, reason)
        for one, reason in zip(in_order, reasons, strict=True)
    ]
    await house.store.ledger.settle(done, now)


def test_they_are_listed_the_latest_first_page_by_page_and_by_reason(client: Client) -> None:
    async def story() -> None:
        await dead(client, ["no_answer", "provider_failed", "no_answer", "no_answer"])
        found, after = [], ""
        while True:
            page = (await client.get(f"{PATH}?limit=3{after}")).json
            found.append([one["id"] for one in page["items"]])
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        assert found == [["1.1.4", "1.1.3", "1.1.2"], ["1.1.1"]]
        for query, wanted in (
            ("reason=no_answer&state=dead", ["1.1.4", "1.1.3", "1.1.1"]),
            ("channel=whatsapp&campaign=camp&reason=provider_failed", ["1.1.2"]),
            ("channel=sms", []),
            ("state=failed", []),
            ("state=due", []),
        ):
            items = (await client.get(f"{PATH}?{query}")).json["items"]
            assert [one["id"] for one in items] == wanted, query
        assert (await client.get(f"{PATH}?after=x")).status == 404
        assert (await client.get(f"{PATH}?channel=pombo")).status == 422

    asyncio.run(story())


def test_a_filter_goes_again_part_by_part(client: Client) -> None:
    async def story() -> None:
        await dead(client, ["no_answer"] * 5 + ["held_in_doubt"])
        first = (await client.post(f"{PATH}/redrive", {"reason": "no_answer", "limit": 3})).json
        assert (first["redriven"], first["refused"], first["next"]) == (3, 0, "1.1.3")
        wanted = {"reason": "no_answer", "limit": 3, "after": first["next"]}
        assert (await client.post(f"{PATH}/redrive", wanted)).json["redriven"] == 2
        rest = (await client.post(f"{PATH}/redrive", {"all": True})).json
        refusals = [{"id": "1.1.6", "reason": "held_in_doubt"}]
        assert rest == {"redriven": 0, "refused": 1, "refusals": refusals, "next": None}
        forced = (await client.post(f"{PATH}/redrive", {"channel": "whatsapp", "state": "dead", "force": True})).json
        assert forced["redriven"] == 1
        due = MessageFilter("1", frozenset({MessageState.DUE}))
        assert len(await client.house.store.ledger.page(due, None, 10)) == 6

    asyncio.run(story())


@pytest.mark.parametrize(
    "wanted",
    [
        {"ids": ["1.1.1"], "all": True},
        {"ids": ["1.1.1"], "after": "1.1.1"},
        {"reason": ""},
        {"all": True, "limit": 5_001},
        {"all": True, "channel": "pombo"},
        {"ids": ["x" * 257]},
    ],
)
def test_a_redrive_that_says_it_wrong_is_refused(client: Client, wanted: dict[str, object]) -> None:
    assert asyncio.run(client.post(f"{PATH}/redrive", wanted)).status == 422
