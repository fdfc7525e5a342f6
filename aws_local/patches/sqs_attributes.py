"""Gap: SQS knows no RedriveAllowPolicy (Terraform waits for it for ever), answers RedrivePolicy with blanks in it (a
difference at the next plan), and forgets a queue's Policy whenever another attribute is set.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from moto.sqs.models import Queue

from aws_local.patches.seam import SeamError, replace, wrap

ALLOW = "RedriveAllowPolicy"


def apply() -> None:
    """Attributes come back as they were set."""
    if ALLOW in Queue.BASE_ATTRIBUTES:
        raise SeamError(f"Queue knows {ALLOW} by now: this patch is no longer needed")
    Queue.BASE_ATTRIBUTES.append(ALLOW)
    Queue.redrive_allow_policy = None  # type: ignore[attr-defined]
    wrap(Queue, "_set_attributes", _keeping_the_policy)
    original = Queue.__dict__["attributes"].fget
    replace(Queue, "attributes", property(_compact(original)))


def _keeping_the_policy(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def _set_attributes(self: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
        if "Policy" not in attributes and hasattr(self, "_policy_json"):
            attributes = {**attributes, "Policy": self.policy}
        original(self, attributes, now)

    return _set_attributes


def _compact(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def attributes(self: Queue) -> dict[str, Any]:
        found: dict[str, Any] = original(self)
        if found.get("RedrivePolicy"):
            found["RedrivePolicy"] = json.dumps(json.loads(found["RedrivePolicy"]), separators=(",", ":"))
        return {name: value for name, value in found.items() if value not in (None, "")}

    return attributes
