from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from disparo.domain.campaign_document import CAMPAIGN_KEYS, LIMIT_KEYS
from disparo.domain.errors import NotFoundError
from disparo.domain.policies.hours_document import parse_business_hours
from disparo.domain.step_document import STEP_KEYS
from disparo.entrypoints.http.installation import ForbiddenError
from disparo.entrypoints.mcp import resources
from disparo.entrypoints.mcp.calls import Caller
from disparo.entrypoints.mcp.campaign_schema import CAMPAIGN_SCHEMA
from tests.tidy.source_tree import ROOT
from tests.unit.entrypoints.mcp.conftest import OPERATOR, STEPS, Assistant

DOCUMENT: dict[str, Any] = {"name": "oi", "list": "lista", "steps": STEPS}


def _read(assistant: Assistant, uri: str, caller: Caller = OPERATOR) -> str:
    return asyncio.run(resources.read(assistant.calls.asked(caller), uri))[1]


def test_the_schema_knows_every_key_of_a_campaign() -> None:
    Draft202012Validator.check_schema(CAMPAIGN_SCHEMA)
    shape = CAMPAIGN_SCHEMA["properties"]
    assert set(shape) == set(CAMPAIGN_KEYS) - {"audience"}  # a file beside it, which programs have not
    assert set(shape["steps"]["items"]["properties"]) == set(STEP_KEYS)
    assert set(shape["limits"]["additionalProperties"]["properties"]) == set(LIMIT_KEYS)


def test_a_campaign_as_it_is_kept_is_as_the_schema_says(assistant: Assistant) -> None:
    asyncio.run(assistant.draft())
    kept = json.loads(_read(assistant, "disparo://campaigns/oi"))
    Draft202012Validator(CAMPAIGN_SCHEMA).validate(kept)
    assert parse_business_hours(kept["hours"])


@pytest.mark.parametrize(
    "change",
    [{"x": "y"}, {"steps": []}, {"steps": [{"channel": "fax", "text": "a"}]}, {"limits": {"sms": {"x": 1}}}],
)
def test_what_is_no_campaign_is_none_by_the_schema(change: dict[str, Any]) -> None:
    assert Draft202012Validator(CAMPAIGN_SCHEMA).is_valid(DOCUMENT)
    assert not Draft202012Validator(CAMPAIGN_SCHEMA).is_valid({**DOCUMENT, **change})


def test_what_is_promised_is_the_page_of_the_documentation(assistant: Assistant) -> None:
    page = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
    assert _read(assistant, "disparo://guarantees") == page


def test_codes_and_limits_can_be_read(assistant: Assistant) -> None:
    assert json.loads(_read(assistant, "disparo://reason-codes"))["codes"]["lane_closed"]
    assert json.loads(_read(assistant, "disparo://limits"))["values"]["rate_limit_sms_burst"] == 5


def test_a_contact_is_told_to_whom_may_know(assistant: Assistant) -> None:
    [contact_id, _] = asyncio.run(assistant.house.people(2))
    assert "Pessoa 0" in _read(assistant, f"disparo://contacts/{contact_id}")
    narrowed = Caller(replace(OPERATOR.principal, resources=frozenset({"campaigns"})), writes=True)
    with pytest.raises(ForbiddenError):
        _read(assistant, f"disparo://contacts/{contact_id}", narrowed)


@pytest.mark.parametrize(
    "name", ["", "nada", "contacts/999", "contacts/1/2", "contacts/..%2F", "campaigns/" + "a" * 999]
)
def test_what_is_not_there_is_not_found(assistant: Assistant, name: str) -> None:
    with pytest.raises(NotFoundError):
        _read(assistant, f"disparo://{name}")
