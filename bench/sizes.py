"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Numbers of things, and how many alternating rounds the medians are of."""

    rounds: int
    messages: int
    small_backlog: int
    large_backlog: int
    claims: int
    closed_lanes: int
    csv_rows: int
    xlsx_rows: int
    forecast: int
    import_rounds: int = 1
    console_contacts: int = 10_000
    console_seconds: int = 5


FULL = Sizes(
    rounds=5,
    messages=30_000,
    small_backlog=10_000,
    large_backlog=1_000_000,
    claims=80,
    closed_lanes=50,
    csv_rows=1_000_000,
    xlsx_rows=200_000,
    forecast=10_000,
    import_rounds=3,
    console_contacts=1_000_000,
    console_seconds=20,
)

QUICK = Sizes(
    rounds=2,
    messages=5_000,
    small_backlog=10_000,
    large_backlog=100_000,
    claims=40,
    closed_lanes=50,
    csv_rows=50_000,
    xlsx_rows=10_000,
    forecast=2_000,
)

SMOKE = Sizes(
    rounds=1,
    messages=100,
    small_backlog=200,
    large_backlog=400,
    claims=2,
    closed_lanes=3,
    csv_rows=300,
    xlsx_rows=100,
    forecast=50,
    console_contacts=500,
    console_seconds=1,
)
