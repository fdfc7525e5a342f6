"""The sandbox's log: whole lines only, whoever writes and whoever is killed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from disparo.adapters.channels.sandbox.outbox import Entry, FileOutbox, MemoryOutbox, Outbox


def entry(number: int, at_ms: int = 1_000, text: str = "Oi 🎉\nlinha") -> Entry:
    return Entry(f"1.1.{number}", at_ms, "whatsapp", f"+55{number}", text)


@pytest.fixture(params=["memory", "file"])
def outbox(request: pytest.FixtureRequest, tmp_path: Path) -> Outbox:
    return MemoryOutbox() if request.param == "memory" else FileOutbox(tmp_path / "sandbox.jsonl")


def keep(outbox: Outbox, *entries: Entry) -> None:
    for one in entries:
        asyncio.run(outbox.append(one))


def read(outbox: Outbox, position: int, limit: int) -> tuple[list[Entry], int]:
    return asyncio.run(outbox.read(position, limit))


def find(outbox: Outbox, *message_ids: str) -> dict[str, Entry]:
    return asyncio.run(outbox.find_all(message_ids))


def test_entries_are_read_in_order_from_a_position_on(outbox: Outbox) -> None:
    assert read(outbox, 0, 10) == ([], 0)
    given = [entry(number) for number in range(5)]
    keep(outbox, *given)
    first, position = read(outbox, 0, 3)
    rest, end = read(outbox, position, 3)
    assert (first, rest) == (given[:3], given[3:])
    assert read(outbox, end, 3) == ([], end)
    keep(outbox, entry(9))
    assert read(outbox, end, 3)[0] == [entry(9)]


def test_the_latest_entry_of_a_message_is_found(outbox: Outbox) -> None:
    keep(outbox, entry(1), entry(11), entry(1, 2_000), entry(2))
    assert find(outbox, "1.1.1", "1.1", "1.1.3") == {"1.1.1": entry(1, 2_000)}


def test_each_attempt_has_its_own_provider_id() -> None:
    ids = {one.provider_id for one in (entry(1), entry(1, 2_000), entry(2))}
    assert len(ids) == 3


def test_what_one_process_wrote_another_reads(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.jsonl"
    keep(FileOutbox(path), entry(1))
    again = FileOutbox(path)
    keep(again, entry(2))
    assert FileOutbox(path).everything() == read(FileOutbox(path), 0, 9)[0] == [entry(1), entry(2)]
    assert find(again, "1.1.1", "1.1.2", "1.1.3") == {"1.1.1": entry(1), "1.1.2": entry(2)}


def test_a_line_that_is_still_being_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.jsonl"
    box = FileOutbox(path)
    keep(box, entry(1), entry(2))
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    found, position = read(FileOutbox(path), 0, 9)
    assert found == [entry(1)]
    assert not find(FileOutbox(path), "1.1.2")
    path.write_bytes(whole)
    assert read(FileOutbox(path), position, 9)[0] == [entry(2)]


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.jsonl"
    keep(FileOutbox(path), entry(1))
    assert path.stat().st_mode & 0o077 == 0


def test_a_text_that_looks_like_an_entry_is_none(outbox: Outbox) -> None:
    keep(outbox, entry(1, text='{"id": "1.1.7", "at_ms": 1}'))
    assert not find(outbox, "1.1.7")


def test_lines_of_processes_that_write_at_once_stay_whole(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.jsonl"
    code = (
        "import asyncio, sys; from pathlib import Path; "
        "from disparo.adapters.channels.sandbox.outbox import Entry, FileOutbox; "
        "box = FileOutbox(Path(sys.argv[1])); print('ready', flush=True); sys.stdin.readline(); "
        "[asyncio.run(box.append(Entry(f'{sys.argv[2]}.1.{n}', n, 'email', 'a@x.com', 'x' * 3000))) "
        "for n in range(100)]"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.communicate("go\n", timeout=30)
        assert process.returncode == 0
    entries = FileOutbox(path).everything()
    assert Counter(one.id.partition(".")[0] for one in entries) == {"0": 100, "1": 100, "2": 100}


def test_what_was_taken_for_a_person_is_blanked_where_it_stands(outbox: Outbox) -> None:
    given = [entry(1), entry(2), Entry("7.1.9", 3, "email", "Ana@x.com", "Olá", "Assunto", "<p>Olá</p>")]
    keep(outbox, *given)
    assert asyncio.run(outbox.forget_person("2", ["ana@x.com"])) == 2
    assert asyncio.run(outbox.forget_person("2", ["ana@x.com"])) == 0
    keep(outbox, entry(3))
    found, _ = read(outbox, 0, 10)
    assert [(one.id, one.address, one.text, one.subject, one.html) for one in found] == [
        ("1.1.1", "+551", "Oi 🎉\nlinha", None, None),
        ("1.1.2", "", "", None, None),
        ("7.1.9", "", "", None, None),
        ("1.1.3", "+553", "Oi 🎉\nlinha", None, None),
    ]
    assert find(outbox, "1.1.2")["1.1.2"].text == ""
