"""What people wrote, a line for each of them.

control   inbox-person#<owner>, -   {latest, entries, unhandled}: the owner is a contact's id, or a stranger's key
control   inbox-people, <entry>     that there is one, in order of their latest entries
control   inbox-waiting, <entry>    the same, of those with something that nobody has dealt with

The line of a person changes in one transaction with the entry that it counts. A place in the order whose entry is not
that person's latest is left over from a kill, or about to be taken away, and is passed over.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from disparo.adapters.aws.attributes import number, text
from disparo.adapters.aws.tables import ABSENT, CONTROL, Condition, Delete, Item, Key, Tables, Update
from disparo.ports.inbox import Conversation, Heard, InboxEntry

_PEOPLE, _WAITING = "inbox-people", "inbox-waiting"

Entries = Callable[[Sequence[str]], Awaitable[Sequence[InboxEntry]]]
"""Reads entries by their ids."""


def owner_of(heard: Heard) -> str:
    """Whose conversation something belongs to."""
    return heard.contact_id or heard.key


def person_key(owner: str) -> Key:
    """Where an owner's line is."""
    return {"pk": f"inbox-person#{owner}", "sk": "-"}


def places_of(entry: str) -> list[Key]:
    """Where an entry is in the orders, while it is its owner's latest."""
    return [{"pk": _PEOPLE, "sk": entry}, {"pk": _WAITING, "sk": entry}]


def gone_on(person: Item | None, entry: str, owner: str) -> Update:
    """Count an entry that is new, if nobody counted one since the person's line was read."""
    latest = None if person is None else text(person, "latest")
    when: Condition = {"latest": latest or ABSENT}
    newest = max(entry, latest or "")
    return Update(CONTROL, person_key(owner), set={"latest": newest}, add={"entries": 1, "unhandled": 1}, when=when)


def one_less(owner: str) -> Update:
    """Count an entry less that nobody has dealt with."""
    return Update(CONTROL, person_key(owner), add={"unhandled": -1})


async def passed(tables: Tables, person: Item | None, entry: str) -> None:
    """Take away the places of that entry which is not, or no longer, the latest."""
    if person is not None:
        older = min(entry, text(person, "latest"))
        await tables.write_many([Delete(CONTROL, key) for key in places_of(older)])


async def settled(tables: Tables, owner: str) -> None:
    """Take a person out of those who wait, when everything of theirs is dealt with."""
    person = await tables.get(CONTROL, person_key(owner))
    if person is not None and number(person, "unhandled") <= 0:
        await tables.write(Delete(CONTROL, {"pk": _WAITING, "sk": text(person, "latest")}))


async def page(
    tables: Tables, entries: Entries, after: str | None, limit: int, *, unhandled: bool
) -> list[Conversation]:
    """See `Inbox.conversations`."""
    found: list[Conversation] = []
    while len(found) < limit:
        # The bounds of a query are inclusive, so one more is asked for and the cursor's own item is left out.
        wanted = limit - len(found) + 1
        partition = _WAITING if unhandled else _PEOPLE
        places = await tables.query(CONTROL, partition, highest=after or None, descending=True, limit=wanted)
        ids = [text(item, "sk") for item in places if text(item, "sk") != after]
        if not ids:
            break
        lines = await _lines(tables, await entries(ids))
        found += [one for one in lines if one.unhandled > 0 or not unhandled]
        after = ids[-1]
    return found[:limit]


async def _lines(tables: Tables, latest: Sequence[InboxEntry]) -> list[Conversation]:
    """The lines of those whose latest entries these are."""
    people = await tables.get_many([(CONTROL, person_key(owner_of(one.heard))) for one in latest])
    pairs = zip(latest, people, strict=True)
    return [_line(entry, one) for entry, one in pairs if one is not None and one["latest"] == entry.id]


async def one(tables: Tables, entries: Entries, owner: str) -> Conversation | None:
    """See `Inbox.conversation`."""
    person = await tables.get(CONTROL, person_key(owner))
    found = await entries([text(person, "latest")]) if person is not None else ()
    return _line(found[0], person) if person is not None and found else None


def _line(latest: InboxEntry, person: Item) -> Conversation:
    counts = (number(person, "entries"), number(person, "unhandled"))
    return Conversation(owner_of(latest.heard), latest.heard.contact_id, latest, *counts)
