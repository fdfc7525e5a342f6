"""How every family finds contacts, and pages through them from either end; each check gets an empty store."""

from __future__ import annotations

from datetime import UTC, datetime

from disparo.ports.contacts import Contacts
from tests.contract.contacts_suite import Check, draft

NUMBERS = ("+5541988887777", "+5541988887000", "+5541988001111", "+5511988887777", "+554133334444", "+12125550123")


async def numbered(store: Contacts) -> None:
    await store.fold("clientes", [draft(row, phone) for row, phone in enumerate(NUMBERS)])


async def phones(store: Contacts, text: str, limit: int = 9) -> list[str | None]:
    return [one.phone for one in await store.find(text, limit)]


async def check_a_number_is_found_by_its_beginning(store: Contacts) -> None:
    await numbered(store)
    assert await phones(store, "(41) 98888-7") == ["+5541988887000", "+5541988887777"]
    assert await phones(store, "+55 41 988") == ["+5541988001111", "+5541988887000", "+5541988887777"]
    assert await phones(store, "5541 98888") == ["+5541988887000", "+5541988887777"]
    assert await phones(store, "041 8888-7") == ["+5541988887000", "+5541988887777"], "without its ninth digit"
    assert await phones(store, "4133334") == ["+554133334444"]
    assert await phones(store, "+1 212 555") == ["+12125550123"]
    assert await phones(store, "41988", 2) == ["+5541988001111", "+5541988887000"]
    assert await phones(store, "41987") == []
    assert await phones(store, "4198") == [], "too few"
    assert await phones(store, "%1988") == []


async def check_a_number_that_could_be_whole_may_be_a_beginning(store: Contacts) -> None:
    await numbered(store)
    assert await phones(store, "4198888777") == ["+5541988887777"]
    assert await phones(store, "+554198888777") == []


async def check_a_whole_number_is_itself_and_no_beginning_of_another(store: Contacts) -> None:
    await store.fold("clientes", [draft(1, "+4930123456789"), draft(2, "+493012345678")])
    assert await phones(store, "+493012345678") == ["+493012345678"]
    assert await phones(store, "+4930123456") == []


async def check_numbers_of_all_lists_are_found_and_not_those_of_the_forgotten(store: Contacts) -> None:
    await numbered(store)
    [other] = await store.fold("outra", [draft(1, "+5541988887777")])
    assert await phones(store, "(41) 98888-77") == ["+5541988887777"] * 2
    assert len(await store.find("+5541988887777", 9)) == 2
    assert other.contact_id is not None
    await store.erase(other.contact_id, datetime(2026, 3, 2, tzinfo=UTC))
    assert await phones(store, "(41) 98888-77") == ["+5541988887777"]
    assert await phones(store, "+5541988887777") == ["+5541988887777"]


async def check_names_come_in_their_order(store: Contacts) -> None:
    names = ["Ana Souza", "ÂNA", "ana lima", "Anabela", "Bia", "Ana Lima"]
    drafts = [draft(row, email=f"p{row}@x.com", name=name) for row, name in enumerate(names)]
    await store.fold("clientes", drafts)
    assert [one.name for one in await store.find("ana", 9)] == ["ÂNA", "ana lima", "Ana Lima", "Ana Souza", "Anabela"]
    assert [one.name for one in await store.find("Ana L", 1)] == ["ana lima"]


async def check_a_list_is_paged_from_its_newest_end_too(store: Contacts) -> None:
    await store.fold("outra", [draft(row, email=f"o{row}@x.com") for row in range(3)])
    for first in range(0, 20, 5):
        await store.fold("clientes", [draft(row, email=f"p{row}@x.com") for row in range(first, first + 5)])
        await store.fold("outra", [draft(row, email=f"o{row}@x.com") for row in range(first, first + 5)])
    [gone] = await store.find("p12@x.com", 1)
    await store.erase(gone.id, datetime(2026, 3, 2, tzinfo=UTC))
    seen: list[str | None] = []
    after: str | None = None
    while page := await store.page("clientes", after, 3, newest_first=True):
        seen += [contact.email for contact in page]
        after = page[-1].id
        await store.fold("clientes", [draft(99, email=f"n{len(seen)}@x.com")])
    assert seen == [f"p{row}@x.com" for row in range(19, -1, -1) if row != 12]
    assert await store.page("nenhuma", None, 3, newest_first=True) == []


SUITE: tuple[Check, ...] = tuple(check for name, check in globals().items() if name.startswith("check_"))
