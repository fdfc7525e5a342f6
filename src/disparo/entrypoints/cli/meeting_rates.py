"""`disparo meetings rates`: how many proposals are confirmed, and how many meetings are missed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from disparo.domain.agenda.rates import Grouping, Rates
from disparo.entrypoints.cli.meeting_list import OfHost, OfType, campaign_id_of
from disparo.entrypoints.cli.moments import lasting, parse_edge
from disparo.entrypoints.cli.options import FromDay, OfCampaign, ToDay, Zone, checked_zone, one_of
from disparo.entrypoints.cli.session import GivenSession
from disparo.entrypoints.words import words
from disparo.ports.agenda import MeetingFilter
from disparo.usecases.agenda.rates import RatesWanted
from disparo.usecases.agenda.rates import rates as count

if TYPE_CHECKING:
    from disparo.bootstrap import App

_GROUP_TITLES = {
    Grouping.CAMPAIGN: "campanha",
    Grouping.HOST: "anfitrião",
    Grouping.TYPE: "tipo",
    Grouping.DAY: "dia",
    Grouping.WEEK: "semana",
    Grouping.MONTH: "mês",
}
_TITLES = {
    "offered": "propostas", "agreed": "aceitas", "confirmation_rate": "confirmação", "booked": "sem proposta",
    "upcoming": "por vir", "held": "realizadas", "no_show": "faltas", "no_show_rate": "faltam",
    "unknown": "sem desfecho", "rescheduled": "remarcadas", "median_to_confirm_s": "até confirmar",
}  # fmt: skip
_SHORT_TITLES = {
    "offered": "prop.", "agreed": "aceitas", "confirmation_rate": "conf.", "booked": "diretas", "upcoming": "por vir",
    "held": "feitas", "no_show": "faltas", "no_show_rate": "faltam", "unknown": "s/ desf.", "rescheduled": "remarc.",
    "median_to_confirm_s": "demora",
}  # fmt: skip
_MORE_TITLES = {
    "open": "à espera de resposta", "declined": "recusadas", "expired": "vencidas", "cancelled": "canceladas",
    "moves": "remarcações", "reschedule_rate": "remarcam", "mean_to_confirm_s": "em média até confirmar",
}  # fmt: skip
_SHARES = ("confirmation_rate", "no_show_rate", "reschedule_rate")
_TIMES = ("median_to_confirm_s", "mean_to_confirm_s")


async def rates(
    *,
    by: Annotated[
        tuple[str, ...],
        Parameter(name="--by", help="Separa por campaign, host, type, day, week ou month; pode ser repetida."),
    ] = (),
    campaign: OfCampaign = None,
    host: OfHost = None,
    type_: OfType = None,
    from_: FromDay = None,
    to: ToDay = None,
    zone: Zone = None,
    session: GivenSession,
) -> None:
    """Rates of the meetings that were proposed in some time."""
    clock = checked_zone(zone) or session.zone
    parts = [part for text in by for part in text.split(",")]
    groupings = tuple(dict.fromkeys(one_of(Grouping, part, "--by") for part in parts))
    start_at, end_at = parse_edge(from_, clock, "--from"), parse_edge(to, clock, "--to", last=True)
    with session.open() as app:
        wanted = MeetingFilter(host_id=host, type_id=type_, campaign_id=await campaign_id_of(app, campaign))
        asked = RatesWanted(wanted, groupings, clock, start_at, end_at)
        found = await count(app.store.meetings, asked, app.clock.now())
        names = await _campaign_names(app) if Grouping.CAMPAIGN in groupings else {}
    items = []
    for key, one in found.items():
        groups = dict(zip(map(str, groupings), key, strict=True))
        if Grouping.CAMPAIGN in groups:
            groups[Grouping.CAMPAIGN] = names.get(groups[Grouping.CAMPAIGN], groups[Grouping.CAMPAIGN])
        items.append({**groups, **rates_item(one)})
    if session.out.terminal:
        items = [_for_people(item) for item in items]
    if groupings:
        columns = {str(one): _GROUP_TITLES[one] for one in groupings}
        session.out.listing(items, {**columns, **_SHORT_TITLES}, empty="nenhuma reunião")
    elif session.out.json:
        session.out.document(items[0])
    else:
        session.out.details(items[0], {"meetings": "reuniões", **_TITLES, **_MORE_TITLES})


async def _campaign_names(app: App) -> Mapping[str, str]:
    return {one.id: one.name for one in await app.store.campaigns.all()}


def rates_item(rates: Rates) -> dict[str, object]:
    """Rates as JSON: shares from 0 to 1, times in seconds, null for what cannot be said of so few."""
    numbers = (
        *("meetings", "offered", "agreed", "open", "booked", "declined", "expired", "upcoming", "held", "no_show"),
        *("unknown", "rescheduled", "moves"),
    )
    return {
        **{name: getattr(rates, name) for name in numbers},
        "cancelled": dict(rates.cancelled),
        **{name: None if (share := getattr(rates, name)) is None else round(share, 4) for name in _SHARES},
        "mean_to_confirm_s": _seconds(rates.mean_to_confirm),
        "median_to_confirm_s": _seconds(rates.median_to_confirm),
    }


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else round(span.total_seconds())


def _for_people(item: Mapping[str, object]) -> dict[str, object]:
    shown = dict(item)
    for name in _SHARES:
        share = item[name]
        shown[name] = f"{share:.1%}".replace(".", ",") if isinstance(share, float) else None
    for name in _TIMES:
        lasts_s = item[name]
        shown[name] = lasting(timedelta(seconds=lasts_s)) if isinstance(lasts_s, int) else None
    by_whom = item["cancelled"]
    assert isinstance(by_whom, dict)
    shown["cancelled"] = ", ".join(f"{count} ({words(who)})" for who, count in by_whom.items()) or 0
    return shown
