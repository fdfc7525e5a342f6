"""What every family's inbox does; each check gets one empty store as two processes have it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from disparo.domain.contact import Channel
from disparo.domain.errors import NotFoundError
from disparo.domain.receipt import Notice
from disparo.ports.inbox import Heard, Inbox, InboxEntry
from disparo.ports.store import Store
from tests.contract.suppressions_suite import ANA, ANA_MAIL, BIA, import_two

Check = Callable[[Store, Store], Awaitable[None]]
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WHATSAPP, SENDER = Channel.WHATSAPP, "whatsapp-1"


def heard(number: int = 1, text: str = "Oi", key: str = ANA, contact_id: str | None = "7", **changes: object) -> Heard:
    at = NOW - timedelta(minutes=10) + number * SECOND
    one = Heard(f"whatsapp:wamid.{number}", WHATSAPP, SENDER, key, contact_id, "3.1.7", text, "other", at)
    return replace(one, **changes)  # type: ignore[arg-type]


async def texts(inbox: Inbox, *, contact_id: str | None = None, unhandled: bool = False) -> list[str]:
    page = await inbox.page(None, 100, contact_id=contact_id, unhandled=unhandled)
    return [one.heard.text for one in page]


async def check_what_was_heard_is_kept_as_it_was(store: Store, other: Store) -> None:
    given = heard(text="Olá, ção 👩‍👩‍👧 \u202eabc\n\x00 fim", intent="question")
    stranger = replace(given, event_id="sg:2", channel=Channel.EMAIL, key=ANA_MAIL, contact_id=None, message_id=None)
    assert await store.inbox.keep(given, NOW)
    assert await store.inbox.keep(stranger, NOW + SECOND)
    entries = await other.inbox.page(None, 10)
    assert [one.heard for one in entries] == [stranger, given]
    assert [one.handled_at for one in entries] == [None, None]


async def check_a_repeat_changes_nothing(store: Store, other: Store) -> None:
    assert not await store.inbox.knows("whatsapp:wamid.1")
    assert await store.inbox.keep(heard(text="first"), NOW)
    assert not await other.inbox.keep(heard(text="second", at=NOW), NOW + SECOND)
    assert await other.inbox.knows("whatsapp:wamid.1")
    assert await texts(store.inbox) == ["first"]
    assert await texts(store.inbox, contact_id="7") == ["first"]
    assert await store.inbox.last_heard(WHATSAPP, SENDER, [ANA]) == heard().at


async def check_of_many_who_keep_the_same_one_does(store: Store, other: Store) -> None:
    for number in range(5):
        both = [one.inbox.keep(heard(number), NOW + n * SECOND) for n, one in enumerate((store, other, store, other))]
        assert sorted(await asyncio.gather(*both)) == [False, False, False, True]
    assert len(await store.inbox.page(None, 100)) == 5
    assert len(await store.inbox.page(None, 100, unhandled=True)) == 5
    assert len(await store.inbox.page(None, 100, contact_id="7")) == 5


async def check_pages_come_newest_first_whatever_the_providers_instant(store: Store, other: Store) -> None:
    for number in range(7):  # over the end of a month
        kept_at = datetime(2026, 2, 27, tzinfo=UTC) + number * timedelta(days=1)
        await store.inbox.keep(heard(number, f"t{number}", at=NOW - number * SECOND), kept_at)
    assert await texts(other.inbox) == [f"t{number}" for number in range(6, -1, -1)]


async def check_paging_is_stable_while_new_ones_come(store: Store, _other: Store) -> None:
    for number in range(10):
        await store.inbox.keep(heard(number, f"t{number}"), NOW + number * timedelta(days=5))
    seen: list[InboxEntry] = []
    while page := await store.inbox.page(seen[-1].id if seen else None, 3):
        assert len(page) == 3 or len(seen) == 9
        seen += page
        fresh = 100 + len(seen)
        await store.inbox.keep(heard(fresh, f"t{fresh}"), NOW + fresh * timedelta(days=5))
    assert [one.heard.text for one in seen] == [f"t{number}" for number in range(9, -1, -1)]


async def check_what_is_kept_at_one_instant_has_an_order_too(store: Store, _other: Store) -> None:
    for number in range(6):
        await store.inbox.keep(heard(number), NOW)
    seen: list[str] = []
    while page := await store.inbox.page(seen[-1] if seen else None, 2):
        seen += [one.id for one in page]
    assert len(set(seen)) == 6
    assert seen == sorted(seen, reverse=True)


async def check_a_conversation_is_of_one_contact(store: Store, _other: Store) -> None:
    await store.inbox.keep(heard(1, "ana"), NOW)
    await store.inbox.keep(heard(2, "bia", BIA, "8"), NOW + SECOND)
    await store.inbox.keep(heard(3, "quem?", "+5511900000000", None), NOW + 2 * SECOND)
    await store.inbox.keep(heard(4, "ana de novo"), NOW + 3 * SECOND)
    assert await texts(store.inbox, contact_id="7") == ["ana de novo", "ana"]
    assert await texts(store.inbox, contact_id="9") == []
    [first, last] = await store.inbox.page(None, 5, contact_id="7")
    await store.inbox.handle(first.id, NOW)
    assert [one.id for one in await store.inbox.page(None, 5, contact_id="7", unhandled=True)] == [last.id]
    assert [one.id for one in await store.inbox.page(first.id, 5, contact_id="7")] == [last.id]


async def check_what_somebody_dealt_with_is_no_longer_open(store: Store, other: Store) -> None:
    for number in range(5):
        await store.inbox.keep(heard(number, f"t{number}"), NOW + number * SECOND)
    entries = await store.inbox.page(None, 10)
    assert await other.inbox.handle(entries[1].id, NOW + timedelta(hours=1))
    assert not await store.inbox.handle(entries[1].id, NOW + timedelta(hours=2))
    assert (await store.inbox.page(None, 10))[1].handled_at == NOW + timedelta(hours=1)
    assert await texts(store.inbox, unhandled=True) == ["t4", "t2", "t1", "t0"]
    page = await store.inbox.page(entries[0].id, 2, unhandled=True)
    assert [one.heard.text for one in page] == ["t2", "t1"]
    for unknown in ("", "x", "000000000000001-" + "0" * 32, entries[0].id + "0"):
        with pytest.raises(NotFoundError):
            await store.inbox.handle(unknown, NOW)


async def check_a_long_text_is_clipped_and_half_a_sign_replaced(store: Store, _other: Store) -> None:
    await store.inbox.keep(heard(1, "ç" * 100_000), NOW)
    await store.inbox.keep(heard(2, "x\ud83d"), NOW + SECOND)
    assert await texts(store.inbox) == ["x\ufffd", "ç" * 8_000]


async def check_a_window_is_of_the_latest_word_to_that_sender(store: Store, other: Store) -> None:
    assert await store.inbox.last_heard(WHATSAPP, SENDER, [ANA]) is None
    await store.inbox.keep(heard(5), NOW)
    await other.inbox.keep(heard(3), NOW + SECOND)  # came late
    latest = heard(5).at
    assert await other.inbox.last_heard(WHATSAPP, SENDER, [BIA, ANA, ANA]) == latest
    assert await store.inbox.last_heard(WHATSAPP, "whatsapp-2", [ANA]) is None
    assert await store.inbox.last_heard(Channel.SMS, SENDER, [ANA]) is None
    assert await store.inbox.last_heard(WHATSAPP, SENDER, [BIA]) is None
    assert await store.inbox.last_heard(WHATSAPP, SENDER, []) is None


async def check_the_latest_of_several_keys_counts(store: Store, _other: Store) -> None:
    await store.inbox.keep(heard(1), NOW)
    await store.inbox.keep(heard(2, key="user:whatsapp:77"), NOW)
    assert await store.inbox.last_heard(WHATSAPP, SENDER, [ANA, "user:whatsapp:77"]) == heard(2).at


async def check_a_window_that_was_shut_is_open_from_the_next_word(store: Store, other: Store) -> None:
    await store.inbox.keep(heard(1), NOW)
    await store.inbox.keep(heard(2, sender="whatsapp-2"), NOW)
    await other.inbox.shut(WHATSAPP, SENDER, [ANA, BIA])
    assert await store.inbox.last_heard(WHATSAPP, SENDER, [ANA]) is None
    assert await store.inbox.last_heard(WHATSAPP, "whatsapp-2", [ANA]) == heard(2).at
    await store.inbox.keep(heard(3), NOW)
    assert await store.inbox.last_heard(WHATSAPP, SENDER, [ANA]) == heard(3).at
    await store.inbox.shut(WHATSAPP, SENDER, [])


async def check_words_of_one_moment_leave_the_latest(store: Store, other: Store) -> None:
    many = [(store, other)[number % 2].inbox.keep(heard(number), NOW) for number in range(8)]
    assert all(await asyncio.gather(*many))
    assert await store.inbox.last_heard(WHATSAPP, SENDER, [ANA]) == heard(7).at


async def check_the_latest_name_holds(store: Store, other: Store) -> None:
    assert await store.inbox.key_of("whatsapp", "BR.77") is None
    await store.inbox.learn("whatsapp", "BR.77", ANA)
    await store.inbox.learn("whatsapp", "BR.77", ANA)
    await other.inbox.learn("telegram", "BR.77", BIA)
    assert await other.inbox.key_of("whatsapp", "BR.77") == ANA
    await other.inbox.learn("whatsapp", "BR.77", BIA)
    assert await store.inbox.key_of("whatsapp", "BR.77") == BIA
    assert await store.inbox.key_of("telegram", "BR.77") == BIA


def notice(number: int, **changes: object) -> Notice:
    one = Notice("whatsapp", f"n{number}", "account_update", NOW - number * SECOND, f'{{"n":{number}}}')
    return replace(one, **changes)  # type: ignore[arg-type]


async def check_notices_are_kept_once_and_come_newest_first(store: Store, other: Store) -> None:
    for number in range(5):
        assert await store.inbox.keep_notice(notice(number), NOW + number * SECOND)
    assert not await other.inbox.keep_notice(notice(3, kind="else"), NOW)
    assert await other.inbox.keep_notice(notice(3, provider="twilio"), NOW - SECOND)
    first = await other.inbox.notices(None, 4)
    assert [one for _, one in first] == [notice(number) for number in (4, 3, 2, 1)]
    rest = await store.inbox.notices(first[-1][0], 4)
    assert [one for _, one in rest] == [notice(0), notice(3, provider="twilio")]
    assert sum(await asyncio.gather(*[one.inbox.keep_notice(notice(9), NOW) for one in (store, other) * 2])) == 1


async def check_a_long_notice_is_clipped(store: Store, _other: Store) -> None:
    await store.inbox.keep_notice(notice(1, detail="é" * 100_000), NOW)
    [(_, kept)] = await store.inbox.notices(None, 5)
    assert kept.detail == "é" * 8_000


async def check_a_person_is_forgotten_and_nobody_else(store: Store, other: Store) -> None:
    await store.inbox.learn("whatsapp", "BR.77", ANA)
    await store.inbox.learn("whatsapp", "BR.88", BIA)
    await store.inbox.keep(heard(1, "segredo"), NOW)
    await store.inbox.keep(heard(2, "sem contato", contact_id=None), NOW)
    await store.inbox.keep(heard(3, "só o nome", "user:whatsapp:BR.77", None), NOW)
    await store.inbox.keep(heard(4, "bia", BIA, "8"), NOW)
    await other.inbox.forget("7", [ANA, ANA_MAIL])
    assert await texts(store.inbox) == ["bia"]
    assert await texts(store.inbox, unhandled=True) == ["bia"]
    assert await texts(store.inbox, contact_id="7") == []
    assert await store.inbox.last_heard(WHATSAPP, SENDER, [ANA, "user:whatsapp:BR.77"]) is None
    assert await store.inbox.last_heard(WHATSAPP, SENDER, [BIA]) == heard(4).at
    assert await store.inbox.key_of("whatsapp", "BR.77") is None
    assert await store.inbox.key_of("whatsapp", "BR.88") == BIA
    await other.inbox.forget("7", [ANA, ANA_MAIL])
    await other.inbox.forget("7", [])


async def check_what_was_forgotten_does_not_come_back_with_a_repeat(store: Store, other: Store) -> None:
    await store.inbox.keep(heard(1, "segredo"), NOW)
    [entry] = await store.inbox.page(None, 5)
    await store.inbox.forget("7", [ANA])
    assert await other.inbox.knows("whatsapp:wamid.1")
    assert not await other.inbox.keep(heard(1, "segredo"), NOW + SECOND)
    assert await texts(store.inbox) == []
    assert await other.inbox.last_heard(WHATSAPP, SENDER, [ANA]) is None
    with pytest.raises(NotFoundError):
        await store.inbox.handle(entry.id, NOW)


async def check_an_erasure_forgets_what_a_person_wrote_and_until_then_it_is_told(store: Store, _other: Store) -> None:
    ana, bia = await import_two(store)
    await store.inbox.keep(heard(1, "meu CPF é 1", contact_id=ana), NOW)
    await store.inbox.keep(heard(2, "bia", BIA, bia), NOW)
    [told] = (await store.contacts.everything(ana))["replies"]
    assert (told["text"], told["key"], told["intent"]) == ("meu CPF é 1", ANA, "other")
    await store.contacts.erase(ana, NOW)
    assert await texts(store.inbox) == ["bia"]
    assert (await store.contacts.everything(ana))["replies"] == []
    assert await store.inbox.last_heard(WHATSAPP, SENDER, [ANA]) is None


SUITE: tuple[Check, ...] = tuple(check for name, check in globals().items() if name.startswith("check_"))
