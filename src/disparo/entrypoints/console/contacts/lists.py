"""The lists, the contacts of one, and finding somebody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from disparo.domain.contact import Contact
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.http.pages import cut
from disparo.usecases import people
from disparo.usecases.people import Person

ROWS = 50
FOUND = 50
IMPORTS = 5
HOME = "/console/contacts"


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=HOME)
    house = console.house

    @routes.get("", name="contacts.lists")
    async def home(request: Request, q: str = "", list: str = "", after: str = "") -> Response:  # noqa: A002
        text, list_name = q.strip()[:200], list.strip()[:200]
        lists = await house.store.contacts.lists()
        values: dict[str, Any] = {"lists": lists, "q": text, "list_name": list_name}
        if text:
            return console.page(request, "contacts/found.html", people=await _found(console, text), **values)
        if list_name:
            page, more = cut(await house.store.contacts.page(list_name, after[:40] or None, ROWS + 1), ROWS)
            total = next((one.contacts for one in lists if one.name == list_name), 0)
            onward = page[-1].id if more else None
            shown = await _with_blocks(console, page)
            return console.page(
                request, "contacts/list.html", people=shown, total=total, after=onward, begun=bool(after), **values
            )
        imports = await house.imports.page(None, IMPORTS)
        return console.page(request, "contacts/lists.html", imports=imports, **values)

    return routes


async def _found(console: Console, text: str) -> Sequence[Person]:
    return await people.find(console.house.store, text, FOUND)


async def _with_blocks(console: Console, contacts: Sequence[Contact]) -> Sequence[Person]:
    found = await console.house.store.suppressions.matching([key for one in contacts for key in one.keys])
    return [Person(one, [block for block in found if block.key in one.keys]) for one in contacts]
