"""`/api/v1/accounts`: people who may sign in. For admins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from disparo.domain.account import LONGEST_NAME, Account
from disparo.domain.principal import Role
from disparo.entrypoints.http.installation import Installation
from disparo.usecases.accounts import people

AccountId = Annotated[str, Path(max_length=40, description="The account's id.", examples=["4f1c0a9be2d7"])]
_Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, examples=["Ana Souza"])]
_Email = Annotated[str, Field(min_length=3, max_length=254, examples=["ana@example.com"])]
_Language = Literal["pt-BR", "en"]


class AccountOut(BaseModel):
    """Somebody who may sign in."""

    id: str = Field(examples=["4f1c0a9be2d7"])
    name: str = Field(examples=["Ana Souza"])
    email: str = Field(examples=["ana@example.com"])
    role: Role
    language: _Language
    disabled: bool = Field(description="Who is disabled cannot sign in, and was signed out everywhere.")
    has_password: bool = Field(description="False for who was invited and has chosen none yet, or signs in elsewhere.")
    second_factor: bool = Field(description="Whether a code is asked for besides the password.")
    elsewhere: bool = Field(description="Whether they sign in by the OpenID Connect provider.")
    created_at: datetime
    signed_in_at: datetime | None = Field(description="When they last did.")

    @classmethod
    def of(cls, account: Account) -> Self:
        """An account without what it is locked with."""
        return cls(
            id=account.id,
            name=account.name,
            email=account.email,
            role=account.role,
            language="en" if account.language == "en" else "pt-BR",
            disabled=account.disabled,
            has_password=account.password is not None,
            second_factor=account.second_factor is not None,
            elsewhere=account.subject is not None,
            created_at=account.created_at,
            signed_in_at=account.signed_in_at,
        )


class InvitedOut(BaseModel):
    """An account, and the link by which its owner chooses a password: it works once, for three days."""

    account: AccountOut
    link: str = Field(
        description="For its owner alone; it is not shown again.",
        examples=["https://disparo.example.com/console/setup?token=4f1c0a9be2d7.Zm9v"],
    )


_INVITED: dict[str, Any] = {"name": "Ana Souza", "email": "ana@example.com", "role": "operator", "language": "pt-BR"}


class AccountIn(BaseModel):
    """Somebody to be invited."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_INVITED]})

    name: _Name
    email: _Email
    role: Role = Field(Role.OPERATOR, description="`viewer` looks, `operator` works, `admin` administers.")
    language: _Language = "pt-BR"


class AccountChangesIn(BaseModel):
    """What is to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"role": "viewer"}, {"disabled": True}]})

    name: _Name | None = None
    email: _Email | None = None
    role: Role | None = None
    language: _Language | None = None
    disabled: StrictBool | None = None


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/accounts", tags=["accounts"])

    @routes.get("", name="accounts.list")
    async def list_() -> Sequence[AccountOut]:
        """Every account, by name; they are few, so all come at once."""
        return [AccountOut.of(one) for one in await house.store.accounts.all()]

    @routes.post("", name="accounts.add", status_code=201)
    async def add(wanted: AccountIn, request: Request) -> InvitedOut:
        """Invite somebody. Send them the link yourself: nothing is mailed."""
        now = house.clock.now()
        made = await people.add(house.locks, wanted.name, wanted.email, wanted.role, wanted.language, now)
        request.state.audit = {"account": made.account.id, "role": made.account.role}
        return _invited(request, house, made)

    @routes.get("/{account_id}", name="accounts.show")
    async def show(account_id: AccountId) -> AccountOut:
        """One account."""
        return AccountOut.of(await house.store.accounts.get(account_id))

    @routes.patch("/{account_id}", name="accounts.change")
    async def change(account_id: AccountId, wanted: AccountChangesIn, request: Request) -> AccountOut:
        """Change somebody's account. The last active admin can be neither disabled nor given another role (409)."""
        changes = people.Changes(**wanted.model_dump())
        request.state.audit = {
            name: value for name, value in wanted.model_dump(include={"role", "disabled"}).items() if value is not None
        }
        return AccountOut.of(await people.change(house.locks, account_id, changes))

    @routes.post("/{account_id}/password-link", name="accounts.password_link")
    async def password_link(account_id: AccountId, request: Request) -> InvitedOut:
        """A new link by which somebody chooses a new password; the one before leads nowhere from now on."""
        return _invited(request, house, await people.new_password_link(house.locks, account_id, house.clock.now()))

    @routes.delete("/{account_id}/second-factor", name="accounts.reset_second_factor")
    async def reset_second_factor(account_id: AccountId) -> AccountOut:
        """Take away the second factor of somebody who lost it; they are signed out everywhere."""
        return AccountOut.of(await people.reset_second_factor(house.locks, account_id))

    @routes.delete("/{account_id}/sessions", name="accounts.sign_out", status_code=204)
    async def sign_out(account_id: AccountId, request: Request) -> None:
        """Sign somebody out everywhere."""
        account = await house.store.accounts.get(account_id)
        request.state.audit = {"sessions": await house.store.sessions.end_all(account.id)}

    return routes


def absolute(request: Request, house: Installation, path: str) -> str:
    """An address of ours for somebody else: below the public one, else below the one that was asked."""
    return (house.settings.public_url or str(request.base_url)).rstrip("/") + path


def _invited(request: Request, house: Installation, made: people.NewAccount) -> InvitedOut:
    request.state.secret_answer = True
    return InvitedOut(account=AccountOut.of(made.account), link=absolute(request, house, made.link))
