"""What is looked at before a campaign starts, and trying one of its messages oneself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from secrets import token_hex

from starlette.requests import Request

from disparo.domain.campaign import Campaign
from disparo.domain.contact_import import Import, ImportState
from disparo.domain.errors import DisparoError
from disparo.entrypoints.console.forms import Form
from disparo.entrypoints.console.plain import plain
from disparo.entrypoints.console.shell import Console
from disparo.ports.renderer import Renderer
from disparo.usecases import trials
from disparo.usecases.by_hand import Written
from disparo.usecases.carriers import refuse_what_nobody_carries
from disparo.usecases.previews import Preview, previews_of

SAMPLE = 40
"""Contacts for whom every message is tried, or fewer of a campaign of many steps."""
MOST_TRIED = 120
LATEST_IMPORTS = 20
"""Among which those are that run: they take minutes at most."""

Translate = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that ought to be right before a start; `tone` is bad where it keeps the campaign from starting."""

    text: str
    tone: str
    detail: str = ""


async def checks_of(console: Console, campaign: Campaign, compiled: Renderer, _: Translate) -> Sequence[Check]:
    """What was looked at; the campaign may start when none of it is bad."""
    house = console.house
    checks = [Check(_("Público, mensagens, horários e limites estão completos"), "good")]
    try:
        refuse_what_nobody_carries(campaign, house.carriers)
        checks.append(Check(_("Há quem leve cada mensagem"), "good"))
    except DisparoError as error:
        checks.append(Check(_("Um remetente recusaria as mensagens"), "bad", plain(str(error), placed=True)))
    sample = max(1, min(SAMPLE, MOST_TRIED // len(campaign.steps)))
    contacts = await house.store.contacts.page(campaign.list_name, None, sample)
    tried = await asyncio.to_thread(previews_of, campaign, contacts, compiled, public_url=house.settings.public_url)
    checks.append(_of_sample(tried, _))
    if without := sum(1 for one in tried if one.address is None):
        detail = _("%(count)s de %(all)s mensagens da amostra", count=without, all=len(tried))
        checks.append(Check(_("Alguns contatos não têm endereço para um dos canais"), "warn", detail))
    if any(one.list_name == campaign.list_name for one in await _running_imports(console)):
        detail = _("Quem chegar depois do início fica de fora; espere a importação terminar.")
        checks.append(Check(_("Uma importação ainda traz contatos para esta lista"), "warn", detail))
    if not house.settings.live:
        checks.append(Check(_("Modo de ensaio: nada sai de verdade"), "info", _("O sandbox recebe e mostra.")))
    return checks


async def _running_imports(console: Console) -> Sequence[Import]:
    latest = await console.house.imports.page(None, LATEST_IMPORTS)
    return [one for one in latest if one.state is ImportState.RUNNING]


def may_start(checks: Sequence[Check]) -> bool:
    """Whether nothing keeps the campaign from starting."""
    return all(one.tone != "bad" for one in checks)


def _of_sample(tried: Sequence[Preview], _: Translate) -> Check:
    wrong = [one for one in tried if one.error is not None or one.problem is not None]
    if not wrong:
        return Check(_("As mensagens saem inteiras para a amostra da lista"), "good")
    names = sorted({one.error.variable for one in wrong if one.error is not None and one.error.variable})
    detail = _("%(count)s de %(all)s mensagens da amostra", count=len(wrong), all=len(tried))
    return Check(_("Algumas mensagens não sairiam"), "warn", f"{detail}: {', '.join(names)}" if names else detail)


async def try_out(console: Console, request: Request, campaign: Campaign, compiled: Renderer, form: Form) -> Written:
    """Send a message to an address of one's own, with the variables of the list's first contact.

    So it looks like the real thing. InputError for an address or a step that is none.
    """
    house, step = console.house, form.get("step")
    sample = next(iter(await house.store.contacts.page(campaign.list_name, None, 1)), None)
    order = trials.TrialOrder(
        campaign,
        int(step) if step.isascii() and step.isdecimal() else 0,
        form.get("address"),
        by=request.state.principal.actor,
        key=token_hex(8),
        contact_id=sample.id if sample is not None else None,
        public_url=house.settings.public_url,
    )
    written = await trials.send(house.store, order, compiled, house.carriers, house.settings.hours(), house.clock.now())
    request.state.audit = {"message": str(written.message_id)}
    return written
