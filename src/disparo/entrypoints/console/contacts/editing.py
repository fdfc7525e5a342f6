"""Entering a person, and changing what is known of them."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from disparo.domain.contact import Contact
from disparo.domain.errors import InputError
from disparo.entrypoints.console.contacts.lists import HOME
from disparo.entrypoints.console.forms import OVERTAKEN, Form, read_form
from disparo.entrypoints.console.shell import Console
from disparo.ports.contacts import FoldOutcome
from disparo.usecases import contact_edits
from disparo.usecases.contact_edits import ContactFields

EMPTY_VARIABLES = 2
"""Rows for new variables at the end of the form."""
_MOST_VARIABLES = 220


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=HOME)
    house = console.house

    @routes.get("/new", name="contacts.new")
    async def new(request: Request, list: str = "") -> Response:  # noqa: A002
        form = Form.of({"list": list[:100] or house.settings.default_list, "priority": "5"})
        return await _page(console, request, None, form)

    @routes.post("/new", name="contacts.create")
    async def create(request: Request) -> Response:
        _ = console.words(request).gettext
        form = await read_form(request)
        try:
            entered = await contact_edits.enter(
                house.store,
                form.get("list") or house.settings.default_list,
                _fields(form),
                house.clock.now(),
                by="console",
                region=house.settings.default_region,
            )
        except InputError as error:
            return await _page(console, request, None, form.failed(error, _PLACES), 422)
        request.state.audit = {"contact": entered.contact.id, "outcome": entered.outcome}
        if entered.outcome is FoldOutcome.CREATED:
            told = _("Contato criado.")
        else:
            told = _("Este endereço já era de um contato da lista: aqui está ele.")
        return console.redirect(request, f"{HOME}/{entered.contact.id}", told)

    _changing(console, routes)
    return routes


def _changing(console: Console, routes: APIRouter) -> None:
    house = console.house

    @routes.get("/{contact_id}/edit", name="contacts.edit")
    async def edit(request: Request, contact_id: str) -> Response:
        contact = await house.store.contacts.get(contact_id)
        if contact.erased:
            return console.redirect(request, f"{HOME}/{contact_id}")
        return await _page(console, request, contact, _form(contact).marked)

    @routes.post("/{contact_id}/edit", name="contacts.change")
    async def change(request: Request, contact_id: str) -> Response:
        form = await read_form(request)
        contact = await house.store.contacts.get(contact_id)
        now, region, present = house.clock.now(), house.settings.default_region, _form(contact)
        if form.overtaken(present):
            again = form.again(console.words(request).gettext(OVERTAKEN), of=present.mark)
            return await _page(console, request, contact, again, 409)
        try:
            await contact_edits.change(house.store, contact_id, _fields(form), now, region=region)
        except InputError as error:
            return await _page(console, request, contact, form.failed(error, _PLACES), 422)
        return console.redirect(request, f"{HOME}/{contact_id}", console.words(request).gettext("Mudanças guardadas."))


async def _page(console: Console, request: Request, contact: Contact | None, form: Form, status: int = 200) -> Response:
    names = [one.name for one in await console.house.store.contacts.lists()]
    count = max((int(name[1:]) for name in form.values if name[:1] == "n" and name[1:].isdecimal()), default=-1)
    rows = range(min(count + 1, _MOST_VARIABLES)) if form.wrong else range(count + 1 + EMPTY_VARIABLES)
    values = {"contact": contact, "form": form, "lists": names, "rows": rows}
    return console.page(request, "contacts/edit.html", status, **values)


_PLACES: Mapping[str, str] = {"zone": "zone", "variables": ""}


def _form(contact: Contact) -> Form:
    values: dict[str, object] = {
        "name": contact.name,
        "phone": contact.phone,
        "email": contact.email,
        "other_phones": "\n".join(contact.other_phones),
        "other_emails": "\n".join(contact.other_emails),
        "document": contact.document,
        "zone": contact.place.zone if contact.place else "",
        "priority": contact.priority,
    }
    for number, (name, text) in enumerate(sorted(contact.variables.items())):
        values |= {f"n{number}": name, f"v{number}": text}
    return Form.of(values)


def _fields(form: Form) -> ContactFields:
    names = {name[1:]: form.get(name) for name in form.values if name[:1] == "n" and name[1:].isdecimal()}
    variables = {title: form.get(f"v{number}") for number, title in names.items() if title}
    priority = form.get("priority", "5")
    return ContactFields(
        name=form.get("name"),
        phone=form.get("phone"),
        email=form.get("email"),
        other_phones=form.get("other_phones").splitlines(),
        other_emails=form.get("other_emails").splitlines(),
        document=form.get("document"),
        zone=form.get("zone"),
        priority=int(priority) if priority.isdecimal() and len(priority) < 3 else 0,
        variables=variables,
        all_variables=True,
    )
