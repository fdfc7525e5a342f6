"""`disparo senders`: who sends, by which provider, how they share a channel, and how they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from disparo.entrypoints.cli.printing import Code
from disparo.entrypoints.cli.session import GivenSession
from disparo.usecases.sender_look import look_at

if TYPE_CHECKING:
    from disparo.bootstrap import App

COLUMNS = {
    "name": "remetente", "channel": "canal", "provider": "provedor", "weight": "peso", "breaker": "provedor está",
    "until": "até", "burst": "por minuto", "hourly": "por hora", "daily": "por dia",
}  # fmt: skip


async def senders(*, session: GivenSession) -> None:
    """Every sender, with its limits as used of allowed."""
    with session.open() as app:
        items = [await _item(app, number) for number in range(len(app.senders))]
    session.out.listing(items, COLUMNS, empty="nenhum remetente")


async def _item(app: App, number: int) -> dict[str, Any]:
    one = app.senders[number]
    seen = await look_at(app.store.ledger, one.sender, app.clock.now())
    return {
        "name": one.sender.name,
        "channel": Code(one.sender.channel),
        "provider": one.provider,
        "weight": one.sender.weight,
        "breaker": Code(seen.breaker.reason),
        "until": seen.breaker.changes_at,
        **{window: f"{used} / {limit}" for window, used, limit in seen.used},
    }
