"""What every family's texts by hand do; each check gets one empty store as two processes have it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from disparo.domain.contact import Channel
from disparo.domain.errors import NotFoundError
from disparo.domain.hand_message import HandMessage
from disparo.domain.template import Template
from disparo.domain.whatsapp_content import Choice, Choices
from disparo.ports.store import Store

Check = Callable[[Store, Store], Awaitable[None]]
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TEXT = HandMessage(
    contact_id="7",
    key="form-1",
    channel=Channel.WHATSAPP,
    sender="vendas",
    template=Template("à mão", "{{ texto }}", choices=Choices((Choice("sim", "Sim"), Choice("nao", "Não")))),
    variables={"texto": "Olá, tudo bem? {{ não é variável }}"},
    by="user:1",
    at=NOW,
)


async def check_a_text_comes_back_as_it_was_kept_with_its_number(store: Store, other: Store) -> None:
    kept = await store.hand_messages.keep(TEXT)
    assert kept == replace(TEXT, number=1)
    assert await other.hand_messages.get("7", 1) == kept


async def check_the_same_key_is_kept_once(store: Store, other: Store) -> None:
    kept = await store.hand_messages.keep(TEXT)
    again = replace(TEXT, variables={"texto": "outro"}, at=NOW + timedelta(hours=1))
    assert await other.hand_messages.keep(again) == kept
    assert list(await store.hand_messages.of("7", 10)) == [kept]
    assert (await store.hand_messages.keep(replace(TEXT, contact_id="8"))).number == 1


async def check_numbers_count_up_for_each_contact_and_the_newest_comes_first(store: Store, other: Store) -> None:
    kept = [await store.hand_messages.keep(replace(TEXT, key=f"form-{n}")) for n in range(12)]
    assert [one.number for one in kept] == list(range(1, 13))
    assert list(await other.hand_messages.of("7", 3)) == kept[:-4:-1]
    assert list(await other.hand_messages.of("8", 3)) == []


async def check_of_many_at_once_each_gets_a_number_of_its_own(store: Store, other: Store) -> None:
    stores = (store, other)
    texts = [replace(TEXT, key=f"form-{n // 2}") for n in range(12)]
    kept = await asyncio.gather(*(stores[n % 2].hand_messages.keep(one) for n, one in enumerate(texts)))
    assert sorted({one.number for one in kept}) == [1, 2, 3, 4, 5, 6]
    assert len({(one.key, one.number) for one in kept}) == 6


async def check_what_is_forgotten_is_gone_and_its_number_stays_used(store: Store, other: Store) -> None:
    await store.hand_messages.keep(TEXT)
    await store.hand_messages.keep(replace(TEXT, key="form-2"))
    await store.hand_messages.keep(replace(TEXT, contact_id="8"))
    assert await other.hand_messages.forget_person("7", ()) == 2
    assert await other.hand_messages.forget_person("7", ()) == 0
    with pytest.raises(NotFoundError):
        await store.hand_messages.get("7", 1)
    assert list(await store.hand_messages.of("7", 10)) == []
    assert (await store.hand_messages.keep(replace(TEXT, key="form-3"))).number == 3
    assert (await store.hand_messages.get("8", 1)).contact_id == "8"


SUITE: tuple[Check, ...] = (
    check_a_text_comes_back_as_it_was_kept_with_its_number,
    check_the_same_key_is_kept_once,
    check_numbers_count_up_for_each_contact_and_the_newest_comes_first,
    check_of_many_at_once_each_gets_a_number_of_its_own,
    check_what_is_forgotten_is_gone_and_its_number_stays_used,
)
