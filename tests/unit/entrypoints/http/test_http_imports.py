from __future__ import annotations

import asyncio
from pathlib import Path

from disparo.ports.contact_files import UploadPlace
from tests.unit.entrypoints.http.conftest import MONDAY, Client
from tests.unit.entrypoints.http.test_application import problem

TABLE = "Nome;Celular;E-mail\n" + "".join(f"P{n};41 9{88880000 + n};p{n}@x.com\n" for n in range(30))


async def announced(client: Client, **wanted: object) -> dict[str, str]:
    answer = await client.post("/api/v1/imports", {"file": "clientes.csv", "list": "vendas", **wanted})
    assert answer.status == 201
    told: dict[str, str] = answer.json
    assert answer.headers["location"] == f"/api/v1/imports/{told['id']}"
    return told


async def sent(client: Client, body: str, **wanted: object) -> dict[str, object]:
    """An import whose file was sent, as it stands when all is done."""
    told = await announced(client, **wanted)
    place = told["upload"]
    answer = await client.ask(place["method"], place["url"], body.encode(), chunk=100)  # type: ignore[index]
    assert answer.status == 202
    found: dict[str, object] = (await client.get(f"/api/v1/imports/{told['id']}")).json
    return found


def test_a_file_is_announced_sent_and_imported(client: Client) -> None:
    async def story() -> None:
        done = await sent(client, TABLE)
        assert (done["state"], done["progress"], done["rejected_report"], done["error"]) == (
            "completed",
            1.0,
            None,
            None,
        )
        assert done["counts"]["created"] == 30  # type: ignore[index]
        [people] = await client.house.store.contacts.lists()
        assert (people.name, people.contacts) == ("vendas", 30)
        [contact] = await client.house.store.contacts.find("P7", 5)
        assert contact.source == "clientes.csv:9"

    asyncio.run(story())


def test_the_same_file_again_changes_nothing(client: Client) -> None:
    async def story() -> None:
        await sent(client, TABLE)
        again = await sent(client, TABLE)
        assert (again["counts"]["created"], again["counts"]["unchanged"]) == (0, 30)  # type: ignore[index]

    asyncio.run(story())


def test_columns_that_are_not_recognised_are_named(client: Client) -> None:
    async def story() -> None:
        done = await sent(client, "Quem;Recado\nAna;41 98888-7777\n", columns={"phone": "Recado"})
        assert (done["state"], done["columns"]) == ("completed", {"phone": "Recado"})
        assert done["counts"]["created"] == 1  # type: ignore[index]

    asyncio.run(story())


def test_wrong_rows_are_told_and_reported(client: Client) -> None:
    async def story() -> None:
        done = await sent(client, TABLE + "X;12;\n=1+1;41 97777-6666;\n")
        counts = done["counts"]
        assert (counts["rejected"], counts["by_reason"]) == (2, {"phone_too_short": 1, "formula": 1})  # type: ignore[index]
        report = await client.get(str(done["rejected_report"]))
        assert report.headers["content-type"] == "text/csv; charset=utf-8"
        lines = report.body.decode("utf-8-sig").splitlines()
        assert lines[0] == "linha;coluna;motivo;valor;Nome;Celular;E-mail"
        assert [line.split(";")[0] for line in lines[1:]] == ["32", "33"]
        assert "'=1+1" in lines[2]

    asyncio.run(story())


def test_a_file_that_is_no_table_ends_its_import_with_the_reason(client: Client) -> None:
    async def story() -> None:
        done = await sent(client, "%PDF-1.7 ...")
        assert (done["state"], done["counts"]["rows"]) == ("failed", 0)  # type: ignore[index]
        assert done["error"] == "clientes.csv: não é uma tabela, é um PDF; escolha um arquivo CSV ou XLSX"

    asyncio.run(story())


def test_a_file_is_sent_once(client: Client) -> None:
    async def story() -> None:
        told = await sent(client, TABLE)
        problem(await client.put(f"/api/v1/imports/{told['id']}/file", b"outra"), 409, "transition")
        problem(await client.put("/api/v1/imports/nada/file", b"outra"), 404, "not-found")

    asyncio.run(story())


def test_a_file_that_was_cut_off_on_its_way_leaves_nothing(client: Client, tmp_path: Path) -> None:
    class HangupError(Exception):
        pass

    async def story() -> None:
        told = await announced(client)

        async def cut_off() -> object:
            raise HangupError

        scope = {"type": "http", "method": "PUT", "path": f"/api/v1/imports/{told['id']}/file", "headers": []}
        scope |= {"query_string": b"", "http_version": "1.1", "scheme": "http", "server": ("t", 80), "root_path": ""}
        answers: list[object] = []

        async def send(message: object) -> None:
            answers.append(message)

        await client.api(scope, cut_off, send)  # type: ignore[arg-type]
        assert answers
        assert (await client.get(f"/api/v1/imports/{told['id']}")).json["state"] == "announced"
        assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []

    asyncio.run(story())


def test_without_a_list_it_is_that_of_the_settings(client: Client) -> None:
    told = asyncio.run(announced(client, list=None))
    assert told["list"] == client.house.settings.default_list


def test_what_is_wrong_in_an_announcement(client: Client) -> None:
    async def story() -> None:
        for wrong in (
            {"file": "../x.csv"},
            {"file": ""},
            {"file": "a\\b.csv"},
            {"file": "x" * 300},
            {"list": " "},
            {"list": "a/b"},
            {"columns": {"fax": "Fax"}},
            {"columns": ["phone"]},
        ):
            answer = await client.post("/api/v1/imports", {"file": "a.csv", "list": "vendas", **wrong})
            problem(answer, 422, "input")
        assert (await client.get("/api/v1/imports")).json["items"] == []

    asyncio.run(story())


def test_imports_are_listed_page_by_page_newest_first(client: Client) -> None:
    async def story() -> None:
        ids = []
        for minute in range(5):
            client.house.clock.at = MONDAY.replace(minute=minute)
            ids.append((await announced(client))["id"])
        first = (await client.get("/api/v1/imports?limit=3")).json
        rest = (await client.get(f"/api/v1/imports?limit=3&after={first['next']}")).json
        assert [one["id"] for one in first["items"] + rest["items"]] == ids[::-1]
        assert rest["next"] is None

    asyncio.run(story())


def test_a_long_report_comes_in_pieces(client: Client, monkeypatch: object) -> None:
    from disparo.entrypoints.http import imports as module

    async def story() -> None:
        body = "Nome;Celular\n" + "".join(f"P{n};1{n}\n" for n in range(5_000))
        done = await sent(client, body)
        assert done["counts"]["rejected"] == 5_000  # type: ignore[index]
        address, lines = str(done["rejected_report"]), list[str]()
        for _ in range(3):
            answer = await client.get(address)
            lines += answer.body.decode("utf-8-sig").splitlines()
            if "link" not in answer.headers:
                break
            address = answer.headers["link"].partition(">")[0][1:]
        assert lines[0].startswith("linha;")
        assert [int(line.split(";")[0]) for line in lines[1:]] == list(range(2, 5_002))

    monkeypatch.setattr(module, "MOST_REPORT_BYTES", 1)  # type: ignore[attr-defined]
    asyncio.run(story())


class ElsewhereFiles:
    """Files that clients send straight to where they lie, as they do on AWS."""

    async def upload_place(self, import_id: str, key: str, now: object) -> UploadPlace:
        return UploadPlace(f"https://bucket.example/{key}?X-Amz-Signature=1", {"x-amz-acl": "private"}, MONDAY)


def test_where_files_go_elsewhere_our_own_door_is_not_there(client: Client) -> None:
    async def story() -> None:
        client.house.contact_files = ElsewhereFiles()  # type: ignore[assignment]
        told = await announced(client)
        assert told["upload"] == {
            "method": "PUT",
            "url": f"https://bucket.example/imports/id/{told['id']}/clientes.csv?X-Amz-Signature=1",
            "headers": {"x-amz-acl": "private"},
            "expires_at": "2026-11-23T13:00:00Z",
        }
        problem(await client.put(f"/api/v1/imports/{told['id']}/file", b"x"), 404, "not-found")

    asyncio.run(story())
