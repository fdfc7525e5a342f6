"""The store's revision, and which campaigns are live: one item, so that both are read together and change together."""

from __future__ import annotations

from collections.abc import Iterable

from disparo.adapters.aws.attributes import names, number
from disparo.adapters.aws.tables import CAMPAIGNS, CONTROL, Item, Key, Tables, Update

REVISION_KEY: Key = {"pk": "revision", "sk": "-"}


async def revision(tables: Tables) -> int:
    """The number that rises whenever a campaign, its lanes or its state change."""
    item = await tables.get(CONTROL, REVISION_KEY)
    return number(item, "value") if item else 0


async def live_campaigns(tables: Tables) -> list[str]:
    """The ids of campaigns that have started and not ended, oldest first."""
    return sorted(names(await tables.get(CONTROL, REVISION_KEY), "live"), key=int)


async def live_items(tables: Tables) -> list[Item]:
    """The live campaigns as they are kept, oldest first."""
    found = await tables.get_many([(CAMPAIGNS, {"campaign_id": one}) for one in await live_campaigns(tables)])
    return [item for item in found if item is not None]


def raise_revision(begun: Iterable[str] = (), ended: Iterable[str] = ()) -> Update:
    """The change that tells every worker to look again; campaigns that become live or have ended go with it."""
    begun, ended = frozenset(begun), frozenset(ended)
    return Update(
        CONTROL,
        REVISION_KEY,
        add={"value": 1, **({"live": begun} if begun else {})},
        take={"live": ended} if ended else {},
    )
