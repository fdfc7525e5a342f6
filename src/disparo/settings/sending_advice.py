"""Remarks on limits, hours and doubt: values that work, but perhaps not as they look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from disparo.domain.contact import Channel
from disparo.settings.model import Settings
from disparo.settings.notice import Advice

_MINUTES = 60


def sending_advice(settings: Settings) -> Iterator[Advice]:
    """What is odd about how messages go out."""
    for channel in Channel:
        yield from _limits(settings, channel)
        yield from _doubt(settings, channel)
    yield from _holidays(settings.hours_document())
    yield from _timeout(settings)


def _limits(settings: Settings, channel: Channel) -> Iterator[Advice]:
    limits = settings.limits(channel)
    prefix = f"rate_limit_{channel}"
    odd = False
    if limits.hourly is not None and limits.burst is not None and limits.burst > limits.hourly:
        odd = True
        yield Advice(
            "warning",
            f"{prefix}_burst",
            f"{limits.burst} por minuto é mais que {prefix}_hourly = {limits.hourly}: o limite por minuto nunca conta.",
        )
    if limits.hourly is not None and limits.daily is not None and limits.daily < limits.hourly:
        odd = True
        yield Advice(
            "warning",
            f"{prefix}_daily",
            f"{limits.daily} por dia é menos que {prefix}_hourly = {limits.hourly}: o limite por hora nunca conta.",
        )
    if limits.hourly is not None and limits.burst is not None and limits.burst * _MINUTES < limits.hourly:
        odd = True
        yield Advice(
            "note",
            f"{prefix}_hourly",
            f"{limits.hourly} por hora não se alcança com {prefix}_burst = {limits.burst} por minuto "
            f"(no máximo {limits.burst * _MINUTES}).",
        )
    if limits.windows() == ():
        yield Advice("warning", prefix, "sem nenhum limite: o canal envia tão depressa quanto o provedor aceita.")
    elif not odd:
        shown = ", ".join(f"{name} {limit}" for name, limit, _ in limits.windows())
        yield Advice("ok", prefix, f"limites coerentes: {shown}.")


def _doubt(settings: Settings, channel: Channel) -> Iterator[Advice]:
    if settings.doubt_policy(channel) == "resend":
        yield Advice(
            "warning",
            f"doubt_policy_{channel}",
            "resend: quando não se sabe se o provedor aceitou, a mensagem vai de novo e pode chegar duas vezes.",
        )


def _holidays(document: Mapping[str, Any]) -> Iterator[Advice]:
    """The document lists one year, without the first of May; the rest comes from the `holidays` package."""
    listed = document.get("holidays")
    years = sorted({str(day)[:4] for day in listed}) if isinstance(listed, list) else []
    if len(years) == 1 and document.get("publicHolidays", True) is False:
        yield Advice(
            "warning",
            "business_hours",
            f"os feriados listados são todos de {years[0]} e publicHolidays está desligado: em outros anos "
            "nenhum dia é feriado.",
        )
    elif len(years) == 1:
        yield Advice(
            "note",
            "business_hours",
            f"os feriados listados são todos de {years[0]}; os de outros anos, e os que faltam na lista "
            "(como 1º de "
            "maio), vêm do pacote holidays, por país, estado e cidade.",
        )


def _timeout(settings: Settings) -> Iterator[Advice]:
    if settings.send_timeout_s >= settings.lambda_timeout_send:
        yield Advice(
            "warning",
            "send_timeout_s",
            f"{settings.send_timeout_s:g} s não cabe em lambda_timeout_send = "
            f"{settings.lambda_timeout_send} s: na AWS a "
            "função morreria à espera da resposta, e a mensagem ficaria em dúvida.",
        )
