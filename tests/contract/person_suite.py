"""What every family tells and forgets of a person; each check gets an empty store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from disparo.domain.contact import Channel
from disparo.domain.errors import NotFoundError
from disparo.domain.message import MessageEvent, MessageId
from disparo.domain.suppression import Suppression
from disparo.ports.ledger import Settlement
from disparo.ports.store import Store
from tests.contract.suppressions_suite import ANA, NOW, import_two, start

Check = Callable[[Store], Awaitable[None]]


async def _sent_once(store: Store) -> tuple[str, MessageId]:
    """Ana has a message whose provider spoke of her number, in its words and in its id."""
    ana, _ = await import_two(store)
    await import_two(store, "leads")
    campaign = await start(store, "promo")
    message = MessageId(campaign.id, 1, ana)
    accepted = Settlement(message, MessageEvent.ACCEPT, detail=f"sent to {ANA}", provider_id="wamid.NTUxMQ")
    assert await store.ledger.settle([accepted], NOW) == [True]
    await store.suppressions.add([Suppression(ANA, Channel.SMS, "opted_out", "reply", NOW)])
    return ana, message


async def check_everything_about_a_person_is_told(store: Store) -> None:
    ana, message = await _sent_once(store)
    told = await store.contacts.everything(ana)
    assert told["contact"]["phone"] == ANA
    assert told["contact"]["erased_at"] is None
    first, *waiting = told["messages"]
    assert (first["id"], first["campaign"], first["channel"]) == (str(message), "promo", "whatsapp")
    assert (first["state"], first["changed_at"], len(waiting)) == ("accepted", "2026-03-02T12:00:00.000+00:00", 2)
    assert [line["detail"] for line in first["journal"]] == [f"sent to {ANA}"]
    assert [(one["key"], one["channel"]) for one in told["suppressions"]] == [(ANA, "sms")]
    [other] = told["same_person"]
    assert (await store.contacts.get(other)).list_name == "leads"
    with pytest.raises(NotFoundError):
        await store.contacts.everything("999")


async def check_an_erasure_leaves_nothing_personal_in_the_journal_and_keeps_the_count(store: Store) -> None:
    ana, message = await _sent_once(store)
    await store.contacts.erase(ana, NOW)
    told = await store.contacts.everything(ana)
    assert told["contact"]["erased_at"] == "2026-03-02T12:00:00.000+00:00"
    text = str({**told, "suppressions": []})
    assert not [personal for personal in (ANA, ANA[3:], "ana@x.com", "Ana", "wamid") if personal in text]
    assert (await store.ledger.get(message)).state == "accepted"
    assert [(line.event, line.detail) for line in await store.ledger.journal(message)] == [("accept", "")]


SUITE: tuple[Check, ...] = tuple(check for name, check in globals().items() if name.startswith("check_"))
