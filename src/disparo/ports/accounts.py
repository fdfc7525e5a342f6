"""People who may sign in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from disparo.domain.account import Account
from disparo.domain.errors import InputError, TransitionError


class EmailTakenError(InputError):
    """Somebody else has this address already."""


class LastAdminError(TransitionError):
    """Nobody would be left who may administer."""


class AccountChangedError(TransitionError):
    """Somebody else changed the account meanwhile; nothing was changed."""


class Accounts(Protocol):
    """Keeps accounts; they are few.

    No two have one e-mail or one subject. Once there is an active admin there is always one: of several changes at
    once that would take the last ones away, one is refused.
    """

    async def add(self, account: Account) -> Account:
        """Keep a new account, at revision 1; EmailTakenError, also for a subject. Its id is chosen by the caller."""
        ...

    async def change(self, account: Account) -> Account:
        """Write an account over the one of its revision.

        NotFoundError; AccountChangedError when it has another revision by now; EmailTakenError; LastAdminError when it
        was an active admin, is none any more and no other is.
        """
        ...

    async def get(self, account_id: str) -> Account:
        """One account; NotFoundError."""
        ...

    async def find(self, account_id: str) -> Account | None:
        """One account, if there is one of this id: one read."""
        ...

    async def by_email(self, email: str) -> Account | None:
        """Whose address it is, in lower case."""
        ...

    async def by_subject(self, subject: str) -> Account | None:
        """Who somebody of another provider of identities is."""
        ...

    async def all(self) -> Sequence[Account]:
        """Every account, by name."""
        ...

    async def any(self) -> bool:
        """Whether there is an account at all."""
        ...


def email_taken() -> EmailTakenError:
    """In words."""
    return EmailTakenError("e-mail: já é de outra conta")


def last_admin() -> LastAdminError:
    """In words."""
    return LastAdminError("é o último admin ativo; dê antes o papel admin a mais alguém")


def account_changed() -> AccountChangedError:
    """In words."""
    return AccountChangedError("a conta foi mudada por outra pessoa enquanto isso; veja como está e tente de novo")
