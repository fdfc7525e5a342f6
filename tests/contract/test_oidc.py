"""Signing in by another provider: what it says is believed only when everything about it is right."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.adapters.oidc import OidcProvider
from disparo.domain.principal import Role
from disparo.ports.identity_provider import IdentityError
from disparo.usecases.accounts import sessions
from disparo.usecases.accounts.elsewhere import AWAY_FOR, Elsewhere, NotLetInError, come_back, leave
from disparo.usecases.accounts.locks import Locks
from tests.account_scene import HOME, cheap_locks, somebody
from tests.contract.oidc_stage import ANA, CLIENT, SECRET, Provider, provider

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BACK = "http://127.0.0.1:8080/console/oidc/callback"
ROLES = {"disparo-operators": Role.OPERATOR, "disparo-admins": Role.ADMIN}
Story = Callable[["Stage"], Awaitable[None]]


class _Secrets:
    async def get(self, name: str) -> Mapping[str, str]:
        assert name == "oidc"
        return {"client_secret": SECRET}

    async def refresh(self, name: str) -> Mapping[str, str]:
        return await self.get(name)


class Stage:
    """The provider, our side of it, and locks over nothing."""

    def __init__(self, theirs: Provider, locks: Locks, **options: Any) -> None:
        self.theirs, self.locks = theirs, locks
        secret = {"secrets": _Secrets(), "secret": "oidc"} if theirs.secret else {}
        self.ours = OidcProvider(
            options.pop("issuer", theirs.issuer),
            CLIENT,
            scopes=("openid", "email"),
            role_claim=options.pop("role_claim", "realm_access.roles"),
            **secret,  # type: ignore[arg-type]
        )
        self.there = Elsewhere(self.ours, options.pop("roles", ROLES), options.pop("otherwise", None))

    async def sign_in(self, *, at: datetime = NOW) -> Any:
        """There and back."""
        address, kept = await leave(self.locks, self.there, BACK, "/console/agenda", NOW)
        state, code = self.theirs.visit(address)
        return await come_back(self.locks, self.there, kept, state, code, HOME, at)


def play(story: Story, *, secret: str | None = SECRET, **options: Any) -> None:
    """A story on that stage."""

    async def told() -> None:
        database = Database(None)
        async with provider(NOW, secret=secret) as theirs:
            stage = Stage(theirs, cheap_locks(open_store(database)), **options)
            try:
                await story(stage)
            finally:
                await stage.ours.close()
                database.close()

    asyncio.run(told())


@pytest.mark.parametrize("secret", [SECRET, None])
@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_somebody_new_gets_an_account_with_the_role_that_they_have_there(secret: str | None, algorithm: str) -> None:
    async def story(stage: Stage) -> None:
        stage.theirs.turn_keys(algorithm)
        begun, onward = await stage.sign_in()
        assert onward == "/console/agenda"
        assert (begun.account.email, begun.account.name) == ("ana@exemplo.com.br", "Ana Souza")
        assert (begun.account.role, begun.account.password) == (Role.OPERATOR, None)
        assert await sessions.holder(stage.locks, begun.token, NOW) is not None
        again, _ = await stage.sign_in()
        assert again.account.id == begun.account.id
        assert stage.theirs.asked == ["description", "token", "keys", "token"], "what it publishes is asked once"

    play(story, secret=secret)


_LATE = int((NOW + timedelta(hours=1)).timestamp())
_SPOILED: Mapping[str, Mapping[str, Any]] = {
    "of another issuer": {"iss": "https://evil.example"},
    "for another program": {"aud": "another"},
    "for several, and another asked": {"aud": [CLIENT, "another"], "azp": "another"},
    "for several, and nobody asked": {"aud": [CLIENT, "another"]},
    "of another sign-in": {"nonce": "another"},
    "of no sign-in": {"nonce": None},
    "over": {"exp": int((NOW - timedelta(minutes=2)).timestamp())},
    "without an end": {"exp": None},
    "with an end that is no time": {"exp": True},
    "from the future": {"iat": _LATE, "exp": _LATE + 300},
    "not yet good": {"nbf": _LATE},
    "of nobody": {"sub": None},
}


@pytest.mark.parametrize("change", _SPOILED.values(), ids=_SPOILED.keys())
def test_a_token_that_is_not_right_lets_nobody_in(change: Mapping[str, Any]) -> None:
    async def story(stage: Stage) -> None:
        stage.theirs.change = change
        with pytest.raises(IdentityError):
            await stage.sign_in()
        assert not await stage.locks.store.accounts.any()

    play(story)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS512", "ES384"])
def test_a_token_must_be_signed_with_the_providers_own_key(algorithm: str) -> None:
    async def story(stage: Stage) -> None:
        address, kept = await leave(stage.locks, stage.there, BACK, "/console", NOW)
        state, code = stage.theirs.visit(address)

        def forged(query: Mapping[str, str]) -> str:
            at = int(NOW.timestamp())
            claims = {
                **ANA, "iss": stage.theirs.issuer, "aud": CLIENT, "iat": at, "exp": at + 9, "nonce": query["nonce"],
            }  # fmt: skip
            key: Any = {"none": None, "HS256": "c2VjcmV0" * 8}.get(algorithm, stage.theirs.key)
            if algorithm == "ES384":
                from cryptography.hazmat.primitives.asymmetric import ec

                key = ec.generate_private_key(ec.SECP384R1())
            return jwt.encode(
                claims, key, algorithm, headers={"kid": "shared" if algorithm == "HS256" else stage.theirs.key_id}
            )

        stage.theirs.token = forged  # type: ignore[method-assign]
        with pytest.raises(IdentityError):
            await come_back(stage.locks, stage.there, kept, state, code, HOME, NOW)

    play(story)


def test_another_key_of_the_same_name_does_not_help() -> None:
    async def story(stage: Stage) -> None:
        await stage.sign_in()
        name = stage.theirs.key_id
        stage.theirs.turn_keys("RS256")
        stage.theirs.key_id = name
        with pytest.raises(IdentityError):
            await stage.sign_in()

    play(story)


def test_new_keys_are_learnt_but_not_asked_for_by_everybody_who_makes_up_a_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story(stage: Stage) -> None:
        await stage.sign_in()
        stage.theirs.turn_keys("ES256")
        for _ in range(3):
            with pytest.raises(IdentityError):
                await stage.sign_in()
        assert stage.theirs.asked.count("keys") == 1
        monkeypatch.setattr("disparo.adapters.oidc._KEYS_AGAIN_S", 0.0)
        begun, _ = await stage.sign_in()
        assert begun.account.email == "ana@exemplo.com.br"
        assert stage.theirs.asked.count("keys") == 2

    play(story)


def test_who_comes_back_must_have_left_from_here_and_not_long_ago() -> None:
    async def story(stage: Stage) -> None:
        address, kept = await leave(stage.locks, stage.there, BACK, "/console", NOW)
        state, code = stage.theirs.visit(address)
        late = NOW + AWAY_FOR + timedelta(seconds=1)
        for wrong_kept, wrong_state, at in (
            (kept, "another", NOW),
            ("", state, NOW),
            ("x.y", state, NOW),
            (kept, state, late),
        ):
            with pytest.raises(NotLetInError):
                await come_back(stage.locks, stage.there, wrong_kept, wrong_state, code, HOME, at)
        assert stage.theirs.asked == ["description"], "nothing is exchanged for who does not come from here"
        _, other = await leave(stage.locks, stage.there, BACK, "/console", NOW)
        with pytest.raises(NotLetInError):
            await come_back(stage.locks, stage.there, other, state, code, HOME, NOW)
        await come_back(stage.locks, stage.there, kept, state, code, HOME, NOW)
        with pytest.raises(IdentityError):
            await come_back(stage.locks, stage.there, kept, state, code, HOME, NOW)

    play(story)


def test_an_account_of_ours_is_found_by_an_address_that_the_provider_has_made_sure_of() -> None:
    async def story(stage: Stage) -> None:
        ours = await stage.locks.store.accounts.add(somebody(Role.VIEWER, NOW, email="ana@exemplo.com.br"))
        stage.theirs.claims = {**ANA, "email_verified": False}
        with pytest.raises(NotLetInError):
            await stage.sign_in()
        stage.theirs.claims = ANA
        begun, _ = await stage.sign_in()
        assert (begun.account.id, begun.account.role) == (ours.id, Role.OPERATOR)
        stage.theirs.claims = {**ANA, "sub": "another-ana"}
        with pytest.raises(NotLetInError):
            await stage.sign_in()

    play(story)


def test_the_provider_has_the_last_word_on_roles_but_cannot_take_the_last_admin_away() -> None:
    async def story(stage: Stage) -> None:
        begun, _ = await stage.sign_in()
        stage.theirs.claims = {**ANA, "realm_access": {"roles": ["disparo-operators", "disparo-admins"]}}
        begun, _ = await stage.sign_in()
        assert begun.account.role is Role.ADMIN
        stage.theirs.claims = ANA
        begun, _ = await stage.sign_in()
        assert begun.account.role is Role.ADMIN, "the last one"
        await stage.locks.store.accounts.add(somebody(Role.ADMIN, NOW))
        begun, _ = await stage.sign_in()
        assert begun.account.role is Role.OPERATOR

    play(story)


@pytest.mark.parametrize(
    "claims", [{"realm_access": {"roles": ["outra"]}}, {"realm_access": 7}, {"realm_access": None}]
)
def test_who_has_no_role_there_is_let_in_only_where_the_settings_give_one(claims: Mapping[str, Any]) -> None:
    async def refused(stage: Stage) -> None:
        stage.theirs.claims = {**ANA, **claims}
        with pytest.raises(NotLetInError):
            await stage.sign_in()

    async def welcome(stage: Stage) -> None:
        stage.theirs.claims = {**ANA, **claims}
        assert (await stage.sign_in())[0].account.role is Role.VIEWER

    play(refused)
    play(welcome, otherwise=Role.VIEWER)


def test_who_is_disabled_here_is_not_let_in_by_anybody() -> None:
    async def story(stage: Stage) -> None:
        begun, _ = await stage.sign_in()
        await stage.locks.store.accounts.change(replace(begun.account, disabled=True))
        with pytest.raises(NotLetInError):
            await stage.sign_in()

    play(story)


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "ftp://x/y"},
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_followed(discovery: Mapping[str, Any]) -> None:
    async def story(stage: Stage) -> None:
        stage.theirs.discovery = discovery
        with pytest.raises(IdentityError):
            await leave(stage.locks, stage.there, BACK, "/console", NOW)

    play(story)


def test_a_provider_that_does_not_answer_is_said_so() -> None:
    async def story(stage: Stage) -> None:
        with pytest.raises(IdentityError):
            await leave(stage.locks, stage.there, BACK, "/console", NOW)

    play(story, issuer="http://127.0.0.1:9/realms/x")
