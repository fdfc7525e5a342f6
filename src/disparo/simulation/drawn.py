"""People, hours and limits, each drawn the same way wherever a world needs one."""

from __future__ import annotations

import random
from datetime import date

from disparo.domain.contact import ContactDraft
from disparo.domain.place import Place
from disparo.domain.policies.rate_limit import Limits
from disparo.simulation.hours_oracle import COUNTRIES, DaySpec, HoursSpec

PLACES = (
    Place("America/Sao_Paulo", "BR-SP"),
    Place("America/Manaus", "BR-AM"),
    Place("America/Recife", "BR-PE"),
    *(Place(zone) for zone in COUNTRIES),
)

# Around the clock changes of New York, London and Lisbon, Brazilian holidays, and a year's end.
DATES = tuple(
    date.fromisoformat(text)
    for text in ("2026-03-08", "2026-03-29", "2026-10-25", "2026-11-01", "2026-11-20", "2026-12-24", "2027-02-09")
)

SHIFTS = (
    ("08:00", "18:00", ("12:00", "13:00")),
    ("09:00", "12:30", None),
    ("00:00", "24:00", None),
    ("20:00", "04:00", ("00:00", "01:00")),
    ("22:00", "03:30", ("23:30", "00:30")),
    ("00:30", "02:30", None),
)

WORKDAYS = ((1, 2, 3, 4, 5), (1, 2, 3, 4, 5, 6, 7), (6, 7), (1, 3, 5))


def contact(seed: int, list_name: str, number: int) -> ContactDraft:
    """One person: the same number in every list is the same person; some have no phone or no e-mail."""
    person = random.Random(f"person {number}").random()
    draw = random.Random(f"{seed} {list_name} {number}")
    phone = None if person < 0.15 else f"+55419{80_000_000 + number}"
    email = None if 0.15 <= person < 0.35 else f"p{number}@example.com"
    variables = {"name": f"P{number}"} | ({"debt": "12"} if draw.random() < 0.8 else {})
    place = draw.choice(PLACES) if draw.random() < 0.85 else None
    return ContactDraft(
        f"{list_name}.csv:{number + 2}",
        place,
        f"P{number}",
        phone,
        phone and phone[1:],
        email,
        email,
        priority=draw.choice((1, 5, 5, 9)),
        variables=variables,
    )


def limits(draw: random.Random) -> Limits:
    """Limits small enough to bind."""

    def maybe(*choices: int) -> int | None:
        return draw.choice(choices) if draw.random() < 0.6 else None

    return Limits(maybe(1, 2, 5), maybe(3, 6, 20), maybe(6, 15, 40))


def hours(draw: random.Random) -> HoursSpec:
    """Hours of all kinds; half of the worlds are open most of the time, so that more happens in them."""
    if draw.random() < 0.4:
        return HoursSpec(DaySpec((1, 2, 3, 4, 5, 6, 7), "00:00", "24:00", None), public=False)
    zones = {zone: _day(draw) for zone in COUNTRIES if draw.random() < 0.3}
    listed = tuple(day for day in DATES if draw.random() < 0.2)
    return HoursSpec(_day(draw), zones, listed, draw.random() < 0.7, draw.random() < 0.7)


def _day(draw: random.Random) -> DaySpec:
    return DaySpec(draw.choice(WORKDAYS), *draw.choice(SHIFTS))
