"""One person: what is known of them, what was sent, what was said, what was agreed."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request, Response

from disparo.domain.contact import Channel
from disparo.entrypoints.console.contacts.lists import HOME
from disparo.entrypoints.console.forms import read_form
from disparo.entrypoints.console.shell import HEADERS, Console
from disparo.usecases import people

REPLIES = 3
MEETINGS = 20
MESSAGES = 60
"""Of the latest messages; the others are in their campaigns."""


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=HOME)
    store = console.house.store

    @routes.get("/{contact_id}", name="contacts.show")
    async def show(request: Request, contact_id: str) -> Response:
        known = await people.show(store, contact_id)
        contact = known.contact
        messages = sorted(known.messages, key=lambda one: (one.record.changed_at, str(one.record.id)), reverse=True)
        others = (await store.contacts.find(contact.keys[0], 20)) if contact.keys else []
        return console.page(
            request,
            "contacts/person.html",
            contact=contact,
            erased=contact.erased,
            suppressions=known.suppressions,
            messages=messages[:MESSAGES],
            more_messages=len(messages) - MESSAGES,
            replies=await store.inbox.page(None, REPLIES, contact_id=contact.id),
            meetings=(await store.meetings.of_contacts([contact.id]))[:MEETINGS],
            others=[one for one in others if one.id != contact.id and set(one.keys) & set(contact.keys)],
        )

    @routes.post("/{contact_id}/suppress", name="contacts.suppress")
    async def suppress(request: Request, contact_id: str) -> Response:
        _ = console.words(request).gettext
        form = await read_form(request)
        contact = await store.contacts.get(contact_id)
        only = Channel(form.get("channel")) if form.get("channel") in set(Channel) else None
        now, source = console.house.clock.now(), request.state.principal.actor
        keys = contact.keys if only is None else contact.keys_on(only)
        cancelled = 0
        for key in keys:
            cancelled += await people.suppress(store, key, only, source=source, now=now)
        request.state.audit = {"channel": only or "", "cancelled": cancelled}
        told = _("Bloqueado: esta pessoa não receberá mais mensagens.") if keys else _("Não há endereço a bloquear.")
        return console.redirect(request, f"{HOME}/{contact.id}", told, "good" if keys else "warn")

    @routes.post("/{contact_id}/unsuppress", name="contacts.unsuppress")
    async def unsuppress(request: Request, contact_id: str) -> Response:
        _ = console.words(request).gettext
        contact = await store.contacts.get(contact_id)
        lifted = [await people.unsuppress(store, key) for key in contact.keys]
        told = _("Desbloqueado. O que foi cancelado continua cancelado.") if any(lifted) else _("Não havia bloqueio.")
        return console.redirect(request, f"{HOME}/{contact.id}", told)

    @routes.get("/{contact_id}/export", name="contacts.export")
    async def export(request: Request, contact_id: str) -> Response:
        request.state.audit = {}
        everything = await people.export(store, contact_id)
        body = json.dumps(everything, ensure_ascii=False, indent=2) + "\n"
        name = f'attachment; filename="contato-{everything["contact"]["id"]}.json"'
        headers = {**HEADERS, "Content-Disposition": name}
        return Response(body.encode("utf-8", "replace"), headers=headers, media_type="application/json")

    return routes
