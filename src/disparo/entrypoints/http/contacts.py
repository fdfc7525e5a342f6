"""`/api/v1/contacts`: finding people, entering and changing one, and telling or forgetting all that is known of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from disparo.domain.contact import Channel, Contact
from disparo.domain.errors import InputError
from disparo.domain.suppression import Suppression
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.messages import MessageDetail, detail_of
from disparo.entrypoints.http.pages import After, Limit, Page, cut
from disparo.ports.contacts import FoldOutcome
from disparo.usecases import contact_edits, erasures, people
from disparo.usecases.contact_edits import UNSET, ContactFields

ContactId = Annotated[str, Path(max_length=40, description="The contact's id.", examples=["57"])]
ListName = Annotated[str | None, Query(alias="list", max_length=200, description="The contacts of this list.")]
Text = Annotated[
    str | None,
    Query(alias="q", min_length=1, max_length=200, description="A number, an e-mail, or how a name begins."),
]
Everywhere = Annotated[
    bool, Query(description="Also the contacts of other lists with the same number or e-mail (`same_person`).")
]

ShortText = Annotated[str, Field(max_length=320)]
Texts = Annotated[list[ShortText], Field(max_length=20)]
Variables = dict[Annotated[str, Field(max_length=200)], Annotated[str, Field(max_length=5_000)] | None]


class SuppressionOut(BaseModel):
    """An address that must be left alone."""

    model_config = ConfigDict(from_attributes=True)

    key: str = Field(description="The number, the e-mail, or its hash.", examples=["+5541988887777"])
    channel: Channel | None = Field(description="Only on this channel; null is any.")
    reason: str = Field(examples=["opted_out"])
    source: str = Field(description="Who or what put it there.")
    at: datetime


class ContactOut(BaseModel):
    """A person of a list."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "57",
                "list": "leads",
                "source": "leads.csv:58",
                "name": "Ana Souza",
                "phone": "+5541988887777",
                "email": "ana@exemplo.com.br",
                "other_phones": [],
                "other_emails": [],
                "document": None,
                "place": "America/Sao_Paulo BR-PR",
                "priority": 5,
                "variables": {"empresa": "Padaria São João"},
                "blocked": [],
            }
        }
    )

    id: str
    list: str
    source: str = Field(description="`file:row`, or by whom and when it was entered; empty when erased.")
    name: str
    phone: str | None
    email: str | None
    other_phones: Sequence[str]
    other_emails: Sequence[str]
    document: str | None
    place: str | None = Field(description="Time zone and region, by which hours and holidays are kept.")
    priority: int
    variables: Mapping[str, str]
    blocked: Sequence[str] = Field(description="Why an address of theirs must be left alone; see `suppressions`.")


class ContactDetail(ContactOut):
    """A person, what forbids messaging them, and everything that was sent to them."""

    suppressions: Sequence[SuppressionOut]
    messages: Sequence[MessageDetail] = Field(description="In order of campaign and step, with their histories.")


_ENTERED: dict[str, Any] = {
    "list": "clientes",
    "name": "Ana Souza",
    "phone": "+55 41 98888-7777",
    "email": "ana@exemplo.com.br",
    "variables": {"empresa": "Padaria São João"},
}


class ContactIn(BaseModel):
    """A person to be entered, or met by their number or e-mail in the list."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_ENTERED]})

    list: str | None = Field(None, min_length=1, max_length=100, description="Without it that of `default_list`.")
    name: str = Field("", max_length=200, examples=["Ana Souza"])
    phone: ShortText | None = Field(None, examples=["+55 41 98888-7777"])
    email: ShortText | None = Field(None, examples=["ana@exemplo.com.br"])
    other_phones: Texts = []
    other_emails: Texts = []
    document: ShortText | None = Field(None, description="CPF or CNPJ.")
    zone: ShortText | None = Field(None, description="IANA zone; else that of the number.", examples=["America/Bahia"])
    priority: int = Field(5, ge=1, le=9)
    variables: Variables = Field(default_factory=dict, max_length=200, examples=[{"empresa": "Padaria São João"}])
    overwrite: StrictBool = Field(False, description="Change who is met; else only what is empty of them is filled.")


class ContactChange(BaseModel):
    """What is to change; what is left out stays, null takes it away."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "Ana Souza Lima", "variables": {"cargo": None}}]}
    )

    name: str | None = Field(None, max_length=200)
    phone: ShortText | None = None
    email: ShortText | None = None
    other_phones: Texts | None = None
    other_emails: Texts | None = None
    document: ShortText | None = None
    zone: ShortText | None = None
    priority: int | None = Field(None, ge=1, le=9)
    variables: Variables | None = Field(None, max_length=200, description="Each one named is set, or with null gone.")


class EnteredOut(ContactOut):
    """The contact, and whether it was created or met."""

    outcome: FoldOutcome


class FilesReceiptOut(BaseModel):
    """What became of contact files."""

    model_config = ConfigDict(from_attributes=True)

    removed: Sequence[str] = Field(description="Imports whose file was removed.")
    rows: int = Field(description="Rows that were taken out of reports of wrong rows.")
    under_way: Sequence[str] = Field(description="Imports that go on: erase once more when they have ended.")


class ErasureOut(BaseModel):
    """The receipt of an erasure (LGPD, art. 18, VI)."""

    model_config = ConfigDict(from_attributes=True)

    contact_id: str
    list: str = Field(validation_alias="list_name")
    erased_at: datetime
    cancelled: int = Field(description="Messages that had not begun and never will.")
    kept: int = Field(description="Rows that stay without personal data, so that what was sent can be counted.")
    under_way: Sequence[str] = Field(description="Messages that were with a provider already.")
    suppressions: int = Field(description="Suppressions that stay as hashes, so that they are not messaged again.")
    same_person: Sequence[str] = Field(description="Contacts of other lists with the same address, still there.")
    also_erased: Sequence[str]
    replies: int
    meetings: int
    elsewhere: int = Field(description="Texts by hand, kept answers, webhook calls, what the sandbox took.")
    files: FilesReceiptOut


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/contacts", tags=["contacts"])

    @routes.get("", name="contacts.list")
    async def list_(
        text: Text = None, list_name: ListName = None, limit: Limit = 50, after: After = None
    ) -> Page[ContactOut]:
        """The contacts of a list, page by page; or with `q` the first of all lists that match a text."""
        if (text is None) == (list_name is None):
            raise InputError("diga o que procura: q (nome, telefone ou e-mail), ou então list")
        if text is not None:
            found = await people.find(house.store, text, limit)
            return Page(items=[contact_out(one.contact, one.suppressions) for one in found], next=None)
        contacts, more = cut(await house.store.contacts.page(list_name or "", after, limit + 1), limit)
        return Page(items=await _with_blocks(house, contacts), next=contacts[-1].id if more else None)

    @routes.post(
        "",
        name="contacts.create",
        status_code=201,
        responses={200: {"model": EnteredOut, "description": "Somebody in the list has this number or e-mail."}},
    )
    async def create(wanted: ContactIn, request: Request, response: Response) -> EnteredOut:
        """Enter one person; a number or e-mail that the list has already is theirs (200)."""
        list_name = house.settings.default_list if wanted.list is None else wanted.list
        fields = ContactFields(**wanted.model_dump(exclude={"list", "overwrite"}))
        region, now = house.settings.default_region, house.clock.now()
        entered = await contact_edits.enter(
            house.store, list_name, fields, now, by="api", region=region, overwrite=wanted.overwrite
        )
        contact = entered.contact
        request.state.about = contact.id
        request.state.audit = {"contact": contact.id, "outcome": entered.outcome}
        response.headers["Location"] = f"/api/v1/contacts/{contact.id}"
        response.status_code = 201 if entered.outcome is FoldOutcome.CREATED else 200
        [out] = await _with_blocks(house, [contact])
        return EnteredOut(**out.model_dump(), outcome=entered.outcome)

    @routes.get("/{contact_id}", name="contacts.show")
    async def show(contact_id: ContactId) -> ContactDetail:
        """One person with what forbids messaging them and their messages; an empty shell when they were erased."""
        known = await people.show(house.store, contact_id)
        return ContactDetail(
            **contact_out(known.contact, known.suppressions).model_dump(),
            suppressions=[SuppressionOut.model_validate(one) for one in known.suppressions],
            messages=[detail_of(one) for one in known.messages],
        )

    @routes.patch("/{contact_id}", name="contacts.change")
    async def change(contact_id: ContactId, wanted: ContactChange, request: Request) -> ContactOut:
        """Change what is known of a person; what waits for them goes to their new address."""
        written = wanted.model_dump(exclude_unset=True)
        fields = ContactFields(**{name: _unset_where_needed(name, value) for name, value in written.items()})
        request.state.audit = {"fields": ",".join(sorted(written))}
        now, region = house.clock.now(), house.settings.default_region
        [out] = await _with_blocks(
            house, [await contact_edits.change(house.store, contact_id, fields, now, region=region)]
        )
        return out

    _add_privacy(routes, house)
    return routes


def _add_privacy(routes: APIRouter, house: Installation) -> None:
    """What a person may ask of us (LGPD, art. 18)."""

    @routes.delete("/{contact_id}", name="contacts.erase")
    async def erase(contact_id: ContactId, request: Request, everywhere: Everywhere = False) -> ErasureOut:
        """Forget a person for good (LGPD, art. 18, VI), with a receipt of what was done. Only an admin may."""
        receipt = await erasures.erase(house.archive, contact_id, house.clock.now(), everywhere=everywhere)
        request.state.audit = audit_of(receipt)
        return ErasureOut.model_validate(receipt)

    @routes.get("/{contact_id}/export", name="contacts.export")
    async def export(contact_id: ContactId, request: Request) -> dict[str, Any]:
        """All that is known of a person (LGPD, art. 18, II): contact, messages, replies, meetings; for admins."""
        request.state.audit = {}
        return await people.export(house.store, contact_id)


def contact_out(contact: Contact, suppressions: Sequence[Suppression]) -> ContactOut:
    """A contact with the reasons of what blocks it."""
    return ContactOut(
        id=contact.id,
        list=contact.list_name,
        source=contact.source,
        name=contact.name,
        phone=contact.phone,
        email=contact.email,
        other_phones=contact.other_phones,
        other_emails=contact.other_emails,
        document=contact.document,
        place=str(contact.place) if contact.place else None,
        priority=contact.priority,
        variables=contact.variables,
        blocked=[one.reason for one in suppressions],
    )


def audit_of(receipt: erasures.ErasureReceipt) -> dict[str, object]:
    """What the audit keeps of an erasure: numbers and ids."""
    return {
        "cancelled": receipt.cancelled,
        "kept": receipt.kept,
        "replies": receipt.replies,
        "meetings": receipt.meetings,
        "elsewhere": receipt.elsewhere,
        "files": len(receipt.files.removed),
        "also": ",".join(receipt.also_erased),
    }


async def _with_blocks(house: Installation, contacts: Sequence[Contact]) -> list[ContactOut]:
    found = await house.store.suppressions.matching([key for one in contacts for key in one.keys])
    return [contact_out(one, [block for block in found if block.key in one.keys]) for one in contacts]


def _unset_where_needed(name: str, value: Any) -> Any:
    """Null takes a text away; of what cannot be without a value it says nothing."""
    if value is not None:
        return value
    return {"name": "", "other_phones": (), "other_emails": ()}.get(
        name, UNSET if name in ("priority", "variables") else None
    )
