"""What a campaign is doing now, or what it waits for, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from disparo.domain.campaign import CampaignState
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.waiting import WaitUnit, parse_wait
from disparo.entrypoints.console.states import CHANNELS
from disparo.entrypoints.console.words import mark
from disparo.entrypoints.words import words
from disparo.usecases.campaigns import CampaignReport, LaneReport, SenderReport

Translate = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Standing:
    """One sentence: what, on which channel, why, and until when; `tone` is a colour, `sign` an icon."""

    text: str
    tone: str
    sign: str
    detail: str = ""
    until: datetime | None = None


def standings(report: CampaignReport, now: datetime, _: Translate) -> Sequence[Standing]:
    """What keeps a campaign from sending, channel by channel, or that it sends."""
    campaign = report.campaign
    match campaign.state:
        case CampaignState.DRAFT:
            return [Standing(_("Ainda não começou"), "info", "edit", _("Revise e inicie quando quiser."))]
        case CampaignState.PAUSED:
            text = _("Nada sai até você retomar; o que já estava com o provedor ainda chega.")
            return [Standing(_("Pausada"), "warn", "pause", text, campaign.expires_at)]
        case CampaignState.COMPLETED:
            return [Standing(_("Concluída"), "good", "check-circle", _("Toda mensagem chegou ao seu fim."))]
        case CampaignState.CANCELLED:
            return [Standing(_("Cancelada"), "neutral", "x-circle", _("O que não saiu não sairá."))]
    if campaign.standing and not report.totals.open:
        return [Standing(_("Nada à espera"), "good", "check-circle", _("O que for escrito sai na sua vez."))]
    if not campaign.launched and not campaign.standing:
        return [Standing(_("Preparando"), "info", "refresh", _("Os contatos estão entrando na fila."))]
    if not report.totals.open:
        return [Standing(_("Terminando"), "good", "check-circle", _("Não resta mensagem por enviar."))]
    if campaign.start_at is not None and campaign.start_at > now:
        return [Standing(_("Espera o início marcado"), "info", "clock", "", campaign.start_at)]
    found = [*_by_channel(report, now, _)]
    if all(one.tone == "neutral" for one in found):
        return [Standing(_("Espera os próximos passos"), "info", "clock", _("O que resta tem de esperar a sua vez."))]
    return found


_MOVING = ("due", "claimed", "sending", "in_doubt")


def _by_channel(report: CampaignReport, now: datetime, _: Translate) -> Iterator[Standing]:
    for channel in dict.fromkeys(step.channel for step in report.campaign.steps):
        lanes = [lane for lane in report.lanes if lane.channel is channel]
        steps = [step for step in report.steps if step.channel is channel]
        if not any(step.states.get(state) for step in steps for state in _MOVING):
            if any(step.states.get("waiting") for step in steps):
                yield Standing(_("%(channel)s: espera o passo anterior", channel=CHANNELS[channel]), "neutral", channel)
        elif lanes:
            yield _standing(channel, lanes, [one for one in report.senders if one.channel is channel], now, _)


def _standing(
    channel: Channel, lanes: Sequence[LaneReport], senders: Sequence[SenderReport], now: datetime, _: Translate
) -> Standing:
    name = CHANNELS[channel]
    if not senders:
        return Standing(_("Ninguém envia por %(channel)s", channel=name), "bad", channel, _("Não há remetente."))
    if not any(lane.hours.open for lane in lanes):
        first = min(lanes, key=lambda lane: lane.hours.changes_at or datetime.max.replace(tzinfo=now.tzinfo))
        return Standing(
            _("%(channel)s: fora do horário", channel=name),
            "info",
            channel,
            reason(first.hours.reason, first.hours.detail, _),
            first.hours.changes_at,
        )
    healthy = [one for one in senders if one.breaker.allowed != 0]
    if not healthy:
        sick = senders[0]
        detail = words(sick.breaker.reason, _)
        return Standing(
            _("%(channel)s: pausa de proteção", channel=name), "bad", channel, detail, sick.breaker.changes_at
        )
    ready = min(healthy, key=lambda one: one.next_permit_at)
    if ready.limited_by and ready.next_permit_at > now:
        return Standing(
            _("%(channel)s: no limite", channel=name),
            "warn",
            channel,
            limit_words(ready.limited_by, _),
            ready.next_permit_at,
        )
    return Standing(_("%(channel)s: enviando", channel=name), "good", channel)


def reason(code: str, detail: str, _: Translate) -> str:
    """A reason of the hours, with what it is about: `almoço 12:00-13:00`."""
    text = words(code, _)
    return f"{text}, {words(detail, _)}" if detail else text


def limit_words(limited_by: str, _: Translate) -> str:
    """Which limit, as `limite por hora (WhatsApp)`."""
    return words(limited_by, _)


def wait_in_words(text: str, _: Translate) -> str:
    """`2bd` as `2 dias úteis`, a wait of nothing as `em seguida`; what is no wait as it is."""
    try:
        wait = parse_wait(text)
    except InputError:
        return text
    if not wait.amount:
        return _("em seguida")
    one, many = _UNITS[wait.unit]
    return f"{wait.amount} {_(one if wait.amount == 1 else many)}"


_UNITS: Mapping[WaitUnit, tuple[str, str]] = {
    WaitUnit.MINUTES: (mark("minuto"), mark("minutos")),
    WaitUnit.HOURS: (mark("hora"), mark("horas")),
    WaitUnit.DAYS: (mark("dia"), mark("dias")),
    WaitUnit.BUSINESS_DAYS: (mark("dia útil"), mark("dias úteis")),
}
