"""What SMS cost, in words: how many, in which alphabet, and because of which characters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from disparo.domain.sms_cost import SmsCost, SmsSpread
from disparo.domain.template import SmsEncoding
from disparo.entrypoints.cli.printing import Output

_NAMED = {SmsEncoding.GSM7: "GSM-7", SmsEncoding.UCS2: "UCS-2"}
_SHOWN = 8
"""Characters that are named; more of them help nobody to find the rest."""


def sms_size(cost: SmsCost) -> str:
    """How many SMS one message is."""
    return f"{cost.segments} SMS ({_NAMED[cost.encoding]}, {cost.units} unidades)"


def sms_hint(cost: SmsCost) -> str | None:
    """Which characters make a message cost more, None when none does."""
    if cost.plain_segments == cost.segments:
        return None
    return f"{_culprits(cost.forced_by)}: sem isso, {cost.plain_segments} SMS em vez de {cost.segments}"


def tell_sms_costs(out: Output, costs: Mapping[int, SmsSpread]) -> None:
    """What each step costs over the contacts that were looked at, a line each."""
    for step, cost in costs.items():
        each = str(cost.most) if cost.least == cost.most else f"de {cost.least} a {cost.most}"
        usual = "" if cost.least == cost.most else f", em geral {cost.typical}"
        seen = f"{cost.segments} em {cost.messages} mensagens vistas"
        out.line(f"passo {step}: {each} SMS por mensagem{usual} ({seen})")
        if cost.plain_segments < cost.segments:
            out.line(
                f"  {_culprits(cost.forced_by)} em {cost.unicode} delas: sem isso seriam {cost.plain_segments} SMS"
            )


def sms_item(cost: SmsCost | None) -> dict[str, Any]:
    """The cost of one message as JSON, all None when it is no SMS."""
    return {
        "sms_segments": cost.segments if cost else None,
        "sms_encoding": cost.encoding if cost else None,
        "sms_units": cost.units if cost else None,
        "sms_forced_by": list(cost.forced_by) if cost else None,
        "sms_plain_segments": cost.plain_segments if cost else None,
    }


def sms_items(costs: Mapping[int, SmsSpread]) -> list[dict[str, Any]]:
    """The costs of steps as JSON."""
    return [
        {
            "step": step,
            "messages": cost.messages,
            "least": cost.least,
            "typical": cost.typical,
            "most": cost.most,
            "segments": cost.segments,
            "plain_segments": cost.plain_segments,
            "unicode": cost.unicode,
            "forced_by": list(cost.forced_by),
        }
        for step, cost in costs.items()
    ]


def _culprits(chars: tuple[str, ...]) -> str:
    named = " ".join(f"«{char}»" for char in chars[:_SHOWN]) + (" …" if len(chars) > _SHOWN else "")
    return f"{named} {'obriga' if len(chars) == 1 else 'obrigam'} Unicode"
