"""What every family does with accounts, sessions, keys, tries and links; each check gets one empty store, twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from disparo.domain.account import Account, SecondFactor
from disparo.domain.api_key import ApiKey
from disparo.domain.errors import NotFoundError
from disparo.domain.policies.throttle import Throttle
from disparo.domain.principal import Role
from disparo.domain.session import Session, digest
from disparo.ports.accounts import AccountChangedError, EmailTakenError, LastAdminError
from disparo.ports.one_time_links import OneTimeLink
from disparo.ports.store import Store

Check = Callable[[Store, Store], Awaitable[None]]
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)

ANA = Account("a1", "Ana Souza", "ana@exemplo.com.br", Role.ADMIN, NOW)
FULL = Account(
    id="z9",
    name="Zoë Ção",
    email="zoe@exemplo.com.br",
    role=Role.OPERATOR,
    created_at=NOW + timedelta(milliseconds=7),
    language="en",
    disabled=True,
    password="$argon2id$v=19$...",
    second_factor=SecondFactor("sealed", 57_000_000, ("a" * 64, "b" * 64)),
    enrolling="sealed too",
    subject="https://issuer.example/realms/x|" + "é" * 900,
    signed_in_at=NOW + DAY,
)
KEY = ApiKey("k1", "Relatórios", Role.VIEWER, "f" * 64, "user:a1", NOW, frozenset({"contacts", "campaigns"}), NOW + DAY)
THROTTLE = Throttle(3, timedelta(seconds=10), timedelta(minutes=1), timedelta(hours=1))


async def check_an_account_is_kept_as_told_with_a_revision_that_rises(store: Store, other: Store) -> None:
    assert not await store.accounts.any()
    assert await store.accounts.add(FULL) == replace(FULL, revision=1)
    assert await other.accounts.get("z9") == replace(FULL, revision=1)
    assert await other.accounts.any()
    assert FULL.subject is not None
    for found in (await other.accounts.by_email(FULL.email), await other.accounts.by_subject(FULL.subject)):
        assert found == replace(FULL, revision=1)
    changed = replace(FULL, name="Zoe", disabled=False, second_factor=None, password=None, enrolling=None, revision=1)
    assert await other.accounts.change(changed) == replace(changed, revision=2)
    assert await store.accounts.get("z9") == replace(changed, revision=2)


async def check_accounts_come_by_name(store: Store, other: Store) -> None:
    assert list(await store.accounts.all()) == []
    for one in (FULL, ANA, replace(ANA, id="b", name="Bia", email="bia@exemplo.com.br")):
        await store.accounts.add(one)
    assert [one.name for one in await other.accounts.all()] == ["Ana Souza", "Bia", "Zoë Ção"]


async def check_nobody_is_found_who_is_not_there(store: Store, _other: Store) -> None:
    await store.accounts.add(ANA)
    for unknown in ("", "A1", "ana@exemplo.com.br"):
        assert await store.accounts.find(unknown) is None
        with pytest.raises(NotFoundError):
            await store.accounts.get(unknown)
    assert await store.accounts.by_email("bia@exemplo.com.br") is None
    assert await store.accounts.by_subject("x") is None
    with pytest.raises(NotFoundError):
        await store.accounts.change(replace(FULL, revision=1))


async def check_an_address_belongs_to_one(store: Store, other: Store) -> None:
    await store.accounts.add(ANA)
    with pytest.raises(EmailTakenError):
        await other.accounts.add(replace(FULL, email=ANA.email))
    await store.accounts.add(FULL)
    with pytest.raises(EmailTakenError):
        await other.accounts.change(replace(FULL, email=ANA.email, revision=1))
    with pytest.raises(EmailTakenError):
        await other.accounts.add(replace(ANA, id="n", email="n@exemplo.com.br", subject=FULL.subject))
    assert await store.accounts.get("z9") == replace(FULL, revision=1)
    await other.accounts.change(replace(ANA, email="ana@nova.com.br", revision=1))
    assert await store.accounts.by_email(ANA.email) is None
    moved = await store.accounts.change(replace(FULL, email=ANA.email, subject=None, revision=1))
    assert await other.accounts.by_email(ANA.email) == moved
    assert await other.accounts.by_subject(str(FULL.subject)) is None


async def check_a_change_of_what_has_changed_is_refused(store: Store, other: Store) -> None:
    known = await store.accounts.add(ANA)
    await other.accounts.change(replace(known, name="Ana S."))
    with pytest.raises(AccountChangedError):
        await store.accounts.change(replace(known, language="en"))
    assert (await store.accounts.get("a1")).name == "Ana S."
    assert (await store.accounts.get("a1")).language == "pt-BR"


async def check_the_last_active_admin_stays(store: Store, other: Store) -> None:
    ana = await store.accounts.add(ANA)
    await store.accounts.add(replace(ANA, id="off", email="off@exemplo.com.br", disabled=True))
    await store.accounts.add(replace(ANA, id="op", email="op@exemplo.com.br", role=Role.OPERATOR))
    for less in (replace(ana, disabled=True), replace(ana, role=Role.OPERATOR)):
        with pytest.raises(LastAdminError):
            await other.accounts.change(less)
    ana = await other.accounts.change(replace(ana, name="Ana"))
    bia = await store.accounts.add(replace(ANA, id="b1", email="bia@exemplo.com.br"))
    ana = await other.accounts.change(replace(ana, disabled=True))
    with pytest.raises(LastAdminError):
        await store.accounts.change(replace(bia, role=Role.VIEWER))
    await store.accounts.change(replace(ana, disabled=False))
    assert (await other.accounts.change(replace(bia, role=Role.VIEWER))).role is Role.VIEWER


async def check_of_admins_who_all_leave_at_once_one_stays(store: Store, other: Store) -> None:
    people = [await store.accounts.add(replace(ANA, id=f"a{n}", email=f"a{n}@exemplo.com.br")) for n in range(6)]

    async def leave(number: int, account: Account) -> bool:
        try:
            await (store, other)[number % 2].accounts.change(replace(account, disabled=True))
        except LastAdminError:
            return False
        return True

    left = await asyncio.gather(*(leave(number, one) for number, one in enumerate(people)))
    assert sorted(left) == [False, *[True] * 5]
    assert [one.rules for one in await store.accounts.all()].count(True) == 1


async def check_a_session_comes_with_whose_it_is(store: Store, other: Store) -> None:
    ana = await store.accounts.add(ANA)
    await store.sessions.begin(session := _session("s1"))
    assert await other.sessions.find("a1", session.id) == (session, ana)
    assert await other.sessions.find("z9", session.id) is None
    assert await other.sessions.find("a1", digest("s2")) is None
    ana = await other.accounts.change(replace(ana, role=Role.ADMIN, name="Ana S."))
    assert await store.sessions.find("a1", session.id) == (session, ana)


async def check_a_session_that_was_in_use_says_so(store: Store, other: Store) -> None:
    await store.accounts.add(ANA)
    for name in ("s1", "s2"):
        await store.sessions.begin(_session(name))
    later = NOW + timedelta(minutes=5)
    await other.sessions.seen(_session("s2"), later)
    found = await store.sessions.of_account("a1")
    assert [(one.id, one.seen_at) for one in found] == [(digest("s2"), later), (digest("s1"), NOW)]
    await other.sessions.end("a1", digest("s2"))
    await store.sessions.seen(_session("s2"), later)
    assert [one.id for one in await other.sessions.of_account("a1")] == [digest("s1")], "what ended does not come back"


async def check_sessions_end_one_by_one_and_all_but_one(store: Store, other: Store) -> None:
    await store.accounts.add(ANA)
    for name in ("s1", "s2", "s3", "s4"):
        await store.sessions.begin(_session(name))
    await store.sessions.begin(replace(_session("z"), account_id="z9"))
    await other.sessions.end("z9", digest("s1"))
    assert len(await store.sessions.of_account("a1")) == 4, "of another account nothing is ended"
    for _ in range(2):
        await other.sessions.end("a1", digest("s1"))
    assert await store.sessions.end_all("a1", but=digest("s3")) == 2
    assert [one.id for one in await other.sessions.of_account("a1")] == [digest("s3")]
    assert await store.sessions.end_all("a1") == 1
    assert [one.id for one in await other.sessions.of_account("z9")] == [digest("z")]


async def check_a_key_is_kept_as_told(store: Store, other: Store) -> None:
    await store.api_keys.add(KEY)
    plain = ApiKey("k2", "Tudo", Role.ADMIN, "e" * 64, "local:local", NOW + DAY)
    await store.api_keys.add(plain)
    assert await other.api_keys.find("k1") == KEY
    assert list(await other.api_keys.all()) == [plain, KEY]
    assert await other.api_keys.find("") is None
    assert await other.api_keys.find("K1") is None


async def check_a_key_that_was_used_or_revoked_says_so(store: Store, other: Store) -> None:
    await store.api_keys.add(KEY)
    await store.api_keys.used("k1", NOW + DAY)
    await store.api_keys.used("nobody", NOW)
    assert await other.api_keys.find("k1") == replace(KEY, used_at=NOW + DAY)
    revoked = replace(KEY, used_at=NOW + DAY, revoked_at=NOW + 2 * DAY)
    assert await other.api_keys.revoke("k1", NOW + 2 * DAY) == revoked
    assert await store.api_keys.revoke("k1", NOW + 3 * DAY) == revoked
    for unknown in ("", "k9"):
        with pytest.raises(NotFoundError):
            await store.api_keys.revoke(unknown, NOW)
    assert list(await other.api_keys.all()) == [revoked]


async def check_so_many_tries_are_free_and_then_it_takes_longer_and_longer(store: Store, other: Store) -> None:
    waits = [await (store, other)[n % 2].tries.take("x", THROTTLE, NOW) for n in range(5)]
    assert waits == [timedelta(0)] * 3 + [timedelta(seconds=10)] * 2, "what had to wait is not counted"
    at = NOW + timedelta(seconds=10)
    assert await other.tries.take("x", THROTTLE, at) == timedelta(0)
    assert await store.tries.take("x", THROTTLE, at) == timedelta(seconds=20)
    assert await store.tries.take("y", THROTTLE, at) == timedelta(0)
    await other.tries.forget("x")
    assert await store.tries.take("x", THROTTLE, at) == timedelta(0)


async def check_a_try_that_is_given_back_does_not_count(store: Store, other: Store) -> None:
    for _ in range(7):
        assert await store.tries.take("x", THROTTLE, NOW) == timedelta(0)
        await other.tries.give_back("x", THROTTLE, NOW)
    for _ in range(3):
        assert await store.tries.take("x", THROTTLE, NOW) == timedelta(0)
    assert await store.tries.take("x", THROTTLE, NOW) == timedelta(seconds=10)
    await store.tries.give_back("nobody", THROTTLE, NOW)


async def check_of_many_tries_at_once_no_more_pass_than_may(store: Store, other: Store) -> None:
    waits = await asyncio.gather(*((store, other)[n % 2].tries.take("x", THROTTLE, NOW) for n in range(20)))
    assert sum(not wait for wait in waits) == 3


async def check_a_subject_has_one_link_which_lets_in_once(store: Store, other: Store) -> None:
    await store.one_time_links.put(OneTimeLink("setup", digest("old"), NOW))
    link = OneTimeLink("setup", digest("new"), NOW + DAY)
    await other.one_time_links.put(link)
    assert await store.one_time_links.find("setup") == link
    assert await store.one_time_links.find("a1") is None
    assert not await store.one_time_links.take("setup", digest("old"))
    taken = await asyncio.gather(*(one.one_time_links.take("setup", digest("new")) for one in (store, other)))
    assert sorted(taken) == [False, True]
    assert await store.one_time_links.find("setup") is None
    await store.one_time_links.put(link)
    for _ in range(2):
        await other.one_time_links.drop("setup")
    assert not await store.one_time_links.take("setup", digest("new"))


def _session(name: str) -> Session:
    return Session(digest(name), "a1", NOW, NOW, NOW + DAY, "Firefox em Linux", "203.0.113.7")


SUITE: tuple[Check, ...] = tuple(check for name, check in globals().items() if name.startswith("check_"))
