"""Alarms as JSON documents, as stores keep them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from disparo.domain.alarm import AlarmChange, AlarmName, AlarmStanding, AlarmState, Unit
from disparo.domain.instants import from_ms, to_ms

Document = dict[str, Any]


def standing_document(one: AlarmStanding) -> Document:
    """A standing; instants are milliseconds."""
    return {
        "name": str(one.name),
        "state": str(one.state),
        "since": to_ms(one.since),
        "checked": to_ms(one.checked_at),
        "value": one.value,
        "threshold": one.threshold,
        "unit": str(one.unit),
        "about": list(one.about),
        "above": None if one.above_since is None else to_ms(one.above_since),
    }


def parse_standing(document: Mapping[str, Any]) -> AlarmStanding | None:
    """The inverse of `standing_document`; None for an alarm that this program does not know (any more)."""
    if document["name"] not in frozenset(AlarmName):
        return None
    return AlarmStanding(
        AlarmName(document["name"]),
        AlarmState(document["state"]),
        from_ms(document["since"]),
        from_ms(document["checked"]),
        document["value"],
        document["threshold"],
        Unit(document["unit"]),
        tuple(document["about"]),
        None if document["above"] is None else from_ms(document["above"]),
    )


def change_document(one: AlarmChange) -> Document:
    """What of a change stays as it is."""
    return {"was": str(one.was), "standing": standing_document(one.standing)}


def parse_change(
    document: Mapping[str, Any], waiting: frozenset[str], told: Mapping[str, datetime]
) -> AlarmChange | None:
    """The inverse of `change_document`; None for an alarm that this program does not know (any more)."""
    standing = parse_standing(document["standing"])
    return None if standing is None else AlarmChange(AlarmState(document["was"]), standing, waiting, dict(told))
