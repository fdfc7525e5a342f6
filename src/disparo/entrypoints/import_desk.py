"""What imports in parts work with, whichever door their file came through."""

from __future__ import annotations

from typing import Protocol

from disparo.ports.contact_files import ContactFiles
from disparo.ports.imports import Imports
from disparo.ports.store import Store
from disparo.settings import Settings
from disparo.usecases.imports import ImportDesk


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
