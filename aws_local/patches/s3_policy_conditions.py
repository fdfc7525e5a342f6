"""Gap: S3 takes a refusal under a condition for one without: "no unencrypted transport" then refuses everything.

Here refusals with conditions are left out, as if their conditions never held: nothing here is encrypted anyway.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from moto.iam.access_control import IAMPolicy
from moto.s3.models import FakeBucket

from aws_local.patches.seam import wrap


def apply() -> None:
    """Only refusals without a condition refuse."""
    wrap(FakeBucket, "get_permission", _without_conditions)


def _without_conditions(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def get_permission(self: Any, action: str, resource: str) -> Any:
        if self.policy is None:
            return original(self, action, resource)
        policy = json.loads(self.policy)
        statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
        policy["Statement"] = [one for one in statements if one["Effect"] == "Allow" or not one.get("Condition")]
        return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)

    return get_permission
