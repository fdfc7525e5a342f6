"""A person of whom something is kept everywhere: marks that are found nowhere once they were erased."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from disparo.adapters.aws.idempotency import DynamoIdempotency
from disparo.adapters.aws.imports import DynamoImports
from disparo.adapters.aws.store import open_store as open_dynamo_store
from disparo.adapters.aws.tables import TABLES
from disparo.adapters.channels.sandbox.outbox import Entry, FileOutbox, Outbox
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.idempotency import SqliteIdempotency
from disparo.adapters.embedded.imports import SqliteImports
from disparo.adapters.embedded.store import open_store
from disparo.adapters.files.contact_files import LocalContactFiles
from disparo.adapters.files.open_table import open_table
from disparo.adapters.files.rejected_rows import RejectedRows
from disparo.bootstrap.table_outbox import TableOutbox
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.contact import Channel
from disparo.domain.hand_message import HandMessage
from disparo.domain.inbox_entry import Heard
from disparo.domain.message import MessageEvent, MessageId
from disparo.domain.place import Place
from disparo.domain.settlement import Settlement
from disparo.domain.suppression import Suppression
from disparo.domain.template import Template
from disparo.ports.idempotency import Idempotency, KeptAnswer
from disparo.ports.imports import Imports
from disparo.ports.store import Store
from disparo.simulation.memory_tables import MemoryTables
from disparo.usecases import imports as usecase
from disparo.usecases.erasures import Archive
from disparo.usecases.imports import ImportDesk, ImportOrder
from tests.contract.suppressions_suite import start

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MARKS = ("Zebulon", "zebulon@marca.example", "987650123", "palavra-rara", "52998224725")
"""A name, an e-mail, the end of a number, what they said, a document."""
PHONE, EMAIL = "+5511987650123", "zebulon@marca.example"
TABLE = (
    "Nome;Celular;E-mail;CPF;Recado\n"
    f"Zebulon;{PHONE};{EMAIL};529.982.247-25;palavra-rara\n"
    "Bia;41 98888-7777;bia@x.com;;nada\n"
    f"Zebulon;{PHONE};{EMAIL};529.982.247-25;palavra-rara\n"
    "Sem número;12;;;\n"
)


def marks_of(text: str) -> list[str]:
    """The marks that are found in a text."""
    return [mark for mark in MARKS if mark in text]


@dataclass
class Kept:
    """An installation of a family, and everything that it keeps as text."""

    archive: Archive
    idempotency: Idempotency
    outbox: Outbox
    files: LocalContactFiles
    folder: Path
    database: Database | None = None
    tables: MemoryTables | None = None

    @property
    def store(self) -> Store:
        return self.archive.store

    @property
    def imports(self) -> Imports:
        assert self.archive.imports is not None
        return self.archive.imports

    async def everything(self) -> str:
        """Every byte of the files of the installation, and every item of its tables."""
        kept = "".join(path.read_bytes().decode("latin-1") for path in self.folder.rglob("*") if path.is_file())
        if self.tables is not None:
            for table in TABLES:
                items = await self.tables.scan(table)
                kept += json.dumps([dict(item) for item in items], ensure_ascii=False, default=list)
        return kept


@contextmanager
def opened(family: str, folder: Path) -> Iterator[Kept]:
    """An installation of a family, with nothing in it."""
    files = LocalContactFiles(folder / "files")
    if family == "embedded":
        database = Database(folder / "disparo.sqlite3")
        idempotency, outbox = SqliteIdempotency(database), FileOutbox(folder / "sandbox.jsonl")
        archive = Archive(open_store(database), SqliteImports(database), files, (idempotency, outbox))
        yield Kept(archive, idempotency, outbox, files, folder, database=database)
        database.close()
    else:
        tables = MemoryTables()
        kept, taken = DynamoIdempotency(tables), TableOutbox(tables)
        archive = Archive(open_dynamo_store(tables), DynamoImports(tables), files, (kept, taken))
        yield Kept(archive, kept, taken, files, folder, tables=tables)


async def plant(kept: Kept) -> tuple[str, str]:
    """Keep something of one person everywhere; the ids of their contacts in two lists."""
    await _import(kept, "clientes")
    await _import(kept, "leads")
    [one, other] = await kept.store.contacts.find(PHONE, 5)
    campaign = await start(kept.store, "promo")
    message = MessageId(campaign.id, 1, one.id)
    wamid = f"wamid.{PHONE}"
    detail, event = f"sent to {PHONE}", f"whatsapp:{wamid}"
    settled = Settlement(message, MessageEvent.ACCEPT, detail=detail, provider_id=wamid, event_id=event)
    assert await kept.store.ledger.settle([settled], NOW) == [True]
    await _said(kept, one.id, message)
    await kept.store.suppressions.add(
        [Suppression(key, Channel.SMS, "opted_out", f"Zebulon {key}", NOW) for key in one.keys]
    )
    await kept.store.hand_messages.keep(_by_hand(one.id))
    await _asked(kept, one.id)
    await kept.store.meetings.add(meeting_of(one.id), {}, NOW)
    return one.id, other.id


async def _import(kept: Kept, list_name: str) -> None:
    desk = ImportDesk(kept.imports, kept.store.contacts, kept.files, open_table, RejectedRows)
    record = await usecase.announce(kept.imports, ImportOrder("pessoas.csv", list_name), NOW, list_name)

    async def chunks() -> Any:
        yield TABLE.encode()

    await kept.files.take(record.key, chunks())
    done = await usecase.work(desk, record.id, lambda: NOW)
    assert (done.counts.rows, done.counts.rejected, done.counts.duplicates) == (4, 1, 1)


async def _said(kept: Kept, contact_id: str, message: MessageId) -> None:
    said = "oi, palavra-rara, Zebulon"
    told = Heard("whatsapp:1", Channel.WHATSAPP, "whatsapp", PHONE, contact_id, str(message), said, "other", NOW)
    await kept.store.inbox.keep(told, NOW)
    await kept.store.inbox.learn("whatsapp", "BR.4711", PHONE)


def _by_hand(contact_id: str) -> HandMessage:
    template = Template("resposta", "Olá, Zebulon: palavra-rara")
    return HandMessage(contact_id, "k1", Channel.WHATSAPP, "whatsapp", template, {"nome": "Zebulon"}, "user:1", NOW)


async def _asked(kept: Kept, contact_id: str) -> None:
    await kept.idempotency.begin("k", "f", "t", NOW)
    answer = KeptAnswer(200, f'{{"name": "Zebulon", "phone": "{PHONE}"}}'.encode(), {}, contact_id)
    await kept.idempotency.finish("k", "t", answer, NOW)
    entry = Entry(f"1.1.{contact_id}", 1, "whatsapp", PHONE, "Olá, Zebulon, palavra-rara", EMAIL)
    await kept.outbox.append(entry)
    await kept.outbox.append(Entry("1.1.999", 2, "whatsapp", "+5541988887777", "Olá, Bia"))


def meeting_of(contact_id: str) -> Meeting:
    """A meeting with a contact, with notes about them."""
    return Meeting(
        id="",
        type_id="demo",
        contact_id=contact_id,
        channel=Channel.WHATSAPP,
        place=Place("America/Sao_Paulo"),
        language="pt",
        uid="u1@disparo",
        proposed_at=NOW - timedelta(days=1),
        notes="Zebulon quer palavra-rara",
        heard=f"wamid.{PHONE}",
    )
