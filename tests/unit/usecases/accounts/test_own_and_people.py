"""One's own account, other people's, the links that let somebody in once, and keys."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from disparo.domain.errors import InputError, NotFoundError
from disparo.domain.policies.throttle import OF_ADDRESS, OF_CODE
from disparo.domain.principal import MACHINE, Principal, PrincipalKind, Role
from disparo.ports.accounts import EmailTakenError, LastAdminError
from disparo.ports.one_time_links import SETUP
from disparo.usecases.accounts import keys, links, own, people, sessions
from disparo.usecases.accounts.links import LinkOverError
from disparo.usecases.accounts.locks import Locks, ThrottledError
from disparo.usecases.accounts.own import WrongPasswordError
from disparo.usecases.accounts.people import Changes
from disparo.usecases.accounts.sessions import Begun
from disparo.usecases.accounts.sign_in import WrongSignInError, by_password
from tests.account_scene import HOME, PASSWORD, key_of, signed_in, somebody
from tests.unit.usecases.accounts.test_signing_in import _with_factor, play
from tests.unit.usecases.conftest import MONDAY

NEW = "outra frase bem comprida"


def _token(link: str) -> str:
    return link.partition("token=")[2]


async def _first(locks: Locks, token: str, **changes: str) -> Begun:
    said = {"name": "Ana", "email": "ana@exemplo.com.br", "password": PASSWORD, "language": "pt-BR", **changes}
    return await links.first_admin(locks, token, **said, comer=HOME, now=MONDAY)


def test_the_first_admin_makes_their_account_by_a_link_that_works_once() -> None:
    async def story(locks: Locks) -> None:
        token = _token(await links.setup_link(locks, MONDAY))
        begun = await _first(locks, token)
        assert (begun.account.role, begun.account.email) == (Role.ADMIN, "ana@exemplo.com.br")
        assert await sessions.holder(locks, begun.token, MONDAY) is not None
        with pytest.raises(LinkOverError):
            await _first(locks, token, email="bia@exemplo.com.br")
        assert len(await locks.store.accounts.all()) == 1

    play(story)


def test_a_form_with_a_fault_does_not_use_the_link_up() -> None:
    async def story(locks: Locks) -> None:
        token = _token(await links.setup_link(locks, MONDAY))
        for wrong in ({"password": "curta"}, {"email": "ana"}, {"name": " "}):
            with pytest.raises(InputError):
                await _first(locks, token, **wrong)
        assert await _first(locks, token)

    play(story)


def test_of_many_who_open_the_first_link_at_once_one_becomes_admin() -> None:
    async def story(locks: Locks) -> None:
        token = _token(await links.setup_link(locks, MONDAY))
        tries = [_first(locks, token, email=f"p{number}@exemplo.com.br") for number in range(5)]
        found = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(isinstance(one, Begun) for one in found) == 1
        assert len(await locks.store.accounts.all()) == 1

    play(story)


def test_a_new_link_replaces_the_one_before_and_each_has_its_time() -> None:
    async def story(locks: Locks) -> None:
        before = _token(await links.setup_link(locks, MONDAY))
        token = _token(await links.setup_link(locks, MONDAY))
        for wrong, at in ((before, MONDAY), (token, MONDAY + links.SETUP_FOR), ("setup.", MONDAY), ("", MONDAY)):
            with pytest.raises(LinkOverError):
                await links.opened(locks, wrong, HOME, at)
        assert (await links.opened(locks, token, HOME, MONDAY)).account is None

    play(story)


def test_links_cannot_be_guessed_without_end() -> None:
    async def story(locks: Locks) -> None:
        token = _token(await links.setup_link(locks, MONDAY))
        for number in range(OF_ADDRESS.free):
            with pytest.raises(LinkOverError):
                await links.opened(locks, f"setup.{number}", HOME, MONDAY)
        with pytest.raises(ThrottledError):
            await links.opened(locks, "setup.x", HOME, MONDAY)
        assert await links.opened(locks, token, HOME, MONDAY), "whoever has the right one is let in all the same"

    play(story)


def test_somebody_who_is_invited_chooses_a_password_and_is_in() -> None:
    async def story(locks: Locks) -> None:
        await locks.store.accounts.add(somebody(Role.ADMIN, MONDAY))
        made = await people.add(locks, "Bia", "Bia@exemplo.com.br", Role.OPERATOR, "en", MONDAY)
        with pytest.raises(WrongSignInError):
            await by_password(locks, made.account.email, "", HOME, MONDAY)
        begun = await links.choose_password(locks, _token(made.link), NEW, HOME, MONDAY)
        assert isinstance(begun, Begun)
        assert await by_password(locks, "bia@exemplo.com.br", NEW, HOME, MONDAY)
        with pytest.raises(LinkOverError):
            await links.choose_password(locks, _token(made.link), NEW, HOME, MONDAY)

    play(story)


def test_a_link_for_a_new_password_gives_no_way_around_the_second_factor() -> None:
    async def story(locks: Locks) -> None:
        account, _, _ = await _with_factor(locks)
        begun = await sessions.begin(locks, account, HOME, MONDAY)
        made = await people.new_password_link(locks, account.id, MONDAY)
        found = await links.choose_password(locks, _token(made.link), NEW, HOME, MONDAY)
        assert not isinstance(found, Begun)
        assert await sessions.holder(locks, begun.token, MONDAY) is None, "sessions of the old password have ended"

    play(story)


def test_the_first_link_is_over_once_an_admin_is_added_another_way() -> None:
    async def story(locks: Locks) -> None:
        token = _token(await links.setup_link(locks, MONDAY))
        await people.add(locks, "Bia", "bia@exemplo.com.br", Role.ADMIN, "pt-BR", MONDAY)
        assert await locks.store.one_time_links.find(SETUP) is None
        with pytest.raises(LinkOverError):
            await links.opened(locks, token, HOME, MONDAY)

    play(story)


def test_who_is_disabled_is_out_at_once_and_their_link_leads_nowhere() -> None:
    async def story(locks: Locks) -> None:
        await locks.store.accounts.add(somebody(Role.ADMIN, MONDAY))
        browser = await signed_in(locks, Role.OPERATOR, MONDAY)
        made = await people.new_password_link(locks, browser.account.id, MONDAY)
        await people.change(locks, browser.account.id, Changes(disabled=True))
        assert await sessions.holder(locks, browser.token, MONDAY) is None
        assert not await locks.store.sessions.of_account(browser.account.id)
        with pytest.raises(LinkOverError):
            await links.choose_password(locks, _token(made.link), NEW, HOME, MONDAY)
        with pytest.raises(InputError):
            await people.new_password_link(locks, browser.account.id, MONDAY)

    play(story)


def test_another_role_holds_from_the_next_request_on() -> None:
    async def story(locks: Locks) -> None:
        browser = await signed_in(locks, Role.OPERATOR, MONDAY)
        await people.change(locks, browser.account.id, Changes(role=Role.VIEWER))
        found = await sessions.holder(locks, browser.token, MONDAY)
        assert found is not None
        assert found[1].principal.role is Role.VIEWER

    play(story)


def test_people_are_added_and_changed_by_the_rules() -> None:
    async def story(locks: Locks) -> None:
        ana = (await people.add(locks, " Ana  Souza ", "ANA@exemplo.com.br", Role.ADMIN, "pt-BR", MONDAY)).account
        assert (ana.name, ana.email, ana.password) == ("Ana Souza", "ana@exemplo.com.br", None)
        with pytest.raises(EmailTakenError):
            await people.add(locks, "Ana", "ana@exemplo.com.br", Role.VIEWER, "pt-BR", MONDAY)
        for name, email, language in (("", "x@x.com.br", "en"), ("X", "x", "en"), ("X", "x@x.com.br", "fr")):
            with pytest.raises(InputError):
                await people.add(locks, name, email, Role.VIEWER, language, MONDAY)
        with pytest.raises(LastAdminError):
            await people.change(locks, ana.id, Changes(role=Role.VIEWER))
        assert (await people.named(locks, "Ana@exemplo.com.br")).id == (await people.named(locks, ana.id)).id
        with pytest.raises(NotFoundError):
            await people.named(locks, "bia@exemplo.com.br")

    play(story)


def test_a_lost_second_factor_is_taken_away_by_an_admin_and_the_sessions_with_it() -> None:
    async def story(locks: Locks) -> None:
        account, _, _ = await _with_factor(locks)
        begun = await sessions.begin(locks, account, HOME, MONDAY)
        assert (await people.reset_second_factor(locks, account.id)).second_factor is None
        assert await sessions.holder(locks, begun.token, MONDAY) is None
        assert isinstance(await by_password(locks, account.email, PASSWORD, HOME, MONDAY), Begun)

    play(story)


def test_a_new_password_ends_every_session_but_the_new_one() -> None:
    async def story(locks: Locks) -> None:
        browser = await signed_in(locks, Role.VIEWER, MONDAY)
        other = await sessions.begin(locks, browser.account, HOME, MONDAY)
        begun = await own.change_password(locks, browser.account, PASSWORD, NEW, HOME, MONDAY)
        assert begun.token not in (browser.token, other.token)
        for token in (browser.token, other.token):
            assert await sessions.holder(locks, token, MONDAY) is None
        assert await sessions.holder(locks, begun.token, MONDAY) is not None
        assert await by_password(locks, browser.account.email, NEW, HOME, MONDAY)
        with pytest.raises(WrongSignInError):
            await by_password(locks, browser.account.email, PASSWORD, HOME, MONDAY)

    play(story)


def test_who_finds_a_browser_open_cannot_change_the_password_nor_guess_it() -> None:
    async def story(locks: Locks) -> None:
        browser = await signed_in(locks, Role.VIEWER, MONDAY)
        for _ in range(OF_CODE.free):
            with pytest.raises(WrongPasswordError):
                await own.change_password(locks, browser.account, "errada errada", NEW, HOME, MONDAY)
        with pytest.raises(ThrottledError):
            await own.change_password(locks, browser.account, PASSWORD, NEW, HOME, MONDAY)

    play(story)


@pytest.mark.parametrize("wanted", ["curta", PASSWORD, "senha1234567"])
def test_a_new_password_must_be_new_and_good(wanted: str) -> None:
    async def story(locks: Locks) -> None:
        browser = await signed_in(locks, Role.VIEWER, MONDAY)
        with pytest.raises(InputError):
            await own.change_password(locks, browser.account, PASSWORD, wanted, HOME, MONDAY)
        assert await sessions.holder(locks, browser.token, MONDAY) is not None

    play(story)


def test_a_second_factor_is_on_only_after_its_first_code() -> None:
    async def story(locks: Locks) -> None:
        account = await locks.store.accounts.add(somebody(Role.VIEWER, MONDAY))
        account, shown = await own.enrolling(locks, account)
        again, same = await own.enrolling(locks, account)
        assert (again, same.secret) == (account, shown.secret)
        assert shown.secret in shown.address
        assert shown.picture.startswith("<svg")
        assert "style" not in shown.picture
        with pytest.raises(InputError):
            await own.enrol(locks, account, "000000", HOME, MONDAY)
        assert (await locks.store.accounts.get(account.id)).second_factor is None

    play(story)


def test_turning_it_off_needs_the_password_and_new_recovery_codes_need_a_code() -> None:
    async def story(locks: Locks) -> None:
        account, totp, old = await _with_factor(locks)
        with pytest.raises(WrongPasswordError):
            await own.drop_second_factor(locks, account, "errada errada", HOME, MONDAY)
        with pytest.raises(InputError):
            await own.fresh_recovery(locks, account, "000000", HOME, MONDAY)
        later = MONDAY + timedelta(minutes=1)
        fresh = await own.fresh_recovery(locks, account, totp.at(later), HOME, later)
        assert not set(fresh) & set(old)
        account = await locks.store.accounts.get(account.id)
        assert (await own.drop_second_factor(locks, account, PASSWORD, HOME, later)).second_factor is None

    play(story)


def test_a_key_is_good_until_it_is_over_and_says_when_it_was_used() -> None:
    async def story(locks: Locks) -> None:
        until = MONDAY + timedelta(days=1)
        key, headers = await key_of(locks, Role.OPERATOR, MONDAY, resources=frozenset({"slots"}), expires_at=until)
        written = headers["authorization"].removeprefix("Bearer ")
        principal = await keys.holder(locks, written, MONDAY)
        assert principal == Principal(PrincipalKind.KEY, key.id, key.name, Role.OPERATOR, frozenset({"slots"}))
        for seconds, used in ((30, 0), (59, 0), (61, 61)):
            await keys.holder(locks, written, MONDAY + timedelta(seconds=seconds))
            kept = await locks.store.api_keys.find(key.id)
            assert kept is not None
            assert kept.used_at == MONDAY + timedelta(seconds=used)
        assert kept.secret not in written
        assert await keys.holder(locks, written, until) is None
        assert await keys.holder(locks, written[:-1] + ("a" if written[-1] != "a" else "b"), MONDAY) is None

    play(story)


def test_nobody_makes_a_key_that_may_more_than_they() -> None:
    async def story(locks: Locks) -> None:
        with pytest.raises(InputError, match="papel"):
            await keys.add(locks, "x", Role.ADMIN, replace(MACHINE, role=Role.OPERATOR), MONDAY)
        for wrong in (
            {"resources": frozenset({"Contatos!"})},
            {"expires_at": MONDAY},
            {"expires_at": MONDAY + timedelta(days=4000)},
        ):
            with pytest.raises(InputError):
                await keys.add(locks, "x", Role.VIEWER, MACHINE, MONDAY, **wrong)  # type: ignore[arg-type]

    play(story)
