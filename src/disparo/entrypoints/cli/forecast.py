"""`disparo forecast`: what a campaign will do, before it does it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.entrypoints.cli import provider_prices
from disparo.entrypoints.cli.forecast_words import document, sentences, step_items
from disparo.entrypoints.cli.moments import lasting
from disparo.entrypoints.cli.paragraphs import paragraph
from disparo.entrypoints.cli.provider_prices import Currency, Prices, by_channel
from disparo.entrypoints.cli.session import GivenSession
from disparo.entrypoints.time_left import TimeLeft
from disparo.usecases.cost import ChannelCost, provider_costs

if TYPE_CHECKING:
    from disparo.domain.campaign import Campaign
    from disparo.entrypoints.cli.printing import Output
    from disparo.simulation.forecast import Forecast
    from disparo.simulation.progress import OnProgress, Progress

LARGE = 20_000
"""From so many contacts on a forecast takes long enough to tell how it goes."""

STEP_COLUMNS = {"step": "passo", "channel": "canal", "first_at": "início", "last_at": "fim", "messages": "mensagens"}
_MOST_DAYS = 21


def forecast(
    campaign: Annotated[str, Parameter(help="Nome ou id da campanha; um rascunho é previsto como se começasse agora.")],
    /,
    *,
    at: Annotated[str | None, Parameter(help="Prevê a partir deste instante, como 2026-11-23T08:00.")] = None,
    days: Annotated[int, Parameter(help="Quantos dias mostrar hora a hora.")] = 7,
    failures: Annotated[
        bool, Parameter(negative="", help="Com as falhas e respostas que as configurações dão ao sandbox.")
    ] = False,
    price: Prices = (),
    currency: Currency = "USD",
    session: GivenSession,
) -> None:
    """Play the campaign on a virtual clock, and show when it goes out and what holds it back."""
    from disparo.bootstrap import sandbox_script, senders_of
    from disparo.simulation.forecast import forecast as foresee

    settings, out = session.settings, session.out
    prices = by_channel(price, "--price")
    with session.open() as app:
        found = asyncio.run(app.store.campaigns.get(campaign))
        now = app.clock.now() if at is None else _instant(at, found)
        lists = asyncio.run(app.store.contacts.lists())
        contacts = next((one.contacts for one in lists if one.name == found.list_name), 0)
        foreseen = foresee(
            app.store,
            found,
            senders_of(settings),
            now,
            failures=sandbox_script(settings) if failures else None,
            concurrency=settings.send_concurrency,
            on_progress=_progress(out, contacts) if contacts > LARGE else None,
        )
    costs = _costs(foreseen, prices)
    if out.json:
        providers = provider_prices.document(costs, currency) if costs else None
        out.document(document(foreseen) | {"provider_cost": providers})
        return
    show(out, foreseen, days)
    if costs:
        paragraph(out, provider_prices.sentence(costs, currency))


def _costs(foreseen: Forecast, prices: Mapping[Channel, float]) -> Sequence[ChannelCost]:
    """What the messages cost at their providers; nothing when no price is known."""
    messages: Counter[Channel] = Counter()
    for step in foreseen.steps:
        messages[step.channel] += step.messages
    return provider_costs(messages, prices) if prices else ()


def _instant(text: str, campaign: Campaign) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"--at: «{text}» não é um instante; escreva um, como 2026-11-23T08:00") from None
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(campaign.place.zone))).astimezone(UTC)


def _progress(out: Output, contacts: int) -> OnProgress:
    """Tells on stderr, every other second, how far it is and how long it will take."""
    out.note(f"prevendo para {contacts:,} contatos".replace(",", ".") + ", mensagem por mensagem: isto pode demorar")
    watch, told = TimeLeft(), time.monotonic()

    def tell(progress: Progress) -> None:
        nonlocal told
        left = watch.at(progress.share)
        if (now := time.monotonic()) - told < 2:
            return
        told = now
        if left is None:
            out.note(f"{progress.contacts:,} contatos copiados".replace(",", "."))
        else:
            out.note(f"{progress.share:.0%}".replace("%", " %") + f", faltam cerca de {lasting(left)}")

    return tell


def show(out: Output, foreseen: Forecast, days: int) -> None:
    """A forecast for people, or as lines in a pipe."""
    out.table(step_items(foreseen), STEP_COLUMNS)
    if out.terminal:
        _draw(out, foreseen, days)
    else:
        for day in foreseen.days:
            counts = " ".join(f"{channel}={count}" for channel, count in day.messages.items())
            out.line(f"day\t{day.begins_at:%Y-%m-%d}\t{day.total}\t{counts}")
    for sentence in sentences(foreseen):
        paragraph(out, sentence)


def _draw(out: Output, foreseen: Forecast, days: int) -> None:
    from disparo.entrypoints.cli.charts import day_bars, hour_strips

    width = min(out.console.width, 120)
    if foreseen.hours:
        out.line()
        for line in hour_strips(foreseen.hours, width, days):
            out.console.print(line)
        out.line()
        for line in day_bars(foreseen.days, width, _MOST_DAYS):
            out.console.print(line)
        out.line()
