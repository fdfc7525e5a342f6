"""What counts say: numbers, rates, times."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from disparo.domain.figure import BOUNDS_MS, Counted, Figure, Series, Times, count_time, figure_of, part, together

MS = timedelta(milliseconds=1)


def times_of(*took_ms: float) -> Times:
    counts: Counter[Series] = Counter()
    for took in took_ms:
        count_time(counts, "sms", "1", took * MS)
    return figure_of(counts).times


def test_rates_are_percentages_of_what_came_to_an_end() -> None:
    figure = Figure(sent=95, failed=5, agreed=1, not_agreed=3, held=9, no_show=1)
    assert (figure.failed_rate, figure.confirmation_rate, figure.no_show_rate) == (5.0, 25.0, 10.0)


def test_of_nothing_there_is_no_rate_and_no_time() -> None:
    figure = Figure()
    assert (figure.failed_rate, figure.confirmation_rate, figure.no_show_rate) == (None, None, None)
    assert (figure.times.mean, figure.times.quantile(0.95), figure.times.slowest) == (None, None, None)


def test_the_mean_is_exact_and_quantiles_are_those_of_their_class() -> None:
    times = times_of(*[10] * 94, 700, 700, 700, 3000, 3000, 9000)
    assert times.mean == (94 * 10 + 3 * 700 + 6000 + 9000) / 100 * MS
    assert times.quantile(0.5) == 50 * MS
    assert times.quantile(0.95) == 1000 * MS
    assert times.slowest == 10_000 * MS


def test_what_is_slower_than_every_class_is_said_to_be_the_last_bound() -> None:
    times = times_of(100_000)
    assert times.classes == (0,) * len(BOUNDS_MS)
    assert times.quantile(0.95) == times.slowest == BOUNDS_MS[-1] * MS


@pytest.mark.parametrize(("took_ms", "place"), [(0, 0), (50, 0), (51, 1), (-5, 0), (30_000, 8)])
def test_a_time_lies_in_the_class_whose_bound_it_does_not_exceed(took_ms, place) -> None:
    assert [at for at, count in enumerate(times_of(took_ms).classes) if count] == [place]


def test_a_clock_that_was_set_back_makes_no_negative_time() -> None:
    assert times_of(-100).mean == timedelta(0)


def test_parts_are_of_a_channel_of_a_campaign_or_of_neither() -> None:
    counts = {
        Series("sms", "1", Counted.SENT): 1,
        Series("sms", "2", Counted.SENT): 2,
        Series("email", "1", Counted.SENT): 4,
        Series("sms", "", Counted.LIMITED): 8,
    }
    assert figure_of(part(counts, channel="sms")).sent == 3
    assert figure_of(part(counts, campaign_id="1")).sent == 5
    assert figure_of(part(counts, channel="sms", campaign_id="1")).sent == 1
    assert figure_of(part(counts, campaign_id="")).limited == 8
    assert figure_of(together([counts, counts])).sent == 14


def test_counts_of_another_version_change_nothing() -> None:
    assert figure_of({Series("sms", "1", "of_next_year"): 5}) == Figure()
