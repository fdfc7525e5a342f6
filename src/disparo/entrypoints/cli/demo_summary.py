"""What the demonstration came to: for people, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from disparo.domain.contact import Channel
from disparo.domain.message import SENT, MessageState
from disparo.entrypoints.cli.demo_words import CLOSURES
from disparo.entrypoints.cli.importing import Imported
from disparo.entrypoints.cli.moments import in_zone, lasting, shown
from disparo.entrypoints.cli.paragraphs import labelled, paragraph
from disparo.entrypoints.cli.printing import Code, Output
from disparo.entrypoints.words import words

if TYPE_CHECKING:
    from disparo.domain.campaign import Campaign
    from disparo.ports.campaigns import Tally
    from disparo.simulation.demo_agenda import AgendaCount
    from disparo.simulation.demo_story import Story
    from disparo.simulation.forecast import Forecast
    from disparo.simulation.proof import Proof

_DELIVERED = frozenset({MessageState.DELIVERED, MessageState.READ})
_FAILED = frozenset({MessageState.FAILED, MessageState.DEAD})
_NOT_TO_SEND = frozenset({MessageState.CANCELLED, MessageState.EXPIRED})

STEP_COLUMNS = {
    "step": "passo",
    "channel": "canal",
    "sent": "enviadas",
    "delivered": "entregues",
    "read": "lidas",
    "replied": "respostas",
    "opted_out": "saíram",
    "failed": "falhas",
}


@dataclass(frozen=True, slots=True)
class Summary:
    """All that is known at the end; `data` is where it was kept, None when it was not."""

    imported: Imported
    campaign: Campaign
    foreseen: Forecast
    story: Story
    proof: Proof
    data: Path | None

    @property
    def double_booked(self) -> int:
        """Pairs of agreed meetings of one host that overlap."""
        return self.story.agenda.double_booked if self.story.agenda is not None else 0

    @property
    def holds(self) -> bool:
        """Whether every promise was kept."""
        return self.proof.holds and not self.double_booked


@dataclass(frozen=True, slots=True)
class StepCount:
    """One step in numbers: `rows` of all contacts; `failed` and `left_out` (cancelled, expired) by reason."""

    number: int
    channel: Channel
    rows: int
    sent: int
    delivered: int
    read: int
    replied: int
    opted_out: int
    failed: Mapping[str, int]
    left_out: Mapping[str, int]

    @property
    def failed_total(self) -> int:
        """Refused for good, or given up."""
        return sum(self.failed.values())

    @property
    def ended(self) -> int:
        """Ended without being sent."""
        return self.failed_total + sum(self.left_out.values())


def step_counts(campaign: Campaign, tally: Sequence[Tally]) -> list[StepCount]:
    """The counters of every step; what was read was also delivered and sent."""
    counts = []
    for number, step in enumerate(campaign.steps, start=1):
        ours = [one for one in tally if one.step == number]

        def total(states: frozenset[MessageState], ours: Sequence[Tally] = ours) -> int:
            return sum(one.count for one in ours if one.state in states)

        def noted(event: str, ours: Sequence[Tally] = ours) -> int:
            return sum(one.count for one in ours if one.state == event)

        counts.append(
            StepCount(
                number=number,
                channel=step.channel,
                rows=total(frozenset(MessageState)),
                sent=total(SENT),
                delivered=total(_DELIVERED),
                read=noted(MessageState.READ),
                replied=noted("replied"),
                opted_out=noted("opted_out"),
                failed={one.reason or one.state: one.count for one in ours if one.state in _FAILED},
                left_out={one.reason or one.state: one.count for one in ours if one.state in _NOT_TO_SEND},
            )
        )
    return counts


def summary_document(summary: Summary) -> dict[str, Any]:
    """The summary as JSON values."""
    story, campaign, report = summary.story, summary.campaign, summary.imported.report
    zone = campaign.place.zone
    steps = step_counts(campaign, story.tally)
    started_at, ended_at = story.started_at, story.ended_at or story.now
    return {
        "campaign": campaign.name,
        "started_at": in_zone(started_at, zone),
        "ended_at": in_zone(ended_at, zone),
        "contacts": {
            "rows": report.rows,
            "imported": report.created,
            "completed": report.completed,
            "duplicates": report.duplicates,
            "rejected": report.rejected,
            "warnings": report.warnings,
            "by_reason": dict(report.by_reason),
        },
        "forecast": {"messages": summary.foreseen.messages, "ends_at": in_zone(summary.foreseen.ends_at, zone)},
        "steps": [asdict(one) for one in steps],
        "channels": {channel.value: _of_channel(channel, steps, story) for channel in Channel},
        "retries": story.retries.total(),
        "breaker_openings": story.openings.total(),
        "in_doubt": {
            "messages": len(story.doubts),
            "had_arrived": story.doubts_arrived,
            "sent_again": story.doubts_sent_again,
        },
        "waits": {kind: {"times": story.closures[kind], "messages": story.held_back[kind]} for kind in CLOSURES},
        "opt_outs": sum(one.opted_out for one in steps),
        "cancelled_by_opt_out": sum(one.left_out.get("opted_out", 0) for one in steps),
        "cancelled_by_reply": sum(one.left_out.get("replied", 0) for one in steps),
        "meetings": asdict(story.agenda) if story.agenda is not None else None,
        "proof": {**asdict(summary.proof), "holds": summary.proof.holds},
        "data": str(summary.data) if summary.data else None,
    }


def _of_channel(channel: Channel, steps: Sequence[StepCount], story: Story) -> dict[str, Any]:
    ours = [one for one in steps if one.channel is channel]
    failed: Counter[str] = Counter()
    for one in ours:
        failed.update(one.failed)
    return {
        "sent": sum(one.sent for one in ours),
        "delivered": sum(one.delivered for one in ours),
        "read": sum(one.read for one in ours),
        "replied": sum(one.replied for one in ours),
        "opted_out": sum(one.opted_out for one in ours),
        "failed": dict(failed),
        "retries": story.retries[channel],
        "breaker_openings": story.openings[channel],
    }


def show_summary(out: Output, summary: Summary) -> None:
    """The summary for people."""
    story, campaign = summary.story, summary.campaign
    zone, ended_at = campaign.place.zone, story.ended_at or story.now
    started, ended = in_zone(story.started_at, zone), in_zone(ended_at, zone)
    out.line()
    if started and ended:
        out.line(f"De {shown(started)} a {shown(ended)}: {lasting(ended_at - story.started_at)} em poucos segundos.")
    out.line()
    steps = step_counts(campaign, story.tally)
    out.table([_step_item(one) for one in steps], STEP_COLUMNS)
    out.line()
    _show_failures(out, steps)
    labelled(out, _told(summary, steps))
    out.line()
    _show_proof(out, summary)
    out.line()
    for line in _next_steps(summary):
        out.line(line)


def _step_item(one: StepCount) -> dict[str, Any]:
    return {
        "step": one.number,
        "channel": Code(one.channel),
        "sent": one.sent,
        "delivered": one.delivered,
        "read": one.read,
        "replied": one.replied,
        "opted_out": one.opted_out,
        "failed": one.failed_total,
    }


def _show_failures(out: Output, steps: Sequence[StepCount]) -> None:
    """Why messages failed: a line for each step and reason."""
    failures = [
        {"step": one.number, "reason": Code(reason), "count": count}
        for one in steps
        for reason, count in one.failed.items()
    ]
    if failures and out.terminal:
        out.line("Falharam:")
    out.table(failures, {"step": "passo", "reason": "motivo", "count": "quantas"})
    out.line()


def _told(summary: Summary, steps: Sequence[StepCount]) -> list[tuple[str, str]]:
    story, report = summary.story, summary.imported.report
    opt_outs = sum(one.opted_out for one in steps)
    spared = sum(one.left_out.get("opted_out", 0) for one in steps)
    stopped = sum(one.left_out.get("replied", 0) for one in steps)
    return [
        (
            "Contatos",
            f"{report.created} novos, {report.completed} completados, {report.duplicates} repetidos, "
            f"{report.rejected} recusados",
        ),
        ("Retentativas", f"{story.retries.total()} ({_by_channel(story.retries)})"),
        ("Disjuntor", f"abriu {story.openings.total()}× ({_by_channel(story.openings)}) e fechou sozinho"),
        (
            "Em dúvida",
            f"{len(story.doubts)} sem resposta: {story.doubts_arrived} tinham chegado, {story.doubts_sent_again} não "
            "e saíram de novo",
        ),
        ("Esperas", ", ".join(_wait(kind, story) for kind in CLOSURES if story.closures[kind])),
        ("Respostas", f"{stopped} mensagens não saíram porque a pessoa já tinha respondido"),
        ("Saídas", f"{opt_outs} pessoas pediram para sair; {spared} mensagens canceladas por isso"),
        *([] if story.agenda is None else [("Reuniões", _meetings(story.agenda))]),
    ]


def _meetings(agenda: AgendaCount) -> str:
    booked = f"{agenda.attending} com presença confirmada, {_many(agenda.moved, 'remarcada')}"
    ended = ", ".join(
        [
            f"{agenda.held} {'aconteceu' if agenda.held == 1 else 'aconteceram'}",
            _many(agenda.missed, "falta"),
            _many(agenda.cancelled, "cancelada"),
            *([f"{agenda.upcoming} por vir ou sem resposta"] if agenda.upcoming else []),
        ]
    )
    proposed = f"{_many(agenda.proposed, 'proposta')} ({agenda.not_agreed} sem acordo)"
    return f"{proposed}, {_many(agenda.booked, 'marcada')} ({booked}): {ended}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _by_channel(counts: Mapping[Channel, int]) -> str:
    return ", ".join(f"{words(channel)} {count}" for channel, count in counts.items())


def _wait(kind: str, story: Story) -> str:
    held = story.held_back[kind]
    return f"{CLOSURES[kind]} {story.closures[kind]}×" + (f" ({held} mensagens)" if held else "")


def _show_proof(out: Output, summary: Summary) -> None:
    proof = summary.proof
    parts = (
        (proof.lost, "perdidos"),
        (proof.repeated, "repetidos"),
        (proof.outside_hours, "fora do horário"),
        (proof.above_limit, "acima do limite"),
        (proof.after_opt_out, "depois de SAIR"),
        (summary.double_booked, "reuniões em dobro"),
    )
    line = "Prova: " + ", ".join(f"{count} {what}" for count, what in parts)
    mark = "✔" if summary.holds else "✘"
    if out.terminal:
        from rich.text import Text

        out.console.print(Text(f"{mark} {line}", "bold green" if summary.holds else "bold red"))
    else:
        out.line(f"{mark} {line}")
    counted = f"contado no registro do sandbox ({proof.messages} mensagens), não no que o programa diz de si"
    paragraph(out, counted, indent=2)


def _next_steps(summary: Summary) -> list[str]:
    if summary.data is None:
        return ["Para olhar por dentro, guarde os dados: disparo --data demo-dados demo"]
    command = f"disparo --data {summary.data}"
    name = summary.campaign.name
    return [
        "Para olhar por dentro:",
        f"  {command} campaign show {name}",
        f"  {command} messages --campaign {name}",
        f"  {command} dead-letters list",
        f"  {command} why 1.1.1",
    ]
