"""`/api/v1/templates`: the library of message templates."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from disparo.domain.contact import Channel
from disparo.domain.library_template import DEFAULT_LANGUAGE, LibraryTemplate, library_document
from disparo.domain.template import SOURCE_LIMIT_BYTES
from disparo.entrypoints.http import compiling
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.pages import After, Limit, Page, cut
from disparo.entrypoints.http.preview_models import PreviewOut, Values, preview_out
from disparo.entrypoints.http.revisions import IfMatch, asked_revision, etag
from disparo.usecases import templates as usecase

TemplateName = Annotated[str, Path(max_length=64, description="The template's name.", examples=["boas-vindas"])]
_Text = Annotated[str, Field(max_length=SOURCE_LIMIT_BYTES)]
_BODY: dict[str, Any] = {
    **{"channel": "whatsapp", "language": "pt-BR", "text": "Oi, {{ nome | primeiro_nome }}!"},
    "approved": {"name": "boas_vindas", "language": "pt_BR", "body": ["{{ nome | primeiro_nome }}"]},
    "choices": [{"id": "sim", "title": "Sim"}, {"id": "nao", "title": "Agora não"}],
}
_OUT: dict[str, Any] = {
    **{"name": "boas-vindas", "revision": 1, "updated_at": "2026-11-23T13:00:00Z", "variables": ["nome"]},
    **{"channel": "whatsapp", "language": "pt-BR", "subject": None, "html": None},
    **{"text": "Oi, {{ nome | primeiro_nome }}!", "choices": _BODY["choices"], "choices_label": None},
    "approved": _BODY["approved"],
}


class TemplateIn(BaseModel):
    """A template: Liquid sources, as in a step of the campaign file."""

    model_config = ConfigDict(json_schema_extra={"examples": [_BODY]}, extra="forbid")

    channel: Channel
    language: str = Field(DEFAULT_LANGUAGE, max_length=10, description="In which it is written (BCP 47).")
    subject: str | None = Field(None, max_length=10_000, description="Of e-mail only.")
    text: _Text
    html: _Text | None = Field(None, description="Of e-mail only.")
    approved: dict[str, Any] | None = Field(None, description="WhatsApp: the template that Meta approved.")
    choices: list[dict[str, Any]] | None = Field(None, max_length=10, description="WhatsApp: answers to choose.")
    choices_label: str | None = Field(None, max_length=1_000, description="WhatsApp: opens the choices as a list.")

    def document(self, name: str) -> dict[str, Any]:
        """As the library reads it; keys of nothing left out."""
        written = self.model_dump(mode="json", exclude={"contact", "values"})
        return {"name": name, **{key: value for key, value in written.items() if value is not None}}


class NewTemplateIn(TemplateIn):
    """A template that is not there yet."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "boas-vindas", **_BODY}]})

    name: str = Field(max_length=64, description="Small letters, digits, and . _ - behind the first.")


class TemplateListed(BaseModel):
    """A template in a listing."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{key: _OUT[key] for key in ("name", "channel", "language", "text")}]}
    )

    name: str
    channel: Channel
    language: str
    subject: str | None
    text: str
    updated_at: datetime
    revision: int


class TemplateOut(TemplateListed):
    """A template with all its parts, and the variables that it asks for."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUT]})

    html: str | None
    approved: Mapping[str, Any] | None
    choices: Sequence[Mapping[str, Any]] | None
    choices_label: str | None
    variables: Sequence[str]


class TryIn(BaseModel):
    """For whom a template is filled in: a contact, or somebody with these values."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"values": {"nome": "Ana Souza"}}, {"contact": "57"}]}, extra="forbid"
    )

    contact: str | None = Field(None, max_length=40, description="A contact's id.")
    values: Values = Field(default_factory=dict)


class DraftTryIn(TemplateIn):
    """A template that is kept nowhere yet, and for whom."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_BODY, "values": {"nome": "Ana Souza"}}]})

    contact: str | None = Field(None, max_length=40, description="A contact's id.")
    values: Values = Field(default_factory=dict)


class TriedOut(PreviewOut):
    """What becomes of a template, and what it asks for."""

    variables: Sequence[str]


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/templates", tags=["templates"])

    @routes.get("", name="templates.list")
    async def list_(limit: Limit = 50, after: After = None) -> Page[TemplateListed]:
        """The library in the order of names."""
        found, more = cut(await house.store.templates.page(after, limit + 1), limit)
        return Page(items=[TemplateListed(**_plain(one)) for one in found], next=found[-1].name if more else None)

    @routes.post("", status_code=201, name="templates.create")
    async def create(wanted: NewTemplateIn, response: Response) -> TemplateOut:
        """Keep a new template; 422 when it does not compile, or its name is taken."""
        checked = await usecase.save(house.store, await compiling.checked(house, wanted.document(wanted.name)))
        response.headers["Location"] = f"/api/v1/templates/{checked.kept.name}"
        return _told(response, checked)

    @routes.post("/preview", name="templates.preview_draft")
    async def preview_draft(wanted: DraftTryIn) -> TriedOut:
        """What a contact would get of a template that is not kept; nothing is kept now either."""
        checked = await compiling.checked(house, wanted.document("previa"))
        return await _tried(house, checked, wanted.contact, wanted.values)

    @routes.get("/{name}", name="templates.show")
    async def show(name: TemplateName, response: Response) -> TemplateOut:
        """One template; its `ETag` goes into `If-Match` of a change."""
        return _told(response, await compiling.made_ready(await house.store.templates.get(name)))

    @routes.put("/{name}", name="templates.replace")
    async def replace(
        name: TemplateName, wanted: TemplateIn, response: Response, if_match: IfMatch = None
    ) -> TemplateOut:
        """Change a template; campaigns that were made of it keep the text that they have."""
        checked = await compiling.checked(house, wanted.document(name))
        revision = asked_revision(if_match)
        if revision is None:
            revision = (await house.store.templates.get(name)).revision
        return _told(response, await usecase.save(house.store, checked, revision))

    @routes.delete("/{name}", status_code=204, name="templates.remove")
    async def remove(name: TemplateName) -> None:
        """Take a template out of the library; campaigns that were made of it keep their text."""
        await house.store.templates.remove(name)

    @routes.post("/{name}/preview", name="templates.preview")
    async def preview(name: TemplateName, whom: TryIn) -> TriedOut:
        """What a contact would get, or somebody with these values."""
        checked = await compiling.made_ready(await house.store.templates.get(name))
        return await _tried(house, checked, whom.contact, whom.values)

    return routes


async def _tried(
    house: Installation, checked: usecase.Checked, contact_id: str | None, values: Mapping[str, str]
) -> TriedOut:
    contact = None if contact_id is None else await house.store.contacts.get(contact_id)
    found = await asyncio.to_thread(usecase.filled, checked, contact, values)
    return TriedOut(**preview_out(found).model_dump(), variables=checked.variables)


def _plain(kept: LibraryTemplate) -> dict[str, Any]:
    return {
        "name": kept.name,
        "channel": kept.channel,
        "language": kept.language,
        "subject": kept.template.subject,
        "text": kept.template.text,
        "updated_at": kept.updated_at,
        "revision": kept.revision,
    }


def _told(response: Response, checked: usecase.Checked) -> TemplateOut:
    response.headers["ETag"] = etag(checked.kept.revision)
    document = library_document(checked.kept)
    parts: dict[str, Any] = {key: document.get(key) for key in ("html", "approved", "choices", "choices_label")}
    return TemplateOut(**_plain(checked.kept), **parts, variables=checked.variables)
