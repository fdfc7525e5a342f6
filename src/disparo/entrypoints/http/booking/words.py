"""What the pages say, in each of their languages."""

from __future__ import annotations

from collections.abc import Mapping

from disparo.entrypoints.http.booking.words_en import ENGLISH
from disparo.entrypoints.http.booking.words_pt import PORTUGUESE

TAGS: Mapping[str, str] = {"pt": "pt-BR", "en": "en"}
"""The languages, and how pages name them (BCP 47)."""


def words_of(language: str) -> Mapping[str, str]:
    """Every sentence by its key; the keys are the same in all languages."""
    return ENGLISH if language == "en" else PORTUGUESE
