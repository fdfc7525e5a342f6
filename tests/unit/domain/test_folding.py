from __future__ import annotations

import pytest

from disparo.domain.contact import ContactDraft
from disparo.domain.folding import Folding, FoldOutcome, Kept, name_key

ANA, BIA = "+5511987654321", "+5541988887777"


def draft(row: int, phone: str | None = None, email: str | None = None, name: str = "") -> ContactDraft:
    return ContactDraft(f"a.csv:{row}", None, name, phone, phone, email, email)


def test_new_contacts_are_numbered_from_behind_the_last_id() -> None:
    folding = Folding(last_id=40)
    results = [folding.take(one) for one in (draft(2, ANA), draft(3, ANA), draft(4, BIA))]
    assert [one.contact_id for one in results] == ["41", "41", "42"]
    assert [*folding.new] == [41, 42]
    assert not folding.completed


def test_what_was_completed_is_told_apart_from_what_is_new() -> None:
    folding = Folding([Kept(7, draft(2, ANA))], last_id=40)
    folding.take(draft(3, ANA, "ana@x.com"))
    folding.take(draft(4, BIA))
    folding.take(draft(5, BIA, name="Bia"))
    assert [one.draft.email for one in folding.completed.values()] == ["ana@x.com"]
    assert [(one.id, one.draft.name) for one in folding.new.values()] == [(41, "Bia")]


def test_an_address_that_a_completion_brought_is_known_to_the_next_draft() -> None:
    folding = Folding([Kept(7, draft(2, ANA))])
    folding.take(draft(3, ANA, "ana@x.com"))
    assert folding.take(draft(4, None, "ana@x.com")).contact_id == "7"
    assert folding.take(draft(5, BIA, "ana@x.com")).lost_addresses == ("ana@x.com",)


@pytest.mark.parametrize(
    ("drafts", "at_most", "made"),
    [
        ([draft(2, ANA), draft(3, ANA)], 0, 0),
        ([draft(2, BIA), draft(3, BIA), draft(4, None, "b@x.com")], 2, 2),
        ([draft(2, BIA, "b@x.com"), draft(3, None, "b@x.com")], 2, 1),
        ([draft(2, None, "a@x.com"), draft(3, None, "c@x.com"), draft(4, None, "c@x.com")], 1, 1),
        ([], 0, 0),
    ],
)
def test_how_many_contacts_drafts_make_at_most(drafts: list[ContactDraft], at_most: int, made: int) -> None:
    folding = Folding([Kept(7, draft(9, ANA, "a@x.com"))])
    assert folding.most_new(drafts) == at_most
    for one in drafts:
        folding.take(one)
    assert len(folding.new) == made


@pytest.mark.parametrize(
    ("kept", "repeated", "outcome"),
    [
        ("a.csv:2", "a.csv:2", FoldOutcome.UNCHANGED),
        ("a.csv:2", "a.csv:3", FoldOutcome.DUPLICATE),
        ("a.csv:2", "b.csv:3", FoldOutcome.UNCHANGED),
        ("a:b.csv:2", "a:b.csv:3", FoldOutcome.DUPLICATE),
    ],
)
def test_a_repeat_with_nothing_new(kept: str, repeated: str, outcome: FoldOutcome) -> None:
    folding = Folding([Kept(7, ContactDraft(kept, None, phone=ANA, phone_key=ANA))])
    result = folding.take(ContactDraft(repeated, None, phone=ANA, phone_key=ANA))
    assert (result.outcome, result.kept_source) == (outcome, kept)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("João  Conceição ", "joao conceicao"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("  ", ""),
        ("Ñandú\tçá", "nandu ca"),
    ],
)
def test_names_are_looked_up_without_case_accents_and_spacing(name: str, key: str) -> None:
    assert name_key(name) == key
