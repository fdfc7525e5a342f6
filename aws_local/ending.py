"""What a campaign came to, counted in the same way wherever it ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from disparo.domain.campaign import Campaign
from disparo.domain.contact import Channel
from disparo.entrypoints.cli.demo_summary import STEP_COLUMNS, StepCount, step_counts

if TYPE_CHECKING:
    from disparo.adapters.channels.sandbox.outbox import Entry
    from disparo.entrypoints.cli.printing import Output
    from disparo.ports.store import Store
    from disparo.settings import Settings
    from disparo.simulation.proof import Proof

REASONS = {"step": "passo", "reason": "motivo", "count": "quantas"}
PROMISES = {
    "messages": "mensagens no registro do sandbox",
    "lost": "perdidas",
    "repeated": "repetidas",
    "outside_hours": "fora do horário",
    "above_limit": "acima do limite",
    "after_opt_out": "depois de SAIR",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """The counters of every step, and the proof from the sandbox's log."""

    steps: Sequence[StepCount]
    proof: Proof


async def ending_of(store: Store, campaign: Campaign, log: Sequence[Entry], settings: Settings) -> Ending:
    """Count and judge a campaign that has ended."""
    from disparo.simulation.proof import prove

    limits = {
        channel: [settings.limits(channel), *(own for of, own in campaign.limits.items() if of is channel)]
        for channel in Channel
    }
    tally = await store.campaigns.tally(campaign.id)
    return Ending(step_counts(campaign, tally), await prove(store, campaign, log, limits))


def show(out: Output, ending: Ending) -> None:
    """The tables of `disparo demo`, and the proof."""
    out.table([_row(one) for one in ending.steps], STEP_COLUMNS)
    out.line()
    reasons = [
        {"step": one.number, "reason": reason, "count": count}
        for one in ending.steps
        for reason, count in {**one.failed, **one.left_out}.items()
    ]
    out.table(reasons, REASONS)
    out.line()
    proof = ", ".join(f"{getattr(ending.proof, name)} {what}" for name, what in PROMISES.items())
    out.line(f"Prova: {proof}")


def differences(here: Ending, there: Ending) -> list[str]:
    """Where two endings of the same campaign differ, counter by counter; nothing when they are the same."""
    found = []
    for ours, theirs in zip(here.steps, there.steps, strict=True):
        mine, its = _counters(ours), _counters(theirs)
        found += [
            f"step {ours.number}: {name} {mine.get(name, 0)} here, {its.get(name, 0)} there"
            for name in sorted(mine.keys() | its.keys())
            if mine.get(name, 0) != its.get(name, 0)
        ]
    return found


def _row(one: StepCount) -> dict[str, Any]:
    return {**{name: getattr(one, name) for name in STEP_COLUMNS if hasattr(one, name)}, **_named(one)}


def _named(one: StepCount) -> dict[str, Any]:
    return {"step": one.number, "channel": str(one.channel), "failed": one.failed_total}


def _counters(one: StepCount) -> Mapping[str, int]:
    plain = {name: getattr(one, name) for name in ("rows", "sent", "delivered", "read", "replied", "opted_out")}
    reasons = {f"failed {reason}": count for reason, count in one.failed.items()}
    return plain | reasons | {f"left out {reason}": count for reason, count in one.left_out.items()}
