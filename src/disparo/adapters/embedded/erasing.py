"""What is known of one person: told entirely, or forgotten (LGPD, Lei 13.709/2018, art. 18, II and VI)."""

from __future__ import annotations

import json
from typing import Any

import apsw

from disparo.adapters.embedded import forgotten, inbox
from disparo.adapters.embedded.cancelling import cancel_unsent
from disparo.adapters.embedded.rows import CONTACT_COLUMNS, contact_of, fetch, fetch_one, instant
from disparo.adapters.embedded.suppressions import matching
from disparo.domain.contact import Contact
from disparo.domain.errors import NotFoundError
from disparo.domain.forgotten import nobody_elses
from disparo.domain.instants import from_ms
from disparo.domain.person_document import contact_document, iso, reply_document, suppression_document

PERSON = f"""
SELECT {CONTACT_COLUMNS}, c.erased_at, c.list_id
FROM contact AS c JOIN list AS l ON l.id = c.list_id WHERE c.id = ?
"""

ELSEWHERE = """
-- The same person in other lists.
SELECT c.id FROM json_each(:keys) AS own
CROSS JOIN contact AS c INDEXED BY contact_by_phone ON c.phone_key = own.value AND c.id <> :id
UNION
SELECT c.id FROM json_each(:keys) AS own
CROSS JOIN contact AS c INDEXED BY contact_by_email ON c.email_key = own.value AND c.id <> :id
"""

MESSAGES = """
SELECT k.name, m.campaign_id, m.step, l.channel, m.state, m.reason, m.due_at, m.changed_at, m.provider_id
FROM campaign AS k
CROSS JOIN message AS m ON m.campaign_id = k.id AND m.contact_id = ?
CROSS JOIN lane AS l ON l.id = m.lane_id ORDER BY m.campaign_id, m.step
"""

JOURNAL = """
SELECT j.campaign_id, j.step, j.at, j.event, j.attempt, j.reason, j.detail, j.provider_id
FROM campaign AS k CROSS JOIN journal AS j ON j.campaign_id = k.id AND j.contact_id = ?
ORDER BY j.campaign_id, j.step, j.number
"""

BLANK = """
UPDATE contact
SET source = '', name = '', name_key = '', phone = NULL, phone_key = NULL, email = NULL, email_key = NULL,
    other_phones = '[]', other_emails = '[]', document = NULL, variables = '{}',
    erased_at = coalesce(erased_at, ?)
WHERE id = ?
"""

# WhatsApp's message ids hold the number that they went to (base64 behind `wamid.`): providers' ids go too.
SCRUB_MESSAGES = """
UPDATE message SET provider_id = NULL
WHERE campaign_id IN (SELECT id FROM campaign) AND contact_id = ? AND provider_id IS NOT NULL
"""

SCRUB_JOURNAL = """
UPDATE journal SET detail = '', provider_id = NULL
WHERE campaign_id IN (SELECT id FROM campaign) AND contact_id = ?
"""

COUNT_ONE_LESS = "UPDATE list SET contacts = contacts - 1 WHERE id = ?"


def told(connection: apsw.Connection, contact: int) -> dict[str, Any]:
    """Everything known of a contact; see `SqliteContacts.everything`."""
    person, erased_at, _ = _person(connection, contact)
    keys = json.dumps(person.keys)
    return {
        "contact": contact_document(person, instant(erased_at)),
        "same_person": [str(other) for (other,) in fetch(connection, ELSEWHERE, {"keys": keys, "id": contact})],
        "messages": _messages(connection, contact),
        "suppressions": [suppression_document(one) for one in matching(connection, person.keys)],
        "replies": [reply_document(one) for one in inbox.written_by(connection, person.id)],
    }


def _person(connection: apsw.Connection, contact: int) -> tuple[Contact, int | None, int]:
    """The contact, when it was erased, and its list."""
    if (row := fetch_one(connection, PERSON, (contact,))) is None:
        raise NotFoundError(f"o contato '{contact}' não existe (veja: disparo contacts list)")
    return contact_of(row[:-2]), row[-2], row[-1]


def _others(connection: apsw.Connection, person: Contact, contact: int) -> set[str]:
    """Those of the keys that contacts of other lists have, too."""
    keys = [json.dumps([key]) for key in person.keys]
    found = [fetch(connection, ELSEWHERE, {"keys": key, "id": contact}) for key in keys]
    return {key for key, others in zip(person.keys, found, strict=True) if others}


def _messages(connection: apsw.Connection, contact: int) -> list[dict[str, Any]]:
    history: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for campaign, step, at, event, attempt, reason, detail, provider in fetch(connection, JOURNAL, (contact,)):
        line = {"at": iso(from_ms(at)), "event": event, "attempt": attempt, "reason": reason, "detail": detail}
        history.setdefault((campaign, step), []).append({**line, "provider_id": provider})
    messages = fetch(connection, MESSAGES, (contact,))
    return [
        {
            "id": f"{campaign}.{step}.{contact}",
            "campaign": name,
            "channel": channel,
            "state": state,
            "reason": reason,
            "due_at": iso(instant(due_at)),
            "changed_at": iso(from_ms(changed_at)),
            "provider_id": provider,
            "journal": history.get((campaign, step), []),
        }
        for name, campaign, step, channel, state, reason, due_at, changed_at, provider in messages
    ]


def erase(connection: apsw.Connection, contact: int, now_ms: int) -> None:
    """Forget a person; see `Contacts.erase`."""
    person, erased_at, list_id = _person(connection, contact)
    cancel_unsent(connection, [contact], lambda _contact, _channel: ("erased", ""), now_ms)
    known_by = inbox.known_by(connection, person.id, person.keys)
    forgotten.remember(connection, nobody_elses(known_by, _others(connection, person, contact)), now_ms)
    inbox.forget(connection, person.id, known_by)
    connection.execute(BLANK, (now_ms, contact))
    connection.execute(SCRUB_MESSAGES, (contact,))
    connection.execute(SCRUB_JOURNAL, (contact,))
    if erased_at is None:
        connection.execute(COUNT_ONE_LESS, (list_id,))
