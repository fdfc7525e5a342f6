"""Pages that only tell: the overview, every setting with its source, the senders, and how the system stands."""

from __future__ import annotations

import json
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from disparo import __version__
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import decide
from disparo.entrypoints.console.settings.editing import views_of
from disparo.entrypoints.console.settings.meanings import meaning
from disparo.entrypoints.console.settings.topics import HOME, PAGE_OF
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.words import Words, mark
from disparo.entrypoints.http.senders import senders_out
from disparo.settings import Advice, check_settings
from disparo.settings.cloud import CloudSettings
from disparo.settings.configuration import SettingView
from disparo.usecases.numbers import NumbersWanted, numbers

GROUPS: Mapping[str, str] = {
    "Installation": mark("Instalação"),
    "Sending": mark("Envio"),
    "Channels": mark("Canais"),
    "Agenda": mark("Agenda"),
    "Accounts": mark("Contas"),
    "Assistants": mark("Assistentes"),
    "Alarms": mark("Alarmes"),
    "Privacy": mark("Privacidade"),
    "Webhooks": mark("Webhooks"),
    "Sandbox": mark("Sandbox"),
    "AWS": mark("AWS"),
}
QUIET_AFTER = timedelta(minutes=3)
LEAST_FREE = 200 * 1024**2
Wanted = Annotated[str, Query(max_length=100)]
Only = Annotated[str, Query(max_length=20)]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at, in words; `tone` as badges have it."""

    name: str
    tone: str
    text: str


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=HOME)
    house = console.house

    @routes.get("", name="settings.overview")
    async def overview(request: Request) -> Response:
        configuration, hours = house.configuration, house.settings.hours()
        views = configuration.views()
        return console.page(
            request,
            "settings/overview.html",
            configuration=configuration,
            waiting=_waiting(views),
            edited=[one for one in views if one.edited],
            advice=advice_of(console),
            senders=await senders_out(house),
            decision=decide(hours, Place(hours.zone), house.clock.now()),
            people=await house.store.accounts.any(),
            version=__version__,
        )

    @routes.get("/all", name="settings.all")
    async def all_(request: Request, q: Wanted = "", only: Only = "") -> Response:
        views, language = house.configuration.views(), console.words(request).language
        meant = {one.name: meaning(one.name, one.description, language) for one in views}
        found = [one for one in views if _matches(one, meant[one.name], q, only)]
        names = dict.fromkeys(one.group for one in views)
        grouped = [(GROUPS.get(group, group), [one for one in found if one.group == group]) for group in names]
        return console.page(
            request,
            "settings/all.html",
            groups=[(name, ones) for name, ones in grouped if ones],
            q=q,
            only=only,
            page_of=PAGE_OF,
            configuration=house.configuration,
            shown=shown_text,
            meant=meant,
            same=lambda one: one.value == one.written,
        )

    @routes.get("/senders", name="settings.senders")
    async def senders(request: Request) -> Response:
        read = await numbers(house.store, NumbersWanted(), house.clock.now())
        return console.page(request, "settings/senders.html", senders=await senders_out(house), numbers=read.by_channel)

    @routes.get("/system", name="settings.system")
    async def system(request: Request) -> Response:
        return console.page(request, "settings/system.html", **await _system(console, console.words(request)))

    return routes


def shown_text(value: object) -> str:
    """A plain value as a settings file would have it."""
    if value is None or value in ([], {}, ""):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, default=str)
    return f"{value:g}" if isinstance(value, float) else str(value)


def advice_of(console: Console) -> Sequence[Advice]:
    """What is odd about the settings; of those of AWS only there."""
    house = console.house
    elsewhere = set() if house.settings.store == "dynamodb" else set(CloudSettings.model_fields)
    found = check_settings(house.configuration.read())
    return [one for one in found if one.level in ("warning", "error") and one.key not in elsewhere]


def _waiting(views: Sequence[SettingView]) -> Sequence[SettingView]:
    """What the files say otherwise than this process does."""
    return [one for one in views if one.value != one.written]


def _matches(one: SettingView, meant: str, wanted: str, only: str) -> bool:
    if only == "changed" and one.written == one.default:
        return False
    if only == "console" and not one.edited:
        return False
    if only == "waiting" and one.value == one.written:
        return False
    words = wanted.casefold().split()
    text = f"{one.name} {meant} {one.source} {shown_text(one.written)}".casefold()
    return all(word in text for word in words)


async def _system(console: Console, words: Words) -> dict[str, Any]:
    house, now = console.house, console.house.clock.now()
    settings = house.settings
    folder = settings.data if settings.store == "embedded" else None
    beat = await house.store.numbers.last_beat()
    disk = None if folder is None or not folder.exists() else shutil.disk_usage(folder)
    views = views_of(house.configuration)
    return {
        "version": __version__,
        "python": platform.python_version(),
        "settings": settings,
        "folder": folder,
        "files": [] if folder is None else _sizes(folder),
        "disk": disk,
        "beat": beat,
        "now_at": now,
        "checks": list(_checks(console, words, beat is not None and now - beat < QUIET_AFTER, disk)),
        "live": views["live"],
    }


def _sizes(folder: Path) -> list[tuple[str, int]]:
    """What lies in the data folder itself, the largest first; contact files are counted together."""
    found = [(one.name, one.stat().st_size) for one in folder.iterdir() if one.is_file()] if folder.is_dir() else []
    files = folder / "files"
    if files.is_dir():
        found.append(("files/", sum(one.stat().st_size for one in files.rglob("*") if one.is_file())))
    return sorted(found, key=lambda pair: pair[1], reverse=True)


def _checks(console: Console, words: Words, beating: bool, disk: Any) -> Sequence[Check]:
    _, house = words.gettext, console.house
    advice = advice_of(console)
    found = [
        Check(_("Configurações"), "bad", house.configuration.fault)
        if house.configuration.fault
        else Check(_("Configurações"), "warn", _("há avisos: veja abaixo"))
        if advice
        else Check(_("Configurações"), "good", _("coerentes")),
        Check(_("Worker"), "good", _("deu sinal há pouco"))
        if beating
        else Check(_("Worker"), "warn", _("nenhum deu sinal nos últimos minutos: nada sai até um voltar")),
        Check(_("Envio"), "good", _("de verdade, pelos provedores"))
        if house.settings.live
        else Check(_("Envio"), "info", _("live = false: o sandbox recebe tudo, nada sai de verdade")),
        Check(_("Endereço público"), "good", house.settings.public_url)
        if house.settings.public_url
        else Check(
            _("Endereço público"), "warn", _("public_url falta: sem links de descadastro nem avisos de entrega")
        ),
    ]
    if disk is not None:
        free = disk.free >= LEAST_FREE
        text = _("há espaço") if free else _("quase cheio: sem espaço nada é enviado")
        found.append(Check(_("Disco"), "good" if free else "bad", text))
    found += [Check(one.key, "bad" if one.level == "error" else "warn", one.text) for one in advice]
    return found
