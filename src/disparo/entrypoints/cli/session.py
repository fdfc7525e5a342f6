"""What every command gets: the general options, the settings behind them, and where to write."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from cyclopts import Parameter

from disparo.domain.errors import NotFoundError, StoreError
from disparo.entrypoints.cli.printing import Output

if TYPE_CHECKING:
    from disparo.bootstrap import App
    from disparo.settings import LoadedSettings, Settings


@dataclass(frozen=True)
class Session:
    """One run of the program.

    `data`, `config` and `tfvars` are as they were given; `settings` are read when first asked for, and raise
    InputError for what is wrong in them.
    """

    out: Output
    data: Path | None = None
    config: Path | None = None
    tfvars: Path | None = None
    debug: bool = False
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    cwd: Path = field(default_factory=Path.cwd)
    declined: list[str] = field(default_factory=list)
    """The questions that were answered with no: then nothing was done."""

    @cached_property
    def loaded(self) -> LoadedSettings:
        """The settings, and where each came from."""
        return self.read_settings()

    def read_settings(self) -> LoadedSettings:
        """The settings as their files are now."""
        from disparo.settings import load_settings

        return load_settings(
            config=self.config,
            tfvars=self.tfvars,
            overrides={"data": self.data},
            environ=self.environ,
            cwd=self.cwd,
        )

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self.loaded.settings

    @property
    def zone(self) -> str:
        """In which zone instants are shown that belong to no campaign."""
        return str(self.settings.hours_document().get("timezone", self.settings.business_hours_timezone))

    @property
    def logs_json(self) -> bool:
        """Whether log lines are JSON."""
        return self.out.json or self.settings.log_format == "json"

    @contextmanager
    def open(self, *, create: bool = False) -> Iterator[App]:
        """The installation, closed at the end of the block.

        Raises NotFoundError where there are no data yet, unless `create`: whoever only looks is in the wrong folder.
        """
        from disparo.bootstrap import DATABASE, open_app

        folder, embedded = self.settings.data, self.settings.store == "embedded"
        if embedded and not create and not (folder / DATABASE).exists():
            raise NotFoundError(
                f"{folder}: ainda não há dados aqui; comece com «disparo import ARQUIVO», ou aponte a pasta com --data"
            )
        try:
            app = open_app(self.loaded)
        except OSError as error:
            raise StoreError(
                f"{folder}: a pasta de dados não pode ser usada ({error.strerror}); escolha outra com --data"
            ) from error
        try:
            yield app
        finally:
            app.close()

    def confirm(self, question: str, *, yes: bool) -> bool:
        """Whether to go on with what cannot be undone: asked on a terminal only, and not when `yes` was said."""
        if yes or not self.out.terminal or not sys.stdin.isatty():
            return True
        self.out.note(f"{question} [s/N]", end=" ")
        agreed = sys.stdin.readline().strip().lower() in ("s", "sim", "y", "yes")
        if not agreed:
            self.declined.append(question)
        return agreed


GivenSession: TypeAlias = Annotated[Session, Parameter(parse=False)]
"""A command's session; it comes from the launcher, not from the command line."""
