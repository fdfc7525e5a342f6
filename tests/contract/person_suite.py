"""What every family tells and forgets of a person; each check gets an empty store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.errors import InputError, NotFoundError
from disparo.domain.message import MessageEvent, MessageId
from disparo.domain.suppression import Suppression
from disparo.ports.ledger import Settlement
from disparo.ports.store import Store
from tests.contract.suppressions_suite import ANA, BIA, NOW, import_two, start

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


async def check_a_contact_is_changed_with_its_addresses(store: Store) -> None:
    ana, _ = await import_two(store)
    phone = "+5511900001111"
    changed = await store.contacts.edit(ana, lambda one: replace(one, name="Nova", phone=phone, phone_key=phone))
    assert (changed.name, changed.phone, set(changed.keys)) == ("Nova", phone, {phone, "ana@x.com"})
    assert [one.id for one in await store.contacts.find(phone, 5)] == [ana]
    assert [one.id for one in await store.contacts.find("Nova", 5)] == [ana]
    assert await store.contacts.find(ANA, 5) == []
    [again] = await store.contacts.fold("clientes", [ContactDraft("b.csv:2", None, phone=ANA, phone_key=ANA)])
    assert again.contact_id != ana, "the old address is free"


async def check_an_address_of_another_contact_of_the_list_is_not_taken(store: Store) -> None:
    ana, bia = await import_two(store)
    await import_two(store, "leads")
    with pytest.raises(InputError, match=f"contato {bia}"):
        await store.contacts.edit(ana, lambda one: replace(one, phone=BIA, phone_key=BIA))
    assert (await store.contacts.get(ana)).phone == ANA
    [elsewhere] = [one for one in await store.contacts.find(ANA, 5) if one.list_name == "leads"]
    free = "+5511900002222"
    await store.contacts.edit(elsewhere.id, lambda one: replace(one, phone=free, phone_key=free))
    assert (await store.contacts.get(ana)).phone == ANA


async def check_a_change_that_raises_leaves_nothing_done(store: Store) -> None:
    ana, _ = await import_two(store)

    def refuse(_: ContactDraft) -> ContactDraft:
        raise InputError("não")

    with pytest.raises(InputError):
        await store.contacts.edit(ana, refuse)
    before = await store.contacts.get(ana)
    assert await store.contacts.edit(ana, lambda one: one) == before
    await store.contacts.erase(ana, NOW)
    for contact in (ana, "999", "x"):
        with pytest.raises(NotFoundError):
            await store.contacts.edit(contact, lambda one: replace(one, name="Z"))


SUITE: tuple[Check, ...] = tuple(check for name, check in globals().items() if name.startswith("check_"))
