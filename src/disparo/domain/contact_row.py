"""From the cells of one row to a contact draft, or to the reasons why not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from disparo.domain.area_codes import city_zone, state_zone
from disparo.domain.contact import ContactDraft
from disparo.domain.contact_columns import ColumnMapping, normalised
from disparo.domain.email_address import EmailAddress, EmailError, parse_email
from disparo.domain.phone_number import PhoneError, PhoneNumber, is_spreadsheet_number, parse_phone
from disparo.domain.place import Place
from disparo.domain.tax_document import DocumentError, parse_document
from disparo.domain.zone_name import parse_state, parse_zone

NAME_VARIABLE = "nome"
LONGEST_CELL = 32_767
"""Characters of a cell: Excel's own limit, which no honest contact file passes."""

_SHOWN_VALUE = 80
_SEPARATORS = re.compile(r"[|;,\r\n]| / ")
_CONSTANT_FORMULA = re.compile(r'="([^"]*)"')
_SUSPECT_FIRST = frozenset("=@+")
_PRIORITIES = {"alta": 1, "high": 1, "media": 5, "normal": 5, "medium": 5, "baixa": 9, "low": 9}
_PRIORITIES |= {str(n): n for n in range(1, 10)}
_USUAL_PRIORITY = 5
_FEWEST_PHONE_DIGITS = 8
_PHONE_FIRST = frozenset("+(0123456789")


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Something wrong in one row: `rejects` says whether it cost the contact or is only worth knowing.

    `column` is the header as written ("" when the row as a whole is meant), `value` the cell, shortened.
    """

    line: int
    column: str
    reason: str
    value: str
    rejects: bool


@dataclass(frozen=True, slots=True)
class RowReading:
    """What a row gave: a draft, or None and at least one problem that rejects it."""

    draft: ContactDraft | None
    problems: tuple[RowProblem, ...] = ()


def split_cell(text: str) -> list[str]:
    """The parts of a cell that lists several values by `|`, `;`, `,`, ` / ` or a new line; blank parts are
    left out.
    """
    if not _SEPARATORS.search(text):
        return [text] if text else []
    if is_spreadsheet_number(text):
        return [text]
    return [part for part in map(str.strip, _SEPARATORS.split(text)) if part]


def read_row(cells: Sequence[str], mapping: ColumnMapping, *, file: str, line: int, region: str = "BR") -> RowReading:
    """Make a draft of a row; never raises for what a cell holds. Numbers without a country are of `region`.

    The first usable number and e-mail are the primary ones, the others `other_phones` and `other_emails`. A
    cell of `Contato` with a number or an e-mail in it counts as one more phone or e-mail column, tried last;
    otherwise it is a person's name, used as the contact's when no name column has one, and always the
    variable of its column. Blank cells are no variables; the name is `nome` too, where no column is called
    so. A wrong address, document, zone or priority is a
    warning; the row is rejected when no address is usable, when a cell holds a NUL or more than
    `LONGEST_CELL` characters, when a cell other than an address is a formula (`=...`: what a contact would
    read is not known), and when there are more cells than columns. `="text"` is no formula but how exports
    keep Excel from rounding: its text counts.
    """
    row = _Row(mapping, line, region)
    row.take(cells)
    if row.rejected:
        return RowReading(None, tuple(row.problems))
    phones, emails = row.addresses()
    if not phones and not emails:
        return RowReading(None, row.without_address())
    phone, email = (phones[0] if phones else None), (emails[0] if emails else None)
    name = row.name()
    draft = ContactDraft(
        source=f"{file}:{line}",
        place=row.place(phone),
        name=name,
        phone=phone.e164 if phone else None,
        phone_key=phone.key if phone else None,
        email=email.address if email else None,
        email_key=email.key if email else None,
        other_phones=tuple(p.e164 for p in phones[1:]) if len(phones) > 1 else (),
        other_emails=tuple(e.address for e in emails[1:]) if len(emails) > 1 else (),
        document=row.document(),
        priority=row.priority(),
        variables=row.kept_texts(name),
    )
    return RowReading(draft, tuple(row.problems))


def unreadable_row(line: int, reason: str, text: str) -> RowReading:
    """The reading of a row that could not even be split into cells."""
    return RowReading(None, (RowProblem(line, "", reason, text[:_SHOWN_VALUE], rejects=True),))


class _Row:
    """One row while it is read: its texts by variable, and what was wrong so far."""

    __slots__ = ("line", "mapping", "problems", "region", "rejected", "texts")

    def __init__(self, mapping: ColumnMapping, line: int, region: str) -> None:
        self.mapping = mapping
        self.line = line
        self.region = region
        self.texts: dict[str, str] = {}
        self.problems: list[RowProblem] = []
        self.rejected = False

    def note(self, variable: str, reason: str, value: str, *, rejects: bool = False) -> None:
        column = self.mapping.headers_by_variable.get(variable, "")
        self.problems.append(RowProblem(self.line, column, reason, value[:_SHOWN_VALUE], rejects))
        self.rejected = self.rejected or rejects

    def take(self, cells: Sequence[str]) -> None:
        """Keep the cells that hold something, each checked for what no cell may hold."""
        texts = self.texts
        for variable, cell in zip(self.mapping.variables, cells, strict=False):
            text = cell.strip()
            if text:
                if text[0] in _SUSPECT_FIRST or len(text) > LONGEST_CELL or "\0" in text:
                    text = self._checked(variable, text)
                    if not text:
                        continue
                texts[variable] = text
        if len(cells) > len(self.mapping.variables):
            extra = next((cell for cell in cells[len(self.mapping.variables) :] if cell.strip()), None)
            if extra is not None:
                self.note("", "too_many_cells", extra, rejects=True)

    def kept_texts(self, name: str) -> dict[str, str]:
        texts = self.texts
        if ignored := self.mapping.ignored:
            texts = {variable: text for variable, text in texts.items() if variable not in ignored}
        if name and NAME_VARIABLE not in self.mapping.variables:
            texts[NAME_VARIABLE] = name
        return texts

    def _checked(self, variable: str, text: str) -> str:
        """The text itself, or "" after noting why it cannot be used."""
        if "\0" in text:
            self.note(variable, "nul_byte", text.replace("\0", "␀"), rejects=True)
        elif len(text) > LONGEST_CELL:
            self.note(variable, "cell_too_long", text, rejects=True)
        elif constant := _CONSTANT_FORMULA.fullmatch(text):
            return constant[1].strip()
        elif _is_formula(text, address := variable in self.mapping.addresses):
            self.note(variable, "formula", text, rejects=not address)
        else:
            return text
        return ""

    def addresses(self) -> tuple[list[PhoneNumber], list[EmailAddress]]:
        """All usable numbers and e-mails of the row, primary first, none twice."""
        phones: dict[str, PhoneNumber] = {}
        emails: dict[str, EmailAddress] = {}
        texts = self.texts
        for variable in self.mapping.phone:
            if text := texts.get(variable):
                self._add_phones(variable, text, phones)
        for variable in self.mapping.email:
            if text := texts.get(variable):
                self._add_emails(variable, text, emails)
        for variable in self.mapping.contact:
            text = texts.get(variable, "")
            if "@" in text:
                self._add_emails(variable, text, emails)
            elif _looks_like_phone(text):
                self._add_phones(variable, text, phones)
        return list(phones.values()), list(emails.values())

    def _add_phones(self, variable: str, text: str, found: dict[str, PhoneNumber]) -> None:
        for part in split_cell(text):
            try:
                number = parse_phone(part, self.region)
            except PhoneError as error:
                self.note(variable, error.reason, part)
            else:
                found.setdefault(number.key, number)

    def _add_emails(self, variable: str, text: str, found: dict[str, EmailAddress]) -> None:
        for part in split_cell(text):
            try:
                address = parse_email(part)
            except EmailError as error:
                self.note(variable, error.reason, part)
            else:
                found.setdefault(address.key, address)

    def without_address(self) -> tuple[RowProblem, ...]:
        """The problems of a row with nobody to write to: the wrong addresses reject it, or their absence."""
        if not self.problems:
            self.note("", "no_address", "", rejects=True)
            return tuple(self.problems)
        return tuple(RowProblem(p.line, p.column, p.reason, p.value, rejects=True) for p in self.problems)

    def name(self) -> str:
        texts = self.texts
        for variable in self.mapping.name:
            if text := texts.get(variable):
                return text
        for variable in self.mapping.contact:
            text = texts.get(variable, "")
            if text and "@" not in text and not _looks_like_phone(text):
                return text
        return ""

    def document(self) -> str | None:
        for variable in self.mapping.document:
            if text := self.texts.get(variable):
                try:
                    return parse_document(text).digits
                except DocumentError as error:
                    self.note(variable, error.reason, text)
        return None

    def priority(self) -> int:
        for variable in self.mapping.priority:
            if text := self.texts.get(variable):
                if (priority := _PRIORITIES.get(normalised(text))) is not None:
                    return priority
                self.note(variable, "priority_invalid", text)
        return _USUAL_PRIORITY

    def place(self, phone: PhoneNumber | None) -> Place | None:
        """The zone column's zone, else the number's, else the state's; the state column's region, else the
        number's.

        A city that does not keep its state's zone (see `city_zone`) counts unless the number is of another
        state.
        """
        told = phone.place if phone else None
        mapping = self.mapping
        if not (mapping.zone or mapping.state or mapping.city):
            return told
        zone, state = self._zone(), self._state()
        return _place(zone, state, self._city(), told)

    def _zone(self) -> str | None:
        for variable in self.mapping.zone:
            if text := self.texts.get(variable):
                if (zone := parse_zone(text)) is not None:
                    return zone
                self.note(variable, "zone_unknown", text)
        return None

    def _state(self) -> str | None:
        for variable in self.mapping.state:
            if (text := self.texts.get(variable)) and (state := parse_state(text)):
                return state
        return None

    def _city(self) -> str:
        return next((normalised(self.texts.get(v, "")) for v in self.mapping.city), "")


@lru_cache(maxsize=4096)
def _place(zone: str | None, state: str | None, city: str, told: Place | None) -> Place | None:
    region = f"BR-{state}" if state else (told.region if told else None)
    if zone is None and (told is None or told.region == region):
        zone = city_zone(region, city)
    if zone is None:
        zone = told.zone if told else (state_zone(state) if state else None)
    return Place(zone, region) if zone else None


def _is_formula(text: str, address: bool) -> bool:
    """`@joana` is a formula only to old spreadsheets, so a variable may say it; `+cmd` is no number of any
    country.
    """
    return text[0] == "=" or (address and (text[0] == "@" or (text[0] == "+" and text[1:2].isalpha())))


def _looks_like_phone(text: str) -> bool:
    if not text or not (text[-1].isdecimal() or text[0] in _PHONE_FIRST):
        return False
    digits = sum(map(str.isdecimal, text))
    return digits >= _FEWEST_PHONE_DIGITS and digits * 2 > len(text)
