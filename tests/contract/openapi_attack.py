"""Schemathesis over an application by ASGI: its OpenAPI document is taken at its word, and much more is tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.engine import events, from_schema
from starlette.types import ASGIApp

DOCUMENT = "/api/openapi.json"

CHECKS = {
    # A 404 for a made-up id is an answer to right data; whether doors open to nobody is walked in test_route_walk.
    "positive_data_acceptance": {"enabled": False},
    "ensure_resource_availability": {"enabled": False},
    "use_after_free": {"enabled": False},
    "object_level_authorization": {"enabled": False},
    "ignored_auth": {"enabled": False},
    # Whether it is still what was read is asked before whether it could be changed.
    "negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 429]},
}
STREAMS = {
    # OpenAPI 3.1 describes the whole body, a text, and not each event of it as 3.2 and this check do.
    "include-path-regex": "/events$",
    "checks": {"response_schema_conformance": {"enabled": False}},
}


@dataclass
class Attacked:
    """What came of it."""

    cases: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    reached: set[str] = field(default_factory=set)
    """Operations that did what they are there for."""
    asked: set[str] = field(default_factory=set)


def attack(api: ASGIApp, paths: str, phases: Sequence[str], examples: int, seed: int) -> Attacked:
    """Ask every operation under these paths (a pattern) all that its document allows, and much that it does not."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "continue-on-failure": True,
            "generation": {"max-examples": examples, "no-shrink": True, "with-security-parameters": False},
            "phases": {name: {"enabled": name in phases} for name in ("examples", "coverage", "fuzzing", "stateful")},
            "checks": CHECKS,
            "operations": [STREAMS, {"exclude-path-regex": paths, "enabled": False}],
        }
    )
    schema = schemathesis.openapi.from_asgi(DOCUMENT, api, config=config)
    found = Attacked()
    for event in from_schema(schema).execute():
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.NonFatalError):
            found.failures[f"{event.label}: {event.value}"] = ""
        if isinstance(event, events.ScenarioFinished):
            _note(found, event)
    return found


@schemathesis.hook("before_call")
def _alone(context: Any, case: schemathesis.Case, kwargs: Any) -> None:
    """Without the key that makes a request the same as the one before: each is to be tried (the key has own tests)."""
    for name in [one for one in case.headers or () if one.lower() == "idempotency-key"]:
        del case.headers[name]


def _note(found: Attacked, event: events.ScenarioFinished) -> None:
    recorder, label = event.recorder, str(event.label)
    found.cases += len(recorder.cases)
    found.asked.add(label)
    for case_id, interaction in recorder.interactions.items():
        if interaction.response is not None:
            found.statuses[interaction.response.status_code] += 1
            if interaction.response.status_code < 300:
                found.reached.add(label)
        for check in recorder.checks.get(case_id, ()):
            if check.failure_info is not None:
                failure: Failure = check.failure_info.failure
                known = f"{label} {check.name}: {failure.title}"
                found.failures.setdefault(known, f"{failure.message[:500]}\n{check.failure_info.code_sample[:500]}")
