"""Lists, and the ranges of ids that their imports reserved.

    control   lists, <name>            {erased}: how many of its contacts were forgotten
    control   list#<name>, <first id>  {first, count, created}: ids reserved for this list, and how many became contacts

A range is written before any contact of it, so that whoever reads the ranges can miss nobody. `created` is written when
the fold is through; where it is missing (a fold that goes on, or was killed) the contacts are counted each time, until
all ids of the range are used and the number can change no more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from disparo.adapters.aws import counters
from disparo.adapters.aws.attributes import number, text
from disparo.adapters.aws.contact_items import is_person, load_people
from disparo.adapters.aws.ledger_keys import number_key
from disparo.adapters.aws.list_ranges import partition
from disparo.adapters.aws.tables import ABSENT, CONTROL, Item, Key, Tables, Update
from disparo.ports.contacts import ListSummary

_LISTS = "lists"


def list_key(list_name: str) -> Key:
    """The key of a list."""
    return {"pk": _LISTS, "sk": list_name}


async def reserve(tables: Tables, count: int) -> int:
    """The first of so many ids that nobody else gets."""
    return await counters.take(tables, counters.CONTACT, count)


def named(list_name: str) -> Update:
    """Let a list be known."""
    return Update(CONTROL, list_key(list_name), set_if_absent={"erased": 0})


def opened(list_name: str, first: int, count: int) -> Update:
    """Give a list a range of ids."""
    return Update(CONTROL, _range_key(list_name, first), set={"first": first, "count": count})


def closed(list_name: str, first: int, created: int) -> Update:
    """Say how many contacts a range has in the end."""
    return Update(CONTROL, _range_key(list_name, first), set={"created": created})


def one_less(list_name: str) -> Update:
    """Count a contact that was erased."""
    return Update(CONTROL, list_key(list_name), add={"erased": 1})


async def list_names(tables: Tables) -> list[str]:
    """Every list, in order; one that an import was about to make may be among them."""
    return [text(item, "sk") for item in await tables.query(CONTROL, _LISTS)]


async def summaries(tables: Tables) -> list[ListSummary]:
    """Every list that ever had a contact, in order, and how many it has."""
    found = await tables.query(CONTROL, _LISTS)
    created = await asyncio.gather(*[_created(tables, text(item, "sk")) for item in found])
    return [
        ListSummary(text(item, "sk"), count - number(item, "erased"))
        for item, count in zip(found, created, strict=True)
        if count
    ]


async def _created(tables: Tables, list_name: str) -> int:
    ranges = await tables.query(CONTROL, partition(list_name))
    counted = await _count(tables, list_name, [item for item in ranges if "created" not in item])
    return counted + sum(number(item, "created") for item in ranges)


async def _count(tables: Tables, list_name: str, ranges: Sequence[Item]) -> int:
    total = 0
    for item in ranges:
        first, count = number(item, "first"), number(item, "count")
        ids = range(first, first + count)
        people = await load_people(tables, ids)
        there = sum(map(is_person, people))
        total += there
        if there == count:
            full = Update(CONTROL, _range_key(list_name, first), set={"created": count}, when={"created": ABSENT})
            await tables.write_many([full])
    return total


def _range_key(list_name: str, first: int) -> Key:
    return {"pk": partition(list_name), "sk": number_key(first)}
