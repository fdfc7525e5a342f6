"""A process that has imports worked on, as `disparo serve` does beside everything else; it looks often."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from disparo.bootstrap import open_app
from disparo.entrypoints import import_desk
from disparo.settings import Settings


def main(data: Path) -> None:
    """Work on the imports of a data directory until killed."""
    import_desk.RESUMED_AFTER = timedelta(0)
    import_desk.LOOK_EVERY = timedelta(milliseconds=50)
    asyncio.run(import_desk.tend(open_app(Settings(data=data))))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
