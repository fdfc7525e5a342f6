"""The Calendar API's own description (discovery document), and whether calls are within it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from disparo.simulation.emulators.google_calendar import API, Call

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    """RFC 3339: with seconds; the offset may be told beside it (`timeZone`)."""
    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"
    return not isinstance(value, str) or (bool(re.fullmatch(pattern, value)) and bool(datetime.fromisoformat(value)))


@FORMATS.checks("date", raises=ValueError)
def _is_day(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


class Discovery:
    """The document, and what it says of one call."""

    def __init__(self, contracts: Path) -> None:
        self.document = json.loads((contracts / "google_calendar" / "calendar.v3.discovery.json").read_text())

    def method(self, name: str) -> dict[str, Any]:
        resource, _, method = name.partition(".")
        found: dict[str, Any] = self.document["resources"][resource]["methods"][method]
        return found

    def parameters(self, name: str) -> dict[str, Any]:
        return {**self.document["parameters"], **self.method(name).get("parameters", {})}

    def check(self, call: Call) -> None:
        """AssertionError that says what is not within the description."""
        method = self.method(call.name)
        assert call.method == method["httpMethod"]
        path = re.sub(r"\{[A-Za-z]+\}", "[^/]+", method["path"])
        assert re.fullmatch(path, call.path.removeprefix(f"{API}/")), call.path
        parameters = self.parameters(call.name)
        for name, value in call.query.items():
            _check_parameter(name, value, parameters[name])
        if "request" in method:
            self._check_body(call, method)
        else:
            assert call.body is None
        if call.status == 200:
            self.validator(method["response"]["$ref"]).validate(call.answer)
        elif call.status == 204:
            assert "response" not in method
            assert call.answer is None

    def _check_body(self, call: Call, method: Mapping[str, Any]) -> None:
        schema = method["request"]["$ref"]
        self.validator(schema).validate(call.body)
        fields = self.document["schemas"][schema]["properties"]
        required = {
            name for name, one in fields.items() if method["id"] in one.get("annotations", {}).get("required", ())
        }
        assert required <= set(call.body)
        assert not {name for name in call.body if "Read-only" in fields[name].get("description", "")}

    def validator(self, schema: str) -> Draft202012Validator:
        return Draft202012Validator({"$ref": f"#/$defs/{schema}", "$defs": self._schemas}, format_checker=FORMATS)

    @cached_property
    def _schemas(self) -> dict[str, Any]:
        """As JSON Schema, in which no object has fields that it does not name."""
        return {name: _json_schema(one) for name, one in self.document["schemas"].items()}


def _json_schema(told: Any) -> Any:
    if isinstance(told, list):
        return [_json_schema(one) for one in told]
    if not isinstance(told, dict):
        return told
    if isinstance(told.get("$ref"), str):
        return {"$ref": f"#/$defs/{told['$ref']}"}
    kept = ("type", "format", "enum", "minimum", "maximum", "items", "additionalProperties")
    schema = {name: _json_schema(told[name]) for name in kept if name in told}
    if isinstance(told.get("properties"), dict):
        schema["properties"] = {name: _json_schema(one) for name, one in told["properties"].items()}
        schema.setdefault("additionalProperties", False)
    return schema


def _check_parameter(name: str, value: str, told: Mapping[str, Any]) -> None:
    if told["type"] == "integer":
        assert int(told.get("minimum", "0")) <= int(value) <= 2**31 - 1, name
    elif told["type"] == "boolean":
        assert value in ("true", "false"), name
    if "enum" in told:
        assert value in told["enum"], name
    if told.get("format") == "date-time":
        assert FORMATS.conforms(value, "date-time"), name
        assert value.endswith("Z"), name
