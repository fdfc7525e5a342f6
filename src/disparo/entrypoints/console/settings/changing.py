"""Pages of settings that can be changed: limits and retries, the company, alarms, retention."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from disparo.domain.errors import InputError, NotFoundError, RevisionError
from disparo.entrypoints.console.forms import OVERTAKEN, Form, read_form
from disparo.entrypoints.console.settings.editing import failed, form_of, told_of, views_of, wanted_of
from disparo.entrypoints.console.settings.erasures import past_erasures
from disparo.entrypoints.console.settings.topics import HOME, LIMITS, PAGE_OF, PRIVACY, TOPICS, Topic
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.http.senders import senders_out
from disparo.entrypoints.http.settings import audited
from disparo.settings import check_settings

Key = Annotated[str, Path(pattern="^(limits|general|alarms|privacy)$")]
_SENDING = "rate_limit_"


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=HOME)
    pages = _Pages(console)
    for topic in TOPICS.values():
        pages.add(routes, topic)
    routes.add_api_route("/undo", pages.undo, methods=["POST"], name="settings.take_back")
    return routes


class _Pages:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._house = console.house

    def add(self, routes: APIRouter, topic: Topic) -> None:
        """The page of one topic, and its form."""

        @routes.get(f"/{topic.key}", name=f"settings.{topic.key}")
        async def page(request: Request) -> Response:
            return await self._page(request, topic)

        @routes.post(f"/{topic.key}", name="settings.change")
        async def change(request: Request) -> Response:
            return await self._change(request, topic)

    async def undo(self, request: Request) -> Response:
        """Take one change back: what the files say holds again."""
        form = await read_form(request)
        name = form.get("undo")
        if name not in PAGE_OF:
            raise NotFoundError("não há essa configuração aqui")
        request.state.audit = audited(self._house.configuration.change({name: None}))
        _ = self._console.words(request).gettext
        return self._console.redirect(request, PAGE_OF[name], _("Desfeito: vale de novo o que os arquivos dizem."))

    async def _change(self, request: Request, topic: Topic) -> Response:
        form = await read_form(request)
        configuration = self._house.configuration
        views = views_of(configuration)
        try:
            wanted = wanted_of(form, topic.fields, views)
            changes = configuration.change(wanted, _revision(form)) if wanted else []
        except RevisionError:
            again = form.again(self._console.words(request).gettext(OVERTAKEN))
            return await self._page(request, topic, again, 409)
        except InputError as error:
            return await self._page(request, topic, failed(form, error), 422)
        if changes:
            request.state.audit = audited(changes)
        told = told_of(changes, views, self._console.words(request))
        return self._console.redirect(request, topic.path, told, "good" if changes else "info")

    async def _page(self, request: Request, topic: Topic, form: Form | None = None, status: int = 200) -> Response:
        configuration, house = self._house.configuration, self._house
        views = views_of(configuration)
        limits, privacy = topic is LIMITS, topic is PRIVACY
        named = {field.name for field in topic.fields} | ({_SENDING + one.channel for one in topic.groups})
        return self._console.page(
            request,
            "settings/topic.html",
            status,
            topic=topic,
            views=views,
            form=form or form_of(topic.fields, views),
            configuration=configuration,
            senders=await senders_out(house) if limits else (),
            advice=[one for one in check_settings(configuration.read()) if one.level == "warning" and one.key in named],
            erasures=await past_erasures(house.store, request.state.principal) if privacy else None,
        )


def _revision(form: Form) -> int | None:
    said = form.get("revision")
    return int(said) if said.isdecimal() and len(said) < 20 else None
