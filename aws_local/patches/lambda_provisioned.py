"""Gap: Lambda has no calls about provisioned concurrency.

What is asked for is ready at once; `$LATEST` is refused, as on AWS.
Source: AWS Lambda API reference, PutProvisionedConcurrencyConfig.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from moto.awslambda import urls
from moto.awslambda.responses import LambdaResponse

from aws_local.patches.seam import SeamError, add

PATH = r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/provisioned-concurrency/?$"
Answer = tuple[int, dict[str, Any], str]

_WANTED: dict[tuple[str, str, str], dict[str, Any]] = {}
"""Configurations by region, function and qualifier."""


def apply() -> None:
    """Put, get, list and delete."""
    if PATH in urls.url_paths:
        raise SeamError("Lambda knows provisioned concurrency by now: this patch is no longer needed")
    urls.url_paths[PATH] = LambdaResponse.dispatch
    add(LambdaResponse, "put_provisioned_concurrency_config", _put)
    add(LambdaResponse, "get_provisioned_concurrency_config", _get)
    add(LambdaResponse, "list_provisioned_concurrency_configs", _list)
    add(LambdaResponse, "delete_provisioned_concurrency_config", _delete)


def _put(self: LambdaResponse) -> Answer:
    name = _name(self)
    self.backend.get_function(name[1], name[2])
    if name[2] == "$LATEST":
        return _refusal(400, "InvalidParameterValueException", "Provisioned Concurrency Configs cannot be on $LATEST.")
    count = json.loads(self.body)["ProvisionedConcurrentExecutions"]
    _WANTED[name] = {
        "RequestedProvisionedConcurrentExecutions": count,
        "AvailableProvisionedConcurrentExecutions": count,
        "AllocatedProvisionedConcurrentExecutions": count,
        "Status": "READY",
        "LastModified": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
    }
    return 202, {"status": 202}, json.dumps(_WANTED[name])


def _get(self: LambdaResponse) -> Answer:
    if found := _WANTED.get(_name(self)):
        return 200, {}, json.dumps(found)
    return _refusal(404, "ProvisionedConcurrencyConfigNotFoundException", "No Provisioned Concurrency Config found.")


def _list(self: LambdaResponse) -> Answer:
    region, function, _ = _name(self)
    arn = self.backend.get_function(function).function_arn.removesuffix(":$LATEST")
    found = [
        {**wanted, "FunctionArn": f"{arn}:{qualifier}"}
        for (of_region, of_function, qualifier), wanted in _WANTED.items()
        if (of_region, of_function) == (region, function)
    ]
    return 200, {}, json.dumps({"ProvisionedConcurrencyConfigs": found})


def _delete(self: LambdaResponse) -> Answer:
    _WANTED.pop(_name(self), None)
    return 204, {"status": 204}, ""


def _name(self: LambdaResponse) -> tuple[str, str, str]:
    function = unquote(self.path.rstrip("/").split("/")[-2])
    return self.region, function, self.querystring.get("Qualifier", [""])[0]


def _refusal(status: int, kind: str, message: str) -> Answer:
    return status, {"status": status, "x-amzn-errortype": kind}, json.dumps({"Type": "User", "Message": message})
