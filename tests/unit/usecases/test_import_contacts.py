from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest

from disparo.adapters.files.open_table import open_table
from disparo.domain.contact import Contact, ContactDraft
from disparo.domain.contact_row import RowProblem
from disparo.domain.errors import InputError
from disparo.ports.contacts import Contacts, FoldOutcome, FoldResult, ListSummary
from disparo.ports.row_source import RowSource, UnreadableRow
from disparo.usecases.import_contacts import ImportReport, import_contacts

USUAL = ("Nome", "Contato", "CNPJ/CPF", "Email", "Telefone")


@dataclass
class Table:
    """A table in memory."""

    cells: list[list[str] | UnreadableRow]
    header: tuple[str, ...] = USUAL
    name: str = "lista.csv"

    def rows(self) -> Iterator[tuple[int, list[str] | UnreadableRow]]:
        yield from enumerate(self.cells, start=2)

    def fraction_read(self) -> float:
        return 1.0


@dataclass
class MemoryContacts:
    """Just enough of the port to fold into: drafts by identity, owners by address."""

    kept: dict[str, ContactDraft] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    batches: list[int] = field(default_factory=list)

    async def fold(self, list_name: str, drafts: Sequence[ContactDraft]) -> Sequence[FoldResult]:
        assert list_name == "vendas"
        self.batches.append(len(drafts))
        return [self._fold(draft) for draft in drafts]

    def _fold(self, draft: ContactDraft) -> FoldResult:
        key = draft.phone_key or draft.email_key
        assert key
        lost: tuple[str, ...] = ()
        if draft.email_key and self.owners.get(draft.email_key, key) != key:
            lost = (draft.email or "",)
            draft = replace(draft, email=None, email_key=None)
        for address in filter(None, (draft.phone_key, draft.email_key)):
            self.owners[address] = key
        old = self.kept.setdefault(key, draft)
        if old is draft:
            return FoldResult(FoldOutcome.CREATED, key, None, lost)
        if draft.email and not old.email:
            self.kept[key] = replace(old, email=draft.email, email_key=draft.email_key)
            return FoldResult(FoldOutcome.COMPLETED, key, old.source, lost)
        same = old.source == draft.source
        return FoldResult(FoldOutcome.UNCHANGED if same else FoldOutcome.DUPLICATE, key, old.source, lost)

    async def page(self, list_name: str, after: str | None, limit: int) -> Sequence[Contact]:
        raise NotImplementedError

    async def get(self, contact_id: str) -> Contact:
        raise NotImplementedError

    async def find(self, text: str, limit: int) -> Sequence[Contact]:
        raise NotImplementedError

    async def lists(self) -> Sequence[ListSummary]:
        raise NotImplementedError

    async def erase(self, contact_id: str, now: datetime) -> None:
        raise NotImplementedError


@dataclass
class Sink:
    problems: list[tuple[RowProblem, list[str]]] = field(default_factory=list)

    def add(self, problem: RowProblem, cells: Sequence[str]) -> None:
        self.problems.append((problem, list(cells)))


def imported(
    rows: RowSource, contacts: Contacts | None = None, sink: Sink | None = None, **options: object
) -> ImportReport:
    store = contacts or MemoryContacts()
    return asyncio.run(import_contacts(rows, store, list_name="vendas", rejected=sink, **options))  # type: ignore[arg-type]


ROWS: list[list[str] | UnreadableRow] = [
    ["ACME", "Ana", "11.222.333/0001-81", "ana@acme.com", "41 98888-7777"],
    ["Bia", "", "", "", "98888-7777"],
    ["ACME de novo", "", "", "", "41 8888-7777"],
    UnreadableRow("unclosed_quote", '"Bia'),
    ["Davi", "", "123", "davi@x.com", ""],
    ["Ana e Cia", "", "", "ana@acme.com", "41 97777-6666"],
]


def test_every_row_is_counted_once_with_its_outcome() -> None:
    sink = Sink()
    report = imported(Table(ROWS), sink=sink)
    assert (report.rows, report.created, report.duplicates, report.rejected) == (6, 3, 1, 2)
    assert report.warnings == 3
    assert report.by_reason == {
        "phone_missing_area_code": 1,
        "unclosed_quote": 1,
        "duplicate": 1,
        "document_wrong_length": 1,
        "address_of_other_contact": 1,
    }
    assert [(p.line, p.reason, p.rejects) for p, _ in sink.problems] == [
        (3, "phone_missing_area_code", True),
        (4, "duplicate", False),
        (5, "unclosed_quote", True),
        (6, "document_wrong_length", False),
        (7, "address_of_other_contact", False),
    ]
    assert sink.problems[0][1] == ROWS[1]
    assert sink.problems[1][0].value == "lista.csv:2"


def test_the_same_table_again_changes_nothing() -> None:
    contacts = MemoryContacts()
    imported(Table(ROWS), contacts)
    before = dict(contacts.kept)
    report = imported(Table(ROWS), contacts)
    assert (report.created, report.completed, report.unchanged, report.duplicates) == (0, 0, 3, 1)
    assert contacts.kept == before


def test_a_later_row_completes_a_contact() -> None:
    report = imported(Table([["Ana", "", "", "", "41 98888-7777"], ["Ana", "", "", "a@x.com", "41 98888-7777"]]))
    assert (report.created, report.completed) == (1, 1)


def test_a_dry_run_shows_the_first_rows_and_touches_nothing() -> None:
    contacts = MemoryContacts()
    report = imported(Table(ROWS), contacts, dry_run=True, row_limit=2)
    assert (report.rows, report.rejected, report.created, report.dry_run) == (2, 1, 0, True)
    assert [draft.name for draft in report.sample] == ["ACME"]
    assert report.mapping.phone == ("telefone",)
    assert (contacts.kept, contacts.batches) == ({}, [])


def test_rows_are_folded_in_batches_with_progress_after_each() -> None:
    contacts = MemoryContacts()
    cells: list[list[str] | UnreadableRow] = [["", "", "", f"p{i}@x.com", ""] for i in range(25)]
    seen: list[tuple[int, float]] = []
    imported(Table(cells), contacts, batch_size=10, on_progress=lambda rows, part: seen.append((rows, part)))
    assert contacts.batches == [10, 10, 5]
    assert seen == [(10, 1.0), (20, 1.0), (25, 1.0)]


def test_overrides_decide_the_columns() -> None:
    report = imported(Table([["Ana", "41 98888-7777"]], ("Quem", "Recado")), overrides={"phone": "Recado"})
    assert report.created == 1


@pytest.mark.parametrize(
    ("table", "list_name", "overrides"),
    [
        (Table(ROWS, ("Nome", "Idade")), "vendas", {}),
        (Table(ROWS), "vendas", {"phone": "Fax"}),
        (Table(ROWS), "  ", {}),
    ],
)
def test_wrong_input_is_refused_before_anything_is_stored(
    table: Table, list_name: str, overrides: dict[str, str]
) -> None:
    contacts = MemoryContacts()
    with pytest.raises(InputError):
        asyncio.run(import_contacts(table, contacts, list_name=list_name, overrides=overrides))
    assert contacts.batches == []


def test_a_file_with_every_kind_of_damage_in_it_is_imported_around_it(tmp_path: Path) -> None:
    path = tmp_path / "lista.csv"
    path.write_text(
        "Nome, Contato, CNPJ/CPF, Email, Telefone\n"
        "ACME,Ana,,ana@acme.com,41 98888-7777\n"
        "=1+1,,,b@x.com,\n"
        "C\0,,,c@x.com,\n"
        f"{'x' * 10_000_000},,,d@x.com,\n"
        '"Eva,,,e@x.com,\n'
        "Fabi,,,f@x.com,,,sobra\n"
        "Gil,,,,=HYPERLINK(1)\n"
        "Hugo,,,h@x.com,\n",
        "utf-8",
    )
    sink = Sink()
    report = imported(open_table(path), sink=sink)
    assert (report.rows, report.created, report.rejected) == (8, 2, 6)
    assert [(p.line, p.reason) for p, _ in sink.problems] == [
        (3, "formula"),
        (4, "nul_byte"),
        (5, "cell_too_long"),
        (6, "unclosed_quote"),
        (7, "too_many_cells"),
        (8, "formula"),
    ]
