from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from disparo.domain.contact import ContactDraft
from disparo.domain.contact_import import Import, ImportState
from disparo.domain.errors import StoreError
from disparo.entrypoints.lambdas import ingest as module
from disparo.entrypoints.lambdas.ingest import Deadline, ingest, take
from disparo.entrypoints.lambdas.runtime import InvocationFailedError
from disparo.ports.contacts import FoldResult
from disparo.usecases.imports import ImportOrder, announce
from tests.unit.entrypoints.http.conftest import House
from tests.unit.entrypoints.lambdas.conftest import Queue, Watch, object_created, sqs_event

ALL_WELL: list[str] = []


def table(rows: int) -> str:
    return "Nome;Celular\n" + "".join(f"P{n};41 9{88880000 + n}\n" for n in range(rows))


@dataclass
class Ingest:
    """The function, its house, and what it hands on."""

    house: House
    folder: Path
    queue: Queue = field(default_factory=Queue)
    batch_size: int = 10

    def __post_init__(self) -> None:
        self.house.import_queue = self.queue  # type: ignore[attr-defined]

    def put(self, key: str, text: str) -> None:
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def told(self, *bodies: object, watch: Watch | None = None) -> list[str]:
        """Let it deal with a batch; what is to come again."""
        records = sqs_event(*bodies)["Records"]
        return asyncio.run(take(self.house, records, watch or Watch(), self.batch_size))  # type: ignore[arg-type]

    def imports(self) -> Sequence[Import]:
        return asyncio.run(self.house.imports.page(None, 100))

    def people(self) -> dict[str, int]:
        return {one.name: one.contacts for one in asyncio.run(self.house.store.contacts.lists())}


@pytest.fixture
def desk(house: House, tmp_path: Path) -> Ingest:
    return Ingest(house, tmp_path / "files")


def test_a_file_that_somebody_put_into_a_lists_folder_is_imported_into_it(desk: Ingest) -> None:
    desk.put("imports/clientes são/contatos 1.csv", table(25))
    key = quote_plus("imports/clientes são/contatos 1.csv", safe="/")
    assert "+" in key and "%C3%A3" in key
    assert desk.told(object_created(key)) == ALL_WELL
    [done] = desk.imports()
    assert (done.state, done.counts.created, done.list_name) == (ImportState.COMPLETED, 25, "clientes são")
    assert desk.people() == {"clientes são": 25}
    assert desk.queue.waiting == []


def test_an_announced_file_goes_where_its_announcement_says(desk: Ingest) -> None:
    order = ImportOrder("x.csv", "vendas", {"phone": "Recado"})
    wanted = asyncio.run(announce(desk.house.imports, order, desk.house.clock.now(), "ab"))
    desk.put(wanted.key, "Quem;Recado\nAna;41 98888-7777\n")
    assert desk.told(object_created(wanted.key)) == ALL_WELL
    assert desk.people() == {"vendas": 1}
    assert [one.id for one in desk.imports()] == [wanted.id]


def test_one_arrival_told_twice_is_one_import_another_arrival_another(desk: Ingest) -> None:
    desk.put("imports/a/x.csv", table(5))
    for _ in range(2):
        desk.told(object_created("imports/a/x.csv"))
    assert [one.counts.created for one in desk.imports()] == [5]
    desk.told(object_created("imports/a/x.csv", sequencer="0055AED6DCD90281E6", at="2026-11-23T14:00:00Z"))
    assert [(one.counts.created, one.counts.unchanged) for one in desk.imports()] == [(0, 5), (5, 0)]


@pytest.mark.parametrize(
    "body",
    [
        {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b", "Time": "2026-11-23T13:00:00.000Z"},
        object_created("rejected/1/0.csv"),
        object_created("imports/x.csv"),
        object_created("imports/a/b/c/d.csv"),
        object_created("imports/a/"),
        object_created("imports/id/unknown/x.csv"),
        {"Records": []},
        {"import": "20261123130000000-nada"},
    ],
)
def test_what_is_no_contact_file_is_left_alone(desk: Ingest, body: object) -> None:
    assert desk.told(body) == ALL_WELL
    assert desk.imports() == []


def test_a_removal_is_no_arrival(desk: Ingest) -> None:
    event = object_created("imports/a/x.csv")
    event["Records"][0]["eventName"] = "ObjectRemoved:Delete"
    assert desk.told(event) == ALL_WELL
    assert desk.imports() == []


@pytest.mark.parametrize("poison", ["", "x", "[]", "7", "null", '{"Records": [{}]}', '{"import": 7}', "[" * 50_000])
def test_a_message_that_cannot_be_understood_comes_again_alone(desk: Ingest, poison: str) -> None:
    desk.put("imports/a/x.csv", table(5))
    answer = desk.told(poison, object_created("imports/a/x.csv"))
    assert answer == ["m0"]
    assert desk.people() == {"a": 5}


@pytest.mark.parametrize(
    ("text", "words"),
    [("%PDF-1.4", "é um PDF"), ("", "está vazio"), ("Nome;Idade\nAna;3\n", "não há coluna de telefone")],
)
def test_a_wrong_file_ends_its_import_and_not_in_the_dead_letters(desk: Ingest, text: str, words: str) -> None:
    desk.put("imports/a/x.csv", text)
    assert desk.told(object_created("imports/a/x.csv")) == ALL_WELL
    [done] = desk.imports()
    assert done.state is ImportState.FAILED
    assert words in done.error


def test_a_file_that_is_gone_ends_its_import(desk: Ingest) -> None:
    assert desk.told(object_created("imports/a/x.csv")) == ALL_WELL
    assert desk.imports()[0].state is ImportState.FAILED


def test_a_long_file_takes_several_invocations(desk: Ingest) -> None:
    desk.put("imports/a/x.csv", table(100))
    short = Watch(left_ms=20_000, step_ms=1_000)
    assert desk.told(object_created("imports/a/x.csv"), watch=short) == ALL_WELL
    [one] = desk.imports()
    assert one.state is ImportState.RUNNING
    assert 0 < one.counts.rows < 100
    invocations = 1
    while desk.queue.waiting:
        assert invocations < 50
        [import_id] = desk.queue.waiting
        desk.queue.waiting.clear()
        desk.told({"import": import_id}, watch=Watch(left_ms=18_000, step_ms=1_000))
        invocations += 1
    [done] = desk.imports()
    assert (done.state, done.counts.rows, done.counts.created) == (ImportState.COMPLETED, 100, 100)
    assert invocations >= 3


def test_with_no_time_left_nothing_is_begun_and_nothing_lost(desk: Ingest) -> None:
    desk.put("imports/a/x.csv", table(30))
    assert desk.told(object_created("imports/a/x.csv"), watch=Watch(left_ms=5_000)) == ALL_WELL
    [waiting] = desk.imports()
    assert (waiting.state, desk.queue.waiting) == (ImportState.ANNOUNCED, [waiting.id])


def test_it_stops_while_two_parts_like_the_longest_would_fit() -> None:
    watch = Watch(left_ms=100_000)
    deadline = Deadline(watch)
    for left_ms, reached in ((90_000, False), (60_000, False), (59_000, True), (99_000, True)):
        watch.left_ms = left_ms
        assert deadline() is reached


def test_a_store_that_cannot_be_reached_leaves_the_import_for_the_next_try(
    desk: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.put("imports/a/x.csv", table(30))
    fold = desk.house.store.contacts.fold
    calls = 0

    async def sometimes(list_name: str, drafts: Sequence[ContactDraft]) -> Sequence[FoldResult]:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise StoreError("throttled")
        return await fold(list_name, drafts)

    monkeypatch.setattr(desk.house.store.contacts, "fold", sometimes)
    event = object_created("imports/a/x.csv")
    assert desk.told(event) == ["m0"]
    [one] = desk.imports()
    assert (one.state, one.counts.rows) == (ImportState.RUNNING, 10)
    assert desk.told(event) == ALL_WELL
    [done] = desk.imports()
    assert (done.state, done.counts.created) == (ImportState.COMPLETED, 30)


def test_a_batch_answers_which_messages_failed_and_fails_when_all_did(
    desk: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "installed", lambda: desk.house)
    desk.put("imports/a/x.csv", table(5))
    arrival = object_created("imports/a/x.csv")
    assert asyncio.run(ingest(sqs_event(arrival, "poison"), Watch())) == {
        "batchItemFailures": [{"itemIdentifier": "m1"}]
    }
    assert asyncio.run(ingest(sqs_event(arrival), Watch())) == {"batchItemFailures": []}
    with pytest.raises(InvocationFailedError):
        asyncio.run(ingest(sqs_event("poison"), Watch()))
