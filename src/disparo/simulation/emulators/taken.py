"""What the emulators took: who was messaged, with what, and how often."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Taken:
    """One message that a provider took, answered or not.

    `references` are the sender's own values that travelled with it: `biz_opaque_callback_data`, the `custom_args`, the
    values in the StatusCallback's query.
    """

    provider: str
    id: str
    to: str
    text: str
    at: datetime
    references: tuple[str, ...] = ()
    subject: str | None = None
    html: str | None = None
    kind: str = "text"


class TakenLog:
    """Everything that was taken since the start, in its order; in a file of JSON lines too, where one is given."""

    def __init__(self, path: Path | None = None) -> None:
        self.everything: list[Taken] = []
        self.listeners: list[Callable[[Taken], None]] = []
        # By lines: whoever reads it meanwhile, or after a kill, finds everything.
        self._file = None if path is None else path.open("a", encoding="utf-8", buffering=1)

    def add(self, taken: Taken) -> None:
        """Note one."""
        self.everything.append(taken)
        if self._file is not None:
            self._file.write(json.dumps(asdict(taken), ensure_ascii=False, default=datetime.isoformat) + "\n")
        for listener in self.listeners:
            listener(taken)

    def of(self, provider: str) -> list[Taken]:
        """What one provider took."""
        return [taken for taken in self.everything if taken.provider == provider]

    def times(self) -> Counter[str]:
        """How often each reference was taken: more than once is a message sent twice."""
        return Counter(reference for taken in self.everything for reference in taken.references)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
