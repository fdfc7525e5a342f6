"""How a function opens the installation: from its environment, when its first event comes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from disparo.bootstrap import App


def open_installation() -> App:
    """The installation that the environment's `DISPARO_...` settings describe; InputError for what is wrong in them."""
    from disparo.bootstrap import open_app
    from disparo.settings import load_settings

    return open_app(load_settings(environ=os.environ, cwd=Path.cwd()))
