"""The contacts of campaigns in DynamoDB: read, changed by a rule, and written when nobody else was faster."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from disparo.adapters.aws.enrolment import (
    JOURNAL_BYTES,
    LINES_KEPT,
    Enrolment,
    Line,
    enrolment_of,
    lines_of,
    page_text,
)
from disparo.adapters.aws.ledger_keys import SHARDS, Place, is_row, row_key, shard_name
from disparo.adapters.aws.tables import ABSENT, LEDGER, Change, ConditionFailedError, Delete, Key, Put, Tables
from disparo.adapters.aws.tallies import Tallies

T = TypeVar("T")

Act = Callable[[Enrolment], T]
"""Changes an enrolment and says something of it; it may be called again on a newer one."""

PAGE = 1_000

MOST_BESIDE = 90
"""Places in queues that one write moves, of the 100 changes that a transaction takes."""

MOST_TOGETHER = 40
"""Rows of one contact that one change may bring into a queue: each has its place there, and moves another's at most."""


class Enrolments:
    """Reading and changing enrolments.

    A change is one conditional write (a transaction where a second step is in a queue): it has happened entirely or
    not at all, and of two at the same time the later sees the earlier.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def load(self, places: Sequence[Place]) -> list[Enrolment | None]:
        """The enrolments at these places, in their order."""
        items = await self._tables.get_many([(LEDGER, row_key(place)) for place in places])
        return [None if item is None else enrolment_of(item) for item in items]

    async def change(
        self,
        acts: Mapping[Place, Act[T]],
        tallies: Tallies,
        known: Mapping[Place, Enrolment] | None = None,
        *,
        create: bool = False,
    ) -> dict[Place, T]:
        """Apply each act to its enrolment; what the acts said, without those of places where there is none.

        With `create` an act gets an empty one there, which is kept when it fills it. Changes are noted in `tallies`
        when they are written. Those that are `known` are read only when they have moved on since.
        """
        known = dict(known or {})
        said: dict[Place, T] = {}
        left = dict(acts)
        while left:
            unknown = [place for place in left if place not in known]
            found = {**known, **dict(zip(unknown, await self.load(unknown), strict=True))}
            if create:
                found = {place: one or Enrolment(place, {}) for place, one in found.items()}
            acted = {place: (one, left[place](one)) for place, one in found.items() if one is not None}
            won = await self._save([one for one, _ in acted.values()])
            # That there is nothing to change is believed of what was read just now.
            won -= {place for place, one in known.items() if not one.changed}
            known = {}
            for place, (one, word) in acted.items():
                if place in won:
                    said[place] = word
                    tallies.add(place[0], one.moves)
            left = {place: left[place] for place in acted if place not in won}
        return said

    async def create(self, enrolments: Sequence[Enrolment]) -> list[bool]:
        """Keep new ones, each with one step in a queue at most; False for each that is there already."""
        return await self._tables.write_many([Put(LEDGER, one.item(1), when={"pk": ABSENT}) for one in enrolments])

    async def drop(self, enrolments: Sequence[Enrolment]) -> None:
        """Remove those that nobody has touched since they were created."""
        await self._tables.write_many([Delete(LEDGER, one.key(), when={"v": 1}) for one in enrolments])

    async def _save(self, enrolments: Sequence[Enrolment]) -> set[Place]:
        """Write those that changed, each when it is as it was read; the places of those that stand as they should."""
        won = {one.place for one in enrolments if not one.changed}
        alone: list[Enrolment] = []
        for one in enrolments:
            if not one.changed:
                continue
            if beside := [*_turned_page(one), *_moved_pointers(one)]:
                if await self._save_with(one, beside):
                    won.add(one.place)
            else:
                alone.append(one)
        done = await self._tables.write_many([_put(one) for one in alone])
        return won | {one.place for one, written in zip(alone, done, strict=True) if written}

    async def _save_with(self, one: Enrolment, beside: Sequence[Change]) -> bool:
        """Write an enrolment together with what lies beside it; then take away places that were too many for once."""
        saved = await self._save_together([_put(one), *beside])
        while saved and one.left_over:
            one.version, one.shown = one.version + 1, one.queued()
            one.pointers = (*[*one.shown][1:], *one.left_over)
            if not await self._save_together([_put(one), *_moved_pointers(one)]):
                break  # whoever was faster has taken away some, too
        return saved

    async def _save_together(self, changes: Sequence[Change]) -> bool:
        try:
            await self._tables.transact(changes)
        except ConditionFailedError:
            return False
        return True

    async def history(self, one: Enrolment) -> list[Line]:
        """Everything that happened to a contact in a campaign, in order."""
        pages = await self._tables.get_many([(LEDGER, _page_key(one.place, number)) for number in range(one.pages)])
        return [line for page in pages if page is not None for line in lines_of(page)] + one.journal

    async def of_campaign(self, campaign: int) -> AsyncIterator[Enrolment]:
        """All enrolments of a campaign, in no order."""
        for shard in range(SHARDS):
            lowest: str | None = None
            while page := await self._tables.query(LEDGER, shard_name(campaign, shard), lowest=lowest, limit=PAGE):
                for item in page:
                    if is_row(item):
                        yield enrolment_of(item)
                if len(page) < PAGE:
                    break
                lowest = str(page[-1]["sk"]) + "\0"

    async def scrub(self, places: Iterable[Place], *, gone: bool = False) -> None:
        """Take providers' words and ids out of these histories, as they may hold an address (LGPD).

        With `gone` for good: what is said later of them is not kept either.
        """

        def act(one: Enrolment) -> int:
            one.gone = one.gone or gone
            return _scrub(one)

        # The item first: what moves from it to a page from then on is scrubbed already.
        pages = await self.change(dict.fromkeys(places, act), Tallies())
        for place, count in pages.items():
            for number in range(count):
                page = await self._tables.get(LEDGER, _page_key(place, number))
                if page is not None:
                    clean = page_text(_scrubbed(lines_of(page)))
                    await self._tables.write(Put(LEDGER, {**page, "journal": clean}))


def _scrub(one: Enrolment) -> int:
    """Scrub what is in the item itself; how many pages lie beside it."""
    one.journal = _scrubbed(one.journal)
    for row in one.rows.values():
        row.provider_id = None
    one.changed = True
    return one.pages


def _scrubbed(lines: Iterable[Line]) -> list[Line]:
    return [line._replace(detail="", provider_id=None) for line in lines]


def _put(one: Enrolment) -> Put:
    return Put(LEDGER, one.item(one.version + 1), when={"v": one.version or ABSENT})


def _turned_page(one: Enrolment) -> list[Change]:
    """Lay the older part of a long history aside, as a page that changes with the item or not at all."""
    if len(one.journal) <= LINES_KEPT or len(page_text(one.journal).encode()) <= JOURNAL_BYTES:
        return []
    old, one.journal = one.journal[:-LINES_KEPT], one.journal[-LINES_KEPT:]
    one.pages += 1
    return [Put(LEDGER, {**_page_key(one.place, one.pages - 1), "journal": page_text(old)})]


def _moved_pointers(one: Enrolment) -> list[Change]:
    """Steps beyond the first in a queue have an item each that points back.

    Places that no step is at any more may wait for the next write, as whoever finds one looks at the rows.
    """
    queued = one.queued()
    wanted = [*queued][1:]
    moved = [step for step in wanted if step not in one.pointers or one.shown.get(step) != queued[step]]
    changes: list[Change] = []
    for step in moved:
        lane, due = queued[step]
        changes.append(Put(LEDGER, {**_pointer_key(one.place, step), "lane": lane, "due": due}))
    over = sorted({*one.pointers}.difference(wanted))
    room = max(MOST_BESIDE - len(changes), 0)
    one.left_over = over[room:]
    return [*changes, *(Delete(LEDGER, _pointer_key(one.place, step)) for step in over[:room])]


def _page_key(place: Place, number: int) -> Key:
    key = row_key(place)
    return {**key, "sk": f"{key['sk']}#J{number:06d}"}


def _pointer_key(place: Place, step: int) -> Key:
    key = row_key(place)
    return {**key, "sk": f"{key['sk']}#{step}"}
