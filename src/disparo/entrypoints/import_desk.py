"""What imports in parts work with, whichever door their file came through, and who works on them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

from disparo.domain.contact_import import ImportState
from disparo.domain.errors import DisparoError
from disparo.ports.clock import Clock
from disparo.ports.contact_files import ContactFiles
from disparo.ports.imports import ImportQueue, Imports
from disparo.ports.store import Store
from disparo.settings import Settings
from disparo.usecases import imports as usecase
from disparo.usecases.imports import ImportDesk

RESUMED_AFTER = timedelta(seconds=30)
"""Without a new part for so long, whoever worked on an import of this machine is taken for dead."""
LOOK_EVERY = timedelta(seconds=10)


class ImportHouse(Protocol):
    """The part of an installation that imports need."""

    @property
    def settings(self) -> Settings:
        """The settings."""
        ...

    @property
    def store(self) -> Store:
        """What the family keeps."""
        ...

    @property
    def imports(self) -> Imports:
        """The imports."""
        ...

    @property
    def contact_files(self) -> ContactFiles:
        """Where their files lie."""
        ...


class WorkingHouse(ImportHouse, Protocol):
    """The part of an installation that has imports worked on."""

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    @property
    def arrivals(self) -> ImportQueue | None:
        """Where imports wait for a function of their own; None where this process works on them."""
        ...


def desk_of(house: ImportHouse) -> ImportDesk:
    """The desk; what reads spreadsheets is imported now, not with the program."""
    from disparo.adapters.files.open_table import open_table
    from disparo.adapters.files.rejected_rows import RejectedRows

    return ImportDesk(
        imports=house.imports,
        contacts=house.store.contacts,
        files=house.contact_files,
        open_rows=open_table,
        report=RejectedRows,
        region=house.settings.default_region,
    )


async def set_going(
    house: WorkingHouse,
    import_id: str,
    later: Callable[[Callable[[], Awaitable[None]]], None],
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Have an import worked on whose file is here: by its own function, or by this process once it has answered.

    `later` is given what is to be done then. What a stop or a kill leaves undone, `tend` goes on with.
    """
    if house.arrivals is not None:
        await house.arrivals.go_on(import_id)
        return

    async def work() -> None:
        await usecase.work(desk_of(house), import_id, house.clock.now, stop=stop)

    later(work)


async def tend(house: WorkingHouse) -> None:
    """Go on, until cancelled, with imports of this machine that nobody works on any more; none on AWS."""
    if house.arrivals is not None:
        return
    while True:
        try:
            for import_id in await left_behind(house):
                await _go_on(house, import_id)
        except Exception:  # a store that is sick for a moment must not leave every later import behind
            logging.getLogger(__name__).exception("imports_not_looked_at")
        await asyncio.sleep(LOOK_EVERY.total_seconds())


async def _go_on(house: WorkingHouse, import_id: str) -> None:
    """Work on one; whatever is wrong with it keeps no other waiting."""
    log = logging.getLogger(__name__)
    try:
        await usecase.work(desk_of(house), import_id, house.clock.now)
    except DisparoError as error:
        log.error("import_failed", extra={"import": import_id, "error": str(error)})
    except Exception:
        log.exception("import_failed", extra={"import": import_id})


async def left_behind(house: WorkingHouse) -> list[str]:
    """Imports, among the latest, whose file is here and that did not move on for `RESUMED_AFTER`, oldest first."""
    now = house.clock.now()
    still = [one for one in await house.imports.page(None, 200) if now - one.changed_at >= RESUMED_AFTER]
    found = [one.id for one in still if one.state is ImportState.RUNNING]
    announced = [one for one in still if one.state is ImportState.ANNOUNCED]
    found += [one.id for one in announced if await house.contact_files.arrived(one.key)]
    return sorted(found)
