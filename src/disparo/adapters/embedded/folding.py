"""Adding people to a list, where some of them may be already."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import apsw

from disparo.adapters.embedded.rows import Row, fetch, fetch_one
from disparo.domain.contact import ContactDraft
from disparo.domain.place import Place
from disparo.ports.contacts import FoldOutcome, FoldResult

LIST = "SELECT id FROM list WHERE name = ?"

COUNT_NEW = """
INSERT INTO list (name, contacts) VALUES (?, ?)
ON CONFLICT (name) DO UPDATE SET contacts = contacts + excluded.contacts RETURNING id
"""

LAST_ID = "SELECT seq FROM sqlite_sequence WHERE name = 'contact'"

OWNERS = """
-- Who owns some addresses in a list.
SELECT id, phone_key, email_key, source, place, name, phone, email, other_phones, other_emails, document,
       priority, variables
FROM contact WHERE id IN (
    SELECT c.id FROM json_each(:phones) AS wanted
    CROSS JOIN contact AS c INDEXED BY contact_by_phone ON c.phone_key = wanted.value AND c.list_id = :list
    UNION
    SELECT c.id FROM json_each(:emails) AS wanted
    CROSS JOIN contact AS c INDEXED BY contact_by_email ON c.email_key = wanted.value AND c.list_id = :list
)
"""

ADD = """
INSERT INTO contact (id, list_id, source, priority, phone, phone_key, email, email_key, name, name_key, place,
                     document, other_phones, other_emails, variables)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

COMPLETE = """
UPDATE contact SET email = ?, email_key = ?, name = ?, name_key = ?, place = ?, document = ?,
                   other_phones = ?, other_emails = ?, variables = ?
WHERE id = ?
"""

_ACCENTS = re.compile("[\u0300-\u036f]+")
_FILLABLE = ("name", "place", "document", "other_phones", "other_emails")
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def name_key(name: str) -> str:
    """A name as it is looked up: whatever its case, accents and spacing."""
    if not name.isascii():
        name = _ACCENTS.sub("", unicodedata.normalize("NFKD", name.casefold()))
    return " ".join(name.lower().split())


def fold(connection: apsw.Connection, list_name: str, drafts: Sequence[ContactDraft]) -> list[FoldResult]:
    """Add drafts to a list; see `Contacts.fold`."""
    folding = _Folding(connection, list_name)
    folding.load(drafts)
    results = [folding.take(draft) for draft in drafts]
    folding.save()
    return results


@dataclass(slots=True)
class _Kept:
    """A contact of the list while a transaction changes it, as the draft that would make it."""

    id: int
    draft: ContactDraft


@dataclass(slots=True)
class _Folding:
    connection: apsw.Connection
    list_name: str
    last_id: int = 0
    by_phone: dict[str, _Kept] = field(default_factory=dict)
    by_email: dict[str, _Kept] = field(default_factory=dict)
    new: dict[int, _Kept] = field(default_factory=dict)
    completed: dict[int, _Kept] = field(default_factory=dict)

    def load(self, drafts: Sequence[ContactDraft]) -> None:
        """Read whoever the drafts may meet."""
        (self.last_id,) = fetch_one(self.connection, LAST_ID) or (0,)
        if (found := fetch_one(self.connection, LIST, (self.list_name,))) is None:
            return
        wanted = {
            "list": found[0],
            "phones": _as_json([draft.phone_key for draft in drafts if draft.phone_key]),
            "emails": _as_json([draft.email_key for draft in drafts if draft.email_key]),
        }
        for row in fetch(self.connection, OWNERS, wanted):
            self._remember(_Kept(row[0], _draft_of(row)))

    def _remember(self, kept: _Kept) -> None:
        if kept.draft.phone_key:
            self.by_phone[kept.draft.phone_key] = kept
        if kept.draft.email_key:
            self.by_email[kept.draft.email_key] = kept

    def take(self, draft: ContactDraft) -> FoldResult:
        """Fold one draft."""
        owner = self.by_email.get(draft.email_key) if draft.email_key else None
        kept = self.by_phone.get(draft.phone_key) if draft.phone_key else owner
        lost: tuple[str, ...] = ()
        if owner is not None and owner is not kept:
            lost = (draft.email or "",)
            draft = replace(draft, email=None, email_key=None)
        if kept is not None:
            return self._meet(kept, draft, lost)
        self.last_id += 1
        self.new[self.last_id] = created = _Kept(self.last_id, draft)
        self._remember(created)
        return FoldResult(FoldOutcome.CREATED, str(self.last_id), lost_addresses=lost)

    def _meet(self, kept: _Kept, draft: ContactDraft, lost: tuple[str, ...]) -> FoldResult:
        completed = _completed(kept.draft, draft)
        if completed is not kept.draft:
            kept.draft = completed
            self._remember(kept)
            if kept.id not in self.new:
                self.completed[kept.id] = kept
            outcome = FoldOutcome.COMPLETED
        elif _other_row_of_same_file(kept.draft.source, draft.source):
            outcome = FoldOutcome.DUPLICATE
        else:
            outcome = FoldOutcome.UNCHANGED
        return FoldResult(outcome, str(kept.id), kept.draft.source, lost)

    def save(self) -> None:
        """Write everything down."""
        if self.new:
            [(list_id,)] = fetch(self.connection, COUNT_NEW, (self.list_name, len(self.new)))
            self.connection.executemany(ADD, [_new_row(one, list_id) for one in self.new.values()])
        self.connection.executemany(
            COMPLETE, [(*_fillable_columns(one.draft), one.id) for one in self.completed.values()]
        )


def _completed(kept: ContactDraft, draft: ContactDraft) -> ContactDraft:
    """`kept` with what was empty in it taken from `draft`; the same object when there was nothing to take."""
    taken: dict[str, Any] = {
        name: value for name in _FILLABLE if not getattr(kept, name) and (value := getattr(draft, name))
    }
    if draft.email_key and not kept.email_key:
        taken |= {"email": draft.email, "email_key": draft.email_key}
    if not draft.variables.keys() <= kept.variables.keys():
        taken["variables"] = {**draft.variables, **kept.variables}
    return replace(kept, **taken) if taken else kept


def _other_row_of_same_file(kept_source: str, source: str) -> bool:
    return kept_source != source and kept_source.rpartition(":")[0] == source.rpartition(":")[0]


def _new_row(kept: _Kept, list_id: int) -> tuple[object, ...]:
    draft = kept.draft
    return (
        *(kept.id, list_id, draft.source, draft.priority, draft.phone, draft.phone_key),
        *_fillable_columns(draft),
    )


def _fillable_columns(draft: ContactDraft) -> tuple[object, ...]:
    return (
        draft.email,
        draft.email_key,
        draft.name,
        name_key(draft.name),
        str(draft.place) if draft.place else None,
        draft.document,
        _as_json(draft.other_phones) if draft.other_phones else "[]",
        _as_json(draft.other_emails) if draft.other_emails else "[]",
        _as_json(dict(draft.variables)),
    )


def _draft_of(row: Row) -> ContactDraft:
    _, phone_key, email_key, source, place, name, phone, email, phones, emails, document, priority, variables = row
    return ContactDraft(
        source=source,
        place=Place.parse(place) if place else None,
        name=name,
        phone=phone,
        phone_key=phone_key,
        email=email,
        email_key=email_key,
        other_phones=tuple(json.loads(phones)),
        other_emails=tuple(json.loads(emails)),
        document=document,
        priority=priority,
        variables=json.loads(variables),
    )
