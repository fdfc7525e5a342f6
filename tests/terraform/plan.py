"""A plan as Terraform prints it in JSON, and what tests ask of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

Values = Mapping[str, Any]


class Plan:
    """Resources that are to be made, by type, module and key; what is known only after apply is not in them."""

    def __init__(self, document: Mapping[str, Any], said: str) -> None:
        self.document = document
        self.said = said
        self._resources = list(_resources(document["planned_values"]["root_module"]))

    def all(self, kind: str, module: str = "") -> dict[str, Values]:
        """Every resource of a type by its key (else its name), in the modules whose address has `module` in it."""
        return {
            str(one.get("index", one["name"])): one["values"]
            for one in self._resources
            if one["type"] == kind and one["mode"] == "managed" and f"module.{module}" in one["address"]
        }

    def each(self, kind: str) -> list[Values]:
        """Every resource of a type, where two may have the same key."""
        return [one["values"] for one in self._resources if one["type"] == kind and one["mode"] == "managed"]

    def kinds(self) -> set[str]:
        """The types of all resources."""
        return {one["type"] for one in self._resources if one["mode"] == "managed"}

    def alarms(self) -> dict[str, Values]:
        """Every alarm by its name."""
        return {one["alarm_name"]: one for one in self.each("aws_cloudwatch_metric_alarm")}

    def statements(self, function: str) -> list[Values]:
        """What the role of a function is allowed, statement by statement, with lists where there may be one only."""
        policy = json.loads(self.all("aws_iam_role_policy", "functions")[function]["policy"])
        return [
            {**one, "Action": _listed(one["Action"]), "Resource": _listed(one["Resource"])}
            for one in policy["Statement"]
        ]

    def secrets_of(self, function: str) -> set[str]:
        """The names of the secrets that a function may read, without the environment's part."""
        return {
            resource.rpartition("/")[2].removesuffix("-??????")
            for one in self.statements(function)
            if "secretsmanager:GetSecretValue" in one["Action"]
            for resource in one["Resource"]
        }

    def output(self, name: str) -> Any:
        """An output, as far as it is known."""
        return self.document["output_changes"][name]["after"]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from _resources(child)
