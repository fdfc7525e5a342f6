"""The document of an endpoint: the JSON that stores keep."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from disparo.domain.instants import from_ms, to_ms
from disparo.domain.webhook import Endpoint, EndpointState, EventType


def endpoint_document(endpoint: Endpoint) -> dict[str, Any]:
    """An endpoint as JSON values, without its id and revision; `parse_endpoint` reads back the same one."""
    return {
        "url": endpoint.url,
        "secret": endpoint.secret,
        "created_at": to_ms(endpoint.created_at),
        "types": sorted(endpoint.types),
        "include_personal": endpoint.include_personal,
        "description": endpoint.description,
        "previous_secret": endpoint.previous_secret,
        "previous_until": _ms(endpoint.previous_until),
        "state": endpoint.state,
        "disabled_reason": endpoint.disabled_reason,
        "disabled_at": _ms(endpoint.disabled_at),
        "failing_since": _ms(endpoint.failing_since),
        "faults": endpoint.faults,
        "rests_until": _ms(endpoint.rests_until),
    }


def parse_endpoint(endpoint_id: str, revision: int, document: Mapping[str, Any]) -> Endpoint:
    """The endpoint of a document; types that are not known any more are passed over."""
    known = set(EventType)
    return Endpoint(
        id=endpoint_id,
        url=document["url"],
        secret=document["secret"],
        created_at=from_ms(document["created_at"]),
        types=frozenset(EventType(one) for one in document["types"] if one in known),
        include_personal=document["include_personal"],
        description=document["description"],
        previous_secret=document["previous_secret"],
        previous_until=_instant(document["previous_until"]),
        state=EndpointState(document["state"]),
        disabled_reason=document["disabled_reason"],
        disabled_at=_instant(document["disabled_at"]),
        failing_since=_instant(document["failing_since"]),
        faults=document["faults"],
        rests_until=_instant(document["rests_until"]),
        revision=revision,
    )


def _ms(at: datetime | None) -> int | None:
    return None if at is None else to_ms(at)


def _instant(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else from_ms(at_ms)
