"""Entering a campaign's contacts into the ledger, page by page.

Rows are written first, each only where there is none, and the cursor moves after them: a kill in between leaves a
page that is entered again, which finds its rows and changes nothing. The campaign says that a page is being entered, so
that it does not end over rows that are still on their way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from disparo.adapters.aws.attributes import number
from disparo.adapters.aws.contact_items import contact_of, is_active, load_people
from disparo.adapters.aws.enrolment import AwsRow, Enrolment, Move
from disparo.adapters.aws.enrolments import MOST_TOGETHER, Act, Enrolments
from disparo.adapters.aws.lanes import ensure_lanes
from disparo.adapters.aws.ledger_keys import Place
from disparo.adapters.aws.list_ranges import ids_after
from disparo.adapters.aws.revision import raise_revision
from disparo.adapters.aws.suppressions import suppression_items
from disparo.adapters.aws.tables import ABSENT, CAMPAIGNS, Change, ConditionFailedError, Key, Tables, Update
from disparo.adapters.aws.tallies import Tallies
from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.instants import to_ms
from disparo.ports.ledger import LaunchPage, NewMessage


async def next_page(tables: Tables, campaign: Campaign, limit: int) -> LaunchPage:
    """The contacts behind the launch cursor; see `Ledger.launch_page`."""
    item = await tables.get(CAMPAIGNS, _key(campaign)) or {}
    cursor, end = number(item, "launch_cursor"), number(item, "launch_end")
    ids = await ids_after(tables, campaign.list_name, cursor, limit, end)
    people = await load_people(tables, ids)
    contacts = [contact_of(person) for person in people if person is not None and is_active(person)]
    suppressed = await suppression_items(tables, [key for contact in contacts for key in contact.keys])
    last = len(ids) < limit
    return LaunchPage(
        cursor=cursor,
        contacts=contacts,
        suppressions=[[one for key in contact.keys for one in suppressed.get(key, ())] for contact in contacts],
        next_cursor=max(end, cursor) if last else ids[-1],
        last=last,
    )


async def enter(
    tables: Tables, campaign: Campaign, page: LaunchPage, messages: Sequence[NewMessage], now_ms: int, tallies: Tallies
) -> bool:
    """Enter a page's rows and move the cursor; see `Ledger.enroll`."""
    if not await _open_page(tables, campaign, page, now_ms):
        return False
    lanes = await ensure_lanes(tables, campaign.id, messages)
    by_contact: dict[Place, Enrolment] = {}
    moves: list[Move] = []
    for one in messages:
        place = (int(campaign.id), int(one.contact_id))
        enrolment = by_contact.setdefault(place, Enrolment(place, {}))
        enrolment.rows[one.step] = _row(one, lanes[one.channel, str(one.place)], now_ms)
        moves.append(Move(one.step, one.state, one.reason, 1))
    enrolments = [*by_contact.values()]
    created = await Enrolments(tables).create(enrolments)
    if not await _move_cursor(tables, campaign, page):
        # Into a campaign that was cancelled meanwhile nobody is entered: no sweep might come that way again. Of one
        # that is paused the page is entered again, and where another has entered the page these rows are its own.
        if await _was_cancelled_before(tables, campaign, page):
            await Enrolments(tables).drop([one for one, new in zip(enrolments, created, strict=True) if new])
            await tables.write(Update(CAMPAIGNS, _key(campaign), remove=("entering",)))
        return False
    tallies.add(int(campaign.id), moves)
    await tallies.flush(tables)
    return True


async def enter_singly(
    tables: Tables, campaign: Campaign, messages: Sequence[NewMessage], now_ms: int, tallies: Tallies
) -> list[bool]:
    """Enter rows that are not there yet, several of a contact in one write; see `Ledger.enter`."""
    lanes = await ensure_lanes(tables, campaign.id, messages)
    missing: dict[Place, dict[int, AwsRow]] = {}
    for one in messages:
        rows = missing.setdefault((int(campaign.id), int(one.contact_id)), {})
        rows.setdefault(one.step, _row(one, lanes[one.channel, str(one.place)], now_ms))
    new: set[tuple[Place, int]] = set()
    while missing:
        acts = {place: _entering(dict([*rows.items()][:MOST_TOGETHER])) for place, rows in missing.items()}
        said = await Enrolments(tables).change(acts, tallies, create=True)
        new |= {(place, step) for place, steps in said.items() for step in steps}
        rest = {place: dict([*rows.items()][MOST_TOGETHER:]) for place, rows in missing.items()}
        missing = {place: rows for place, rows in rest.items() if rows}
    await tallies.flush(tables)
    entered = []
    for one in messages:
        key = ((int(campaign.id), int(one.contact_id)), one.step)
        entered.append(key in new)
        new.discard(key)  # said of the first of two that are the same
    return entered


def _entering(rows: Mapping[int, AwsRow]) -> Act[list[int]]:
    return lambda one: one.enter(rows)


def _row(one: NewMessage, lane: int, now_ms: int) -> AwsRow:
    return AwsRow(
        state=one.state,
        reason=one.reason,
        due_ms=None if one.due_at is None else to_ms(one.due_at),
        channel=one.channel,
        place=str(one.place),
        priority=one.priority,
        lane=lane,
        changed_ms=now_ms,
    )


async def _open_page(tables: Tables, campaign: Campaign, page: LaunchPage, now_ms: int) -> bool:
    """Say that the page is being entered; False when it was entered already or the campaign no longer runs."""
    when = {"status": str(CampaignState.RUNNING), "launch_cursor": page.cursor or ABSENT}
    [opened] = await tables.write_many([Update(CAMPAIGNS, _key(campaign), set={"entering": now_ms}, when=when)])
    return opened


async def _was_cancelled_before(tables: Tables, campaign: Campaign, page: LaunchPage) -> bool:
    """Whether the campaign was cancelled, which is for good, before anybody had entered this page."""
    item = await tables.get(CAMPAIGNS, _key(campaign)) or {}
    return item.get("status") == CampaignState.CANCELLED and number(item, "launch_cursor") == page.cursor


async def _move_cursor(tables: Tables, campaign: Campaign, page: LaunchPage) -> bool:
    moved = Update(
        CAMPAIGNS,
        _key(campaign),
        set={"launch_cursor": page.next_cursor, "launched": page.last},
        add={"v": 1},
        remove=("entering",),
        when={"status": str(CampaignState.RUNNING), "launch_cursor": page.cursor or ABSENT},
    )
    changes: list[Change] = [moved, raise_revision()] if page.last else [moved]
    try:
        await tables.transact(changes)
    except ConditionFailedError:
        return False
    return True


def _key(campaign: Campaign) -> Key:
    return {"campaign_id": campaign.id}
