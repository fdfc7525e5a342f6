"""Codes of a second factor: whether one is right, and new ones for bad days."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import datetime

from disparo.domain.account import Account
from disparo.domain.session import digest
from disparo.ports.sealing import SealError
from disparo.usecases.accounts.locks import Locks

RECOVERY_CODES = 10
_LETTERS = 16
"""Of a recovery code: 80 random bits, so that its digest tells nobody the code."""


def about(account: Account) -> str:
    """For what a second factor's secret is sealed."""
    return f"account {account.id} second factor"


def code_used(locks: Locks, account: Account, code: str, now: datetime) -> Account | None:
    """The account after a code was used up, still to be kept; None when it is not right, or was used before."""
    factor = account.second_factor
    if factor is None:
        return None
    plain = plain_code(code)
    if len(plain) == _LETTERS:
        return account.used_recovery(digest(plain))
    try:
        secret = locks.sealer.open(factor.secret, about(account))
    except SealError:  # the key of the installation is another one: recovery codes and an admin still help
        return None
    step = locks.codes.step_of(secret, plain, now, factor.last_step)
    return None if step is None else replace(account, second_factor=replace(factor, last_step=step))


def plain_code(code: str) -> str:
    """A code as it is compared, however it was typed."""
    return "".join(one for one in code[:60].lower() if one.isalnum())


def new_recovery(locks: Locks) -> tuple[list[str], tuple[str, ...]]:
    """New recovery codes to be shown once, and their digests to be kept."""
    plain = [_recovery_code(locks.draw()) for _ in range(RECOVERY_CODES)]
    return ["-".join(one[at : at + 4] for at in range(0, _LETTERS, 4)) for one in plain], tuple(map(digest, plain))


def _recovery_code(chance: str) -> str:
    return base64.b32encode(hashlib.sha256(chance.encode()).digest()).decode().lower()[:_LETTERS]
