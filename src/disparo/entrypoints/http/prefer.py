"""`Prefer` (RFC 7240): how long a client would wait for an answer that may take long."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header

Preference = Annotated[
    str | None,
    Header(
        max_length=200,
        description="`respond-async`: answer at once, with 202 if it is not ready. `wait=5`: in so many seconds.",
        examples=["respond-async, wait=5"],
    ),
]

_WAIT = re.compile(r"wait\s*=\s*\"?([0-9]{1,6})\"?", re.IGNORECASE)


def wait_of(preference: str | None, usual_s: float) -> float:
    """How many seconds to wait: what is preferred, and `usual_s` at most; what we do not know is passed over."""
    said = [one.strip() for one in (preference or "").split(",")]
    waits = [int(found[1]) for one in said if (found := _WAIT.fullmatch(one))]
    if waits:
        return min(float(waits[0]), usual_s)
    return 0.0 if any(one.lower() == "respond-async" for one in said) else usual_s
