"""Gap: an event source mapping made for an alias answers with the plain function: a difference at the next plan, and a
queue that would call $LATEST.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from moto.awslambda.models import LambdaBackend

from aws_local.patches.seam import wrap


def apply() -> None:
    """The mapping's ARN is the one that it was made with."""
    wrap(LambdaBackend, "create_event_source_mapping", _for_the_alias)
    wrap(LambdaBackend, "update_event_source_mapping", _for_the_alias)


def _for_the_alias(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def mapped(self: LambdaBackend, *args: Any) -> Any:
        mapping = original(self, *args)
        wanted = str(args[-1].get("FunctionName", ""))
        if mapping is not None and wanted.startswith("arn:") and wanted.count(":") == 7:
            mapping.function_arn = wanted
        return mapping

    return mapped
