"""`/api/v1/alarms`: where alarms stand, and what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from disparo.domain.alarm import AlarmChange, AlarmName, AlarmStanding, AlarmState, Unit
from disparo.domain.alarm_words import alarm_advice, alarm_sentence, alarm_title
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.pages import After, Limit, Page, cut
from disparo.usecases import alarms as usecase

_PT = {
    "title": "Cartas mortas",
    "sentence": "mensagens dadas por perdidas, à espera de uma pessoa: 3; limite: 0",
    "advice": "Veja por que, conserte e recoloque na fila: disparo dead-letters list.",
}
_EN = {
    "title": "Dead letters",
    "sentence": "messages that were given up and wait for a person: 3; limit: 0",
    "advice": "See why, mend it and send them again: disparo dead-letters list.",
}
_ALARM: dict[str, Any] = {
    "alarm": "dlq_messages",
    "state": "alarm",
    "since": "2026-03-02T13:05:00Z",
    "checked_at": "2026-03-02T13:09:00Z",
    "value": 3,
    "threshold": 0,
    "unit": "count",
    "about": [],
    "words": {"pt": _PT, "en": _EN},
}


class WordsOut(BaseModel):
    """An alarm for people."""

    title: str
    sentence: str = Field(description="What the value is of, the value, whom it is about, the limit.")
    advice: str = Field(description="What to do about it.")


class AlarmOut(BaseModel):
    """Where an alarm stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ALARM]})

    alarm: AlarmName
    state: AlarmState
    since: datetime
    checked_at: datetime
    value: float | None = Field(description="The latest value; null where there was nothing to measure.")
    threshold: float = Field(description="Above it is an alarm.")
    unit: Unit
    about: Sequence[str] = Field(description="Whom it is about: names of senders.")
    words: Mapping[str, WordsOut] = Field(description="The same in Portuguese (`pt`) and English (`en`).")


class AlarmsOut(BaseModel):
    """Every alarm."""

    stale: bool = Field(description="Nobody has looked for three minutes: no worker is running, this may be over.")
    checked_at: datetime | None
    ringing: int = Field(description="How many are in alarm.")
    alarms: Sequence[AlarmOut]


class AlarmChangeOut(BaseModel):
    """An alarm that went from one state to another."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "1772456700000-dlq_messages",
                    "was": "ok",
                    "alarm": _ALARM,
                    "told": {"webhook": "2026-03-02T13:05:00Z"},
                    "waiting": ["email"],
                }
            ]
        }
    )

    id: str
    was: AlarmState
    alarm: AlarmOut = Field(description="As it was then.")
    told: Mapping[str, datetime] = Field(description="By which ways somebody was told, and when.")
    waiting: Sequence[str] = Field(description="By which ways somebody is still to be told; given up after a day.")


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/alarms", tags=["alarms"])

    @routes.get("", name="alarms.list")
    async def list_() -> AlarmsOut:
        """Where each alarm stands, as it was found last; a worker looks once a minute."""
        return alarms_out(await usecase.alarms(house.store, house.clock.now()))

    @routes.get("/changes", name="alarms.changes")
    async def changes(limit: Limit = 50, after: After = None) -> Page[AlarmChangeOut]:
        """What changed in the last 90 days, newest first."""
        found, more = cut(await usecase.changes(house.store, after, limit + 1), limit)
        return Page(items=[_change_out(one) for one in found], next=found[-1].id if more else None)

    return routes


def alarms_out(found: usecase.Alarms) -> AlarmsOut:
    """Every alarm as the API tells it."""
    return AlarmsOut(
        stale=found.stale,
        checked_at=found.checked_at,
        ringing=len(found.ringing),
        alarms=[_alarm_out(one) for one in found.standings],
    )


def _alarm_out(one: AlarmStanding) -> AlarmOut:
    return AlarmOut(
        alarm=one.name,
        state=one.state,
        since=one.since,
        checked_at=one.checked_at,
        value=one.value,
        threshold=one.threshold,
        unit=one.unit,
        about=one.about,
        words={
            language: WordsOut(
                title=alarm_title(one.name, language),
                sentence=alarm_sentence(one, language),
                advice=alarm_advice(one.name, language),
            )
            for language in ("pt", "en")
        },
    )


def _change_out(one: AlarmChange) -> AlarmChangeOut:
    return AlarmChangeOut(
        id=one.id, was=one.was, alarm=_alarm_out(one.standing), told=one.told, waiting=sorted(one.waiting)
    )
