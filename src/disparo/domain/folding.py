"""Adding people to a list, where some of them may be already: who is who, and what is taken over."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from disparo.domain.contact import ContactDraft


class FoldOutcome(StrEnum):
    """What became of a draft.

    `CREATED` is a new contact. The others met a kept one: `COMPLETED` filled what was empty in it; of those
    that had nothing new, `DUPLICATE` came from another row of the file that the kept one is from, `UNCHANGED`
    from the same row or from another file.
    """

    CREATED = "created"
    COMPLETED = "completed"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class FoldResult:
    """What became of one draft: `contact_id` is the contact that it made or met.

    `kept_source` is the `file:row` of the contact it met, None when it was created. `lost_addresses` are those of
    the draft that stay with another contact of the list; a draft that has no other address met that contact.
    """

    outcome: FoldOutcome
    contact_id: str
    kept_source: str | None = None
    lost_addresses: tuple[str, ...] = ()


@dataclass(slots=True)
class Kept:
    """A contact of the list while drafts are folded into it, as the draft that would make it."""

    id: int
    draft: ContactDraft


_ACCENTS = re.compile("[\u0300-\u036f]+")
_FILLABLE = ("name", "place", "document", "other_phones", "other_emails")


def name_key(name: str) -> str:
    """A name as it is looked up: whatever its case, accents and spacing."""
    if not name.isascii():
        name = _ACCENTS.sub("", unicodedata.normalize("NFKD", name.casefold()))
    return " ".join(name.lower().split())


class Folding:
    """Folds drafts into what is known of one list; see `Contacts.fold` for the rule.

    `kept` are the contacts that own an address of the drafts. New ones are numbered from behind `last_id`. Nothing is
    written: `new` and `completed` are what has to be, by id.
    """

    def __init__(self, kept: Iterable[Kept] = (), last_id: int = 0) -> None:
        self.last_id = last_id
        self.new: dict[int, Kept] = {}
        self.completed: dict[int, Kept] = {}
        self._by_phone: dict[str, Kept] = {}
        self._by_email: dict[str, Kept] = {}
        for one in kept:
            self._remember(one)

    def _remember(self, kept: Kept) -> None:
        if kept.draft.phone_key:
            self._by_phone[kept.draft.phone_key] = kept
        if kept.draft.email_key:
            self._by_email[kept.draft.email_key] = kept

    def most_new(self, drafts: Sequence[ContactDraft]) -> int:
        """How many contacts these drafts make at most: fewer when one without a phone meets one of the others."""
        phones = {draft.phone_key for draft in drafts if draft.phone_key} - self._by_phone.keys()
        emails = {draft.email_key for draft in drafts if not draft.phone_key} - self._by_email.keys()
        return len(phones) + len(emails)

    def take(self, draft: ContactDraft) -> FoldResult:
        """Fold one draft."""
        owner = self._by_email.get(draft.email_key) if draft.email_key else None
        kept = self._by_phone.get(draft.phone_key) if draft.phone_key else owner
        lost: tuple[str, ...] = ()
        if owner is not None and owner is not kept:
            lost = (draft.email or "",)
            draft = replace(draft, email=None, email_key=None)
        if kept is not None:
            return self._meet(kept, draft, lost)
        self.last_id += 1
        self.new[self.last_id] = created = Kept(self.last_id, draft)
        self._remember(created)
        return FoldResult(FoldOutcome.CREATED, str(self.last_id), lost_addresses=lost)

    def _meet(self, kept: Kept, draft: ContactDraft, lost: tuple[str, ...]) -> FoldResult:
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
