"""Settings: what can be set, where it is read from, and what is odd about it."""

from __future__ import annotations

from disparo.settings.advice import check_settings
from disparo.settings.load import LoadedSettings, load_settings
from disparo.settings.model import Settings
from disparo.settings.notice import Advice
from disparo.settings.profiles import profile_settings
from disparo.settings.sources import Rank, Source
from disparo.settings.table import settings_table

__all__ = [
    "Advice",
    "LoadedSettings",
    "Rank",
    "Settings",
    "Source",
    "check_settings",
    "load_settings",
    "profile_settings",
    "settings_table",
]
