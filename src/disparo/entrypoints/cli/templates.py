"""`disparo templates ...`: messages as contacts would get them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from disparo.domain.campaign import Campaign
from disparo.domain.contact import Contact, ContactDraft
from disparo.entrypoints.cli.campaigns import fault_of, read_document
from disparo.entrypoints.cli.faults import ExitCode
from disparo.entrypoints.cli.importing import import_into
from disparo.entrypoints.cli.options import checked_limit
from disparo.entrypoints.cli.printing import Code, Output
from disparo.entrypoints.cli.session import GivenSession, Session
from disparo.entrypoints.cli.sms_words import sms_hint, sms_item, sms_items, sms_size, tell_sms_costs
from disparo.entrypoints.words import words

if TYPE_CHECKING:
    from disparo.domain.template import Content
    from disparo.usecases.previews import Preview

Target = Annotated[str, Parameter(name="CAMPAIGN", help="Nome de uma campanha, ou um arquivo TOML.")]


async def list_(target: Target, /, *, session: GivenSession) -> None:
    """The templates of a campaign and the variables that they read."""
    from disparo.bootstrap import renderer

    campaign, _ = await _campaign(session, target)
    compiler = renderer()
    items = [
        {
            "step": number,
            "channel": Code(step.channel),
            "template": step.template.name,
            "wait": str(step.wait),
            "when": step.when,
            "variables": sorted(compiler.compile(step.template).variables()),
            "characters": len(step.template.text),
        }
        for number, step in enumerate(campaign.steps, start=1)
    ]
    columns = {
        "step": "passo", "channel": "canal", "template": "modelo", "wait": "espera", "variables": "variáveis",
        "characters": "caracteres",
    }  # fmt: skip
    session.out.listing(items, columns)


async def preview(
    target: Target,
    /,
    *,
    contact: Annotated[str | None, Parameter(name="--contact", help="Para este contato.")] = None,
    limit: Annotated[int, Parameter(name="--limit", help="Para os primeiros tantos contatos.")] = 1,
    session: GivenSession,
) -> int:
    """Each step as contacts would get it; exit code 2 when one of them could not be sent."""
    from disparo.bootstrap import renderer
    from disparo.usecases import previews

    campaign, file = await _campaign(session, target)
    contacts = await _contacts(session, campaign, file, contact, checked_limit(limit))
    found = await previews.preview(campaign, contacts, renderer(), public_url=session.settings.public_url)
    if session.out.json:
        sms = sms_items(previews.sms_costs(found))
        session.out.document({"items": [_item(one) for one in found], "next": None, "sms": sms})
    else:
        for one in found:
            _tell(session, campaign, one)
        if len(contacts) > 1:
            tell_sms_costs(session.out, previews.sms_costs(found))
    if not contacts:
        session.out.note(f"aviso: a lista {campaign.list_name} está vazia; traga contatos com «disparo import»")
    return ExitCode.INPUT if any(fault_of(one) for one in found) else ExitCode.OK


async def _campaign(session: Session, target: str) -> tuple[Campaign, Path | None]:
    """The campaign of a file, which no store needs to know, or of a name."""
    path = Path(target)
    if path.suffix.lower() != ".toml":
        with session.open() as app:
            return await app.store.campaigns.get(target), None
    from datetime import UTC, datetime

    from disparo.domain.campaign_document import parse_campaign

    return parse_campaign(read_document(session, path), created_at=datetime.now(UTC)), path


async def _contacts(
    session: Session, campaign: Campaign, file: Path | None, contact: str | None, limit: int
) -> Sequence[Contact]:
    """The contact asked for, else the first of the audience: of its file, or of the list."""
    from disparo.adapters.files.campaign_file import read_campaign_file
    from disparo.domain.campaign_document import audience_file

    if contact is not None:
        with session.open() as app:
            return [await app.store.contacts.get(contact)]
    audience = audience_file(read_campaign_file(file)) if file is not None else None
    if file is not None and audience is not None:
        done = await import_into(session, None, file.parent / audience, campaign.list_name)
        return [_as_contact(draft, campaign.list_name) for draft in done.report.sample[:limit]]
    with session.open() as app:
        return await app.store.contacts.page(campaign.list_name, None, limit)


def _as_contact(draft: ContactDraft, list_name: str) -> Contact:
    """A draft as the contact that it would become."""
    return Contact(
        id="",
        list_name=list_name,
        source=draft.source,
        place=draft.place,
        name=draft.name,
        phone=draft.phone,
        email=draft.email,
        document=draft.document,
        variables=draft.variables,
    )


def _item(one: Preview) -> dict[str, object]:
    content = one.content
    return {
        "contact_id": one.contact.id or None,
        "source": one.contact.source,
        "contact": one.contact.name,
        "step": one.step,
        "channel": one.channel,
        "address": one.address,
        "ok": one.ok,
        "fault": fault_of(one),
        "subject": content.subject if content else None,
        "text": content.text if content else None,
        "html": content.html if content else None,
        "approved": asdict(content.approved) if content and content.approved else None,
        "choices": asdict(content.choices) if content and content.choices else None,
        **sms_item(one.sms),
    }


def _tell(session: Session, campaign: Campaign, one: Preview) -> None:
    out, step = session.out, campaign.step(one.step)
    whom = one.contact.name or one.contact.source
    cost = f", {sms_size(one.sms)}" if one.sms else ""
    what = f"passo {one.step}, {words(one.channel)}, {step.template.name}"
    out.line(f"── {what}, para {whom} ({one.address or '—'}){cost}")
    if fault := fault_of(one):
        out.line(f"   NÃO SAIRIA: {words(fault)}")
    if one.address is None:
        out.line("   ficaria de fora: o contato não tem endereço para este canal")
    if one.sms is not None and (hint := sms_hint(one.sms)):
        out.line(f"   {hint}")
    if one.content is not None:
        if one.content.subject:
            out.line(f"Assunto: {one.content.subject}")
        out.line(one.content.text)
        _tell_what_whatsapp_adds(out, one.content)
    out.line()


def _tell_what_whatsapp_adds(out: Output, content: Content) -> None:
    """The answers to choose from, and what goes instead of the text when the person has not written lately."""
    for option in content.choices.options if content.choices else ():
        out.line(f"   [{option.title}]" + (f" {option.description}" if option.description else ""))
    if (approved := content.approved) is not None:
        values = ", ".join([*approved.header, *approved.body]) or "sem parâmetros"
        out.line(f"   fora da janela de 24 horas: modelo {approved.name} ({approved.language}): {values}")
