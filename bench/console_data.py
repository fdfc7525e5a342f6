"""A data directory as after a year of work, to measure the console with: `python -m bench.console_data DIRECTORY`.

Three lists, a finished, a running and a paused campaign with all their rows, histories and counters, an inbox,
suppressions, hosts and meetings. All of it is made by number and relative to one instant, so the same call makes the
same data. A million contacts take about two minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVar

import apsw

from bench import console_rows
from bench.console_rows import Fates, Ledgered
from disparo.adapters.embedded import folding
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.bootstrap.families import DATABASE
from disparo.domain.agenda.host import DayLimits
from disparo.domain.agenda.host_document import parse_host
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.slot import HostBounds, Slot
from disparo.domain.agenda.type_document import parse_type
from disparo.domain.campaign import CampaignEvent
from disparo.domain.campaign_document import parse_campaign
from disparo.domain.contact import Channel
from disparo.domain.folding import name_key
from disparo.domain.inbox_entry import Heard
from disparo.domain.message import MessageId
from disparo.domain.place import Place
from disparo.domain.suppression import Suppression
from disparo.ports.store import Store

T = TypeVar("T")

ACCEPTS_AT_ONCE = 500
"""Calls of the store that share a transaction."""

SHARES = (("clientes", 50), ("leads", 30), ("parceiros", 20))
"""The lists, and what share of the contacts each has, in percent."""

FIRST = (
    *("Ana", "João", "Maria", "José", "Antônia", "Francisco", "Beatriz", "Luiz", "Márcia", "Paulo", "Rita", "Caio"),
    *("Célia", "Davi", "Elisa", "Fábio", "Gláucia", "Heitor", "Inês", "Jonas", "Kátia", "Lúcia", "Mário", "Nádia"),
    *("Otávio", "Patrícia", "Quésia", "Rafael", "Sônia", "Tomás", "Úrsula", "Vítor", "Wagner", "Yara", "Zélia"),
)
LAST = (
    *("Silva", "Souza", "Araújo", "Oliveira", "Gonçalves", "Pereira", "Lima", "Conceição", "Nascimento", "Barbosa"),
    *("Ramos", "Teixeira", "Antunes", "Brandão", "Falcão", "Guimarães", "Moraes", "Peçanha", "Queiroz"),
)
FIRMS = ("Padaria São João", "Oficina do Zé", "Clínica Bem-Estar", "Mercado Boa Vista", "Escola Aprender")
PLACES = tuple(
    (area, Place(zone, f"BR-{state}"))
    for area, zone, state in (
        (41, "America/Sao_Paulo", "PR"),
        (11, "America/Sao_Paulo", "SP"),
        (21, "America/Sao_Paulo", "RJ"),
        (81, "America/Recife", "PE"),
        (85, "America/Fortaleza", "CE"),
        (92, "America/Manaus", "AM"),
        (65, "America/Cuiaba", "MT"),
    )
)
ALWAYS = {"workingDays": [1, 2, 3, 4, 5, 6, 7], "startTime": "00:00", "endTime": "24:00", "publicHolidays": False}
WORDS = ("Sim, tenho interesse", "Quanto custa?", "Podemos falar amanhã às 10?", "Agora não, obrigado", "Quem é?")
HOSTS = ("ana", "bruno", "carla", "diego", "elena")
_SCATTER, _MODULUS = 7_368_787, 19_999_999
"""Addresses have no order, as people's have none."""

DONE_FIRST: Fates = (
    *((400, "read", ""), (350, "delivered", ""), (100, "accepted", ""), (50, "failed", "address_unknown")),
    *((30, "failed", "message_refused"), (20, "dead", "retries_used_up"), (10, "dead", "held_in_doubt")),
    *((20, "cancelled", "opted_out"), (20, "expired", "deadline")),
)
DONE_SECOND: Fates = (
    *((300, "cancelled", "replied"), (100, "cancelled", "previous_step_failed"), (250, "read", "")),
    *((300, "delivered", ""), (30, "failed", "address_unknown"), (20, "expired", "deadline")),
)
RUNNING_FIRST: Fates = (
    *((100, "read", ""), (150, "delivered", ""), (50, "accepted", ""), (12, "failed", "address_unknown")),
    *((8, "dead", "retries_used_up"), (1, "in_doubt", "timeout"), (9, "cancelled", "opted_out"), (670, "due", "")),
)
WAITING: Fates = ((1_000, "waiting", ""),)
PAUSED_FIRST: Fates = ((150, "delivered", ""), (50, "read", ""), (800, "due", ""))


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much of everything there is."""

    contacts: int = 1_000_000
    heard: int = 20_000
    suppressed: int = 50_000
    meetings: int = 200

    @classmethod
    def of(cls, contacts: int) -> Amounts:
        """The same shares of everything, for fewer contacts."""
        return cls(contacts, contacts // 50, contacts // 20, max(contacts // 5_000, 10))


def build(folder: Path, amounts: Amounts, now: datetime) -> None:
    """Fill a directory that holds no data yet; `now` is when its running campaign is under way."""
    folder.mkdir(parents=True, exist_ok=True)
    database = Database(folder / DATABASE)
    connection = database.reader
    connection.pragma("synchronous", "off")  # who is cut off begins again
    connection.pragma("cache_size", -1_000_000)
    store = open_store(database)
    with connection:
        sizes = _contacts(connection, amounts.contacts)
    asyncio.run(_campaigns(store, connection, now))
    asyncio.run(_people(store, amounts, sizes, now))
    asyncio.run(_agenda(store, amounts.meetings, sizes, now))
    connection.pragma("wal_checkpoint(truncate)")
    database.close()


def _contacts(connection: apsw.Connection, contacts: int) -> dict[str, range]:
    """Add all lists; the ids of each."""
    sizes: dict[str, range] = {}
    first = 1
    for name, share in SHARES:
        ids = range(first, first + contacts * share // 100)
        [(list_id,)] = connection.execute(folding.COUNT_NEW, (name, len(ids)))
        connection.executemany(folding.ADD, (_contact(number, list_id, name) for number in ids))
        sizes[name], first = ids, ids.stop
    return sizes


def _contact(number: int, list_id: int, list_name: str) -> tuple[object, ...]:
    name = f"{FIRST[number % 35]} {LAST[number // 35 % 19]} {LAST[number // 665 % 19]}"
    phone, place = phone_of(number), PLACES[number % 7][1]
    email = f"pessoa.{_scattered(number)}@example.com" if number % 4 else None
    variables = f'{{"nome":"{name}","empresa":"{FIRMS[number % 5]}","cidade":"{place.region}"}}'
    written = (email, email, name, name_key(name), str(place), None, "[]", "[]", variables)
    return (number, list_id, f"{list_name}.csv:{number + 1}", 5 if number % 50 else 3, phone, phone, *written)


def phone_of(number: int) -> str:
    """The number of a contact."""
    return f"+55{PLACES[number % 7][0]}9{80_000_000 + _scattered(number)}"


def _scattered(number: int) -> int:
    return number * _SCATTER % _MODULUS


async def _campaigns(store: Store, connection: apsw.Connection, now: datetime) -> None:
    console_rows.prepare(connection)
    whatsapp, email = Channel.WHATSAPP, Channel.EMAIL
    plans = (
        ("boas-vindas", "clientes", 40, 10, ((whatsapp, DONE_FIRST), (email, DONE_SECOND))),
        ("oferta-da-semana", "leads", 3, 3, ((whatsapp, RUNNING_FIRST), (whatsapp, WAITING))),
        ("convite", "parceiros", 8, 4, ((email, PAUSED_FIRST),)),
    )
    for name, list_name, age, days, steps in plans:
        begun_at = (now - timedelta(days=age)).replace(hour=12, minute=0, second=0, microsecond=0)
        document = _campaign(name, list_name, [channel for channel, _ in steps])
        added = await store.campaigns.add(parse_campaign(document, created_at=begun_at - timedelta(hours=1)))
        await store.campaigns.apply(added.id, CampaignEvent.START, begun_at)
        list_id = [one for one, _ in SHARES].index(list_name) + 1
        with connection:
            one = Ledgered(int(added.id), list_id, begun_at, days, steps)
            console_rows.write(connection, one, now)
    await store.campaigns.conclude("1", now - timedelta(days=25))
    await store.campaigns.apply("3", CampaignEvent.PAUSE, now - timedelta(days=1))


def _campaign(name: str, list_name: str, channels: Sequence[Channel]) -> dict[str, object]:
    greeting = "Oi {{ nome | primeiro_nome }}, aqui é a Ana, sobre a {{ empresa }}."
    texts = {
        Channel.WHATSAPP: {"text": f"{greeting} Responda SAIR para parar."},
        Channel.EMAIL: {"text": greeting, "subject": "Para {{ nome | primeiro_nome }}"},
    }
    steps = [
        {"channel": str(channel), "wait": "1d" if number else "0m", **texts[channel]}
        for number, channel in enumerate(channels)
    ]
    return {"name": name, "list": list_name, "steps": steps, "hours": ALWAYS, "deadline": "60d"}


async def _people(store: Store, amounts: Amounts, sizes: dict[str, range], now: datetime) -> None:
    """What people wrote, and who wants no messages."""
    heard = [_heard(number, sizes["clientes"], now) for number in range(amounts.heard)]
    await _in_batches(
        store.inbox.keep(one, one.at + timedelta(seconds=1)) for one in sorted(heard, key=lambda one: one.at)
    )
    await _in_batches(
        store.ledger.note(MessageId.parse(one.message_id), "replied", one.text, one.event_id, one.at)
        for one in heard
        if one.message_id is not None
    )
    await _in_batches(store.inbox.handle(one, now) for one in await _dealt_with(store, amounts.heard * 9 // 10))
    for batch in _batches(range(amounts.suppressed)):
        at = now - timedelta(days=30)
        await store.suppressions.add(
            [Suppression(phone_of(5_000_000 + number), None, "opted_out", "import", at) for number in batch]
        )


async def _dealt_with(store: Store, count: int) -> list[str]:
    """The ids of the oldest entries."""
    entries = await store.inbox.page(None, 1_000_000)
    return [one.id for one in entries[-count:]] if count else []


def _heard(number: int, contacts: range, now: datetime) -> Heard:
    """What the contact of this number wrote; every twentieth is somebody unknown."""
    contact = contacts.start + number * 37 % (len(contacts) * 3 // 4)
    known = number % 20 != 19
    key = phone_of(contact) if known else phone_of(9_000_000 + number // 40)
    contact_id, message_id = (str(contact), f"1.1.{contact}") if known else (None, None)
    at = now - timedelta(minutes=number * 2 + 1)
    text = f"{WORDS[number % 5]} ({number})"
    return Heard(
        f"whatsapp:wamid.{number}", Channel.WHATSAPP, "whatsapp", key, contact_id, message_id, text, "other", at
    )


async def _agenda(store: Store, meetings: int, sizes: dict[str, range], now: datetime) -> None:
    hours = {**ALWAYS, "startTime": "08:00", "endTime": "18:00"}
    for one in HOSTS:
        email = f"{one}@example.com"
        await store.hosts.put_host(parse_host({"id": one, "name": one.title(), "email": email, "hours": hours}))
    await store.hosts.put_type(
        parse_type({"id": "demo", "title": "Demonstração", "hosts": [*HOSTS], "duration": "30m"})
    )
    bounds = {one: HostBounds(DayLimits(), "America/Sao_Paulo") for one in HOSTS}
    await _in_batches(
        store.meetings.add(_meeting(number, meetings, sizes["clientes"], now), bounds, now - timedelta(days=60))
        for number in range(meetings)
    )


def _meeting(number: int, count: int, contacts: range, now: datetime) -> Meeting:
    """Four in five lie behind, the others ahead; at the full hours of the hosts' days."""
    day, place = divmod(number, 10 * len(HOSTS) // 2)
    first = (now - timedelta(days=count * 4 // 5 // 25)).replace(hour=11, minute=0, second=0, microsecond=0)
    start_at = first + timedelta(days=day, hours=place // len(HOSTS) * 2)
    slot = Slot((HOSTS[place % len(HOSTS)],), start_at, start_at + timedelta(minutes=30))
    state = MeetingState.CONFIRMED if start_at > now or number % 5 else MeetingState.CANCELLED
    made = Meeting(
        *("", "demo", str(contacts.start + number * 11), Channel.WHATSAPP, Place("America/Sao_Paulo", "BR-SP"), "pt"),
        *(f"m{number}@disparo", now - timedelta(days=60)),
    )
    return replace(made, state=state, slot=slot, campaign_id="1")


async def _in_batches(calls: Iterable[Awaitable[object]]) -> None:
    """Await calls, many of them in one transaction."""
    for batch in _batches(calls):
        await asyncio.gather(*batch)


def _batches(things: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(things)
    while batch := list(islice(rest, ACCEPTS_AT_ONCE)):
        yield batch


def main() -> None:
    """Fill a directory from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.console_data", description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--now", type=datetime.fromisoformat, help="default: this hour")
    wanted = parser.parse_args()
    now = wanted.now or datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    began = time.perf_counter()
    build(wanted.directory, Amounts.of(wanted.contacts), now)
    size = (wanted.directory / DATABASE).stat().st_size
    print(f"{wanted.contacts:,} contacts in {time.perf_counter() - began:.0f} s, {size / 1e9:.2f} GB")


if __name__ == "__main__":
    main()
