"""Where contacts are kept, in named lists."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from disparo.domain.contact import Contact, ContactDraft
from disparo.domain.errors import NotFoundError
from disparo.domain.folding import FoldOutcome, FoldResult

__all__ = ["Contacts", "FoldOutcome", "FoldResult", "ListSummary"]


@dataclass(frozen=True, slots=True)
class ListSummary:
    """A list and how many contacts it has."""

    name: str
    contacts: int


class Contacts(Protocol):
    """The contacts of all lists."""

    async def fold(self, list_name: str, drafts: Sequence[ContactDraft]) -> Sequence[FoldResult]:
        """Add drafts to a list, one result each in their order, each draft entirely or not at all.

        An error of the drafts themselves (TypeError for a variable that is no text) leaves nothing done. A call that
        was killed, or that lost the store in its middle, may have folded some of them; the same drafts again end the
        same as if it had gone through.

        A draft with a phone is the contact with that `phone_key`, one without is the contact with that
        `email_key`; both are unique in a list, and drafts of one call meet each other as if they came in
        separate calls. A draft that meets a contact fills its empty fields and missing variables and
        overwrites nothing, so folding the same drafts again changes nothing. An address that another contact
        of the list owns is left out of this one: an address is messaged once per list. A list begins to exist
        with its first contact.
        """
        ...

    async def page(
        self, list_name: str, after: str | None, limit: int, *, newest_first: bool = False
    ) -> Sequence[Contact]:
        """The next contacts of a list in the order of their ids (which rise), at most `limit`, beginning behind the
        id `after`; with `newest_first` the other way round.

        A contact that is added meanwhile appears in a later page or not at all, none appears twice. An
        unknown list is an empty one.
        """
        ...

    async def get(self, contact_id: str) -> Contact:
        """One contact. Raises NotFoundError."""
        ...

    async def find(self, text: str, limit: int) -> Sequence[Contact]:
        """Contacts of all lists with this number or e-mail (however written), or whose name begins with the text.

        Where nobody has the number, those whose number begins so, in the order of numbers: from its area code and three
        digits on, with its country's code or, of Brazil, without. What is written as a whole number with its country's
        code finds that number only. Names are in their order, without case and accents, and then of ids. A number and
        an e-mail are found at once, a name perhaps a moment after it was imported.
        """
        ...

    async def lists(self) -> Sequence[ListSummary]:
        """All lists in the order of their names."""
        ...

    async def everything(self, contact_id: str) -> dict[str, Any]:
        """All that is known of a person, as JSON values: `contact`, `same_person` (ids of contacts of other lists with
        the same number or e-mail), `messages` with their journals, `suppressions`. Raises NotFoundError.

        Each part is true of a moment during the call; what is written meanwhile may be in one and not in another.
        """
        ...

    async def edit(self, contact_id: str, change: Callable[[ContactDraft], ContactDraft]) -> Contact:
        """Change a contact to what `change` makes of it; the contact as it is then.

        `change` is called on what is kept now, more than once where others change it meanwhile, and what it raises
        leaves nothing done; `source` stays. InputError when another contact of the list owns an address;
        NotFoundError, also for an erased one.
        """
        ...

    async def erase(self, contact_id: str, now: datetime) -> None:
        """Forget a person: name, addresses, document and variables go, the id stays so that what was sent can
        be counted.

        Erasing twice is as once, and after a call that was killed the same call ends it. Raises NotFoundError for an
        id that never was. From then on nothing that is settled, noted, learnt or kept of this id brings anything
        personal back, also when it was begun before.
        """
        ...

    async def forgotten(self, since: datetime) -> Collection[str]:
        """Hashes (`hashed_key`) of the addresses, and of providers' names, of those who were erased after this
        instant, as far as that is not longer ago than `domain.forgotten.KNOWN_FOR`.
        """
        ...


def name_of(contact: Contact | None) -> str:
    """How a contact is called, by an address where there is no name; "" for one who is not kept any more."""
    return "" if contact is None else contact.name or contact.email or contact.phone or ""


async def known_contact(contacts: Contacts, contact_id: str) -> Contact | None:
    """A contact; None for one who is not kept any more."""
    try:
        return await contacts.get(contact_id)
    except NotFoundError:
        return None
