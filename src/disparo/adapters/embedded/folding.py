"""Adding people to a list in SQLite."""

from __future__ import annotations

import json
from collections.abc import Sequence

import apsw

from disparo.adapters.embedded.rows import Row, fetch, fetch_one
from disparo.domain.contact import ContactDraft
from disparo.domain.folding import Folding, FoldResult, Kept, name_key
from disparo.domain.place import Place

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

_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def fold(connection: apsw.Connection, list_name: str, drafts: Sequence[ContactDraft]) -> list[FoldResult]:
    """Add drafts to a list; see `Contacts.fold`."""
    (last_id,) = fetch_one(connection, LAST_ID) or (0,)
    folding = Folding(_met(connection, list_name, drafts), last_id)
    results = [folding.take(draft) for draft in drafts]
    _save(connection, list_name, folding)
    return results


def _met(connection: apsw.Connection, list_name: str, drafts: Sequence[ContactDraft]) -> list[Kept]:
    """Whoever the drafts may meet."""
    if (found := fetch_one(connection, LIST, (list_name,))) is None:
        return []
    wanted = {
        "list": found[0],
        "phones": _as_json([draft.phone_key for draft in drafts if draft.phone_key]),
        "emails": _as_json([draft.email_key for draft in drafts if draft.email_key]),
    }
    return [Kept(row[0], draft_of(row)) for row in fetch(connection, OWNERS, wanted)]


def _save(connection: apsw.Connection, list_name: str, folding: Folding) -> None:
    if folding.new:
        [(list_id,)] = fetch(connection, COUNT_NEW, (list_name, len(folding.new)))
        connection.executemany(ADD, [_new_row(one, list_id) for one in folding.new.values()])
    connection.executemany(COMPLETE, [(*fillable_columns(one.draft), one.id) for one in folding.completed.values()])


def _new_row(kept: Kept, list_id: int) -> tuple[object, ...]:
    draft = kept.draft
    return (
        *(kept.id, list_id, draft.source, draft.priority, draft.phone, draft.phone_key),
        *fillable_columns(draft),
    )


def fillable_columns(draft: ContactDraft) -> tuple[object, ...]:
    """The columns that a repeat may fill, in the order of `ADD` and `COMPLETE`."""
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


def draft_of(row: Row) -> ContactDraft:
    """A contact from the columns of `OWNERS`."""
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
