"""Contact files into a list by `disparo import`, next to bare readers and a bare `executemany`."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import closing, redirect_stdout
from io import StringIO
from pathlib import Path

from bench.measured import Case, Numbers, Stopwatch, alternate
from bench.report import Aim, Section, count, ratio
from bench.samples import drafts, write_csv, write_xlsx
from bench.sizes import Sizes
from bench.stage import scratch
from disparo.adapters.embedded import folding
from disparo.adapters.embedded.database import Database
from disparo.usecases.import_contacts import BATCH

ADD_LIST = "INSERT INTO list (id, name) VALUES (1, 'lista')"


def product(path: str, rows: int) -> Numbers:
    """The command as a person runs it, on data of its own, from its start to its end."""
    from disparo.entrypoints.cli.app import run

    with scratch() as folder, redirect_stdout(StringIO()) as said, Stopwatch() as watch:
        code = run(["--data", str(folder / "data"), "--json", "import", path])
    report = json.loads(said.getvalue())
    if code or report["created"] != rows:
        raise RuntimeError(f"exit code {code}: {report}")
    return watch.per(rows)


def bare_csv(path: str, rows: int) -> Numbers:
    """The limit of reading: `csv.reader` over the file, every row dropped."""
    with Path(path).open(encoding="utf-8", newline="") as file, Stopwatch() as watch:
        for _ in csv.reader(file):
            pass
    return watch.per(rows)


def bare_store(rows: int) -> Numbers:
    """The limit of the store: the same rows by `executemany` into the same table and indexes, in batches as large."""
    with scratch() as folder:
        Database(folder / "bare.sqlite3").close()
        database = Database(folder / "bare.sqlite3")
        connection = database.reader
        connection.execute(ADD_LIST)
        whole = Stopwatch()
        for batch in _contact_rows(rows):
            with Stopwatch() as watch, connection:
                connection.executemany(folding.ADD, batch)
            whole.elapsed_s += watch.elapsed_s
            whole.cpu_s += watch.cpu_s
        database.close()
    return whole.per(rows)


def _contact_rows(rows: int) -> Iterator[list[tuple[object, ...]]]:
    number = 0
    for batch in drafts(rows, BATCH):
        values: list[tuple[object, ...]] = []
        for one in batch:
            number += 1
            texts = json.dumps(dict(one.variables), ensure_ascii=False)
            address = (one.phone, one.phone_key, one.email, one.email_key)
            name = (one.name, one.name.lower(), str(one.place))
            values.append((number, 1, one.source, one.priority, *address, *name, None, "[]", "[]", texts))
        yield values


def bare_calamine(path: str, rows: int) -> Numbers:
    """The limit of reading a workbook in Rust; it holds the whole sheet in memory."""
    from python_calamine import CalamineWorkbook

    with Stopwatch() as watch:
        for _ in CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows():
            pass
    return watch.per(rows)


def bare_openpyxl(path: str, rows: int) -> Numbers:
    """The limit of reading a workbook in Python, row by row."""
    from openpyxl import load_workbook

    with Stopwatch() as watch, closing(load_workbook(path, read_only=True)) as book:
        for _ in book.worksheets[0].iter_rows(values_only=True):
            pass
    return watch.per(rows)


def csv_import(sizes: Sizes) -> Section:
    """A large CSV file."""
    rows = sizes.csv_rows
    with scratch() as folder:
        path = str(write_csv(folder / "contatos.csv", rows))
        found = alternate(
            {
                "bare csv.reader": Case(bare_csv, {"path": path, "rows": rows}),
                "bare executemany of the rows": Case(bare_store, {"rows": rows}),
                "disparo import": Case(product, {"path": path, "rows": rows}),
            },
            sizes.import_rounds,
        )
    limits = found["bare csv.reader"]["elapsed_s"] + found["bare executemany of the rows"]["elapsed_s"]
    ours = found["disparo import"]
    return _section("csv", f"{count(rows)} rows of CSV", found, limits).with_aims(
        Aim("1,000,000 rows in under 60 s", f"{count(rows)} rows in {ours['elapsed_s']:.1f} s", _in_time(ours)),
        _memory(ours),
    )


def xlsx_import(sizes: Sizes) -> Section:
    """A large workbook."""
    rows = sizes.xlsx_rows
    with scratch() as folder:
        path = str(write_xlsx(folder / "contatos.xlsx", rows))
        options = {"path": path, "rows": rows}
        found = alternate(
            {
                "bare python-calamine, whole sheet in memory": Case(bare_calamine, options),
                "bare openpyxl, read-only": Case(bare_openpyxl, options),
                "disparo import": Case(product, options),
            },
            sizes.import_rounds,
        )
    title, limit = f"{count(rows)} rows of XLSX", found["bare openpyxl, read-only"]["elapsed_s"]
    return _section("xlsx", title, found, limit).with_aims(_memory(found["disparo import"]))


def _in_time(ours: Numbers) -> bool:
    return ours["per_second"] > 1_000_000 / 60


def _memory(ours: Numbers) -> Aim:
    return Aim("under 300 MB", f"{ours['peak_mb']:.0f} MB", ours["peak_mb"] < 300)


def _section(key: str, title: str, found: dict[str, Numbers], limit_s: float) -> Section:
    rows = [
        (
            *(name, f"{one['elapsed_s']:.1f}", f"{one['cpu_s']:.1f}", count(one["per_second"])),
            *(ratio(one["elapsed_s"], limit_s), f"{one['peak_mb']:.0f}"),
        )
        for name, one in found.items()
    ]
    of_what = "of both limits together" if key == "csv" else "of openpyxl"
    return Section(key, title, ("", "s", "CPU-s", "rows/s", f"time {of_what}", "peak MB"), rows)
