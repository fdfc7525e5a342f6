"""A worker whose clock runs ahead, until nothing more is to be sent: `python channels_later.py HOURS`.

What is held in doubt is given to a person after `doubt_hold_hours`, of which the shortest is longer than a test.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

from disparo.adapters.system_clock import SystemClock
from disparo.bootstrap import App, open_app
from disparo.domain.message import MessageState
from disparo.ports.ledger import MessageFilter
from disparo.settings.load import load_settings

OPEN = frozenset(map(MessageState, ("waiting", "due", "claimed", "sending", "in_doubt")))


class Ahead(SystemClock):
    """So many hours later."""

    def __init__(self, hours: float) -> None:
        self._ahead = timedelta(hours=hours)

    def now(self) -> datetime:
        """See `Clock.now`."""
        return super().now() + self._ahead


async def work(app: App) -> None:
    """Until every message has its end."""
    worker = app.worker("depois", app.own_routes)
    running = asyncio.create_task(worker.run())
    while await app.store.ledger.page(MessageFilter(states=OPEN), None, 1):
        await asyncio.sleep(0.2)
    worker.stop()
    await running
    await app.close_channels()


if __name__ == "__main__":
    loaded = load_settings(overrides={"data": "data"}, environ=os.environ, cwd=Path.cwd())
    opened = open_app(loaded.settings, clock=Ahead(float(sys.argv[1])))
    try:
        asyncio.run(work(opened))
    finally:
        opened.close()
