"""The limiter on schedules that can be followed on paper; that no window overflows is in the property tests."""

from __future__ import annotations

from datetime import timedelta

import pytest

from disparo.domain.errors import InputError
from disparo.domain.policies.rate_limit import (
    HISTORY_KEPT,
    MOMENT_TOLERANCE,
    Grant,
    Limits,
    PermitBook,
    reserve,
)

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
NOON = 1_700_000_000_000


def book(name: str = "whatsapp", **limits: int) -> PermitBook:
    return PermitBook(name, Limits(**limits))


def test_a_book_without_limits_gives_everything_at_once() -> None:
    assert reserve([book()], 1_000_000, NOON) == Grant(((NOON, 1_000_000),))


def test_nothing_asked_is_nothing_given() -> None:
    asked = book(burst=1)
    assert reserve([asked], 0, NOON) == Grant(())
    assert asked == book(burst=1)


def test_the_first_permits_come_at_once_and_the_rest_a_stretched_minute_later() -> None:
    whatsapp = book(burst=10)
    assert reserve([whatsapp], 25, NOON) == Grant(((NOON, 10),), NOON + 61 * SECOND, "whatsapp:burst")
    assert reserve([whatsapp], 15, NOON + 61 * SECOND - 1).count == 0
    assert reserve([whatsapp], 15, NOON + 61 * SECOND).count == 10


def test_permits_that_came_apart_return_apart() -> None:
    whatsapp = book(burst=3)
    for second in (0, 10, 40):
        assert reserve([whatsapp], 1, NOON + second * SECOND).count == 1
    later = reserve([whatsapp], 3, NOON + 50 * SECOND, HOUR)
    assert [at - NOON for at, _ in later.runs] == [61 * SECOND, 71 * SECOND, 101 * SECOND]


@pytest.mark.parametrize(
    ("window", "length"),
    [("burst", MINUTE), ("hourly", HOUR), ("daily", DAY)],
    ids=["burst", "hourly", "daily"],
)
def test_each_window_has_its_length_and_gives_its_name_as_the_reason(window: str, length: int) -> None:
    sms = book("sms", **{window: 2})
    assert reserve([sms], 3, NOON) == Grant(((NOON, 2),), NOON + length + SECOND, f"sms:{window}")


def test_the_window_that_frees_last_decides() -> None:
    whatsapp = book(burst=10, hourly=15)
    grant = reserve([whatsapp], 30, NOON, 2 * MINUTE)
    assert grant == Grant(((NOON, 10), (NOON + 61 * SECOND, 5)), NOON + HOUR + SECOND, "whatsapp:hourly")


def test_the_prod_profile_sends_a_thousand_in_an_hour() -> None:
    """Source document, PROD: 50 in a burst and 1,000 an hour, so the burst ends after 20 stretched minutes."""
    grant = reserve([book(burst=50, hourly=1_000)], 1_001, NOON, HOUR)
    assert grant.runs == tuple((NOON + number * 61 * SECOND, 50) for number in range(20))
    assert (grant.next_at_ms, grant.reason) == (NOON + HOUR + SECOND, "whatsapp:hourly")


@pytest.mark.parametrize(
    ("window", "limit", "days", "periods"),
    [("burst", 10, 1, 1_417), ("burst", 1, 1, 1_417), ("hourly", 100, 30, 720), ("daily", 40, 500, 500)],
)
def test_a_sender_that_only_waits_for_its_limit_uses_98_percent_of_it(
    window: str, limit: int, days: int, periods: int
) -> None:
    """A window comes round every 61 s (1,417 times a day), 3,601 s or 86,401 s; whoever asks late loses more."""
    sms, now = book("sms", **{window: limit}), NOON
    while now < NOON + days * DAY:
        now = reserve([sms], 10_000, now).next_at_ms or now
    assert sms.given == limit * periods
    assert sms.given >= 0.98 * limit * days * DAY / {"burst": MINUTE, "hourly": HOUR, "daily": DAY}[window]


def test_a_permit_is_written_in_all_books_or_in_none() -> None:
    sender, campaign = book(burst=10), book("whatsapp/7", burst=4)
    assert reserve([sender, campaign], 6, NOON) == Grant(((NOON, 4),), NOON + 61 * SECOND, "whatsapp/7:burst")
    assert (sender.given, campaign.given) == (4, 4)
    other = book("whatsapp/8")
    assert reserve([sender, other], 7, NOON) == Grant(((NOON, 6),), NOON + 61 * SECOND, "whatsapp:burst")
    assert (sender.given, campaign.given, other.given) == (10, 4, 6)


def test_a_horizon_gives_moments_ahead_and_includes_its_end() -> None:
    grant = reserve([book(burst=1)], 5, NOON, 122 * SECOND)
    assert grant == Grant(
        ((NOON, 1), (NOON + 61 * SECOND, 1), (NOON + 122 * SECOND, 1)), NOON + 183 * SECOND, "whatsapp:burst"
    )


def test_a_second_look_ahead_does_not_reach_beyond_its_own_horizon() -> None:
    whatsapp = book(burst=1)
    assert reserve([whatsapp], 9, NOON, 100 * SECOND).runs[-1] == (NOON + 61 * SECOND, 1)
    again = reserve([whatsapp], 9, NOON + SECOND, 100 * SECOND)
    assert again == Grant((), NOON + 122 * SECOND, "whatsapp:burst")


def test_a_clock_that_was_set_back_gets_no_second_helping() -> None:
    whatsapp = book(burst=3)
    assert reserve([whatsapp], 2, NOON).count == 2
    an_hour_ago = reserve([whatsapp], 5, NOON - HOUR)
    assert an_hour_ago == Grant(((NOON, 1),), NOON + 61 * SECOND, "whatsapp:burst")
    assert reserve([whatsapp], 5, NOON - MINUTE).count == 0
    assert reserve([whatsapp], 5, NOON + 61 * SECOND).count == 3


def test_the_latest_permit_of_any_book_is_where_time_stands_still() -> None:
    sender, campaign = book(), book("whatsapp/7")
    reserve([sender], 1, NOON)
    assert reserve([sender, campaign], 1, NOON - HOUR).runs == ((NOON, 1),)
    assert campaign.last_at_ms == NOON


def test_after_a_limit_is_lowered_nothing_is_given_until_the_window_has_room() -> None:
    whatsapp = book(hourly=10)
    for minute in range(10):
        reserve([whatsapp], 1, NOON + minute * MINUTE)
    whatsapp.limits = Limits(hourly=4)
    grant = reserve([whatsapp], 1, NOON + 10 * MINUTE)
    assert grant == Grant((), NOON + 6 * MINUTE + HOUR + SECOND, "whatsapp:hourly")


def test_after_a_limit_is_raised_the_difference_is_there_at_once() -> None:
    whatsapp = book(hourly=10)
    reserve([whatsapp], 10, NOON)
    whatsapp.limits = Limits(hourly=12)
    assert reserve([whatsapp], 5, NOON + MINUTE).runs == ((NOON + MINUTE, 2),)


def test_a_limit_that_is_added_counts_what_was_given_before() -> None:
    whatsapp = book(burst=50)
    reserve([whatsapp], 50, NOON)
    whatsapp.limits = Limits(burst=50, daily=60)
    assert reserve([whatsapp], 50, NOON + HOUR).count == 10


def test_a_limit_that_is_taken_away_no_longer_holds() -> None:
    whatsapp = book(daily=1)
    reserve([whatsapp], 1, NOON)
    whatsapp.limits = Limits()
    assert reserve([whatsapp], 5, NOON).count == 5


def test_a_copy_can_be_tried_without_touching_the_book() -> None:
    whatsapp = book(burst=10)
    reserve([whatsapp], 3, NOON)
    before = (whatsapp.given, whatsapp.last_at_ms, whatsapp.firsts[:], whatsapp.ats[:])
    tried = whatsapp.copy()
    assert tried == whatsapp
    assert reserve([tried], 20, NOON + SECOND, HOUR).count == 20
    assert (whatsapp.given, whatsapp.last_at_ms, whatsapp.firsts, whatsapp.ats) == before


def test_permits_of_one_instant_are_one_run() -> None:
    whatsapp = book(burst=10)
    for _ in range(4):
        reserve([whatsapp], 2, NOON)
    assert (whatsapp.firsts, whatsapp.ats, whatsapp.given) == ([0], [NOON], 8)


def test_history_is_kept_as_long_as_the_longest_window_can_look_back() -> None:
    assert timedelta(days=1) + MOMENT_TOLERANCE == HISTORY_KEPT
    assert timedelta(seconds=1) == MOMENT_TOLERANCE


@pytest.mark.parametrize("limits", [{"burst": 0}, {"hourly": -1}, {"burst": 5, "daily": 0}])
def test_a_limit_below_one_is_refused_by_name(limits: dict[str, int]) -> None:
    wrong = next(name for name, limit in limits.items() if limit < 1)
    with pytest.raises(InputError, match=f"limite {wrong} = {limits[wrong]}:"):
        Limits(**limits)
