"""The same page open twice, or pressed twice: what somebody wrote is neither lost nor silently taken away."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from pathlib import Path

import pytest

from disparo.domain.campaign import CampaignState
from disparo.domain.contact_import import Import, ImportState
from tests.standing_app import standing_app
from tests.unit.entrypoints.console.test_campaign_pages import MESSAGE, PATH, onward, seen, sent, sketched
from tests.unit.entrypoints.http.conftest import MONDAY, Client, House

LOST = "outra aba, ou por outra pessoa"


@pytest.fixture
def client(tmp_path: Path) -> Client:
    house = House(tmp_path / "files")
    return Client(standing_app(house), house)


async def opened(client: Client, path: str, **also: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    found = dict(re.findall(r'name="(of|tab|count|channel|revision)" value="([^"]*)"', await seen(client, path)))
    return {**found, **also}


def test_a_message_that_another_tab_changed_is_not_taken_away_in_silence(client: Client) -> None:
    async def story() -> None:
        path = f"{await sketched(client)}/messages/1"
        one, other = await opened(client, path), await opened(client, path)
        assert await onward(client, path, {**MESSAGE, **one, "text": "Da primeira"})
        late = await sent(client, path, {**MESSAGE, **other, "text": "Da segunda"})
        assert late.status == 409
        assert LOST in unescape(late.body.decode())
        assert "Da segunda" in unescape(late.body.decode()), "what was written is still there"
        assert "Da primeira" in await seen(client, path), "and so is what the first one kept"
        again = dict(re.findall(r'name="(of|tab)" value="([^"]*)"', unescape(late.body.decode())))
        assert await onward(client, path, {**MESSAGE, **again, "text": "Da segunda"})
        assert "Da segunda" in await seen(client, path)

    asyncio.run(story())


def test_what_the_page_itself_keeps_while_one_writes_is_no_change_by_others(client: Client) -> None:
    async def story() -> None:
        path = f"{await sketched(client)}/messages/1"
        one, other = await opened(client, path), await opened(client, path)
        for text in ("O", "Oi", "Oi!"):
            assert (await sent(client, f"{path}/look", {**MESSAGE, **one, "text": text})).status == 200
        looked = await sent(client, f"{path}/look", {**MESSAGE, **other, "text": "Da outra aba"})
        assert "Da outra aba" in unescape(looked.body.decode()), "it sees its own text"
        assert "Da outra aba" not in await seen(client, path), "and keeps nothing over the other's"
        assert await onward(client, path, {**MESSAGE, **one, "text": "Oi você"})

    asyncio.run(story())


def test_what_is_saved_while_the_page_keeps_an_older_text_is_what_stays(client: Client) -> None:
    async def story() -> None:
        path = f"{await sketched(client)}/messages/1"
        form = await opened(client, path)
        await asyncio.gather(
            sent(client, f"{path}/look", {**MESSAGE, **form, "text": "Oi voc"}),
            onward(client, path, {**MESSAGE, **form, "text": "Oi você, inteiro"}),
            sent(client, f"{path}/look", {**MESSAGE, **form, "text": "Oi vo"}),
        )
        assert "Oi você, inteiro" in await seen(client, path)
        await sent(client, f"{path}/look", {**MESSAGE, **form, "text": "Oi v"})
        assert "Oi você, inteiro" in await seen(client, path), "nor does one that comes late"

    asyncio.run(story())


def test_a_message_is_taken_out_once_and_only_the_one_that_was_meant(client: Client) -> None:
    async def story() -> None:
        path = f"{await sketched(client)}/messages"
        for count in "12":
            await onward(client, path, {"do": "add", "channel": "sms", "count": count})
            await onward(client, f"{path}/{int(count) + 1}", {**MESSAGE, "text": f"Número {count}"})
        marks = re.findall(r'name="of" value="([^"]*)"', await seen(client, path))
        gone = {"do": "remove:2", "of": marks[1], "count": "3"}
        await onward(client, path, gone)
        await onward(client, path, gone)
        text = await seen(client, path)
        assert "Número 1" not in text
        assert "Número 2" in text
        assert await onward(client, path, {"do": "add", "channel": "sms", "count": "1"}) == path, "pressed twice"
        assert len(re.findall("sequence-card", await seen(client, path))) == 2

    asyncio.run(story())


def test_a_text_whose_message_was_taken_out_becomes_the_last_one(client: Client) -> None:
    async def story() -> None:
        path = f"{await sketched(client)}/messages"
        form = await opened(client, f"{path}/1")
        await onward(client, path, {"do": "remove:1"})
        await onward(client, f"{path}/1", {**MESSAGE, **form, "text": "Quase perdido"})
        assert "Quase perdido" in await seen(client, path)

    asyncio.run(story())


def test_starting_twice_starts_once_and_leads_to_the_campaign(client: Client) -> None:
    async def story() -> None:
        path = await sketched(client)
        text = await seen(client, f"{path}/start")
        assert re.search(r'name="name" value="verao"', text)
        pressed = (onward(client, f"{path}/start", {"do": "start", "name": "verao"}) for _ in range(3))
        first, *others = await asyncio.gather(*pressed)
        assert set(others) == {first}
        assert await onward(client, f"{path}/start", {"do": "start", "name": "verao"}) == first
        assert (await sent(client, f"{path}/start", {"do": "start", "name": "outra"})).status == 404
        assert [one.name for one in await client.house.store.campaigns.all() if not one.standing] == ["verao"]

    asyncio.run(story())


@pytest.mark.parametrize("act", ["pause", "resume", "cancel"])
def test_what_was_done_already_leads_to_the_campaign_and_says_how_it_is(client: Client, act: str) -> None:
    async def story() -> None:
        path = await sketched(client)
        shown = await onward(client, f"{path}/start", {"do": "start", "name": "verao"})
        if act == "resume":
            await onward(client, f"{shown}/pause")
        await onward(client, f"{shown}/{act}")
        answer = await sent(client, f"{shown}/{act}")
        assert (answer.status, answer.headers["location"].startswith(f"{PATH}/")) == (303, True)
        assert "disparo " not in unescape(answer.headers["set-cookie"])

    asyncio.run(story())


def test_only_a_draft_is_opened_to_be_edited(client: Client) -> None:
    async def story() -> None:
        path = await sketched(client)
        shown = await onward(client, f"{path}/start", {"do": "start", "name": "verao"})
        assert await onward(client, f"{shown}/edit") == shown
        [campaign] = [one for one in await client.house.store.campaigns.all() if not one.standing]
        assert campaign.state is CampaignState.RUNNING

    asyncio.run(story())


def test_limits_that_another_tab_changed_are_not_taken_away_in_silence(client: Client) -> None:
    async def story() -> None:
        path = await sketched(client)
        shown = await onward(client, f"{path}/start", {"do": "start", "name": "verao"})
        fields = {"zone": "America/Sao_Paulo", "days": ["1", "2", "3"], "start": "09:00", "end": "17:00"}
        form = await opened(client, f"{shown}/limits", deadline="10")
        assert await onward(client, f"{shown}/limits", {**fields, **form, "sms_hourly": "30"})
        late = await sent(client, f"{shown}/limits", {**fields, **form, "sms_hourly": "50", "sms_daily": "500"})
        assert late.status == 409
        assert LOST in unescape(late.body.decode())
        assert 'value="500"' in unescape(late.body.decode())
        again = dict(re.findall(r'name="(of)" value="([^"]*)"', unescape(late.body.decode())))
        assert await onward(client, f"{shown}/limits", {**fields, **form, **again, "sms_daily": "500"})

    asyncio.run(story())


def test_a_draft_that_somebody_else_changed_is_not_taken_away_in_silence(client: Client) -> None:
    async def story() -> None:
        path = await sketched(client)
        shown = await onward(client, f"{path}/start", {"do": "keep", "name": "verao"})
        one, other = [(await onward(client, f"{shown}/edit")).removesuffix("/audience") for _ in "12"]
        await onward(client, f"{one}/messages/1", {**MESSAGE, "text": "Da primeira"})
        assert await onward(client, f"{one}/start", {"do": "keep"}) == shown
        late = await sent(client, f"{other}/start", {"do": "keep"})
        assert late.status == 422
        assert LOST in unescape(late.body.decode())
        assert await onward(client, f"{other}/start", {"do": "keep"}) == shown, "once it is known"

    asyncio.run(story())


def test_hours_that_are_wrong_are_told_at_their_fields(client: Client) -> None:
    async def story() -> None:
        path = await sketched(client)
        wrong = {"zone": "America/Sao_Paulo", "start": "25:00", "end": "17:00", "deadline": "10"}
        answer = await sent(client, f"{path}/sending", wrong)
        assert answer.status == 422
        assert '<p class="error" id="f-days-error">' in unescape(answer.body.decode())
        answer = await sent(client, f"{path}/sending", {**wrong, "days": ["1"]})
        assert 'id="f-start-error"' in unescape(answer.body.decode())
        assert "hours." not in unescape(answer.body.decode())

    asyncio.run(story())


def test_a_template_that_was_taken_out_while_it_was_written_on_can_be_kept_all_the_same(client: Client) -> None:
    async def story() -> None:
        path, form = "/console/templates", {"channel": "sms", "language": "pt-BR", "values": ""}
        one = await onward(client, f"{path}/new", {**form, "name": "ola", "text": "Oi"})
        await onward(client, one, {**form, "revision": "1", "text": "Oi!"})
        late = await sent(client, one, {**form, "revision": "1", "text": "Oi, você"})
        assert LOST in unescape(late.body.decode())
        assert 'name="revision" value="2"' in late.body.decode()
        await onward(client, f"{one}/remove")
        gone = await sent(client, one, {**form, "revision": "2", "text": "Oi, você"})
        assert gone.status == 409
        text = unescape(gone.body.decode())
        assert "Oi, você" in text
        assert f'action="{path}/new"' in text
        assert 'value="ola"' in text

    asyncio.run(story())


def test_a_contact_that_another_tab_changed_is_not_taken_away_in_silence(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        [one] = await client.house.store.contacts.find("Pessoa 0", 1)
        path = f"/console/contacts/{one.id}/edit"
        form = await opened(client, path, email="a@example.com", priority="5")
        await onward(client, path, {**form, "name": "Rui"})
        late = await sent(client, path, {**form, "name": "Rui Prado", "email": "b@example.com"})
        assert late.status == 409
        assert "b@example.com" in late.body.decode()
        assert (await client.house.store.contacts.get(one.id)).email == "a@example.com"
        again = re.findall(r'name="of" value="([^"]*)"', late.body.decode())
        await onward(client, path, {**form, "of": again[0], "name": "Rui Prado", "email": "b@example.com"})

    asyncio.run(story())


def test_a_list_that_is_still_being_imported_is_told_before_the_start(client: Client) -> None:
    async def story() -> None:
        path = await sketched(client)
        said = "Uma importação ainda traz contatos para esta lista"
        assert said not in await seen(client, f"{path}/start")
        running = Import("1", "k", "a.csv", "lista", MONDAY, MONDAY, state=ImportState.RUNNING)
        await client.house.imports.create(running)
        assert said in await seen(client, f"{path}/start")

    asyncio.run(story())
