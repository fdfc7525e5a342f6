"""`disparo dead-letters ...`: messages that were given up."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from disparo.domain.errors import InputError
from disparo.entrypoints.cli.messages import filter_of, items_of, tell_history, tell_messages
from disparo.entrypoints.cli.options import After, Limit, OfCampaign, OfReason, checked_limit, page_of
from disparo.entrypoints.cli.printing import Code
from disparo.entrypoints.cli.session import GivenSession
from disparo.usecases import dead_letters, undelivered


async def list_(
    *,
    campaign: OfCampaign = None,
    reason: OfReason = None,
    summary: Annotated[bool, Parameter(help="Só quantas, por campanha, passo e motivo.")] = False,
    limit: Limit = 50,
    after: After = None,
    session: GivenSession,
) -> None:
    """Dead letters, one by one or counted."""
    checked_limit(limit)
    empty = "nenhuma carta morta"
    with session.open() as app:
        if summary:
            counts = [
                {
                    "campaign": one.campaign,
                    "step": one.step,
                    "channel": Code(one.channel),
                    "state": Code(one.state),
                    "reason": Code(one.reason),
                    "count": one.count,
                }
                for one in await dead_letters.summary(app.store, campaign)
                if reason is None or one.reason == reason
            ]
            columns = {
                "campaign": "campanha", "step": "passo", "channel": "canal", "state": "estado", "reason": "motivo",
                "count": "quantas",
            }  # fmt: skip
            session.out.listing(counts, columns, empty=empty)
            return
        wanted = await filter_of(app, campaign, reason=reason)
        records, more = page_of(await dead_letters.page(app.store, wanted, after, limit + 1), limit)
        items = await items_of(app, records)
    tell_messages(session, items, str(records[-1].id) if more else None, empty=empty)


async def show(
    id_: Annotated[str, Parameter(name="ID", help="A mensagem, como 3.1.57.")], /, *, session: GivenSession
) -> None:
    """One dead letter with its history."""
    with session.open() as app:
        await tell_history(session, app, await dead_letters.show(app.store, id_))


async def redrive(
    *ids: Annotated[str, Parameter(name="ID", help="Mensagens; sem elas, as que as opções escolhem.")],
    campaign: OfCampaign = None,
    reason: OfReason = None,
    force: Annotated[bool, Parameter(help="Também as que podem ter chegado, e as de quem já respondeu.")] = False,
    session: GivenSession,
) -> None:
    """Make dead letters due again."""
    if bool(ids) == (campaign is not None or reason is not None):
        raise InputError("diga quais: mensagens, como «redrive 3.1.57», ou então --campaign e --reason")
    with session.open() as app:
        wanted = list(ids) if ids else await filter_of(app, campaign, reason=reason)
        report = await dead_letters.redrive(app.store, wanted, app.clock.now(), force=force)
    refused = [{"id": message_id, "reason": Code(why)} for message_id, why in report.refused]
    if session.out.json:
        session.out.document({"redriven": report.redriven, "refused": refused})
        return
    session.out.line(f"{report.redriven} recolocadas na fila, {len(refused)} recusadas")
    session.out.table(refused, {"id": "mensagem", "reason": "motivo"})


async def queue(
    *,
    clear: Annotated[bool, Parameter(help="Tira da fila o que já não pede nada.")] = False,
    everything: Annotated[bool, Parameter(help="Com --clear, tira também o resto.")] = False,
    limit: Limit = 50,
    session: GivenSession,
) -> None:
    """What lies in the dead-letter queue on AWS, beside how the ledger has it."""
    checked_limit(limit)
    if everything and not clear:
        raise InputError("--everything só vale junto de --clear")
    with session.open() as app:
        if app.undelivered is None:
            raise InputError("não há fila de cartas mortas: ela é da família AWS (store = dynamodb e send_dlq_url)")
        now = app.clock.now()
        if not clear:
            found = await undelivered.look(app.store, app.undelivered, limit, now)
            session.out.listing(
                [_entry_item(one) for one in found], _COLUMNS, empty="a fila de cartas mortas está vazia"
            )
            return
        done = await undelivered.clear(app.store, app.undelivered, limit, now, everything=everything)
    left = [_entry_item(one) for one in done.left]
    if session.out.json:
        session.out.document({"dropped": done.dropped, "left": left})
        return
    session.out.line(f"{done.dropped} tiradas da fila, {len(left)} ficaram")
    session.out.table(left, _COLUMNS)


_COLUMNS = {
    "kind": "o quê", "id": "mensagem", "state": "estado", "reason": "motivo", "over": "pode sair",
}  # fmt: skip


def _entry_item(entry: undelivered.Entry) -> dict[str, object]:
    one = entry.undelivered
    return {
        "kind": Code(one.kind),
        "id": None if one.message_id is None else str(one.message_id),
        "state": None if entry.state is None else Code(entry.state),
        "reason": Code(one.reason or entry.reason or ""),
        "over": entry.over,
    }
