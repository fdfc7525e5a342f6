"""What one claim costs with small and large backlogs, and what the launch of a large campaign costs."""

from __future__ import annotations

import asyncio
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from bench.dispatch import BARE_CLAIM, BARE_FILL, BARE_FIND, BARE_SCHEMA, InstantChannel
from bench.measured import Case, Numbers, Stopwatch, run_case
from bench.report import Aim, Section, count, ratio
from bench.sizes import Sizes
from bench.stage import SENDER, engine_with, fold_contacts, launch_all, scratch, start_campaign
from disparo.adapters.embedded.database import Database, connect
from disparo.adapters.embedded.store import open_store
from disparo.domain.lane import OpenLane
from disparo.domain.policies.rate_limit import Limits
from disparo.ports.ledger import ClaimRequest

NOON = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
A_CLAIM = 50
FLAT = 1.10

# The campaign's rows have a lane and an instant each; what lies behind the first ones is moved away.
PUT_OFF = "UPDATE message SET due_at = due_at + 86400000 WHERE contact_id > ?"
ADD_LANE = "INSERT INTO lane (campaign_id, channel, place) SELECT campaign_id, channel, ? FROM lane WHERE id = 1"
SPREAD = "UPDATE message SET lane_id = 2 + contact_id % ? WHERE contact_id > ?"


def launch(folder: str, contacts: int) -> Numbers:
    """Fill `<folder>/<contacts>.sqlite3` with a list and enter a campaign's rows for it; the launch is timed."""

    async def play() -> Numbers:
        database = Database(Path(folder) / f"{contacts}.sqlite3")
        store = open_store(database)
        await fold_contacts(store, contacts)
        await start_campaign(store, NOON)
        with Stopwatch() as watch:
            await launch_all(engine_with(store, InstantChannel()), NOON)
        database.close()
        return watch.per(contacts)

    return asyncio.run(play())


def variants(folder: str, small: int, large: int, lanes: int) -> Numbers:
    """From the large file, one with most rows due tomorrow and one with most rows in other lanes."""
    source = Path(folder) / f"{large}.sqlite3"
    later = connect(str(shutil.copy(source, Path(folder) / "later.sqlite3")))
    closed = connect(str(shutil.copy(source, Path(folder) / "closed.sqlite3")))
    with later:
        later.execute(PUT_OFF, (small,))
    with closed:
        closed.executemany(ADD_LANE, [(f"zone {number}",) for number in range(lanes)])
        closed.execute(SPREAD, (lanes, small))
    later.close()
    closed.close()
    return {}


def claims(folder: str, names: list[str], repetitions: int) -> Numbers:
    """Claim from each file in turn, `repetitions` times; the median CPU and elapsed time of a claim for each."""

    async def play() -> Numbers:
        databases = {name: Database(Path(folder) / f"{name}.sqlite3") for name in names}
        took: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
        for repetition in range(repetitions + 2):
            for name, database in databases.items():
                times = await _claim_once(database, NOON + timedelta(seconds=repetition))
                if repetition >= 2:  # the first ones fill caches
                    took[name].append(times)
        for database in databases.values():
            database.close()
        numbers = {f"{name} cpu_ms": median(cpu for cpu, _ in times) for name, times in took.items()}
        return numbers | {f"{name} ms": median(elapsed for _, elapsed in times) for name, times in took.items()}

    return asyncio.run(play())


async def _claim_once(database: Database, now: datetime) -> tuple[float, float]:
    ledger = open_store(database).ledger
    revision = await ledger.revision()
    lane = OpenLane(1, "1", None, (5,), Limits())
    request = ClaimRequest(SENDER, [lane], A_CLAIM, now, revision)
    cpu, began = time.process_time(), time.perf_counter()
    claim = await ledger.claim(request)
    times = (time.process_time() - cpu) * 1000, (time.perf_counter() - began) * 1000
    if len(claim.messages) != A_CLAIM:
        raise RuntimeError(f"claimed {len(claim.messages)} messages where {A_CLAIM} were due: {claim.reason}")
    return times


def bare_claims(backlog: int, repetitions: int) -> Numbers:
    """The limit: find and mark as many rows, one transaction each time, with our pragmas."""
    with scratch() as folder:
        connection = connect(str(folder / "bare.sqlite3"))
        connection.execute(BARE_SCHEMA)
        with connection:
            connection.executemany(BARE_FILL, ((number,) for number in range(backlog)))
        took = []
        for _ in range(repetitions + 2):
            cpu, began = time.process_time(), time.perf_counter()
            with connection:
                connection.executemany(BARE_CLAIM, connection.execute(BARE_FIND, (A_CLAIM,)).fetchall())
            took.append(((time.process_time() - cpu) * 1000, (time.perf_counter() - began) * 1000))
        connection.close()
    return {"cpu_ms": median(cpu for cpu, _ in took[2:]), "ms": median(elapsed for _, elapsed in took[2:])}


def claim_cost(sizes: Sizes) -> list[Section]:
    """Claims over every kind of backlog, and the launch that made the large one."""
    small, large = sizes.small_backlog, sizes.large_backlog
    with scratch() as folder:
        place = str(folder)
        run_case(Case(launch, {"folder": place, "contacts": small}))
        launched = run_case(Case(launch, {"folder": place, "contacts": large}))
        options = {"folder": place, "small": small, "large": large, "lanes": sizes.closed_lanes}
        run_case(Case(variants, options))
        names = [str(small), str(large), "later", "closed"]
        bare = run_case(Case(bare_claims, {"backlog": small, "repetitions": sizes.claims}))
        found = run_case(Case(claims, {"folder": place, "names": names, "repetitions": sizes.claims}))
    titles = {
        str(small): f"{count(small)} due",
        str(large): f"{count(large)} due",
        "later": f"{count(small)} due, the rest of {count(large)} in the same lane due tomorrow",
        "closed": f"{count(small)} due, the rest of {count(large)} in {sizes.closed_lanes} closed lanes",
    }
    reference = found[f"{small} cpu_ms"]
    rows = [(f"bare SQLite, {count(small)} due", f"{bare['cpu_ms']:.2f}", f"{bare['ms']:.2f}", "")]
    rows += [
        (title, f"{(cpu := found[f'{name} cpu_ms']):.2f}", f"{found[f'{name} ms']:.2f}", ratio(cpu, reference))
        for name, title in titles.items()
    ]
    columns = ("", "CPU-ms", "ms with its fsync", f"CPU next to {count(small)} due")
    worst = max(found[f"{name} cpu_ms"] for name in names) / reference
    claim = Section("claim", f"A claim of {A_CLAIM} messages, committed, median of {sizes.claims}", columns, rows)
    return [claim.with_aims(Aim("flat within 10 %", ratio(worst, 1), worst <= FLAT)), _launch_section(large, launched)]


def _launch_section(contacts: int, launched: Numbers) -> Section:
    row = ("launch", f"{launched['elapsed_s']:.1f}", count(launched["per_second"]), f"{launched['peak_mb']:.0f}")
    section = Section("launch", f"Launch of {count(contacts)} contacts", ("", "s", "contacts/s", "peak MB"), [row])
    memory = launched["peak_mb"]
    return section.with_aims(Aim("under 300 MB", f"{memory:.0f} MB", memory < 300))
