"""Numbers that rise and are given out once: of contacts, campaigns, lanes and meetings."""

from __future__ import annotations

from disparo.adapters.aws.attributes import number
from disparo.adapters.aws.tables import CONTROL, Key, Tables, Update

CONTACT, CAMPAIGN, LANE, MEETING = "contact", "campaign", "lane", "meeting"


async def take(tables: Tables, counter: str, count: int = 1) -> int:
    """The first of so many numbers in a row that nobody else gets; a kill afterwards leaves them unused."""
    item = await tables.write(Update(CONTROL, _key(counter), add={"value": count}))
    return number(item or {}, "value") - count + 1


async def newest(tables: Tables, counter: str) -> int:
    """The highest number that was given out, 0 before the first; whoever got it may not have used it yet."""
    return number(await tables.get(CONTROL, _key(counter)) or {}, "value")


def _key(counter: str) -> Key:
    return {"pk": "counter", "sk": counter}
