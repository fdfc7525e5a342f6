"""Entering one person by hand, and changing what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any, Literal

from disparo.domain.contact import Contact, ContactDraft
from disparo.domain.contact_columns import normalised
from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.errors import InputError
from disparo.domain.instants import to_ms
from disparo.domain.phone_number import PhoneError, parse_phone
from disparo.domain.place import Place
from disparo.domain.reason_words import reason_words
from disparo.domain.tax_document import DocumentError, parse_document
from disparo.domain.zone_name import parse_zone
from disparo.ports.contacts import FoldOutcome
from disparo.ports.store import Store

MOST_VARIABLES = 200
_LONGEST_NAME = 200
_LONGEST_VALUE = 5_000
_LONGEST_LIST = 100


class Unset(Enum):
    """The mark of what is not to be changed."""

    UNSET = "unset"


UNSET = Unset.UNSET
Left = Literal[Unset.UNSET]


@dataclass(frozen=True, slots=True)
class ContactFields:
    """What a person writes of a contact, as they wrote it; what is `UNSET` stays, None and "" take it away.

    `zone` is an IANA zone. Of `variables` each one that is named is set, or taken away by None; `all_variables` says
    that those which are not named go.
    """

    name: str | Left = UNSET
    phone: str | Left | None = UNSET
    email: str | Left | None = UNSET
    other_phones: Sequence[str] | Left = UNSET
    other_emails: Sequence[str] | Left = UNSET
    document: str | Left | None = UNSET
    zone: str | Left | None = UNSET
    priority: int | Left = UNSET
    variables: Mapping[str, str | None] | Left = UNSET
    all_variables: bool = False


@dataclass(frozen=True, slots=True)
class Entered:
    """The contact that was entered, or met in its list, and which of the two it was."""

    contact: Contact
    outcome: FoldOutcome


async def enter(
    store: Store,
    list_name: str,
    fields: ContactFields,
    now: datetime,
    *,
    by: str,
    region: str = "BR",
    overwrite: bool = False,
) -> Entered:
    """Add one person to a list, which begins to exist with its first; a number or e-mail that is there is theirs.

    Whoever is met is completed, and with `overwrite` changed to what is written. `by` says whence it came (`console`,
    `api`). InputError for a wrong address or field, and when there is neither a number nor an e-mail.
    """
    if not list_name.strip() or len(list_name) > _LONGEST_LIST:
        raise InputError(f"list: escreva o nome da lista, com até {_LONGEST_LIST} letras")
    draft = applied(fields, ContactDraft(f"{by}:{to_ms(now)}", None), region)
    [result] = await store.contacts.fold(list_name, [draft])
    if overwrite and result.outcome is not FoldOutcome.CREATED:
        return Entered(await change(store, result.contact_id, fields, now, region=region), result.outcome)
    contact = await store.contacts.get(result.contact_id)
    await store.suppressions.enforce(contact.keys, now)
    return Entered(contact, result.outcome)


async def change(store: Store, contact_id: str, fields: ContactFields, now: datetime, *, region: str = "BR") -> Contact:
    """Change a contact; what waits for it goes to its new addresses, and not at all where these are suppressed.

    InputError as in `enter`, and when another contact of the list has the address; NotFoundError, also when erased.
    """
    contact = await store.contacts.edit(contact_id, lambda draft: applied(fields, draft, region))
    await store.suppressions.enforce(contact.keys, now)
    return contact


def applied(fields: ContactFields, draft: ContactDraft, region: str) -> ContactDraft:
    """The draft with what was written; InputError naming the field."""
    changes: dict[str, Any] = {}
    if fields.name is not UNSET:
        changes["name"] = _text("name", fields.name, _LONGEST_NAME)
    if fields.phone is not UNSET:
        changes |= _phone(fields.phone, region)
    if fields.email is not UNSET:
        changes |= _email(fields.email)
    if fields.other_phones is not UNSET:
        changes["other_phones"] = tuple(str(_phone(one, region)["phone"]) for one in fields.other_phones if one.strip())
    if fields.other_emails is not UNSET:
        changes["other_emails"] = tuple(str(_email(one)["email"]) for one in fields.other_emails if one.strip())
    if fields.document is not UNSET:
        changes["document"] = _document(fields.document)
    if fields.priority is not UNSET:
        changes["priority"] = _priority(fields.priority)
    if fields.variables is not UNSET:
        changes["variables"] = _variables(fields.variables, {} if fields.all_variables else draft.variables)
    after = replace(draft, **changes)
    if after.phone_key is None and after.email_key is None:
        raise InputError("phone: escreva um telefone ou um e-mail; sem nenhum dos dois não há como falar com a pessoa")
    return replace(after, place=_place(fields, draft, changes, region))


def _place(fields: ContactFields, draft: ContactDraft, changes: Mapping[str, Any], region: str) -> Place | None:
    """The zone that was written, else that of a new number, else the one there was."""
    told = parse_phone(changes["phone"], region).place if changes.get("phone") else None
    if fields.zone is UNSET:
        return told if told is not None and changes.get("phone") != draft.phone else draft.place
    if not (fields.zone or "").strip():
        return told
    zone = parse_zone(fields.zone or "")
    if zone is None:
        raise InputError(f"zone: {(fields.zone or '')[:60]!r} não é um fuso; escreva como America/Sao_Paulo")
    before = told or draft.place
    return Place(zone, before.region if before else None)


def _phone(text: str | None, region: str) -> dict[str, str | None]:
    if not (text or "").strip():
        return {"phone": None, "phone_key": None}
    try:
        number = parse_phone(text or "", region)
    except PhoneError as error:
        raise InputError(f"phone: {reason_words(error.reason, rejects=True)}") from None
    return {"phone": number.e164, "phone_key": number.key}


def _email(text: str | None) -> dict[str, str | None]:
    if not (text or "").strip():
        return {"email": None, "email_key": None}
    try:
        address = parse_email(text or "")
    except EmailError as error:
        raise InputError(f"email: {reason_words(error.reason, rejects=True)}") from None
    return {"email": address.address, "email_key": address.key}


def _document(text: str | None) -> str | None:
    if not (text or "").strip():
        return None
    try:
        return parse_document(text or "").digits
    except DocumentError as error:
        raise InputError(f"document: {reason_words(error.reason, rejects=True)}") from None


def _priority(value: int) -> int:
    if not 1 <= value <= 9:
        raise InputError("priority: escreva um número de 1 (primeiro) a 9")
    return value


def _text(place: str, text: str, longest: int) -> str:
    if "\0" in text or len(text) > longest:
        raise InputError(f"{place}: escreva até {longest} letras")
    return " ".join(text.split()) if place == "name" else text.strip()


def _variables(written: Mapping[str, str | None], before: Mapping[str, str]) -> dict[str, str]:
    kept = dict(before)
    for title, text in written.items():
        name = normalised(title[:_LONGEST_NAME]).replace(" ", "_")
        if not name:
            raise InputError(f"variables: {title[:60]!r} não é um nome; use letras, como data_de_nascimento")
        if text is None or not text.strip():
            kept.pop(name, None)
        else:
            kept[name] = _text(f"variables.{name}", text, _LONGEST_VALUE)
    if len(kept) > MOST_VARIABLES:
        raise InputError(f"variables: são mais de {MOST_VARIABLES}; retire algumas")
    return kept
