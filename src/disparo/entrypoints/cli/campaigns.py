"""`disparo campaign ...`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from disparo.domain.campaign import Campaign
from disparo.domain.errors import InputError, NotFoundError
from disparo.entrypoints.cli.campaign_report import report_item, tell_report
from disparo.entrypoints.cli.importing import import_into, import_item, tell_import
from disparo.entrypoints.cli.moments import in_zone
from disparo.entrypoints.cli.options import CampaignName, Yes
from disparo.entrypoints.cli.printing import Code
from disparo.entrypoints.cli.session import GivenSession, Session
from disparo.entrypoints.cli.sms_words import sms_items, tell_sms_costs
from disparo.entrypoints.words import words
from disparo.usecases import campaigns
from disparo.usecases.previews import Preview, preview, sms_costs

if TYPE_CHECKING:
    from disparo.bootstrap import App

SAMPLE = 200
"""Contacts whose messages are tried when a campaign is made."""

TomlFile = Annotated[Path, Parameter(name="FILE", help="Campanha em TOML (veja docs/campaign-file.md).")]


async def create(file: TomlFile, /, *, session: GivenSession) -> None:
    """Make a draft of a campaign file, importing its audience first."""
    from disparo.bootstrap import renderer

    document = read_document(session, file)
    with session.open(create=True) as app:
        draft = _checked(document, app)
        await _refuse_taken(app, draft.name)
        audience = _audience(document, file)
        imported = None
        if audience is not None:
            imported = await import_into(session, app.store.contacts, audience, draft.list_name)
        campaign = await campaigns.create(app.store, document, renderer(), app.clock.now())
        tried = await _tried(app, campaign)
        contacts = {one.name: one.contacts for one in await app.store.contacts.lists()}.get(campaign.list_name, 0)
    problems, sms = _problems(tried), sms_costs(tried)
    for line in problems:
        session.out.note(f"aviso: {line}")
    if not contacts:
        session.out.note(f"aviso: a lista {campaign.list_name} está vazia; traga contatos com «disparo import»")
    if session.out.json:
        item = {**campaign_item(campaign), "contacts": contacts, "warnings": problems, "sms": sms_items(sms)}
        session.out.document({**item, "import": import_item(imported) if imported else None})
        return
    if imported:
        tell_import(session, imported)
    session.out.line(
        f"campanha {campaign.name} criada como rascunho: {len(campaign.steps)} passos para {contacts} contatos"
    )
    tell_sms_costs(session.out, sms)
    session.out.line(f"veja as mensagens: disparo templates preview {campaign.name}")
    session.out.line(f"inicie: disparo campaign start {campaign.name}")


def read_document(session: Session, file: Path) -> Mapping[str, object]:
    """The document in a campaign file; hours that it does not tell are those of the settings."""
    from disparo.adapters.files.campaign_file import read_campaign_file

    document = read_campaign_file(file)
    return document if "hours" in document else {**document, "hours": session.settings.hours_document()}


def _checked(document: Mapping[str, object], app: App) -> Campaign:
    """The campaign that a document describes, refused before anything is stored if it could not work."""
    from disparo.bootstrap import renderer
    from disparo.domain.campaign_document import parse_campaign

    draft, faults, compiler = parse_campaign(document, created_at=app.clock.now()), [], renderer()
    for number, step in enumerate(draft.steps, start=1):
        try:
            compiler.compile(step.template)
        except InputError as error:
            faults.append(f"steps[{number}]: {error}")
    if faults:
        raise InputError("\n".join(faults))
    return draft


async def _refuse_taken(app: App, name: str) -> None:
    try:
        await app.store.campaigns.get(name)
    except NotFoundError:
        return
    raise InputError(f"já há uma campanha {name}; troque name no arquivo, ou use «disparo campaign update {name}»")


def _audience(document: Mapping[str, object], file: Path) -> Path | None:
    from disparo.domain.campaign_document import audience_file

    name = audience_file(document)
    return None if name is None else file.parent / name


async def _tried(app: App, campaign: Campaign) -> Sequence[Preview]:
    """Each step for a sample of the audience."""
    from disparo.bootstrap import renderer

    contacts = await app.store.contacts.page(campaign.list_name, None, SAMPLE)
    return await preview(campaign, contacts, renderer(), public_url=app.settings.public_url)


def _problems(tried: Sequence[Preview]) -> list[str]:
    """What would go wrong, a line for each step and reason."""
    seen = Counter(one.step for one in tried)
    found = Counter((one.step, fault) for one in tried if (fault := fault_of(one)))
    return [
        f"passo {step}, {words(fault)}: {count} de {seen[step]} contatos ficariam sem ela"
        for (step, fault), count in sorted(found.items())
    ]


def fault_of(preview: Preview) -> str | None:
    """The code of what stands against a previewed message, or None; no address is not a fault of the message."""
    if preview.error is not None:
        error = preview.error
        return f"{error.reason}:{error.variable}" if error.variable else error.reason
    return preview.problem.reason if preview.problem is not None else None


async def list_(*, session: GivenSession) -> None:
    """Every campaign, newest first."""
    with session.open() as app:
        now = app.clock.now()
        items = []
        for campaign in await app.store.campaigns.all():
            report = await campaigns.report(app.store, campaign.id, now)
            totals = report.totals
            items.append(
                campaign_item(campaign)
                | {"contacts": report.contacts, "messages": totals.messages, "open": totals.open, "sent": totals.sent}
                | {"replied": totals.replied, "done": round(report.done, 4), "done_percent": f"{report.done:.0%}"}
            )
    columns = {
        "id": "id", "name": "campanha", "state": "estado", "contacts": "contatos", "sent": "enviadas",
        "replied": "respostas", "done_percent": "feito", "started_at": "iniciada",
    }  # fmt: skip
    session.out.listing(items, columns, empty="nenhuma campanha; crie uma com «disparo campaign create ARQUIVO.toml»")


def campaign_item(campaign: Campaign) -> dict[str, object]:
    """A campaign as JSON, its instants in its own zone."""
    zone = campaign.place.zone
    return {
        "id": campaign.id,
        "name": campaign.name,
        "state": Code(campaign.state),
        "list": campaign.list_name,
        "steps": len(campaign.steps),
        "created_at": in_zone(campaign.created_at, zone),
        "start_at": in_zone(campaign.start_at, zone),
        "started_at": in_zone(campaign.started_at, zone),
        "ended_at": in_zone(campaign.ended_at, zone),
        "expires_at": in_zone(campaign.expires_at, zone),
    }


async def show(name: CampaignName, /, *, session: GivenSession) -> None:
    """Where a campaign stands."""
    from disparo.bootstrap import senders_of

    with session.open() as app:
        senders = senders_of(session.settings)
        now = app.clock.now()
        report = await campaigns.report(app.store, name, now, senders)
    if session.out.json:
        session.out.document({**campaign_item(report.campaign), **report_item(report)})
    else:
        tell_report(session.out, report, now)


async def start(name: CampaignName, /, *, session: GivenSession) -> None:
    """Let a draft begin."""
    from disparo.domain.contact import Channel

    with session.open() as app:
        campaign = await campaigns.start(app.store, name, app.clock.now(), app.carriers)
        has_sms = any(step.channel is Channel.SMS for step in campaign.steps)
        sms = sms_costs(await _tried(app, campaign)) if has_sms else {}
    session.out.done(
        f"campanha {campaign.name} iniciada; quem envia é um worker: disparo worker",
        campaign_item(campaign) | ({"sms": sms_items(sms)} if has_sms else {}),
    )
    tell_sms_costs(session.out, sms)


async def pause(name: CampaignName, /, *, session: GivenSession) -> None:
    """Begin no more messages until it is resumed."""
    with session.open() as app:
        campaign = await campaigns.pause(app.store, name, app.clock.now())
    _told(session, campaign, "pausada; o que já estava com o provedor ainda chega")


async def resume(name: CampaignName, /, *, session: GivenSession) -> None:
    """Go on after a pause."""
    with session.open() as app:
        campaign = await campaigns.resume(app.store, name, app.clock.now())
    _told(session, campaign, "retomada")


async def cancel(name: CampaignName, /, *, yes: Yes = False, session: GivenSession) -> None:
    """End a campaign for good."""
    with session.open() as app:
        found = await app.store.campaigns.get(name)
        if not session.confirm(f"Cancelar a campanha {found.name}? Não há volta.", yes=yes):
            session.out.note("nada foi mudado")
            return
        campaign = await campaigns.cancel(app.store, name, app.clock.now())
    _told(session, campaign, "cancelada; o que não saiu não sairá")


async def update(name: CampaignName, file: TomlFile, /, *, session: GivenSession) -> None:
    """Change texts, hours, limits and waits, also while it runs."""
    from disparo.bootstrap import renderer

    document = read_document(session, file)
    with session.open() as app:
        _checked(document, app)
        campaign = await campaigns.update(app.store, name, document, renderer(), app.clock.now(), app.carriers)
        tried = await _tried(app, campaign)
    for line in _problems(tried):
        session.out.note(f"aviso: {line}")
    _told(session, campaign, "atualizada, a partir do próximo envio")
    tell_sms_costs(session.out, sms_costs(tried))


def _told(session: Session, campaign: Campaign, what: str) -> None:
    session.out.done(f"campanha {campaign.name} {what}", campaign_item(campaign))
