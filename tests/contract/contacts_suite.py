"""What every store of contacts does; each check gets an empty store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from disparo.domain.contact import ContactDraft
from disparo.domain.errors import NotFoundError
from disparo.domain.place import Place
from disparo.ports.contacts import Contacts, FoldOutcome, FoldResult, ListSummary

Check = Callable[[Contacts], Awaitable[None]]

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ANA = "+5511987654321"
BIA = "+5541988887777"


def draft(row: int, phone: str | None = None, email: str | None = None, **rest: object) -> ContactDraft:
    """A draft from a row of `a.csv` whose keys are its addresses."""
    made = ContactDraft(
        f"a.csv:{row}", None, phone=phone, phone_key=phone, email=email, email_key=email and email.lower()
    )
    return replace(made, **rest)  # type: ignore[arg-type]


async def fold_one(store: Contacts, one: ContactDraft, list_name: str = "clientes") -> FoldResult:
    [result] = await store.fold(list_name, [one])
    return result


async def check_a_contact_comes_back_as_it_was_folded(store: Contacts) -> None:
    one = draft(
        *(2, ANA, "Ana@x.com"),
        place=Place("America/Sao_Paulo", "BR-SP"),
        name="Ana Conceição",
        other_phones=("+551133334444",),
        other_emails=("ana@y.com", "ana@z.com"),
        document="52998224725",
        priority=1,
        variables={"empresa": "Padaria São João"},
    )
    result = await fold_one(store, one)
    kept = await store.get(result.contact_id)
    assert (result.outcome, result.kept_source, result.lost_addresses) == (FoldOutcome.CREATED, None, ())
    assert (kept.id, kept.list_name, kept.source) == (result.contact_id, "clientes", "a.csv:2")
    for name in (
        *("place", "name", "phone", "email", "other_phones", "other_emails"),
        *("document", "priority", "variables"),
    ):
        assert getattr(kept, name) == getattr(one, name), name
    assert set(kept.keys) == {ANA, "ana@x.com"}


async def check_the_same_drafts_again_change_nothing(store: Contacts) -> None:
    drafts = [
        draft(2, ANA, "ana@x.com"),
        draft(3, BIA, "ana@x.com"),
        draft(4, ANA, None, name="Ana"),
        draft(5, None, "bia@x.com"),
        draft(6, BIA, "bia@x.com"),
    ]
    await store.fold("clientes", drafts)
    before = await store.page("clientes", None, 10)
    again = await store.fold("clientes", drafts)
    assert await store.page("clientes", None, 10) == before
    assert {result.outcome for result in again} <= {FoldOutcome.UNCHANGED, FoldOutcome.DUPLICATE}
    assert await store.lists() == [ListSummary("clientes", 3)]


async def check_one_number_is_one_contact_whether_in_one_call_or_in_two(store: Contacts) -> None:
    together = await store.fold("juntos", [draft(2, ANA, name="Ana"), draft(9, ANA, document="52998224725")])
    first = await fold_one(store, draft(2, ANA, name="Ana"), "separados")
    second = await fold_one(store, draft(9, ANA, document="52998224725"), "separados")
    for one, two in (together, (first, second)):
        assert one.contact_id == two.contact_id
        assert (two.outcome, two.kept_source) == (FoldOutcome.COMPLETED, "a.csv:2")
        kept = await store.get(one.contact_id)
        assert (kept.name, kept.document, kept.source) == ("Ana", "52998224725", "a.csv:2")


async def check_a_repeat_fills_what_is_empty_and_overwrites_nothing(store: Contacts) -> None:
    await fold_one(store, draft(2, ANA, name="Ana", variables={"empresa": "A", "cargo": "dona"}))
    zone = Place("America/Sao_Paulo", "BR-SP")
    fuller = draft(
        *(3, ANA, "ana@x.com"), name="Outra", place=zone, priority=1, variables={"empresa": "B", "cidade": "Campinas"}
    )
    result = await fold_one(store, fuller)
    kept = await store.get(result.contact_id)
    assert result.outcome is FoldOutcome.COMPLETED
    assert (kept.name, kept.email, kept.place, kept.priority) == ("Ana", "ana@x.com", zone, 5)
    assert kept.variables == {"empresa": "A", "cargo": "dona", "cidade": "Campinas"}
    assert [found.id for found in await store.find("ana@x.com", 5)] == [result.contact_id]


async def check_a_repeat_with_nothing_new_is_a_duplicate_only_inside_its_file(store: Contacts) -> None:
    await fold_one(store, draft(2, ANA))
    same_row = await fold_one(store, draft(2, ANA))
    other_row = await fold_one(store, draft(7, ANA))
    other_file = await fold_one(store, draft(7, ANA, source="b.csv:7"))
    outcomes = [same_row.outcome, other_row.outcome, other_file.outcome]
    assert outcomes == [FoldOutcome.UNCHANGED, FoldOutcome.DUPLICATE, FoldOutcome.UNCHANGED]
    assert other_file.kept_source == "a.csv:2"


async def check_an_address_that_another_contact_owns_is_left_out_and_told(store: Contacts) -> None:
    owner = await fold_one(store, draft(2, ANA, "casal@x.com"))
    other = await fold_one(store, draft(3, BIA, "Casal@x.com"))
    assert other.outcome is FoldOutcome.CREATED
    assert other.lost_addresses == ("Casal@x.com",)
    assert (await store.get(other.contact_id)).email is None
    assert [found.id for found in await store.find("casal@x.com", 5)] == [owner.contact_id]


async def check_without_a_phone_the_email_says_who_it_is(store: Contacts) -> None:
    first = await fold_one(store, draft(2, ANA, "Ana@X.com"))
    second = await fold_one(store, draft(3, None, "ana@x.com", name="Ana"))
    assert (second.contact_id, second.outcome) == (first.contact_id, FoldOutcome.COMPLETED)
    assert (await store.get(first.contact_id)).email == "Ana@X.com"


async def check_the_same_person_in_two_lists_is_two_contacts(store: Contacts) -> None:
    one = await fold_one(store, draft(2, ANA), "b")
    two = await fold_one(store, draft(2, ANA), "a")
    assert one.contact_id != two.contact_id
    assert await store.lists() == [ListSummary("a", 1), ListSummary("b", 1)]
    assert {found.list_name for found in await store.find(ANA, 5)} == {"a", "b"}


async def check_no_drafts_make_no_list(store: Contacts) -> None:
    assert await store.fold("vazia", []) == []
    assert await store.lists() == []
    assert await store.page("vazia", None, 5) == []


async def check_pages_give_each_contact_once_while_others_are_added(store: Contacts) -> None:
    await store.fold("clientes", [draft(row, email=f"p{row}@x.com") for row in range(25)])
    await store.fold("outra", [draft(row, email=f"p{row}@x.com") for row in range(5)])
    seen: list[str] = []
    after: str | None = None
    while page := await store.page("clientes", after, 10):
        assert len(page) <= 10
        seen += [contact.email or "" for contact in page]
        after = page[-1].id
        if len(seen) == 10:
            await fold_one(store, draft(99, email="p99@x.com"))
    assert seen == [f"p{row}@x.com" for row in (*range(25), 99)]


async def check_a_number_is_found_however_it_is_written(store: Contacts) -> None:
    result = await fold_one(store, draft(2, BIA))
    for text in ("+5541988887777", "(41) 98888-7777", "41 8888-7777", "041 9 8888 7777"):
        assert [found.id for found in await store.find(text, 5)] == [result.contact_id], text
    assert await store.find("(41) 98888-7776", 5) == []


async def check_an_email_is_found_whatever_its_case(store: Contacts) -> None:
    result = await fold_one(store, draft(2, None, "Ana.Souza@X.com"))
    for text in ("ana.souza@x.com", "ANA.SOUZA@X.COM", "Ana <ana.souza@x.com>"):
        assert [found.id for found in await store.find(text, 5)] == [result.contact_id], text


async def check_a_name_is_found_by_its_beginning_without_case_or_accents(store: Contacts) -> None:
    names = ["João Conceição", "JOAO  Batista", "Maria João", "Joana"]
    await store.fold("clientes", [draft(row, email=f"p{row}@x.com", name=name) for row, name in enumerate(names)])
    assert {found.name for found in await store.find("joao", 9)} == {"João Conceição", "JOAO  Batista"}
    assert {found.name for found in await store.find("JOÃO b", 9)} == {"JOAO  Batista"}
    assert len(await store.find("jo", 2)) == 2
    assert await store.find("  ", 9) == []
    assert await store.find("%", 9) == []


async def check_a_name_that_came_later_is_found(store: Contacts) -> None:
    await fold_one(store, draft(2, ANA))
    await fold_one(store, draft(3, ANA, name="Ângela"))
    assert [found.phone for found in await store.find("angela", 5)] == [ANA]


async def check_an_unknown_contact_is_not_found(store: Contacts) -> None:
    for unknown in ("999", "", "x", "-1", "9" * 30):
        with pytest.raises(NotFoundError):
            await store.get(unknown)
        with pytest.raises(NotFoundError):
            await store.erase(unknown, NOW)


async def check_an_erased_person_leaves_no_trace_but_the_id(store: Contacts) -> None:
    one = draft(2, ANA, "ana@x.com", name="Ana", document="52998224725", variables={"nome": "Ana"})
    result = await fold_one(store, replace(one, other_phones=(BIA,), other_emails=("ana@y.com",)))
    await fold_one(store, draft(3, BIA))
    for _ in range(2):  # the second time changes nothing
        await store.erase(result.contact_id, NOW)
        kept = await store.get(result.contact_id)
        assert (kept.name, kept.phone, kept.email, kept.document, kept.source) == ("", None, None, None, "")
        assert (kept.other_phones, kept.other_emails, kept.variables, kept.keys) == ((), (), {}, ())
        assert await store.lists() == [ListSummary("clientes", 1)]
    assert [contact.phone for contact in await store.page("clientes", None, 5)] == [BIA]
    for text in (ANA, "ana@x.com", "ana"):
        assert await store.find(text, 5) == []


async def check_an_erased_person_who_comes_again_is_a_new_contact(store: Contacts) -> None:
    first = await fold_one(store, draft(2, ANA, "ana@x.com"))
    await store.erase(first.contact_id, NOW)
    second = await fold_one(store, draft(2, ANA, "ana@x.com"))
    assert second.outcome is FoldOutcome.CREATED
    assert second.contact_id != first.contact_id


async def check_a_fold_that_fails_leaves_nothing(store: Contacts) -> None:
    unstorable = replace(draft(3, BIA), variables={"nome": object()})  # type: ignore[dict-item]
    with pytest.raises(TypeError):
        await store.fold("clientes", [draft(2, ANA), unstorable])
    assert await store.lists() == []
    assert await store.find(ANA, 5) == []


SUITE: tuple[Check, ...] = tuple(check for name, check in globals().items() if name.startswith("check_"))
