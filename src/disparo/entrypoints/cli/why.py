"""`disparo why`: the reasons behind one message."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from disparo.domain.message import MessageId
from disparo.entrypoints.cli.moments import in_zone, shown
from disparo.entrypoints.cli.printing import Code
from disparo.entrypoints.cli.session import GivenSession
from disparo.entrypoints.words import words
from disparo.usecases.why import Fact
from disparo.usecases.why import why as explain


async def why(
    message: Annotated[str, Parameter(name="MESSAGE", help="A mensagem, como 3.1.57 (veja: disparo messages).")],
    /,
    *,
    session: GivenSession,
) -> None:
    """Why a message went, did not go, or still waits."""
    from disparo.bootstrap import senders_of

    with session.open() as app:
        senders = senders_of(session.settings)
        campaign = await app.store.campaigns.get(MessageId.parse(message).campaign_id)
        found = await explain(app.store, message, senders, app.clock.now())
    zone = campaign.place.zone
    facts = [{"code": Code(f.code), "detail": f.detail, "until": in_zone(f.until, zone)} for f in found.facts]
    until = in_zone(found.until, zone)
    item = {
        "id": str(found.id),
        "campaign": campaign.name,
        "state": Code(found.message.state) if found.message else None,
        "verdict": Code(found.verdict),
        "since": in_zone(found.since, zone),
        "until": until,
    }
    if session.out.json:
        session.out.document({**item, "facts": facts})
        return
    if not session.out.terminal:
        session.out.details(item, {key: key for key in item})
        session.out.table(facts, {"code": "o que pesa", "detail": "detalhe", "until": "até"})
        return
    session.out.line(f"{found.id}, campanha {campaign.name}")
    for fact in found.facts:
        session.out.line(_sentence(fact, zone))


def _sentence(fact: Fact, zone: str) -> str:
    """`fora do horário do contato: almoço 12:00-13:00 (até 23/11/2026 13:00:00)`."""
    until = in_zone(fact.until, zone)
    detail = f": {words(fact.detail)}" if fact.detail else ""
    return words(fact.code) + detail + (f" (até {shown(until)})" if until else "")
