"""Imports by form, their preview, and what is refused on the way."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from disparo.entrypoints.http.app import create_app
from disparo.entrypoints.import_desk import left_behind
from disparo.settings import Settings
from tests.unit.entrypoints.http.conftest import Client
from tests.unit.entrypoints.http.forms import HEADERS, form, posted
from tests.unit.entrypoints.http.test_application import problem

IMPORTS = "/api/v1/imports"
TABLE = b"Quem;Recado;Segredo\n" + b"".join(b"P%d;41 9%d;x\n" % (n, 88880000 + n) for n in range(30)) + b"X;12;y\n"
MAPPING = json.dumps({"Quem": "name", "Recado": "phone", "Segredo": "ignore"})


def test_a_file_comes_with_its_list_and_mapping_in_one_request(client: Client) -> None:
    async def story() -> None:
        answer = await posted(client, IMPORTS, TABLE, list="vendas", mapping=MAPPING)
        assert (answer.status, answer.json["state"]) == (202, "announced")
        assert answer.headers["location"] == f"{IMPORTS}/{answer.json['id']}"
        done = (await client.get(answer.headers["location"])).json
        assert (done["state"], done["counts"]["created"], done["counts"]["rejected"]) == ("completed", 30, 1)
        assert done["mapping"] == {"Quem": "name", "Recado": "phone", "Segredo": "ignore"}
        [contact] = await client.house.store.contacts.find("P7", 5)
        assert (contact.name, dict(contact.variables)) == ("P7", {"nome": "P7", "quem": "P7", "recado": "41 988880007"})

    asyncio.run(story())


def test_a_form_that_is_sent_again_with_its_key_is_one_import(client: Client) -> None:
    async def story() -> None:
        key = {**HEADERS, "Idempotency-Key": "k1"}
        first = await client.post(IMPORTS, form(TABLE, "a.csv", mapping=MAPPING), headers=key)
        again = await client.post(IMPORTS, form(TABLE, "a.csv", mapping=MAPPING), headers=key)
        assert (again.json["id"], again.headers["idempotency-replay"]) == (first.json["id"], "true")
        assert len((await client.get(IMPORTS)).json["items"]) == 1

    asyncio.run(story())


def test_another_file_of_the_same_length_is_another_request(client: Client) -> None:
    async def story() -> None:
        key = {**HEADERS, "Idempotency-Key": "k1"}
        other = TABLE.replace(b"P0;", b"Q0;")
        assert len(other) == len(TABLE)
        assert (await client.post(IMPORTS, form(TABLE, "a.csv", mapping=MAPPING), headers=key)).status == 202
        problem(await client.post(IMPORTS, form(other, "a.csv", mapping=MAPPING), headers=key), 422, "other-request")
        assert len((await client.get(IMPORTS)).json["items"]) == 1

    asyncio.run(story())


def test_the_same_file_with_another_boundary_is_the_same_request(client: Client) -> None:
    async def story() -> None:
        big = TABLE + b"".join(b"R%d;41 9%d;x\n" % (n, 77770000 + n) for n in range(20_000))
        kind, boundary = HEADERS["content-type"].split("boundary=")
        first = await client.post(
            IMPORTS, form(big, "a.csv", mapping=MAPPING), headers={**HEADERS, "Idempotency-Key": "k1"}
        )
        body = form(big, "a.csv", mapping=MAPPING).replace(boundary.encode(), b"quite-another-one")
        headers = {**HEADERS, "content-type": f"{kind}boundary=quite-another-one", "Idempotency-Key": "k1"}
        again = await client.post(IMPORTS, body, headers=headers)
        assert (again.json["id"], again.headers["idempotency-replay"]) == (first.json["id"], "true")
        done = (await client.get(f"{IMPORTS}/{first.json['id']}")).json
        assert done["counts"]["created"] == 20_030, "what was read for its digest is read once more as a whole"

    asyncio.run(story())


def test_a_preview_tells_what_would_become_of_a_file_and_keeps_nothing(client: Client, tmp_path: Path) -> None:
    async def story() -> None:
        answer = await posted(client, f"{IMPORTS}/preview", TABLE)
        told = answer.json
        assert (answer.status, told["encoding"], told["delimiter"], told["judged"]) == (200, "utf-8", ";", 31)
        assert (told["good"], told["rejected"], told["by_reason"]) == (30, 1, {"phone_too_short": 1})
        assert [(one["title"], one["choice"]) for one in told["columns"]] == [
            ("Quem", "variable"),
            ("Recado", "phone"),
            ("Segredo", "variable"),
        ]
        assert told["rows"][0]["phone"] == "+5541988880000"
        assert (await client.get(IMPORTS)).json["items"] == []
        assert not [one for one in (tmp_path / "files").rglob("*") if one.is_file()]
        tried = await posted(client, f"{IMPORTS}/preview", TABLE, mapping=MAPPING)
        assert tried.json["rows"][0]["name"] == "P0"

    asyncio.run(story())


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"mapping": "não"}, "mapping: não é JSON"),
        ({"mapping": '{"Quem": 1}'}, "mapping: escreva um objeto de textos"),
        ({"mapping": '{"Quem": "pessoa"}'}, "não é um campo"),
        ({"mapping": '{"Quem": "name"}'}, "nenhuma coluna"),
        ({"list": "a/b"}, "list: escreva um nome sem barras"),
        ({"list": "x" * 300}, "list: escreva até"),
    ],
)
def test_wrong_fields_are_refused_before_anything_is_kept(fields: dict[str, str], words: str, client: Client) -> None:
    async def story() -> None:
        answer = await posted(client, IMPORTS, TABLE, **fields)
        problem(answer, 422, "input")
        assert words in answer.json["detail"]
        assert (await client.get(IMPORTS)).json["items"] == []

    asyncio.run(story())


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\pasta\\contatos.csv", "contatos.csv"])
def test_a_file_keeps_only_its_own_name(name: str, client: Client) -> None:
    async def story() -> None:
        answer = await posted(client, IMPORTS, TABLE, name.replace("\\", "\\\\"), mapping=MAPPING)
        assert answer.json["file"] in ("passwd", "contatos.csv")

    asyncio.run(story())


@pytest.mark.parametrize("name", ["..", "x" * 300, "a\x01b.csv"])
def test_a_name_that_is_of_no_use_is_refused(name: str, client: Client) -> None:
    async def story() -> None:
        problem(await posted(client, IMPORTS, TABLE, name), 422, "input")

    asyncio.run(story())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the parser's half-read file
def test_a_form_without_a_file_and_one_that_is_cut_off_are_refused(client: Client) -> None:
    async def story() -> None:
        problem(await posted(client, IMPORTS, None, list="x"), 422, "input")
        cut = await client.post(IMPORTS, form(TABLE, "a.csv")[:200], headers=HEADERS)
        assert cut.status in (400, 422)

    asyncio.run(story())


def test_what_is_larger_than_files_may_be_is_refused_while_it_comes(client: Client, tmp_path: Path) -> None:
    async def story() -> None:
        body = form(b"a" * 1_200_000, "grande.csv")
        answer = await client.post(IMPORTS, body, headers={**HEADERS, "content-length": str(len(body))})
        problem(answer, 413, "too-large")
        problem(await client.post(IMPORTS, body, headers=HEADERS), 413, "too-large")
        assert not [one for one in (tmp_path / "files").rglob("*") if one.is_file()]

    client.house.settings = Settings(upload_limit_mb=1)
    client.api = create_app(client.house)
    asyncio.run(story())


def _bomb() -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (80 * 1024 * 1024))
    return raw.getvalue()


def test_a_bomb_ends_its_import_with_words(client: Client) -> None:
    async def story() -> None:
        answer = await posted(client, IMPORTS, _bomb(), "bomba.xlsx")
        done = (await client.get(answer.headers["location"])).json
        assert (done["state"], done["counts"]["rows"]) == ("failed", 0)
        assert "recusado, pois descompactado passaria" in done["error"]
        preview = await posted(client, f"{IMPORTS}/preview", _bomb(), "bomba.xlsx")
        problem(preview, 422, "input")

    asyncio.run(story())


def test_formulas_leave_the_report_as_texts(client: Client) -> None:
    async def story() -> None:
        table = b"Nome;Celular\n=cmd|'/c calc'!A0;12\n"
        answer = await posted(client, IMPORTS, table)
        report = (await client.get(f"{answer.headers['location']}/rejected")).body.decode("utf-8-sig")
        assert "'=cmd|" in report
        assert ";=cmd" not in report

    asyncio.run(story())


def test_an_import_is_followed_by_events_until_it_has_ended(client: Client) -> None:
    async def story() -> None:
        answer = await posted(client, IMPORTS, TABLE, mapping=MAPPING)
        events = await client.get(f"{answer.headers['location']}/events")
        assert events.headers["content-type"].startswith("text/event-stream")
        retry, event, *_ = events.body.decode().split("\n\n")
        assert retry == "retry: 2000"
        assert event.startswith("event: progress\ndata: ")
        assert json.loads(event.partition("data: ")[2])["state"] == "completed"
        problem(await client.get(f"{IMPORTS}/nada/events"), 404, "not-found")

    asyncio.run(story())


def test_an_import_that_was_left_behind_is_gone_on_with(client: Client) -> None:
    async def story() -> None:
        told = (await client.post(IMPORTS, {"file": "a.csv"})).json
        record = await client.house.imports.get(told["id"])

        async def chunks() -> AsyncIterator[bytes]:
            yield TABLE

        assert await left_behind(client.house) == []
        await client.house.contact_files.take(record.key, chunks())  # type: ignore[attr-defined]
        assert await left_behind(client.house) == [], "whoever took it may be about to work on it"
        client.house.clock.at += timedelta(minutes=1)
        assert await left_behind(client.house) == [record.id]

    asyncio.run(story())
