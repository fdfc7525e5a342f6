"""`/api/v1/campaigns/{name}/export.*`: every message with its contact, as CSV and as a workbook.

Both are made slice by slice with a pause after each, so that what this process sends is not held up.
"""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.responses import StreamingResponse

from disparo.domain.agenda.notice import own_step
from disparo.domain.campaign import Campaign
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.exported_cell import harmless
from disparo.domain.message import MessageState
from disparo.entrypoints.http.campaigns import Name
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.messages import OfReason, OfState, OfStep, filter_of
from disparo.entrypoints.http.turnstile import Turnstile
from disparo.entrypoints.words import words
from disparo.ports.ledger import MessageFilter
from disparo.usecases.exports import ExportedMessage, messages

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

COLUMNS = (
    *("mensagem", "passo", "canal", "contato", "nome", "endereço", "origem", "estado", "motivo", "motivo em palavras"),
    *("tentativas", "prevista para", "mudou em", "no provedor"),
)
MOST_ROWS = 1_048_575
"""Of one sheet, below its heading (Excel's specifications and limits)."""
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AT_ONCE, MOST_WAITING = 2, 4
_PIECE = 1 << 16
_PAUSE_S = 0.005
"""After each slice, so that an export takes a part of one core and not the whole."""

_Slice = list[list[str | int]]


def _answers(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "The file.", "content": {media_type: {"schema": {"type": "string"}}}}}


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/campaigns/{name}", tags=["campaigns"])
    exports = Exports(house)

    @routes.get(
        "/export.csv", name="campaigns.export_csv", responses=_answers(CSV_TYPE), response_class=StreamingResponse
    )
    async def as_csv(
        name: Name, state: OfState = None, step: OfStep = None, reason: OfReason = None
    ) -> StreamingResponse:
        """Every message, a row each, with contact, state, reason and instants in the campaign's zone."""
        wanted = await filter_of(house.store, name, state, None, step, reason)
        return await exports.csv(await house.store.campaigns.get(name), wanted)

    @routes.get(
        "/export.xlsx", name="campaigns.export_xlsx", responses=_answers(XLSX_TYPE), response_class=StreamingResponse
    )
    async def as_xlsx(
        name: Name, state: OfState = None, step: OfStep = None, reason: OfReason = None
    ) -> StreamingResponse:
        """The same as a workbook; 422 for a campaign of more messages than a sheet has rows."""
        wanted = await filter_of(house.store, name, state, None, step, reason)
        return await exports.xlsx(await house.store.campaigns.get(name), wanted)

    return routes


class Exports:
    """Makes files of campaigns, two at a time; of one event loop."""

    def __init__(self, house: Installation) -> None:
        self._house = house
        self._turnstile = Turnstile(AT_ONCE, MOST_WAITING, "há exportações demais à espera; repita em instantes")

    async def csv(self, campaign: Campaign, wanted: MessageFilter) -> StreamingResponse:
        """A CSV file: UTF-8 with a mark, semicolons, as spreadsheets in Brazil open it."""
        return await _streamed(self._csv(campaign, wanted), CSV_TYPE, f"{campaign.name}.csv")

    async def xlsx(self, campaign: Campaign, wanted: MessageFilter) -> StreamingResponse:
        """A workbook, made in a temporary file; InputError when its sheet would be too short."""
        tally = await self._house.store.campaigns.tally(campaign.id)
        states = frozenset(str(one) for one in MessageState)
        if sum(one.count for one in tally if one.state in states) > MOST_ROWS:
            raise InputError(f"uma planilha tem {MOST_ROWS:,} linhas e a campanha mais mensagens; exporte em CSV")
        return await _streamed(self._xlsx(campaign, wanted), XLSX_TYPE, f"{campaign.name}.xlsx")

    async def _csv(self, campaign: Campaign, wanted: MessageFilter) -> AsyncIterator[bytes]:
        async with self._turnstile.passed():
            yield "\N{BYTE ORDER MARK}".encode() + _csv_lines([list(COLUMNS)])
            async for rows in self._slices(campaign, wanted):
                yield _csv_lines(rows)

    async def _xlsx(self, campaign: Campaign, wanted: MessageFilter) -> AsyncIterator[bytes]:
        async with self._turnstile.passed():
            with tempfile.TemporaryDirectory(prefix="disparo-") as folder:
                file = Path(folder, "export.xlsx")
                yield b""  # whoever waits is answered: from here on nothing is refused any more
                book = await asyncio.to_thread(_begun, file, folder)
                at = 1
                async for rows in self._slices(campaign, wanted):
                    await asyncio.to_thread(_write_rows, book, at, rows)
                    at += len(rows)
                await asyncio.to_thread(book.close)
                with file.open("rb") as made:
                    while piece := await asyncio.to_thread(made.read, _PIECE):
                        yield piece

    async def _slices(self, campaign: Campaign, wanted: MessageFilter) -> AsyncIterator[_Slice]:
        zone = ZoneInfo(campaign.place.zone)
        async for found in messages(self._house.store, wanted):
            yield [_row(one, zone) for one in found]
            await asyncio.sleep(_PAUSE_S)


async def _streamed(pieces: AsyncIterator[bytes], media_type: str, name: str) -> StreamingResponse:
    """An answer that has begun: what goes wrong before its first piece is a problem document like any other."""
    first = await anext(pieces)

    async def all_of_them() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(all_of_them(), media_type=media_type, headers=headers)


def _row(one: ExportedMessage, zone: ZoneInfo) -> list[str | int]:
    record, contact = one.record, one.contact
    texts = (
        str(record.id),
        own_step(record.id.step),
        words(record.channel),
        record.id.contact_id,
        contact.name if contact else "",
        (contact.address(Channel(record.channel)) if contact else None) or "",
        contact.source if contact else "",
        words(record.state),
        record.reason,
        words(record.reason) if record.reason else "",
        record.attempts,
        _instant(record.due_at, zone),
        _instant(record.changed_at, zone),
        record.provider_id or "",
    )
    return [text if isinstance(text, int) else harmless(text) for text in texts]


def _instant(at: datetime | None, zone: ZoneInfo) -> str:
    return "" if at is None else at.astimezone(zone).isoformat(sep=" ", timespec="seconds")


def _csv_lines(rows: Iterable[Iterable[str | int]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def _begun(file: Path, folder: str) -> Workbook:
    import xlsxwriter

    book = xlsxwriter.Workbook(
        str(file),
        {
            **{"constant_memory": True, "tmpdir": folder},
            **{"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
        },
    )
    sheet = book.add_worksheet("mensagens")
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(COLUMNS) - 1, 18)
    sheet.write_row(0, 0, COLUMNS, book.add_format({"bold": True}))
    return book


def _write_rows(book: Workbook, at: int, rows: _Slice) -> None:
    sheet = book.worksheets()[0]
    for number, row in enumerate(rows, start=at):
        sheet.write_row(number, 0, row)
