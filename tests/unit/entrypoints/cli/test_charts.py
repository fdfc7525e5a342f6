from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from disparo.domain.contact import Channel
from disparo.entrypoints.cli.charts import bar, day_bars, hour_strips
from disparo.simulation.forecast import Period

MIDNIGHT = datetime(2026, 11, 13, tzinfo=ZoneInfo("America/Sao_Paulo"))


def period(after: timedelta, messages: Mapping[Channel, int], *, is_open: bool = True) -> Period:
    return Period(MIDNIGHT + after, messages, is_open)


def hours(*counts: int) -> list[Period]:
    """From 08:00 on; a negative count is a closed hour."""
    return [
        period(timedelta(hours=8 + number), {Channel.WHATSAPP: count} if count > 0 else {}, is_open=count >= 0)
        for number, count in enumerate(counts)
    ]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_strips_and_bars_fit_the_terminal(width: int) -> None:
    days = [period(timedelta(days=n), {Channel.WHATSAPP: 12_345, Channel.SMS: n}) for n in range(30)]
    lines = hour_strips(hours(12_345, 0, -1, 7), width, 7) + day_bars(days, width, 21)
    assert max(line.cell_len for line in lines) <= width


def test_an_hour_is_as_high_as_it_has_messages_and_shaded_when_closed() -> None:
    _, strip, legend = hour_strips(hours(100, 50, 1, 0, -1), 45, 7)
    assert strip.plain == f"{'sex 13/11':<11}        █▄▁·░           {'151':>9}"
    assert "100 por hora" in legend.plain


def test_a_bar_shows_every_channel_that_sent_anything_without_colours() -> None:
    parts = {Channel.WHATSAPP: 50, Channel.EMAIL: 50, Channel.SMS: 1}
    assert bar(parts, 101, 20).plain == "█" * 10 + "▓" * 10 + "▒"


def test_days_beyond_the_last_one_shown_are_told_in_one_line() -> None:
    days = [period(timedelta(days=n), {Channel.SMS: 10}) for n in range(5)]
    lines = [line.plain.strip() for line in day_bars(days, 80, 3)]
    assert lines[3] == "… e mais 2 dias, 20 mensagens"
    assert lines[4] == "▒ SMS"
