"""People who may sign in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.errors import InputError
from disparo.domain.principal import Principal, PrincipalKind, Role

LONGEST_NAME = 80
LANGUAGES = ("pt-BR", "en")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """A program that makes codes (TOTP, RFC 6238). `secret` is sealed; `recovery` are digests of codes not yet used.

    `last_step` is the step (30 s) of the last code that was taken: neither it nor an earlier one is taken again.
    """

    secret: str = field(repr=False)
    last_step: int = 0
    recovery: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. `email` is in lower case and nobody else's.

    `password` is a hash, None for who has none yet (or signs in elsewhere). `enrolling` is the sealed secret of a
    second factor that was shown and not yet confirmed. `subject` is who they are to the other provider of identities:
    its issuer and their name there. `revision` rises with every change.
    """

    id: str
    name: str
    email: str
    role: Role
    created_at: datetime
    language: str = "pt-BR"
    disabled: bool = False
    password: str | None = field(default=None, repr=False)
    second_factor: SecondFactor | None = None
    enrolling: str | None = field(default=None, repr=False)
    subject: str | None = None
    signed_in_at: datetime | None = None
    revision: int = 0

    @property
    def rules(self) -> bool:
        """Whether they are an active admin, of whom there must always be one."""
        return self.role is Role.ADMIN and not self.disabled

    @property
    def principal(self) -> Principal:
        """Them, as who asks."""
        return Principal(PrincipalKind.USER, self.id, self.name, self.role)

    def used_recovery(self, digest: str) -> Account | None:
        """Them without this recovery code; None when they have no such code."""
        factor = self.second_factor
        if factor is None or digest not in factor.recovery:
            return None
        left = tuple(one for one in factor.recovery if one != digest)
        return replace(self, second_factor=replace(factor, recovery=left))


def account_name(text: str) -> str:
    """A name as it is kept; InputError for one that is empty, too long or has invisible signs."""
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or _CONTROL.search(name):
        raise InputError(f"nome: escreva de 1 a {LONGEST_NAME} letras")
    return name


def account_email(text: str) -> str:
    """An address as it is kept, in lower case; InputError for one that is none."""
    try:
        return parse_email(text).key
    except EmailError:
        raise InputError("e-mail: escreva um endereço como ana@exemplo.com.br") from None


def account_language(text: str) -> str:
    """One of LANGUAGES; InputError."""
    if text not in LANGUAGES:
        raise InputError(f"língua: escreva uma destas: {', '.join(LANGUAGES)}")
    return text
