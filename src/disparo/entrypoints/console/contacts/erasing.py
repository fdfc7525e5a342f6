"""Erasing a person: asked with what will go, typed to be sure, answered with a receipt."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from disparo.domain.contact import Contact
from disparo.entrypoints.console.contacts.lists import HOME
from disparo.entrypoints.console.forms import Form, read_form
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.http.contacts import audit_of
from disparo.usecases import erasures


def router(console: Console) -> APIRouter:
    """The routes; only admins reach them."""
    routes = APIRouter(prefix=HOME)
    house = console.house

    @routes.get("/{contact_id}/erase", name="contacts.ask_erasure")
    async def ask(request: Request, contact_id: str) -> Response:
        return await _asked(request, await house.store.contacts.get(contact_id), Form.of({"everywhere": "1"}))

    @routes.post("/{contact_id}/erase", name="contacts.erase")
    async def erase(request: Request, contact_id: str) -> Response:
        _ = console.words(request).gettext
        form = await read_form(request)
        contact = await house.store.contacts.get(contact_id)
        if form.get("typed").casefold() != _typed(console, request).casefold():
            wrong = {"typed": _("Escreva %(word)s para confirmar.") % {"word": _typed(console, request)}}
            return await _asked(request, contact, Form(form.values, wrong), 422)
        everywhere = form.get("everywhere") == "1"
        receipt = await erasures.erase(house.archive, contact_id, house.clock.now(), everywhere=everywhere)
        request.state.audit = audit_of(receipt)
        return console.page(request, "contacts/erased.html", receipt=receipt)

    async def _asked(request: Request, contact: Contact, form: Form, status: int = 200) -> Response:
        known = await house.store.contacts.everything(contact.id)
        values = {"contact": contact, "form": form, "known": known, "word": _typed(console, request)}
        meetings = await house.store.meetings.of_contacts([contact.id])
        return console.page(request, "contacts/erase.html", status, meetings=len(meetings), **values)

    return routes


def _typed(console: Console, request: Request) -> str:
    return console.words(request).gettext("apagar")
