"""Notices of meetings among messages: their ids say nothing to people, so what they are stands beside."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.bootstrap import DATABASE
from disparo.domain.agenda.notice import NoticeKind, NoticeStep, template_step
from disparo.domain.campaign import CampaignEvent
from disparo.domain.campaign_document import parse_campaign
from disparo.domain.contact import Channel
from disparo.domain.message import MessageId, MessageState
from disparo.domain.place import Place
from disparo.ports.ledger import NewMessage

NOW = datetime(2036, 11, 23, 13, 0, tzinfo=UTC)
STEP = NoticeStep("123456789012", 3, NoticeKind.REMINDER_1).number()
OWN_STEP = str(template_step(NoticeKind.REMINDER_1))


async def remind(database: Database) -> MessageId:
    """The first contact gets a reminder of a meeting."""
    store = open_store(database)
    steps = [{"channel": "whatsapp", "text": "Lembrete", "name": f"aviso {kind}"} for kind in NoticeKind]
    document = {"name": "agenda-whatsapp", "list": "-", "kind": "agenda", "steps": steps}
    draft = await store.campaigns.add(parse_campaign(document, created_at=NOW))
    campaign = await store.campaigns.apply(draft.id, CampaignEvent.START, NOW)
    row = NewMessage("1", STEP, Channel.WHATSAPP, Place("America/Sao_Paulo"), MessageState.DUE, 0, NOW)
    assert await store.ledger.enter(campaign, [row], NOW) == [True]
    return MessageId(campaign.id, STEP, "1")


@pytest.fixture
def notice(sent, tmp_path: Path) -> str:
    """Beside a campaign that was sent, a reminder that is due in ten years; its id."""
    [kept] = tmp_path.rglob(DATABASE)
    database = Database(kept)
    try:
        return str(asyncio.run(remind(database)))
    finally:
        database.close()


def test_a_listing_names_what_each_notice_is(sent, notice: str) -> None:
    lines = sent("messages").out.splitlines()
    assert lines[0].split("\t")[-1] == "template"
    [own] = [line.split("\t") for line in lines if "aviso" in line]
    assert (own[0], own[1], own[-1]) == (notice, "agenda-whatsapp", "aviso reminder_1")
    assert "template" not in sent("messages", "--campaign", "teste").out.splitlines()[0].split("\t")
    [item] = sent("messages", "--campaign", "agenda-whatsapp", "--json").json["items"]
    assert (str(item["step"]), item["template"]) == (OWN_STEP, "aviso reminder_1")


def test_notices_are_chosen_by_what_they_are_or_exactly(sent, notice: str) -> None:
    for step in (OWN_STEP, str(STEP)):
        assert [row[0] for row in sent("messages", "--step", step).rows] == [notice]
    assert [row[0] for row in sent("messages", "--campaign", "agenda-whatsapp", "--step", "1").rows] == []


def test_one_notice_is_shown_and_explained(sent, notice: str) -> None:
    assert "aviso reminder_1" in sent("messages", notice).out
    shown = sent("why", notice, "--json").json
    assert (shown["verdict"], shown["facts"][0]["detail"]) == ("not_due_yet", "aviso reminder_1")
    assert sent("why", notice.replace("123456789012", "123456789013")).code != 0


def test_a_contact_and_a_report_know_them(sent, notice: str) -> None:
    assert "aviso reminder_1" in sent("contacts", "show", "1").out
    steps = sent("campaign", "show", "agenda-whatsapp", "--json").json["steps"]
    assert [step["template"] for step in steps if step["states"].get("due")] == ["aviso reminder_1"]
