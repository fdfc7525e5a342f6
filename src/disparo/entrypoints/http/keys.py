"""`/api/v1/keys`: keys by which programs use the API. For admins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Self, cast

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from disparo.domain.account import LONGEST_NAME
from disparo.domain.api_key import MOST_RESOURCES, ApiKey
from disparo.domain.principal import Principal, Role
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.instants import Instant
from disparo.usecases.accounts import keys

KeyId = Annotated[
    str, Path(max_length=40, description="The key's id, the second part of it.", examples=["9be2d74f1c0a"])
]
_Resource = Annotated[str, Field(min_length=1, max_length=40, examples=["contacts"])]
State = Literal["active", "expired", "revoked"]


class KeyOut(BaseModel):
    """A key, without its secret."""

    id: str = Field(examples=["9be2d74f1c0a"])
    name: str = Field(examples=["Relatórios da noite"])
    role: Role
    resources: Sequence[str] = Field(
        description="What it reaches, by the first part of the address; empty: all.", examples=[["contacts"]]
    )
    state: State
    created_by: str = Field(examples=["user:4f1c0a9be2d7"])
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None = Field(description="When it was last used, exact to a minute.")
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey, now: datetime) -> Self:
        """A key without its secret."""
        return cls(
            id=key.id,
            name=key.name,
            role=key.role,
            resources=sorted(key.resources),
            state=cast("State", key.state(now)),
            created_by=key.created_by,
            created_at=key.created_at,
            expires_at=key.expires_at,
            used_at=key.used_at,
            revoked_at=key.revoked_at,
        )


class NewKeyOut(BaseModel):
    """A key that was just made."""

    key: KeyOut
    secret: str = Field(
        description="The whole key, for `Authorization: Bearer`; it is not shown again.",
        examples=["dk_9be2d74f1c0a_Zm9vYmFyYmF6cXV4cXV1eGNvcmdlZ3JhdWx0Z2FycGx5"],
    )


class KeyIn(BaseModel):
    """A key to be made."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Relatórios da noite", "role": "viewer", "resources": ["campaigns"]}]},
    )

    name: str = Field(min_length=1, max_length=LONGEST_NAME, examples=["Relatórios da noite"])
    role: Role = Role.VIEWER
    resources: Sequence[_Resource] = Field(
        (), max_length=MOST_RESOURCES, description="What it is to reach; empty: all."
    )
    expires_at: Instant | None = Field(None, description="Until when it is good; null: until it is revoked.")


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/keys", tags=["keys"])

    @routes.get("", name="keys.list")
    async def list_() -> Sequence[KeyOut]:
        """Every key, the newest first, those that are over too; they are few, so all come at once."""
        now = house.clock.now()
        return [KeyOut.of(one, now) for one in await house.store.api_keys.all()]

    @routes.post("", name="keys.add", status_code=201)
    async def add(wanted: KeyIn, request: Request) -> NewKeyOut:
        """A new key, which may do no more than whoever makes it."""
        now = house.clock.now()
        by: Principal = request.state.principal
        made = await keys.add(
            house.locks,
            wanted.name,
            wanted.role,
            by,
            now,
            resources=frozenset(wanted.resources),
            expires_at=wanted.expires_at,
        )
        request.state.audit = {"key": made.key.id, "role": made.key.role}
        request.state.secret_answer = True
        return NewKeyOut(key=KeyOut.of(made.key, now), secret=made.written)

    @routes.delete("/{key_id}", name="keys.revoke")
    async def revoke(key_id: KeyId) -> KeyOut:
        """End a key for good, from the next request on; one that is revoked already stays so."""
        now = house.clock.now()
        return KeyOut.of(await house.store.api_keys.revoke(key_id, now), now)

    return routes
