"""Gap: Lambda has no calls about recursive loops (a function that writes to the queue which calls it).

Source: AWS Lambda API reference, PutFunctionRecursionConfig.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from moto.awslambda import urls
from moto.awslambda.responses import LambdaResponse

from aws_local.patches.seam import SeamError, add

PATH = r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/recursion-config/?$"
DEFAULT = "Terminate"

_WANTED: dict[tuple[str, str], str] = {}
"""What is to happen with a loop, by region and function."""


def apply() -> None:
    """Put and get."""
    if PATH in urls.url_paths:
        raise SeamError("Lambda knows recursion configurations by now: this patch is no longer needed")
    urls.url_paths[PATH] = LambdaResponse.dispatch
    add(LambdaResponse, "put_function_recursion_config", _put)
    add(LambdaResponse, "get_function_recursion_config", _get)


def _put(self: LambdaResponse) -> tuple[int, dict[str, Any], str]:
    _WANTED[_name(self)] = json.loads(self.body)["RecursiveLoop"]
    return _get(self)


def _get(self: LambdaResponse) -> tuple[int, dict[str, Any], str]:
    name = _name(self)
    self.backend.get_function(name[1])
    return 200, {}, json.dumps({"RecursiveLoop": _WANTED.get(name, DEFAULT)})


def _name(self: LambdaResponse) -> tuple[str, str]:
    return self.region, unquote(self.path.rstrip("/").split("/")[-2])
