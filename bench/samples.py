"""Contact files and drafts to measure with: made by number, so that every run has the same."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from disparo.domain.contact import ContactDraft
from disparo.domain.place import Place

HEADER = ("Nome", "Contato", "CNPJ/CPF", "Email", "Telefone")
MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

_FIRST = ("Ana", "João", "Maria", "José", "Antônia", "Francisco", "Beatriz", "Luiz", "Márcia", "Paulo", "Rita")
_LAST = ("Silva", "Souza", "Araújo", "Oliveira", "Gonçalves", "Pereira", "Lima")
_DOMAINS = ("example.com", "example.org", "mail.example.net", "padaria.example", "oficina.example")
_AREAS = (41, 11, 21, 31, 51, 61, 71, 81, 85, 92, 65)


def contact_row(number: int) -> tuple[str, str, str, str, str]:
    """One row of the usual five columns; two numbers in one cell of ten, a CPF in one row of two."""
    first, last = _FIRST[number % 11], _LAST[number % 7]
    phone = f"({_AREAS[number % 11]}) 9{_mobile(number)}"
    if number % 10 == 0:
        phone += f" | {_AREAS[number % 11]} 3{number % 1_000_000:07}"
    email = f"pessoa.{_scattered(number)}@{_DOMAINS[number % 5]}" if number % 4 else ""
    document = cpf(number) if number % 2 else ""
    return f"{first} {last} {number % 997}", "", document, email, phone


def _mobile(number: int) -> str:
    digits = f"{80_000_000 + _scattered(number)}"
    return f"{digits[:4]}-{digits[4:]}"


def _scattered(number: int) -> int:
    """A permutation of 0..19,999,998 without order, as people's addresses have none: order would spare the indexes."""
    return number * 7_368_787 % 19_999_999


def cpf(number: int) -> str:
    """A CPF with right check digits (Receita Federal: two digits, weights 10..2 and 11..2, modulo 11)."""
    digits = [int(digit) for digit in f"{100_000_000 + number:09}"]
    for length in (10, 11):
        total = sum(digit * weight for digit, weight in zip(digits, range(length, 1, -1), strict=True))
        digits.append(0 if total % 11 < 2 else 11 - total % 11)
    text = "".join(map(str, digits))
    return f"{text[:3]}.{text[3:6]}.{text[6:9]}-{text[9:]}"


def write_csv(path: Path, rows: int) -> Path:
    """A CSV file with a header and so many contacts, all different."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(map(contact_row, range(rows)))
    return path


def write_xlsx(path: Path, rows: int) -> Path:
    """The same contacts as a workbook."""
    import xlsxwriter  # type: ignore[import-untyped]

    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("Contatos")
    for line, cells in enumerate((HEADER, *map(contact_row, range(rows)))):
        for column, text in enumerate(cells):
            if text:
                sheet.write_string(line, column, text)
    book.close()
    return path


def drafts(rows: int, batch: int = 5_000) -> Iterator[list[ContactDraft]]:
    """Contacts as an import would hand them over, batch by batch."""
    for begin in range(0, rows, batch):
        yield [_draft(number) for number in range(begin, min(rows, begin + batch))]


def _draft(number: int) -> ContactDraft:
    phone, email = f"+55419{80_000_000 + _scattered(number)}", f"pessoa{_scattered(number)}@example.com"
    return ContactDraft(
        source=f"lista.csv:{number + 2}",
        place=Place("America/Sao_Paulo", "BR-PR"),
        name=f"Pessoa {number}",
        phone=phone,
        phone_key=phone,
        email=email,
        email_key=email,
        variables={"nome": f"Pessoa {number}", "cidade": "Curitiba", "empresa": "Padaria X"},
    )
