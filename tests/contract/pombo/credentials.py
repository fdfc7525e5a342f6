"""Pombo's secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from disparo.domain.errors import InputError


@dataclass(frozen=True, slots=True)
class PomboCredentials:
    """Where it is and who we are."""

    endpoint: str
    key: str = field(repr=False)


def parse(name: str, secret: Mapping[str, str]) -> PomboCredentials:
    """Read the secret; InputError that names the field."""
    for wanted in ("endpoint", "key"):
        if not secret.get(wanted):
            raise InputError(f"segredo {name}, campo {wanted}: falta")
    return PomboCredentials(secret["endpoint"], secret["key"])
