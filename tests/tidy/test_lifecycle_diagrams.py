"""The diagrams of the documentation are the tables of the code."""

from __future__ import annotations

import re

from disparo.domain.agenda.meeting import MeetingState
from disparo.domain.campaign import CampaignState
from disparo.domain.message import MessageState
from tests.tidy.lifecycle_diagrams import PAGE, with_diagrams


def test_the_diagrams_are_the_tables() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_diagrams(page), "run: python -m tests.tidy.lifecycle_diagrams"


def test_every_state_is_explained() -> None:
    explained = set(re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.M))
    assert explained == {*MessageState, *CampaignState, *MeetingState}
