"""`/api/v1/lists`: the lists of contacts."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.pages import Page


class ListOut(BaseModel):
    """A list."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"example": {"name": "leads", "contacts": 1250}})

    name: str
    contacts: int = Field(description="How many contacts it has, without those that were erased.")


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/lists", tags=["contacts"])

    @routes.get("", name="lists.list")
    async def list_() -> Page[ListOut]:
        """Every list, in the order of their names; a list begins to exist with its first contact."""
        return Page(items=[ListOut.model_validate(one) for one in await house.store.contacts.lists()], next=None)

    return routes
