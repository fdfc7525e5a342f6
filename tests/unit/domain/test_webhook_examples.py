from __future__ import annotations

import json
import re
from pathlib import Path

from disparo.domain.webhook import EventType
from disparo.domain.webhook_examples import EXAMPLES

PAGE = Path(__file__).parents[3] / "docs" / "webhooks.md"
SHOWN = re.compile(r"### `([a-z._]+)`\n\n.+?\n\n```json\n(.+?)\n```", re.DOTALL)


def test_the_page_shows_each_event_with_its_example() -> None:
    shown = {name: json.loads(text) for name, text in SHOWN.findall(PAGE.read_text(encoding="utf-8"))}
    assert shown == {str(kind): dict(EXAMPLES[kind]) for kind in EventType}
