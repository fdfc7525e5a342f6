"""The installation for a command that asks hosts' calendars."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from disparo.entrypoints.cli.session import Session

if TYPE_CHECKING:
    from disparo.bootstrap import App


@asynccontextmanager
async def at_desk(session: Session) -> AsyncIterator[App]:
    """The installation; what calendars keep open is closed at the end."""
    with session.open() as app:
        try:
            yield app
        finally:
            await app.close_calendars()
