"""Accounts as documents of plain values, for stores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from disparo.domain.account import Account, SecondFactor
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.principal import Role


def account_document(account: Account) -> dict[str, Any]:
    """Everything but its revision; instants are milliseconds."""
    factor = account.second_factor
    return {
        "id": account.id,
        "name": account.name,
        "email": account.email,
        "role": str(account.role),
        "created_at": to_ms(account.created_at),
        "language": account.language,
        "disabled": account.disabled,
        "password": account.password,
        "second_factor": None
        if factor is None
        else {"secret": factor.secret, "last_step": factor.last_step, "recovery": list(factor.recovery)},
        "enrolling": account.enrolling,
        "subject": account.subject,
        "signed_in_at": None if account.signed_in_at is None else to_ms(account.signed_in_at),
    }


def parse_account(document: Mapping[str, Any], revision: int) -> Account:
    """The account of a document that we wrote."""
    factor, signed_in = document["second_factor"], document["signed_in_at"]
    return Account(
        id=document["id"],
        name=document["name"],
        email=document["email"],
        role=Role(document["role"]),
        created_at=from_ms(document["created_at"]),
        language=document["language"],
        disabled=document["disabled"],
        password=document["password"],
        second_factor=None
        if factor is None
        else SecondFactor(factor["secret"], factor["last_step"], tuple(factor["recovery"])),
        enrolling=document["enrolling"],
        subject=document["subject"],
        signed_in_at=None if signed_in is None else from_ms(signed_in),
        revision=revision,
    )
