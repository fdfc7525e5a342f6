"""Every macro with sample values, on one page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, Environment, FileSystemLoader

from disparo.domain.errors import InputError
from disparo.domain.principal import MACHINE
from disparo.entrypoints.console.calendar_grid import Occasion, Shade, YearDay, grid, week_days, year_months
from disparo.entrypoints.console.charts import Day, Point, Series, Stage
from disparo.entrypoints.console.forms import Form
from disparo.entrypoints.console.navigation import visible
from disparo.entrypoints.console.told import Told
from disparo.entrypoints.console.workshop import View, make, workshop

NOW = datetime.fromisoformat("2026-11-23T14:20:00+00:00")
ZONE = ZoneInfo("America/Sao_Paulo")
HOLIDAYS = {date(2026, 1, 1): "Confraternização", date(2026, 9, 7): "Independência", date(2026, 12, 25): "Natal"}


@dataclass(frozen=True)
class Person:
    """A row."""

    name: str
    phone: str
    channel: str
    sent: int
    at: datetime
    state: str


def gallery_page(language: str = "pt-BR", theme: str = "auto") -> str:
    """The page as text."""
    view = View(
        path="/console/campaigns/1",
        address="/console/campaigns/1",
        language=language,
        theme=theme,
        principal=MACHINE,
        csrf="token",
        told=Told("A campanha começou."),
        entries=visible(MACHINE.role),
        current="/console/campaigns",
    )
    return make(_with_own_folder(workshop(language, str(ZONE), lambda: NOW)), "gallery.html", view, _values())


def _with_own_folder(environment: Environment) -> Environment:
    assert environment.loader is not None
    environment.loader = ChoiceLoader([environment.loader, FileSystemLoader(Path(__file__).parent)])
    return environment


def _values() -> dict[str, object]:
    written = {"name": "", "limit": "900", "zone": "America/Manaus", "channel": "whatsapp", "text": "Oi", "lunch": "1"}
    form = Form.of(written)
    return {
        "spark": [3, 8, 6, 12, 18, 14, 22, 27, 20, 31],
        "series": [Series("Enviadas", "accent"), Series("Falharam", "bad")],
        "points": [_hour(number) for number in range(48)],
        "lines": [Series("Respostas")],
        "rates": [Point(f"dia {n}", [0.02 + n % 7 / 100], str(n) if n % 5 == 0 else "") for n in range(1, 31)],
        "share": lambda value: f"{value:.0%}",
        "stages": [
            Stage("Na fila", 12480, "neutral"),
            Stage("Enviadas", 8214),
            Stage("Entregues", 7902, "good"),
            Stage("Responderam", 611, "info"),
            Stage("Marcaram", 48, "violet", hint="12 nesta semana"),
        ],
        "year": {
            date(2026, 1, 1) + timedelta(days=n): Day(n * 7 % 5, f"{n} mensagens") for n in range(330) if n % 7 < 5
        },
        "people": [
            Person("Ana Prado", "+55 11 98888-0001", "whatsapp", 3, NOW - timedelta(minutes=5), "read"),
            Person("Bruno Teixeira de Albuquerque", "+55 92 98888-0002", "email", 1, NOW - timedelta(hours=2), "due"),
            Person("Célia", "+55 21 98888-0003", "sms", 2, NOW - timedelta(days=3), "failed"),
            Person("Davi Moura", "+55 81 98888-0004", "whatsapp", 1204, NOW + timedelta(hours=2), "waiting"),
        ],
        "form": form.failed(InputError("name: escreva um nome\nO público está vazio: escolha uma lista")),
        "at": NOW - timedelta(minutes=5),
        "span": timedelta(hours=5, minutes=12),
        "grid": grid(week_days(NOW.date()), _occasions(), _shades(), ZONE, NOW, (8, 19)),
        "months": year_months(2026, _year_day),
    }


def _hour(number: int) -> Point:
    hour = number % 24
    closed = hour < 9 or hour >= 18 or hour == 12
    sent = 0 if closed else 400 + number * 37 % 500
    return Point(f"{hour:02}:00", [sent, sent // 30], f"{hour:02}" if hour % 6 == 0 else "", closed)


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 23 + day, hour, minute, tzinfo=ZONE)


def _occasions() -> list[Occasion]:
    return [
        Occasion(_at(0, 9), _at(0, 9, 30), "Ana Prado", "Consulta", "/console/meetings/1"),
        Occasion(_at(0, 11), _at(0, 12), "Bruno Teixeira", "Retorno, vídeo", "/console/meetings/2", "good"),
        Occasion(_at(1, 10), _at(1, 11, 30), "Célia", "Proposta", "/console/meetings/3", "warn", dashed=True),
        Occasion(_at(1, 10, 30), _at(1, 11), "Davi Moura", "Consulta", "/console/meetings/4"),
        Occasion(_at(1, 10, 45), _at(1, 12), "Eva", "Consulta", "/console/meetings/5", "violet"),
        Occasion(_at(3, 15), _at(3, 15, 15), "Fábio", "Ligação", "", "info"),
        Occasion(_at(4, 16), _at(4, 17), "Gil", "Não veio", "/console/meetings/6", "bad"),
    ]


def _shades() -> list[Shade]:
    nights = [Shade(_at(day, 0), _at(day, 9), "Antes do horário") for day in range(5)]
    lunches = [Shade(_at(day, 12), _at(day, 13, 30), "Almoço") for day in range(5)]
    return [*nights, *lunches, Shade(_at(5, 0), _at(7, 0), "Fim de semana")]


def _year_day(day: date) -> YearDay:
    if day in HOLIDAYS:
        return YearDay(day, "bad", HOLIDAYS[day])
    return YearDay(day, "closed" if day.weekday() > 4 else "")
