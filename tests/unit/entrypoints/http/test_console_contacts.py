"""The pages of the contacts, as a browser without a script uses them."""

from __future__ import annotations

import asyncio
import re

import pytest

from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.inbox_entry import Heard
from disparo.usecases import people
from tests.unit.entrypoints.http.conftest import MONDAY, Answer, Client, campaign
from tests.unit.entrypoints.http.forms import posted

PAGES = "/console/contacts"
FORM = {"content-type": "application/x-www-form-urlencoded"}
TABLE = "Quem;Recado;Segredo\n" + "".join(f"P{n};41 9{88880000 + n};x\n" for n in range(30)) + "X;12;y\n"
EVIL = "<script>alert(1)</script>"


async def page(client: Client, path: str, status: int = 200) -> str:
    answer = await client.get(path, headers={"accept": "text/html"})
    assert answer.status == status, answer.body[:500]
    return answer.body.decode()


async def sent(client: Client, path: str, body: str) -> Answer:
    return await client.post(path, body.encode(), headers={**FORM, "accept": "text/html"})


def test_nobody_yet_is_shown_the_way_to_a_first_file(client: Client) -> None:
    async def story() -> None:
        text = await page(client, PAGES)
        assert "Nenhuma lista ainda" in text
        assert f'href="{PAGES}/import"' in text

    asyncio.run(story())


def test_lists_a_list_and_a_search_are_pages(client: Client) -> None:
    async def story() -> None:
        await client.house.people(60)
        assert "60" in await page(client, PAGES)
        first = await page(client, f"{PAGES}?list=lista")
        assert "Pessoa 49" in first
        assert "Pessoa 50" not in first
        onward = re.search(r'rel="next" href="([^"]+)"', first)
        assert onward is not None
        assert "Pessoa 50" in await page(client, onward[1].replace("&amp;", "&"))
        assert "Pessoa 7" in await page(client, f"{PAGES}?q=p7@example.com")
        assert "Ninguém com" in await page(client, f"{PAGES}?q=zzz")

    asyncio.run(story())


def test_an_answer_to_somebody_who_was_suppressed_meanwhile_is_given_back(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        told = Heard("whatsapp:1", Channel.WHATSAPP, "whatsapp", "+5541988880000", "1", None, "Oi!", "other", MONDAY)
        await client.house.store.inbox.keep(told, MONDAY)
        assert 'action="/console/inbox/1/reply"' in await page(client, "/console/inbox/1")
        await sent(client, f"{PAGES}/1/suppress", "channel=")
        late = await sent(client, "/console/inbox/1/reply", "channel=whatsapp&key=1&text=Um+texto+comprido+que+digitei")
        assert late.status == 422
        assert "Um texto comprido que digitei" in late.body.decode()

    asyncio.run(story())


def test_a_person_is_shown_with_what_was_sent_and_said(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        await client.post("/api/v1/campaigns", campaign())
        await client.post("/api/v1/campaigns/camp/start")
        await client.house.launch()
        told = Heard("whatsapp:1", Channel.WHATSAPP, "whatsapp", "+5541988880000", "1", None, "Oi!", "other", MONDAY)
        await client.house.store.inbox.keep(told, MONDAY)
        text = await page(client, f"{PAGES}/1")
        for said in ("Pessoa 0", "+5541988880000", "camp", "Oi!", "Espera resposta", "/console/inbox/1"):
            assert said in text, said
        await page(client, f"{PAGES}/99", 404)

    asyncio.run(story())


def test_names_with_html_and_script_in_them_are_text_everywhere(client: Client) -> None:
    async def story() -> None:
        draft = ContactDraft(
            f"{EVIL}.csv:2",
            None,
            name=EVIL,
            email="a@x.com",
            email_key="a@x.com",
            variables={"nota": f'"{EVIL}" onclick="x"'},
        )
        await client.house.store.contacts.fold(EVIL, [draft])
        paths = ("", f"?list={EVIL}", f"?q={EVIL}", "/1", "/1/edit", "/1/erase", "/new", "/import")
        for path in paths:
            text = await page(client, PAGES + path)
            assert EVIL not in text, path
        assert "&lt;script&gt;" in await page(client, f"{PAGES}/1")

    asyncio.run(story())


def test_a_person_is_entered_and_changed_by_forms(client: Client) -> None:
    async def story() -> None:
        wrong = await sent(client, f"{PAGES}/new", "list=leads&name=Ana&phone=12&priority=5")
        assert wrong.status == 422
        assert "O telefone tem dígitos de menos." in wrong.body.decode()
        made = await sent(client, f"{PAGES}/new", "list=leads&name=Ana&phone=41+98888-7777&n0=cor&v0=azul")
        assert (made.status, made.headers["location"]) == (303, f"{PAGES}/1")
        assert "azul" in await page(client, f"{PAGES}/1/edit")
        form = "name=Ana+Souza&phone=41+98888-7777&email=ana%40x.com&priority=2&n0=cor&v0=&n1=tipo&v1=B"
        assert (await sent(client, f"{PAGES}/1/edit", form)).status == 303
        contact = await client.house.store.contacts.get("1")
        assert (contact.name, contact.email, contact.priority) == ("Ana Souza", "ana@x.com", 2)
        assert dict(contact.variables) == {"tipo": "B"}

    asyncio.run(story())


def test_a_person_is_blocked_and_let_in_again(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        assert (await sent(client, f"{PAGES}/1/suppress", "channel=")).status == 303
        assert len(await client.house.store.suppressions.matching(["+5541988880000", "p0@example.com"])) == 2
        assert "Não recebe mensagens" in await page(client, f"{PAGES}/1")
        assert (await sent(client, f"{PAGES}/1/unsuppress", "")).status == 303
        assert not await client.house.store.suppressions.matching(["+5541988880000", "p0@example.com"])

    asyncio.run(story())


def test_an_erasure_asks_for_a_word_and_shows_its_receipt(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        await client.house.people(1, "outra")
        assert "apagar" in await page(client, f"{PAGES}/1/erase")
        refused = await sent(client, f"{PAGES}/1/erase", "typed=sim&everywhere=1")
        assert refused.status == 422
        assert (await client.house.store.contacts.get("1")).name == "Pessoa 0"
        done = await sent(client, f"{PAGES}/1/erase", "typed=APAGAR&everywhere=1")
        assert (done.status, "Recibo da eliminação" in done.body.decode()) == (200, True)
        assert [(await client.house.store.contacts.get(one)).name for one in "12"] == ["", ""]
        assert "Apagado" in await page(client, f"{PAGES}/1")

    asyncio.run(story())


def test_everything_of_a_person_is_downloaded(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        answer = await client.get(f"{PAGES}/1/export")
        assert answer.headers["content-disposition"] == 'attachment; filename="contato-1.json"'
        assert answer.json["contact"]["name"] == "Pessoa 0"

    asyncio.run(story())


async def begun(client: Client, table: str = TABLE) -> str:
    """The path of a draft's page."""
    answer = await posted(client, f"{PAGES}/import", table.encode(), "novos.csv", list="feira")
    assert answer.status == 303, answer.body[:300]
    return answer.headers["location"]


def test_the_wizard_leads_from_a_file_to_its_contacts(client: Client) -> None:
    async def story() -> None:
        path = await begun(client)
        columns = await page(client, path)
        assert 'name="c.recado"' in columns
        assert re.search(r'<option value="phone" selected>', columns)
        chosen = "list=feira&c.quem=name&c.recado=phone&c.segredo=ignore"
        check = await page(client, f"{path}/check?{chosen}")
        assert "Importar 30 contatos" in check
        assert "O telefone tem dígitos de menos." in check
        assert not await client.house.store.contacts.lists(), "nothing is kept before the last step"
        done = await sent(client, f"{path}/start", chosen)
        assert (done.status, done.headers["location"]) == (303, path)
        text = await page(client, path)
        assert "Pronta" in text
        assert f'href="{path}/rejected"' in text
        [people_] = await client.house.store.contacts.lists()
        assert (people_.name, people_.contacts) == ("feira", 30)
        [one] = await client.house.store.contacts.find("P7", 3)
        assert dict(one.variables) == {"nome": "P7", "quem": "P7", "recado": "41 988880007"}
        report = (await client.get(f"{path}/rejected")).body.decode("utf-8-sig").splitlines()
        assert report[1].startswith("32;Recado;")
        for late in ("start", "discard"):
            again = await sent(client, f"{path}/{late}", chosen)
            assert (again.status, again.headers["location"]) == (303, path), "pressed twice, it leads to how it went"
        assert len(await client.house.imports.page(None, 5)) == 1

    asyncio.run(story())


def test_a_list_that_cannot_be_called_so_is_told_before_the_last_step(client: Client) -> None:
    async def story() -> None:
        path = await begun(client)
        text = await page(client, f"{path}/check?list=S%C3%A3o/Jo%C3%A3o&c.quem=name&c.recado=phone", 422)
        assert "escreva um nome sem barras" in text
        assert re.search(r'name="c.quem">.*?<option value="name" selected>', text, re.DOTALL), "nothing is forgotten"

    asyncio.run(story())


@pytest.mark.parametrize("title", ["41 98888-0000", "bia@example.com"])
def test_a_first_row_that_is_a_person_is_not_taken_for_titles_in_silence(client: Client, title: str) -> None:
    async def story() -> None:
        path = await begun(client, f"Bia Lima;{title}\nRui Prado;41 98888-0001\n")
        for address in (path, f"{path}/check?c.bia_lima=name&list=x"):
            answer = await client.get(address, headers={"accept": "text/html"})
            assert "A primeira linha parece um contato" in answer.body.decode()
        plain = await begun(client)
        assert "A primeira linha parece um contato" not in await page(client, plain)

    asyncio.run(story())


def test_a_mapping_without_addresses_comes_back_with_what_is_missing(client: Client) -> None:
    async def story() -> None:
        path = await begun(client)
        text = await page(client, f"{path}/check?c.quem=name&c.recado=variable&c.segredo=ignore", 422)
        assert "nenhuma coluna foi apontada como telefone ou e-mail" in text

    asyncio.run(story())


def test_a_file_that_is_no_table_is_told_at_once_and_not_kept(client: Client) -> None:
    async def story() -> None:
        answer = await posted(client, f"{PAGES}/import", b"%PDF-1.7", "x.csv", list="feira")
        assert answer.status == 422
        assert "é um PDF" in answer.body.decode()
        [record] = await client.house.imports.page(None, 5)
        assert not await client.house.contact_files.arrived(record.key)

    asyncio.run(story())


def test_a_draft_is_thrown_away(client: Client) -> None:
    async def story() -> None:
        path = await begun(client)
        assert (await sent(client, f"{path}/discard", "")).status == 303
        assert "descartada antes de começar" in await page(client, path)

    asyncio.run(story())


def test_progress_is_a_fragment_and_a_stream_that_ends(client: Client) -> None:
    async def story() -> None:
        path = await begun(client)
        await sent(client, f"{path}/start", "list=feira&c.recado=phone")
        fragment = await page(client, f"{path}/progress")
        assert "data-live-done" in fragment
        assert "<html" not in fragment
        events = (await client.get(f"{path}/events")).body.decode()
        assert "event: done" in events

    asyncio.run(story())


def test_blocks_are_listed_added_looked_up_and_lifted(client: Client) -> None:
    async def story() -> None:
        path = f"{PAGES}/suppressions"
        assert "Nenhum endereço bloqueado" in await page(client, path)
        wrong = await sent(client, path, "address=nada&channel=")
        assert (wrong.status, "não é um telefone" in wrong.body.decode()) == (422, True)
        assert (await sent(client, path, "address=41+98888-7777&channel=sms")).status == 303
        assert "+5541988887777" in await page(client, path)
        assert "+5541988887777" in await page(client, f"{path}?q=41 98888-7777")
        assert "Não está bloqueado" in await page(client, f"{path}?q=b@x.com")
        assert "não é um telefone" in await page(client, f"{path}?q=nada")
        assert (await sent(client, f"{path}/remove", "address=%2B5541988887777")).status == 303
        assert "Nenhum endereço bloqueado" in await page(client, path)
        listed = await posted(client, f"{path}/import", b"a@x.com\nb@x.com\n12\n", "b.txt")
        assert "2 endereços bloqueados." in listed.body.decode()

    asyncio.run(story())


@pytest.mark.parametrize("path", ["", "/import", "/new", "/suppressions", "/suppressions/import", "/1", "/1/erase"])
def test_every_page_is_said_in_english_too(path: str, client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        answer = await client.get(PAGES + path, headers={"accept": "text/html", "cookie": "disparo_language=en"})
        assert answer.status == 200

    asyncio.run(story())


def test_people_who_are_blocked_are_marked_in_lists(client: Client) -> None:
    async def story() -> None:
        await client.house.people(2)
        await people.suppress(client.house.store, "p0@example.com", Channel.EMAIL, source="x", now=MONDAY)
        text = await page(client, f"{PAGES}?list=lista")
        assert (text.count("Pode receber"), "E-mail</span>" in text) == (1, True)

    asyncio.run(story())
