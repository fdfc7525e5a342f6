"""Where a campaign stands, for people and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from disparo.domain.campaign import CampaignState
from disparo.entrypoints.cli.moments import in_zone, lasting, shown, soon
from disparo.entrypoints.cli.printing import Code, Output
from disparo.entrypoints.words import words
from disparo.usecases.campaigns import CampaignReport, LaneReport, SenderReport, StepReport

_ALWAYS = ("step", "channel", "template", "waiting", "due", "sent", "delivered", "read")
_COLUMNS = {
    "step": "nº",
    "channel": "canal",
    "template": "modelo",
    "waiting": "esperam",
    "due": "fila",
    "sending": "saindo",
    "in_doubt": "dúvida",
    "sent": "envios",
    "delivered": "entreg.",
    "read": "lidas",
    "failed": "falhas",
    "dead": "mortas",
    "cancelled": "cancel.",
    "expired": "vencidas",
    "replied": "resp.",
    "opted_out": "saíram",
}
_BAR = 30
_PLACES = 3


def report_item(report: CampaignReport) -> dict[str, object]:
    """The report as JSON, beside the campaign's own values."""
    zone = report.campaign.place.zone
    totals = report.totals
    return {
        "contacts": report.contacts,
        "done": round(report.done, 4),
        "totals": {name: getattr(totals, name) for name in totals.__slots__},
        "steps": [
            _step(step)
            | {
                "states": dict(step.states),
                "ends": [{"state": end.state, "reason": end.reason, "count": end.count} for end in step.ends],
            }
            for step in report.steps
        ],
        "lanes": [
            {
                "channel": lane.channel,
                "place": str(lane.place),
                "open": lane.hours.open,
                "reason": lane.hours.reason,
                "detail": lane.hours.detail,
                "changes_at": in_zone(lane.hours.changes_at, zone),
            }
            for lane in report.lanes
        ],
        "senders": [
            {
                "channel": sender.channel,
                "name": sender.name,
                "breaker": sender.breaker.reason,
                "breaker_changes_at": in_zone(sender.breaker.changes_at, zone),
                "next_permit_at": in_zone(sender.next_permit_at, zone),
                "limited_by": sender.limited_by,
            }
            for sender in report.senders
        ],
    }


def _step(step: StepReport) -> dict[str, object]:
    """A step in cumulative numbers: what was read was also delivered, and what was delivered also sent."""
    states = step.states
    read = states.get("read", 0)
    delivered = read + states.get("delivered", 0)
    return {
        "step": step.number,
        "channel": Code(step.channel),
        "template": step.template,
        "waiting": states.get("waiting", 0),
        "due": states.get("due", 0),
        "sending": states.get("sending", 0) + states.get("claimed", 0),
        "in_doubt": states.get("in_doubt", 0),
        "sent": delivered + states.get("accepted", 0),
        "delivered": delivered,
        "read": read,
        **{state: states.get(state, 0) for state in ("failed", "dead", "cancelled", "expired")},
        "replied": step.replied,
        "opted_out": step.opted_out,
    }


def tell_report(out: Output, report: CampaignReport, now: datetime) -> None:
    """The report for people; in a pipe the lines of the steps alone."""
    steps = [_step(step) for step in report.steps]
    if not out.terminal:
        out.table(steps, _COLUMNS)
        return
    out.line(_headline(report))
    out.line(f"{_bar(report.done)} {report.done:.0%} de {report.totals.messages} mensagens, {report.contacts} contatos")
    out.line()
    out.table(steps, _used(steps))
    _tell_ends(out, report)
    if report.campaign.state is CampaignState.RUNNING and report.totals.open:
        _tell_present(out, report, now)


def _headline(report: CampaignReport) -> str:
    campaign = report.campaign
    line = f"{campaign.name}: {words(campaign.state)}"
    for at, what in ((campaign.started_at, "desde"), (campaign.ended_at, "até")):
        local = in_zone(at, campaign.place.zone)
        line += f", {what} {shown(local)}" if local else ""
    if campaign.started_at and campaign.ended_at:
        line += f" ({lasting(campaign.ended_at - campaign.started_at)})"
    return line


def _bar(share: float) -> str:
    full = int(share * _BAR)
    return "█" * full + "░" * (_BAR - full)


def _used(steps: list[dict[str, object]]) -> Mapping[str, str]:
    """The columns that say something: those of the way of every message, and others that are not all 0."""
    return {key: title for key, title in _COLUMNS.items() if key in _ALWAYS or any(step[key] for step in steps)}


def _tell_ends(out: Output, report: CampaignReport) -> None:
    ends = [
        {"step": step.number, "state": Code(end.state), "reason": Code(end.reason), "count": end.count}
        for step in report.steps
        for end in step.ends
    ]
    if ends:
        out.line()
        out.line("Não saíram:")
        out.table(ends, {"step": "passo", "state": "estado", "reason": "motivo", "count": "quantas"})


def _tell_present(out: Output, report: CampaignReport, now: datetime) -> None:
    out.line()
    out.line("Agora:")
    zone = report.campaign.place.zone
    places: dict[str, dict[str, None]] = {}
    for lane in report.lanes:  # the hours of a place are the same on every channel
        places.setdefault(_lane(lane, zone, now), {})[str(lane.place)] = None
    for line, alike in places.items():
        out.line(f"  {line}: {_some(list(alike))}")
    for sender in report.senders:
        out.line(f"  {words(sender.channel)}: {_sender(sender, zone, now)}")


def _some(places: list[str]) -> str:
    shown_first = ", ".join(places[:_PLACES])
    return shown_first if len(places) <= _PLACES else f"{shown_first} e mais {len(places) - _PLACES}"


def _lane(lane: LaneReport, zone: str, now: datetime) -> str:
    hours = lane.hours
    at = in_zone(hours.changes_at, zone)
    until = f" até {soon(at, now)}" if at else ""
    return f"aberto{until}" if hours.open else f"fechado{until} — {words(hours.reason)}"


def _sender(sender: SenderReport, zone: str, now: datetime) -> str:
    breaker_at = in_zone(sender.breaker.changes_at, zone)
    if sender.breaker.allowed == 0:
        until = f" até {soon(breaker_at, now)}" if breaker_at else ""
        return f"parado{until} — {words(sender.breaker.reason)}"
    if not sender.limited_by:
        return "limites livres"
    at = in_zone(sender.next_permit_at, zone)
    return f"próximo envio às {soon(at, now) if at else '?'} — {words(sender.limited_by)}"
