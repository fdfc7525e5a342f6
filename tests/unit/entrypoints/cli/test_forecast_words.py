from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from disparo.domain.contact import Channel
from disparo.entrypoints.cli.forecast_words import document, sentences
from disparo.simulation.forecast import Forecast, StepForecast
from disparo.simulation.holdups import Holdup

BEGINS = datetime(2026, 11, 13, 13, tzinfo=UTC)
ENDS = BEGINS + timedelta(hours=20)
FORESEEN = Forecast(
    campaign="c",
    zone="America/Sao_Paulo",
    begins_at=BEGINS,
    ends_at=ENDS,
    steps=[StepForecast(1, Channel.WHATSAPP, 1500, BEGINS, ENDS, {})],
    hours=[],
    days=[],
    holdups=[Holdup(Channel.WHATSAPP, "whatsapp:hourly", timedelta(minutes=426), 100)],
    open_time=timedelta(hours=10),
    waiting=timedelta(hours=1),
    held_closed=timedelta(hours=8),
    expired=0,
    other_campaigns=[],
    failures=False,
)


def said(foreseen: Forecast) -> str:
    return "\n".join(sentences(foreseen))


def test_the_limit_that_holds_most_is_named_with_its_share_and_what_to_change() -> None:
    text = said(FORESEEN)
    assert "O limite por hora do WhatsApp (100/h) é o que mais segura: 71 % do tempo em horário aberto." in text
    assert "rate_limit_whatsapp_hourly" in text
    assert "com 1.500 mensagens enviadas" in text


def test_the_campaigns_own_limit_is_changed_in_its_file() -> None:
    own = Holdup(Channel.SMS, "campaign:burst", timedelta(hours=9), 5)
    text = said(replace(FORESEEN, holdups=[own]))
    assert "O limite por minuto da própria campanha para SMS (5/min)" in text
    assert "aumente burst em [limits.sms]" in text


def test_waits_hold_most_when_they_last_longer_than_any_limit() -> None:
    assert "As esperas entre os passos" in said(replace(FORESEEN, waiting=timedelta(hours=8)))


def test_hours_are_named_only_when_nothing_else_holds() -> None:
    assert "Só o horário segura" in said(replace(FORESEEN, holdups=[], waiting=timedelta()))
    nothing = replace(FORESEEN, holdups=[], waiting=timedelta(), held_closed=timedelta())
    assert "Nada segura" in said(nothing)


def test_what_does_not_fit_the_deadline_is_a_warning() -> None:
    assert "1.200 mensagens não cabem no prazo" in said(replace(FORESEEN, expired=1200))


def test_the_document_has_every_number() -> None:
    found = document(FORESEEN)
    assert found["ends_at"].isoformat() == "2026-11-14T06:00:00-03:00"
    assert found["holdups"] == [
        {
            "channel": "whatsapp",
            "reason": "whatsapp:hourly",
            "limit": 100,
            "lasting_s": 25_560.0,
            "share_of_open_time": 0.71,
        }
    ]
