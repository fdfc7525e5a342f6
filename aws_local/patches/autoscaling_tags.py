"""Gap: Application Auto Scaling knows no tags, and Terraform waits for them for ever.

Source: Application Auto Scaling API reference, ListTagsForResource, TagResource, UntagResource.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

from aws_local.patches.seam import add, wrap

_TAGS: dict[str, dict[str, str]] = {}
"""The tags of each scalable target, by its ARN."""


def apply() -> None:
    """Tags are kept from the registration of a target on."""
    add(ApplicationAutoScalingResponse, "list_tags_for_resource", _list)
    add(ApplicationAutoScalingResponse, "tag_resource", _tag)
    add(ApplicationAutoScalingResponse, "untag_resource", _untag)
    wrap(ApplicationAutoScalingResponse, "register_scalable_target", _with_tags)


def _with_tags(original: Callable[..., str]) -> Callable[..., str]:
    @wraps(original)
    def register_scalable_target(self: ApplicationAutoScalingResponse) -> str:
        answer = original(self)
        _TAGS.setdefault(json.loads(answer)["ScalableTargetARN"], {}).update(self._get_param("Tags") or {})
        return answer

    return register_scalable_target


def _list(self: ApplicationAutoScalingResponse) -> str:
    return json.dumps({"Tags": _TAGS.get(self._get_param("ResourceARN"), {})})


def _tag(self: ApplicationAutoScalingResponse) -> str:
    _TAGS.setdefault(self._get_param("ResourceARN"), {}).update(self._get_param("Tags"))
    return "{}"


def _untag(self: ApplicationAutoScalingResponse) -> str:
    for name in self._get_param("TagKeys"):
        _TAGS.get(self._get_param("ResourceARN"), {}).pop(name, None)
    return "{}"
