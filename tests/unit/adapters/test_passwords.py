from __future__ import annotations

import asyncio

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from disparo.adapters.passwords import Argon2Passwords

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def test_a_hash_matches_its_password_and_no_other() -> None:
    async def story() -> None:
        passwords = Argon2Passwords(CHEAP)
        one, other = await passwords.hash("cavalo bateria"), await passwords.hash("cavalo bateria")
        assert one != other
        assert await passwords.matches(one, "cavalo bateria")
        assert not await passwords.matches(one, "cavalo bateriA")
        assert not await passwords.matches(None, "ninguém"), "not even the password that nobody has"

    asyncio.run(story())


@pytest.mark.parametrize("hashed", ["", "x", "$argon2id$v=19$m=8,t=1,p=1$x$y", "$2b$12$abc"])
def test_what_is_no_hash_matches_nothing(hashed: str) -> None:
    assert not asyncio.run(Argon2Passwords(CHEAP).matches(hashed, "x"))
    assert Argon2Passwords(CHEAP).is_dated(hashed) in (False, True)


def test_other_parameters_are_dated() -> None:
    async def story() -> None:
        old = await Argon2Passwords(CHEAP).hash("x")
        newer = Argon2Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
        assert newer.is_dated(old)
        assert not newer.is_dated(await newer.hash("x"))

    asyncio.run(story())


def test_usual_hashes_cost_what_the_rfc_recommends() -> None:
    """RFC 9106, section 4: the second recommended option."""
    found = extract_parameters(asyncio.run(Argon2Passwords().hash("x")))
    assert (found.type, found.time_cost, found.memory_cost, found.parallelism) == (Type.ID, 3, 65536, 4)
    assert (found.salt_len, found.hash_len) == (16, 32)
