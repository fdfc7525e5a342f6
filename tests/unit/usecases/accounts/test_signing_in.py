"""Signing in over a store in memory: who gets in, who does not, and what either learns of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from argon2 import PasswordHasher

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.adapters.passwords import Argon2Passwords
from disparo.domain.account import Account
from disparo.domain.audit import AuditEntry, AuditFilter
from disparo.domain.policies.throttle import OF_ACCOUNT, OF_ADDRESS, OF_CODE
from disparo.domain.principal import Role
from disparo.domain.session import digest
from disparo.usecases.accounts import own, sessions
from disparo.usecases.accounts.codes import RECOVERY_CODES
from disparo.usecases.accounts.locks import Comer, Locks, ThrottledError
from disparo.usecases.accounts.sessions import Begun
from disparo.usecases.accounts.sign_in import HALF_FOR, Half, HalfOverError, WrongSignInError, by_code, by_password
from tests.account_scene import HOME, PASSWORD, cheap_locks, somebody
from tests.unit.usecases.conftest import MONDAY

Story = Callable[[Locks], Awaitable[None]]
MINUTE = timedelta(minutes=1)
ELSEWHERE = Comer("198.51.100.1", "198.51.100.1", "curl")


def play(story: Story) -> None:
    """With locks over nothing."""
    database = Database(None)

    async def told() -> None:
        await story(cheap_locks(open_store(database)))

    asyncio.run(told())
    database.close()


async def _audit(locks: Locks) -> Sequence[AuditEntry]:
    return await locks.store.audit.page(AuditFilter(), None, 200)


async def _with_factor(locks: Locks) -> tuple[Account, pyotp.TOTP, list[str]]:
    account = await locks.store.accounts.add(somebody(Role.OPERATOR, MONDAY))
    account, shown = await own.enrolling(locks, account)
    totp = pyotp.TOTP(shown.secret)
    codes = await own.enrol(locks, account, totp.at(MONDAY), HOME, MONDAY)
    return await locks.store.accounts.get(account.id), totp, codes


def test_the_right_password_begins_a_session_of_which_only_a_digest_is_kept() -> None:
    async def story(locks: Locks) -> None:
        account = await locks.store.accounts.add(somebody(Role.VIEWER, MONDAY))
        begun = await by_password(locks, f" {account.email.upper()} ", PASSWORD, HOME, MONDAY)
        assert isinstance(begun, Begun)
        found = await sessions.holder(locks, begun.token, MONDAY)
        assert found is not None
        assert found[1].id == account.id
        assert found[1].signed_in_at == MONDAY
        [kept] = await locks.store.sessions.of_account(account.id)
        assert kept.id == digest(begun.token)
        assert begun.token not in repr(kept)
        [entry] = await _audit(locks)
        assert (entry.action, entry.actor, entry.outcome) == ("accounts.sign_in", f"user:{account.id}", "done")
        assert entry.address == HOME.address

    play(story)


@pytest.mark.parametrize("changes", [{}, {"disabled": True}, {"password": None}])
def test_who_is_not_let_in_is_told_the_same_whatever_the_reason(changes: dict[str, object]) -> None:
    async def story(locks: Locks) -> None:
        account = await locks.store.accounts.add(somebody(Role.VIEWER, MONDAY, **changes))
        told = set()
        for email, password in ((account.email, "errada errada"), ("ninguem@exemplo.com.br", PASSWORD), ("", "")):
            with pytest.raises(WrongSignInError) as raised:
                await by_password(locks, email, password, HOME, MONDAY)
            told.add(str(raised.value))
        if changes:
            with pytest.raises(WrongSignInError) as raised:
                await by_password(locks, account.email, PASSWORD, HOME, MONDAY)
            told.add(str(raised.value))
        assert len(told) == 1
        assert not await locks.store.sessions.of_account(account.id)
        entries = await _audit(locks)
        assert {(one.actor, one.outcome) for one in entries} == {("unknown", "refused")}
        for secret in (account.email, "ninguem", PASSWORD, "errada"):
            assert secret not in repr(entries), "people type passwords where their address belongs"

    play(story)


def test_an_unknown_address_costs_as_many_hashes_as_a_known_one() -> None:
    class Counting(Argon2Passwords):
        asked = 0

        async def matches(self, hashed: str | None, password: str) -> bool:
            self.asked += 1
            return await super().matches(hashed, password)

    async def story(locks: Locks) -> None:
        passwords = Counting(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        locks = replace(locks, passwords=passwords)
        with pytest.raises(WrongSignInError):
            await by_password(locks, "ninguem@exemplo.com.br", PASSWORD, HOME, MONDAY)
        assert passwords.asked == 1
        assert await passwords.matches(None, PASSWORD) is False

    play(story)


def test_after_a_few_wrong_passwords_not_even_the_right_one_is_looked_at_until_the_wait_is_over() -> None:
    async def story(locks: Locks) -> None:
        account = await locks.store.accounts.add(somebody(Role.VIEWER, MONDAY))
        for number in range(OF_ACCOUNT.free):
            comer = replace(ELSEWHERE, network=str(number))  # a whole botnet
            with pytest.raises(WrongSignInError):
                await by_password(locks, account.email, "errada errada", comer, MONDAY)
        with pytest.raises(ThrottledError) as raised:
            await by_password(locks, account.email, PASSWORD, ELSEWHERE, MONDAY)
        assert raised.value.wait == OF_ACCOUNT.first
        begun = await by_password(locks, account.email, PASSWORD, ELSEWHERE, MONDAY + raised.value.wait)
        assert isinstance(begun, Begun)
        assert [one.action for one in await _audit(locks)].count("accounts.throttled") == 1

    play(story)


def test_an_address_that_nobody_has_is_throttled_just_the_same() -> None:
    async def story(locks: Locks) -> None:
        for _ in range(OF_ACCOUNT.free):
            with pytest.raises(WrongSignInError):
                await by_password(locks, "ninguem@exemplo.com.br", "errada errada", HOME, MONDAY)
        with pytest.raises(ThrottledError):
            await by_password(locks, "NINGUEM@exemplo.com.br", "errada errada", HOME, MONDAY)

    play(story)


def test_who_tries_many_accounts_from_one_address_is_throttled_and_a_success_of_ones_own_does_not_help() -> None:
    async def story(locks: Locks) -> None:
        mine = await locks.store.accounts.add(somebody(Role.VIEWER, MONDAY))
        for number in range(OF_ADDRESS.free - 1):
            with pytest.raises(WrongSignInError):
                await by_password(locks, f"p{number}@outra.com.br", "errada errada", HOME, MONDAY)
            if number % 5 == 0:
                await by_password(locks, mine.email, PASSWORD, HOME, MONDAY)
        with pytest.raises(WrongSignInError):
            await by_password(locks, "ultima@outra.com.br", "errada errada", HOME, MONDAY)
        with pytest.raises(ThrottledError):
            await by_password(locks, mine.email, PASSWORD, HOME, MONDAY)
        assert await by_password(locks, mine.email, PASSWORD, ELSEWHERE, MONDAY)

    play(story)


def test_strangers_tries_do_not_keep_somebody_out_of_a_browser_that_they_signed_in_with_before() -> None:
    async def story(locks: Locks) -> None:
        account = await locks.store.accounts.add(somebody(Role.VIEWER, MONDAY))
        begun = await by_password(locks, account.email, PASSWORD, HOME, MONDAY)
        assert isinstance(begun, Begun)
        known = replace(HOME, known=begun.known)
        for number in range(OF_ACCOUNT.free):
            with pytest.raises(WrongSignInError):
                await by_password(locks, account.email, "errada errada", replace(HOME, network=str(number)), MONDAY)
        with pytest.raises(ThrottledError):
            await by_password(locks, account.email, PASSWORD, ELSEWHERE, MONDAY)
        assert await by_password(locks, account.email, PASSWORD, known, MONDAY)
        with pytest.raises(ThrottledError):
            await by_password(locks, account.email, PASSWORD, replace(ELSEWHERE, known=begun.known[:-2]), MONDAY)

    play(story)


def test_a_hash_of_other_parameters_is_made_anew_and_the_password_stays_right() -> None:
    async def story(locks: Locks) -> None:
        old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
        account = await locks.store.accounts.add(somebody(Role.VIEWER, MONDAY, password=old))
        await by_password(locks, account.email, PASSWORD, HOME, MONDAY)
        kept = await locks.store.accounts.get(account.id)
        assert kept.password not in (None, old)
        assert not locks.passwords.is_dated(str(kept.password))
        assert await by_password(locks, account.email, PASSWORD, HOME, MONDAY)

    play(story)


def test_with_a_second_factor_the_password_alone_lets_nobody_in() -> None:
    async def story(locks: Locks) -> None:
        account, totp, _ = await _with_factor(locks)
        half = await by_password(locks, account.email, PASSWORD, HOME, MONDAY)
        assert isinstance(half, Half)
        assert not await locks.store.sessions.of_account(account.id)
        with pytest.raises(WrongSignInError):
            await by_code(locks, half.sealed, "000000", HOME, MONDAY)
        later = MONDAY + MINUTE
        begun = await by_code(locks, half.sealed, totp.at(later), HOME, later)
        assert begun.account.id == account.id

    play(story)


def test_a_code_works_once_and_none_that_is_older() -> None:
    async def story(locks: Locks) -> None:
        account, totp, _ = await _with_factor(locks)
        later = MONDAY + MINUTE
        half = await by_password(locks, account.email, PASSWORD, HOME, later)
        assert isinstance(half, Half)
        await by_code(locks, half.sealed, totp.at(later), HOME, later)
        for used in (totp.at(later), totp.at(later - MINUTE / 2), totp.at(MONDAY)):
            with pytest.raises(WrongSignInError):
                await by_code(locks, half.sealed, used, HOME, later)
        assert await by_code(locks, half.sealed, totp.at(later + MINUTE / 2), HOME, later)

    play(story)


def test_of_the_same_code_sent_twice_at_once_one_gets_in() -> None:
    async def story(locks: Locks) -> None:
        account, totp, _ = await _with_factor(locks)
        later = MONDAY + MINUTE
        half = await by_password(locks, account.email, PASSWORD, HOME, later)
        assert isinstance(half, Half)
        tries = [by_code(locks, half.sealed, totp.at(later), HOME, later) for _ in range(OF_CODE.free)]
        found = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(isinstance(one, Begun) for one in found) == 1

    play(story)


def test_codes_cannot_be_guessed_by_the_thousand() -> None:
    async def story(locks: Locks) -> None:
        account, _, _ = await _with_factor(locks)
        half = await by_password(locks, account.email, PASSWORD, HOME, MONDAY)
        assert isinstance(half, Half)
        looked_at = 0
        for number in range(100):
            comer = replace(ELSEWHERE, network=str(number))
            with pytest.raises((WrongSignInError, ThrottledError)) as raised:
                await by_code(locks, half.sealed, f"{number:06}", comer, MONDAY)
            looked_at += raised.type is WrongSignInError
        assert looked_at == OF_CODE.free

    play(story)


def test_a_recovery_code_works_once_however_it_is_typed() -> None:
    async def story(locks: Locks) -> None:
        account, _, codes = await _with_factor(locks)
        assert len(set(codes)) == RECOVERY_CODES
        half = await by_password(locks, account.email, PASSWORD, HOME, MONDAY)
        assert isinstance(half, Half)
        assert await by_code(locks, half.sealed, codes[3].upper().replace("-", " "), HOME, MONDAY)
        with pytest.raises(WrongSignInError):
            await by_code(locks, half.sealed, codes[3], HOME, MONDAY)
        kept = (await locks.store.accounts.get(account.id)).second_factor
        assert kept is not None
        assert len(kept.recovery) == RECOVERY_CODES - 1
        assert not any(code in repr(kept) or code.replace("-", "") in kept.recovery for code in codes)

    play(story)


def test_half_a_sign_in_is_over_after_ten_minutes_or_with_another_password_or_when_disabled() -> None:
    async def story(locks: Locks) -> None:
        account, totp, _ = await _with_factor(locks)
        half = await by_password(locks, account.email, PASSWORD, HOME, MONDAY)
        assert isinstance(half, Half)
        late = MONDAY + HALF_FOR + timedelta(seconds=1)
        for sealed, at in ((half.sealed, late), (half.sealed[:-4] + "AAA=", MONDAY), ("", MONDAY)):
            with pytest.raises(HalfOverError):
                await by_code(locks, sealed, totp.at(at), HOME, at)
        account = await locks.store.accounts.get(account.id)
        await locks.store.accounts.change(replace(account, password=await locks.passwords.hash("outra senha boa")))
        with pytest.raises(HalfOverError):
            await by_code(locks, half.sealed, totp.at(MONDAY + MINUTE), HOME, MONDAY + MINUTE)

    play(story)


def test_a_password_that_is_changed_while_it_is_looked_at_lets_nobody_in_any_more() -> None:
    async def story(locks: Locks) -> None:
        account = await locks.store.accounts.add(somebody(Role.VIEWER, MONDAY))

        class Slow(Argon2Passwords):
            async def matches(self, hashed: str | None, password: str) -> bool:
                right = await super().matches(hashed, password)
                changed = replace(account, password=await locks.passwords.hash("outra senha bem longa"))
                await locks.store.accounts.change(changed)
                await locks.store.sessions.end_all(account.id)
                return right

        with pytest.raises(WrongSignInError):
            await by_password(replace(locks, passwords=Slow()), account.email, PASSWORD, HOME, MONDAY)
        assert list(await locks.store.sessions.of_account(account.id)) == []

    play(story)


def test_the_secret_of_a_second_factor_is_kept_sealed() -> None:
    async def story(locks: Locks) -> None:
        account, totp, _ = await _with_factor(locks)
        factor = account.second_factor
        assert factor is not None
        assert totp.secret not in factor.secret
        other = replace(account, id="another")
        from disparo.usecases.accounts.codes import code_used

        assert code_used(locks, other, totp.at(MONDAY + MINUTE), MONDAY + MINUTE) is None, "sealed for one account"
        assert code_used(locks, account, totp.at(MONDAY + MINUTE), MONDAY + MINUTE) is not None

    play(story)


def test_a_session_ends_when_it_is_idle_and_in_any_case_after_a_while() -> None:
    async def story(locks: Locks) -> None:
        account = await locks.store.accounts.add(somebody(Role.VIEWER, MONDAY))
        begun = await sessions.begin(locks, account, HOME, MONDAY)
        at = MONDAY
        while at < MONDAY + locks.rules.lasts:
            assert await sessions.holder(locks, begun.token, at) is not None, at
            at += locks.rules.idle - MINUTE
        assert await sessions.holder(locks, begun.token, MONDAY + locks.rules.lasts) is None
        idle = await sessions.begin(locks, account, HOME, MONDAY)
        assert await sessions.holder(locks, idle.token, MONDAY + locks.rules.idle) is None

    play(story)


def test_that_a_session_is_in_use_is_written_down_once_a_minute() -> None:
    async def story(locks: Locks) -> None:
        account = await locks.store.accounts.add(somebody(Role.VIEWER, MONDAY))
        begun = await sessions.begin(locks, account, HOME, MONDAY)
        for seconds, seen in ((30, 0), (59, 0), (60, 60), (90, 60), (119, 60), (121, 121)):
            await sessions.holder(locks, begun.token, MONDAY + timedelta(seconds=seconds))
            [kept] = await locks.store.sessions.of_account(account.id)
            assert kept.seen_at == MONDAY + timedelta(seconds=seen)

    play(story)


@pytest.mark.parametrize(
    "token", ["", ".", "a.b", "p1." + "x" * 43, "../../x." + "y" * 43, "p1." + "é" * 43, "x" * 5000]
)
def test_what_is_no_token_of_ours_is_nobodys(token: str) -> None:
    async def story(locks: Locks) -> None:
        assert await sessions.holder(locks, token, MONDAY) is None

    play(story)
