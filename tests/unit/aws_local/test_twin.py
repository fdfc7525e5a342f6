"""The scene on one machine: quick, the same each time, and nothing lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("moto", reason="moto, of the group dev, is not installed")

from aws_local import twin
from aws_local.demo_scene import campaign_document, contact_file
from aws_local.ending import differences


def test_the_scene_comes_to_its_end_and_is_compared_counter_by_counter(tmp_path: Path) -> None:
    ending = twin.play(contact_file(tmp_path, 16), tmp_path)
    assert ending.proof.holds
    assert [one.rows for one in ending.steps] == [16] * 4
    assert sum(one.sent for one in ending.steps) == ending.proof.messages
    assert differences(ending, ending) == []
    first = ending.steps[0]
    other = replace(ending, steps=[replace(first, sent=first.sent - 1), *ending.steps[1:]])
    assert differences(ending, other) == [f"step 1: sent {first.sent} here, {first.sent - 1} there"]


def test_the_scene_is_the_sample_campaign_always_open() -> None:
    document = campaign_document()
    assert [step["name"] for step in document["steps"]][:2] == ["boas-vindas", "sms-sem-whatsapp"]
    assert document["hours"]["endTime"] == "24:00"
    assert not {"limits", "deadline", "audience"} & set(document)
