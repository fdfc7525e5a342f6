"""`/api/v1/suppressions`: addresses that must be left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from disparo.domain.contact import Channel
from disparo.domain.errors import NotFoundError
from disparo.domain.suppression import hashed_key
from disparo.entrypoints.http.contacts import SuppressionOut
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.pages import Limit, Page
from disparo.entrypoints.http.uploads import FLAG, form_body, received
from disparo.usecases import people
from disparo.usecases.suppression_lists import ListTerms, import_list

Address = Annotated[
    str,
    Path(max_length=320, description="A number or an e-mail however written, or a hash.", examples=["+5541988887777"]),
]
AfterKey = Annotated[str | None, Query(max_length=340, description="`next` of the page before.")]


class SuppressionIn(BaseModel):
    """An address that is to be left alone from now on."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"address": "41 98888-7777", "channel": "sms"}]}
    )

    address: str = Field(max_length=320, description="A number or an e-mail, or a hash.", examples=["41 98888-7777"])
    channel: Channel | None = Field(None, description="Only on this channel; null is any.")


class SuppressedOut(BaseModel):
    """What a suppression did."""

    key: str
    cancelled: int = Field(description="Messages that had not begun and never will.")


class ListReportOut(BaseModel):
    """What came of a list of addresses."""

    model_config = ConfigDict(from_attributes=True)

    rows: int
    addresses: int = Field(description="Addresses in them, repeats counted.")
    rejected: int = Field(description="Rows without any.")
    cancelled: int = Field(description="Messages that had not begun and never will.")
    by_reason: Mapping[str, int]


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/suppressions", tags=["suppressions"])

    @routes.get("", name="suppressions.list")
    async def list_(limit: Limit = 50, after: AfterKey = None) -> Page[SuppressionOut]:
        """Every address that must be left alone, in the order of their keys; a key may be there once per channel."""
        found = await house.store.suppressions.page(after or "", limit + 1)
        keys = sorted({one.key for one in found})
        items = [SuppressionOut.model_validate(one) for one in found if one.key in keys[:limit]]
        return Page(items=items, next=keys[limit - 1] if len(keys) > limit else None)

    @routes.post("", name="suppressions.add", status_code=201)
    async def add(wanted: SuppressionIn, request: Request) -> SuppressedOut:
        """Leave an address alone from now on, whoever has it and whoever is imported later; twice is as once."""
        key = people.address_key(wanted.address)
        now = house.clock.now()
        source = request.state.principal.actor
        cancelled = await people.suppress(house.store, wanted.address, wanted.channel, source=source, now=now)
        request.state.audit = {"cancelled": cancelled, "channel": wanted.channel or ""}
        return SuppressedOut(key=key, cancelled=cancelled)

    @routes.post(
        "/import",
        name="suppressions.import",
        openapi_extra=form_body(
            {
                "channel": {
                    "type": "string",
                    "enum": ["", *map(str, Channel)],
                    "description": "Only on this channel; empty is any.",
                },
                "hash": {**FLAG, "description": "Keep only the SHA-256 of each address."},
                "sheet": {"type": "string", "maxLength": 100},
            }
        ),
    )
    async def import_(request: Request) -> ListReportOut:
        """Leave alone every address of a file: numbers, e-mails or SHA-256 hashes, as TXT, CSV or a workbook."""
        from disparo.adapters.files.address_list import open_address_list

        async with received(request) as upload, upload.on_disk() as path:
            channel, sheet = upload.text("channel", one_of=[*Channel]), upload.text("sheet", longest=100)
            terms = ListTerms(Channel(channel) if channel else None, upload.flag("hash"), house.settings.default_region)
            source = open_address_list(path, int(sheet) if sheet and sheet.isdecimal() else sheet)
            report = await import_list(house.store, source, terms, house.clock.now())
        request.state.audit = {"addresses": report.addresses, "cancelled": report.cancelled}
        return ListReportOut.model_validate(report)

    @routes.get("/{address}", name="suppressions.show")
    async def show(address: Address) -> Sequence[SuppressionOut]:
        """Why an address is left alone, by channel; 404 when it is not."""
        found = await house.store.suppressions.matching([people.address_key(address)])
        if not found:
            raise NotFoundError("este endereço não está bloqueado")
        return [SuppressionOut.model_validate(one) for one in found]

    @routes.delete("/{address}", name="suppressions.remove", status_code=204)
    async def remove(address: Address, request: Request) -> None:
        """Lift every suppression of an address; what was cancelled stays so. 404 when there was none."""
        # The audit tells what was done to which object, and this one's name is a person's number.
        request.scope["path_params"] = {"address": hashed_key(people.address_key(address))[:24]}
        if not await people.unsuppress(house.store, address):
            raise NotFoundError("este endereço não está bloqueado")

    return routes
