"""What belongs to a contact in every campaign: cancelled, scrubbed, told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from disparo.adapters.aws import counters
from disparo.adapters.aws.enrolment import Enrolment, Line
from disparo.adapters.aws.enrolments import Enrolments
from disparo.adapters.aws.ledger_keys import Place
from disparo.adapters.aws.revision import live_items
from disparo.adapters.aws.tables import CAMPAIGNS, Tables
from disparo.adapters.aws.tallies import Tallies
from disparo.domain.campaign import CampaignKind, CampaignState
from disparo.domain.cancelling import Unsent, cancellations
from disparo.domain.contact import Channel
from disparo.domain.instants import from_ms
from disparo.domain.settlement import UNBEGUN

Cause = Callable[[int, Channel], tuple[str, str] | None]
"""Why a contact's messages of a channel end (reason and detail), or None when they go on."""


async def cancel_unsent(tables: Tables, contacts: Iterable[int], cause: Cause, now_ms: int) -> int:
    """Cancel the due and waiting messages of these contacts that have a cause, in every campaign that goes on."""

    def act(one: Enrolment) -> int:
        unsent = (
            Unsent(one.id_of(step), row.channel, row.state) for step, row in one.rows.items() if row.state in UNBEGUN
        )
        ending = cancellations(unsent, lambda contact, channel: cause(int(contact), channel))
        return sum([one.settle(settlement, now_ms) for settlement in ending])

    contacts, tallies = [*contacts], Tallies()
    places = [(campaign, contact) for campaign in await _going_on(tables) for contact in contacts]
    done = await Enrolments(tables).change(dict.fromkeys(places, act), tallies)
    await tallies.flush(tables)
    return sum(done.values())


async def _going_on(tables: Tables) -> list[int]:
    """Campaigns that have started and were neither cancelled nor ended; what answers people is not stopped."""
    going_on = [item for item in await live_items(tables) if item["status"] != CampaignState.CANCELLED]
    return [int(str(item["campaign_id"])) for item in going_on if item.get("kind") != CampaignKind.SERVICE]


async def scrub(tables: Tables, contact: int) -> None:
    """Take providers' words and ids out of what was sent to a contact, for good: they may hold an address (LGPD)."""
    await Enrolments(tables).scrub(await _places(tables, contact), gone=True)


async def _places(tables: Tables, contact: int) -> list[Place]:
    """Where a contact may be enrolled: campaigns are numbered."""
    newest = await counters.newest(tables, counters.CAMPAIGN)
    return [(campaign, contact) for campaign in range(1, newest + 1)]


async def told(tables: Tables, contact: int) -> list[dict[str, Any]]:
    """A contact's messages with their histories, as JSON values."""
    enrolments = Enrolments(tables)
    found = [one for one in await enrolments.load(await _places(tables, contact)) if one is not None]
    items = await tables.get_many([(CAMPAIGNS, {"campaign_id": str(one.place[0])}) for one in found])
    messages: list[dict[str, Any]] = []
    for one, campaign in zip(found, items, strict=True):
        lines = await enrolments.history(one)
        name = str(campaign["name"]) if campaign else str(one.place[0])
        messages.extend(_message(one, step, name, lines) for step in sorted(one.rows))
    return messages


def _message(one: Enrolment, step: int, campaign: str, lines: Iterable[Line]) -> dict[str, Any]:
    row = one.rows[step]
    return {
        "id": str(one.id_of(step)),
        "campaign": campaign,
        "channel": str(row.channel),
        "state": str(row.state),
        "reason": row.reason,
        "due_at": _iso(row.due_ms),
        "changed_at": _iso(row.changed_ms),
        "provider_id": row.provider_id,
        "journal": [_told(line) for line in lines if line.step == step],
    }


def _told(line: Line) -> dict[str, Any]:
    return {
        "at": _iso(line.at_ms),
        "event": line.event,
        "attempt": line.attempt,
        "reason": line.reason,
        "detail": line.detail,
        "provider_id": line.provider_id,
    }


def _iso(at_ms: int | None) -> str | None:
    return None if at_ms is None else from_ms(at_ms).isoformat(timespec="milliseconds")
