"""What every family's inbox does with conversations; each check gets one empty store as two processes have it."""

from __future__ import annotations

import asyncio

from disparo.ports.store import Store
from tests.contract.inbox_suite import NOW, SECOND, Check, heard, texts
from tests.contract.suppressions_suite import ANA, BIA


async def check_conversations_come_with_the_latest_first(store: Store, other: Store) -> None:
    stranger = "+5511900000000"
    assert await store.inbox.conversations(None, 9) == []
    await store.inbox.keep(heard(1, "ana"), NOW)
    await other.inbox.keep(heard(2, "bia", BIA, "8"), NOW + SECOND)
    await store.inbox.keep(heard(3, "quem?", stranger, None), NOW + 2 * SECOND)
    await other.inbox.keep(heard(4, "ana de novo"), NOW + 3 * SECOND)
    assert not await store.inbox.keep(heard(4, "ana de novo"), NOW + 4 * SECOND)
    lines = await store.inbox.conversations(None, 9)
    told = [(one.owner, one.contact_id, one.latest.heard.text, one.entries, one.unhandled) for one in lines]
    assert told == [
        ("7", "7", "ana de novo", 2, 2),
        (stranger, None, "quem?", 1, 1),
        ("8", "8", "bia", 1, 1),
    ]
    assert await other.inbox.conversation("7") == lines[0]
    assert await other.inbox.conversation(stranger) == lines[1]
    assert await other.inbox.conversation("9") is None
    assert await texts(store.inbox, contact_id=stranger) == ["quem?"]
    assert await texts(store.inbox, contact_id=stranger, unhandled=True) == ["quem?"]
    assert [one.owner for one in await store.inbox.conversations(lines[0].latest.id, 1)] == [stranger]


async def check_a_conversation_waits_until_all_of_it_is_dealt_with(store: Store, other: Store) -> None:
    for number, (who, contact_id) in enumerate([(ANA, "7"), (BIA, "8"), (ANA, "7"), (BIA, "8")]):
        await store.inbox.keep(heard(number, f"t{number}", who, contact_id), NOW + number * SECOND)
    last_of_bia, last_of_ana, _, first_of_ana = await store.inbox.page(None, 9)

    async def waiting() -> list[tuple[str, int]]:
        return [(one.owner, one.unhandled) for one in await other.inbox.conversations(None, 9, unhandled=True)]

    assert await waiting() == [("8", 2), ("7", 2)]
    await store.inbox.handle(last_of_ana.id, NOW)
    assert await waiting() == [("8", 2), ("7", 1)]
    await other.inbox.handle(first_of_ana.id, NOW)
    assert not await store.inbox.handle(first_of_ana.id, NOW)
    assert await waiting() == [("8", 2)]
    assert [(one.owner, one.unhandled) for one in await store.inbox.conversations(None, 9)] == [("8", 2), ("7", 0)]
    latest = await store.inbox.conversation("7")
    assert latest is not None
    assert latest.latest.handled_at == NOW
    assert [one.owner for one in await store.inbox.conversations(last_of_bia.id, 9, unhandled=True)] == []
    await store.inbox.keep(heard(9, "voltei"), NOW + 9 * SECOND)
    assert await waiting() == [("7", 1), ("8", 2)]


async def check_pages_of_conversations(store: Store, other: Store) -> None:
    for number in range(10):
        await store.inbox.keep(heard(number, f"t{number}", f"+55119{number}", str(100 + number)), NOW + number * SECOND)
    for unhandled in (False, True):
        seen: list[str] = []
        after = None
        while page := await other.inbox.conversations(after, 3, unhandled=unhandled):
            seen += [one.owner for one in page]
            after = page[-1].latest.id
        assert seen == [str(100 + number) for number in range(9, -1, -1)]


async def check_of_many_who_write_at_once_each_has_a_line(store: Store, other: Store) -> None:
    everybody = [(store, other)[number % 2].inbox.keep(heard(number), NOW + number * SECOND) for number in range(6)]
    assert await asyncio.gather(*everybody) == [True] * 6
    [line] = await store.inbox.conversations(None, 9)
    assert (line.entries, line.unhandled, line.latest) == (6, 6, (await store.inbox.page(None, 1))[0])


async def check_an_older_word_that_is_kept_late_is_not_the_latest(store: Store, other: Store) -> None:
    await store.inbox.keep(heard(2, "neu"), NOW + SECOND)
    await other.inbox.keep(heard(1, "alt"), NOW)  # by a machine whose clock is behind
    for unhandled in (False, True):
        [line] = await store.inbox.conversations(None, 9, unhandled=unhandled)
        assert (line.latest.heard.text, line.entries) == ("neu", 2)


async def check_a_forgotten_person_has_no_conversation(store: Store, other: Store) -> None:
    stranger = "+5511900000000"
    await store.inbox.keep(heard(1), NOW)
    await store.inbox.keep(heard(2, "bia", BIA, "8"), NOW + SECOND)
    await store.inbox.keep(heard(3, "quem?", stranger, None), NOW + 2 * SECOND)
    await other.inbox.forget("7", [ANA, stranger])
    for unhandled in (False, True):
        assert [one.owner for one in await store.inbox.conversations(None, 9, unhandled=unhandled)] == ["8"]
    assert await store.inbox.conversation("7") is None
    assert await store.inbox.conversation(stranger) is None


SUITE: tuple[Check, ...] = tuple(check for name, check in globals().items() if name.startswith("check_"))
