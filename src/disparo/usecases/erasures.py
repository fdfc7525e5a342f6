"""Forgetting a person everywhere (LGPD, Lei 13.709/2018, art. 18, VI), with a receipt of what was done."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from disparo.domain.agenda.meeting import MeetingEvent
from disparo.domain.agenda.meeting_changes import end
from disparo.domain.contact import Contact
from disparo.domain.contact_import import ENDED, Import
from disparo.domain.contact_row import split_cell
from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.errors import NotFoundError
from disparo.domain.message import SETTLED, MessageRecord
from disparo.domain.phone_number import PhoneError, parse_phone
from disparo.ports.agenda import MeetingChangedError
from disparo.ports.contact_files import ContactFiles
from disparo.ports.imports import Imports
from disparo.ports.personal import Forgets
from disparo.ports.store import Store

_PAGE = 200
_MOST_IMPORTS = 2_000


@dataclass(frozen=True, slots=True)
class Archive:
    """Everything that keeps something of people: the store, contact files on their way into it, and `others`."""

    store: Store
    imports: Imports | None = None
    files: ContactFiles | None = None
    others: Sequence[Forgets] = ()

    def forgetting(self) -> list[Forgets]:
        """Whatever keeps something of a person outside of their contact, messages, replies and meetings."""
        ports = [getattr(self.store, one.name) for one in fields(self.store)]
        return [one for one in (*ports, *self.others) if isinstance(one, Forgets)]


@dataclass(frozen=True, slots=True)
class FilesReceipt:
    """Contact files (import ids): those `removed`, reports of which rows were taken out, those still `under_way`.

    A file whose import goes on may have the person in it; erase them once more when it has ended.
    """

    removed: Sequence[str] = ()
    rows: int = 0
    under_way: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ErasureReceipt:
    """What an erasure did.

    `cancelled` messages had not begun; those `under_way` (message ids) were with a provider already. `kept` rows stay
    without any personal data, so that what was sent can be counted. Suppressions stay as hashes, so that who asked not
    to be messaged is not messaged after a later import either. `same_person` are contacts (ids) of other lists with the
    same number or e-mail that are still there; with `everywhere` they are `also_erased` instead. `elsewhere` counts
    what went besides: texts by hand, what waited for webhooks, kept answers, what the sandbox took.
    """

    contact_id: str
    list_name: str
    erased_at: datetime
    cancelled: int
    kept: int
    under_way: Sequence[str]
    suppressions: int
    same_person: Sequence[str]
    also_erased: Sequence[str] = ()
    replies: int = 0
    meetings: int = 0
    elsewhere: int = 0
    files: FilesReceipt = FilesReceipt()


async def erase(archive: Archive, contact_id: str, now: datetime, *, everywhere: bool = False) -> ErasureReceipt:
    """Forget a person: name, addresses, document, variables, what they wrote, for good. Twice is as once.

    With `everywhere` the contacts of other lists with the same number or e-mail go as well. What was not sent is
    cancelled as `erased`, and so are meetings that are still to come; those that were stay without their notes, so that
    they can be counted. Contact files of imports that have ended are removed, as nothing needs them, and their rows are
    taken out of the reports of wrong rows. NotFoundError for an id that never was.
    """
    if not everywhere:
        return await _erase_one(archive, contact_id, now, frozenset())
    others: Sequence[str] = (await archive.store.contacts.everything(contact_id))["same_person"]
    going = frozenset({contact_id, *others})
    # The one that was named goes last: after a kill the others are still found by its addresses.
    found = [await _erase_one(archive, other, now, going) for other in others]
    return _together(await _erase_one(archive, contact_id, now, going), found)


async def _erase_one(archive: Archive, contact_id: str, now: datetime, going: frozenset[str]) -> ErasureReceipt:
    store = archive.store
    contact = await store.contacts.get(contact_id)
    known = await store.contacts.everything(contact_id)
    meetings = await store.meetings.of_contacts([contact_id])
    await _call_off(store, contact_id, now)
    await store.meetings.forget(contact_id)
    # The contact goes last: by its keys the same call finds the rest after a kill.
    files = await _forget_in_files(archive, contact)
    elsewhere = sum([await one.forget_person(contact_id, contact.keys) for one in archive.forgetting()])
    suppressions = len(known["suppressions"])
    if going.issuperset(known["same_person"]):  # of who stays, it must be seen that their address is blocked
        await store.suppressions.conceal(contact.keys)
    await store.contacts.erase(contact_id, now)
    # What was begun before the contact went may have come in between.
    await store.meetings.forget(contact_id)
    elsewhere += sum([await one.forget_person(contact_id, contact.keys) for one in archive.forgetting()])
    if going.issuperset(known["same_person"]):
        await store.suppressions.conceal(contact.keys)
    rows = await _rows(store, contact_id)
    return ErasureReceipt(
        contact_id=contact_id,
        list_name=known["contact"]["list"],
        erased_at=now,
        cancelled=sum(row.reason == "erased" for row in rows),
        kept=len(rows),
        under_way=[str(row.id) for row in rows if row.state not in SETTLED],
        suppressions=suppressions,
        same_person=known["same_person"],
        replies=len(known["replies"]),
        meetings=len(meetings),
        elsewhere=elsewhere,
        files=files,
    )


def _together(first: ErasureReceipt, others: Sequence[ErasureReceipt]) -> ErasureReceipt:
    """One receipt of a person who was in several lists."""
    receipts = [first, *others]
    erased = [one.contact_id for one in others]
    return ErasureReceipt(
        contact_id=first.contact_id,
        list_name=first.list_name,
        erased_at=first.erased_at,
        cancelled=sum(one.cancelled for one in receipts),
        kept=sum(one.kept for one in receipts),
        under_way=[message for one in receipts for message in one.under_way],
        suppressions=max(one.suppressions for one in receipts),
        same_person=sorted({other for one in receipts for other in one.same_person} - {first.contact_id, *erased}),
        also_erased=erased,
        replies=sum(one.replies for one in receipts),
        meetings=sum(one.meetings for one in receipts),
        elsewhere=sum(one.elsewhere for one in receipts),
        files=FilesReceipt(
            list(dict.fromkeys(name for one in receipts for name in one.files.removed)),
            sum(one.files.rows for one in receipts),
            list(dict.fromkeys(name for one in receipts for name in one.files.under_way)),
        ),
    )


async def _call_off(store: Store, contact_id: str, now: datetime) -> None:
    """End what is offered to a contact, or agreed and not over; their hosts are told."""
    for one in await store.meetings.of_contacts([contact_id]):
        meeting = one
        while meeting.live and (meeting.slot is None or now < meeting.slot.end_at):
            try:
                await store.meetings.replace(end(meeting, MeetingEvent.CANCEL, now, "system", "erased"), {}, now)
                break
            except MeetingChangedError:
                meeting = await store.meetings.get(meeting.id)


async def _rows(store: Store, contact_id: str) -> list[MessageRecord]:
    campaigns = await store.campaigns.all()
    return [row for campaign in reversed(campaigns) for row in await store.ledger.rows_of(campaign.id, contact_id)]


async def _forget_in_files(archive: Archive, contact: Contact) -> FilesReceipt:
    removed: list[str] = []
    under_way: list[str] = []
    rows = 0
    if archive.imports is None or archive.files is None:
        return FilesReceipt()
    for record in await _kept_imports(archive.imports):
        if record.state not in ENDED:
            if await archive.files.arrived(record.key):
                under_way.append(record.id)
            continue
        if await archive.files.discard(record.key):
            removed.append(record.id)
        rows += await _forget_in_reports(archive.files, record, contact)
    return FilesReceipt(removed, rows, under_way)


async def _kept_imports(imports: Imports) -> list[Import]:
    """The latest imports whose files may still be there."""
    kept: list[Import] = []
    after: str | None = None
    for _ in range(_MOST_IMPORTS // _PAGE):
        page = await imports.page(after, _PAGE)
        kept += [one for one in page if not one.discarded]
        if len(page) < _PAGE:
            break
        after = page[-1].id
    return kept


async def _forget_in_reports(files: ContactFiles, record: Import, contact: Contact) -> int:
    gone = 0
    for part in record.reports:
        try:
            before = await files.report(record.id, part)
        except NotFoundError:
            continue
        after, count = without_person(before, record.file, contact)
        if count:
            gone += count
            await files.replace_report(record.id, part, after)
    return gone


def without_person(report: bytes, file: str, contact: Contact) -> tuple[bytes, int]:
    """A report of wrong rows without the rows of a person, and how many those were.

    Theirs are the row that the contact came from, and every row with one of their addresses or documents in it.
    """
    text = io.StringIO(report.decode("utf-8-sig", "replace"), newline="")
    header, *rows = list(csv.reader(text, delimiter=";")) or [[]]
    others = [row for row in rows if not _is_theirs(row, file, contact)]
    if len(others) == len(rows):
        return report, 0
    kept = io.StringIO(newline="")
    csv.writer(kept, delimiter=";").writerows([header, *others])
    return kept.getvalue().encode("utf-8-sig", "replace"), len(rows) - len(others)


def _is_theirs(row: Sequence[str], file: str, contact: Contact) -> bool:
    if row and f"{file}:{row[0]}" == contact.source:
        return True
    keys = {*contact.keys, *map(_key_of, (*contact.other_phones, *contact.other_emails))}
    if contact.document:
        keys.add(contact.document)
    parts = [part for cell in row[3:] for part in split_cell(cell.removeprefix("'"))]
    return any(_key_of(part) in keys or _digits(part) in keys for part in parts)


def _key_of(text: str) -> str:
    try:
        return parse_email(text).key if "@" in text else parse_phone(text).key
    except (EmailError, PhoneError):
        return text


def _digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text))
