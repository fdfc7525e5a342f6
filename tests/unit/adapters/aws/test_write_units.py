"""What a message costs in DynamoDB's write units, from its contact's import to its delivery."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from disparo.adapters.aws.store import open_store
from disparo.domain.cloud_cost import WRITE_UNITS_PER_MESSAGE
from disparo.domain.contact import ContactDraft
from disparo.domain.message import MessageEvent
from disparo.domain.place import Place
from disparo.domain.settlement import Settlement
from disparo.domain.ticket import Ticket
from disparo.simulation.memory_tables import MemoryTables
from tests.contract.scene import MINUTE, NOW, WHATSAPP, Scene, later_word, mail_of, phone_of

MOST = 12
"""Write units for a message from its contact's import to its delivery, one by one on the whole way."""

PEOPLE = 200
BATCH = 10
"""Messages that an invocation of the send function records together."""


def test_a_message_costs_at_most_twelve_write_units_from_import_to_delivery() -> None:
    tables, spent = asyncio.run(_one_campaign())
    total = tables.units.writes / PEOPLE
    stages = "\n".join(f"{units / PEOPLE:10.2f}  {stage}" for stage, units in spent.items())
    assert abs(total - WRITE_UNITS_PER_MESSAGE) < 0.3, "what `disparo cost` reckons with"
    assert total <= MOST, f"{total:.2f} write units a message\n{stages}\n{tables.units.report(PEOPLE)}"


async def _one_campaign() -> tuple[MemoryTables, Counter[str]]:
    """A campaign of one step for people with a number and an e-mail address, as the functions on AWS run it."""
    tables = MemoryTables()
    store = open_store(tables)
    scene = Scene(store, open_store(tables.sibling()))
    spent: Counter[str] = Counter()

    def book(stage: str) -> None:
        spent[stage] = round(tables.units.writes) - sum(spent.values())

    drafts = [
        ContactDraft(
            f"leads.csv:{number + 2}",
            Place("America/Sao_Paulo", "BR-SP"),
            name=f"Maria Aparecida {number}",
            phone=phone_of(number),
            phone_key=phone_of(number),
            email=mail_of(number),
            email_key=mail_of(number),
            variables={"empresa": "Padaria São João", "cidade": "Campinas"},
        )
        for number in range(PEOPLE)
    ]
    await store.contacts.fold("promo", drafts)
    book("import")
    campaign = await scene.start()
    assert await scene.enter(campaign)
    book("launch")
    claim = await scene.claim(PEOPLE, horizon=MINUTE)
    tickets = [Ticket.of(message) for message in claim.messages]
    assert len(tickets) == PEOPLE
    book("claim")
    for first in range(0, PEOPLE, BATCH):
        settlements = []
        for ticket in tickets[first : first + BATCH]:
            message = await store.ledger.pick_up(ticket, NOW)
            assert message is not None
            assert await store.ledger.begin(message, NOW)
            assert await store.ledger.clear_to_send(message, WHATSAPP, NOW) is None
            accepted = Settlement(message.id, MessageEvent.ACCEPT, message.fence, provider_id=f"wamid.{'x' * 40}")
            settlements.append(replace(accepted, sender=WHATSAPP, heard=True))
        assert all(await store.ledger.settle(settlements, NOW + timedelta(seconds=1)))
    book("send")
    for ticket in tickets:  # one by one, as most providers call
        receipt = later_word(ticket.id, MessageEvent.DELIVER, f"whatsapp:{ticket.id}")
        assert await store.ledger.settle([receipt], NOW + MINUTE) == [True]
    book("receipt")
    return tables, spent
