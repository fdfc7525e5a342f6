"""What is old is forgotten in small steps, and what is under way never, on every family."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from disparo.domain.agenda.host import DayLimits
from disparo.domain.agenda.meeting import MeetingState
from disparo.domain.agenda.notice import BY_HAND, KINDS_WIDTH
from disparo.domain.agenda.slot import HostBounds, Slot
from disparo.domain.audit import AuditEntry, AuditFilter
from disparo.domain.campaign import Campaign, CampaignEvent, CampaignKind, Step
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.contact_import import ImportState
from disparo.domain.inbox_entry import Heard
from disparo.domain.message import MessageEvent, MessageId, MessageState
from disparo.domain.place import Place
from disparo.domain.settlement import Settlement
from disparo.domain.template import Template
from disparo.domain.waiting import Wait, WaitUnit
from disparo.ports.ledger import NewMessage
from disparo.ports.standing import ALWAYS, NOBODY, standing
from disparo.usecases import imports as usecase
from disparo.usecases.imports import ImportOrder
from disparo.usecases.retention import RetentionSweep, RetentionTerms
from tests.contract.erasure_scene import EMAIL, NOW, PHONE, Kept, marks_of, meeting_of, opened, plant
from tests.contract.suppressions_suite import start

FAMILIES = ("embedded", "dynamo-memory")
DAY = timedelta(days=1)
LATER = NOW + 31 * DAY
MONTH = RetentionTerms(30 * DAY, 30 * DAY, 30 * DAY, 30 * DAY)


def play(family: str, folder: Path, story: Callable[[Kept], Awaitable[None]]) -> None:
    async def whole() -> None:
        with opened(family, folder) as kept:
            await story(kept)

    asyncio.run(whole())


async def sweep(kept: Kept, now: datetime, terms: RetentionTerms = MONTH) -> int:
    """A new process does a whole day's work; in how many steps."""
    sweeping = RetentionSweep(kept.archive, kept.idempotency, terms)
    for steps in range(1, 1_000):
        wish = await sweeping.run(now)
        assert wish is not None
        if wish > now:
            return steps
    raise AssertionError("it never ends")


async def people(kept: Kept, count: int, list_name: str = "clientes") -> list[str]:
    addresses = [f"p{number}@x.com" for number in range(count)]
    drafts = [ContactDraft(f"a.csv:{one}", None, "P", email=one, email_key=one) for one in addresses]
    return [one.contact_id for one in await kept.store.contacts.fold(list_name, drafts)]


async def left(kept: Kept, list_name: str = "clientes") -> list[str]:
    return [one.id for one in await kept.store.contacts.page(list_name, None, 500)]


@pytest.mark.parametrize("family", FAMILIES)
def test_contacts_who_were_there_before_are_erased_and_newer_ones_stay(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept) -> None:
        await people(kept, 120)
        await sweep(kept, NOW)
        [new] = await people(kept, 1, "novos")
        assert len(await left(kept)) == 120, "nothing is old yet"
        assert await sweep(kept, LATER) > 2, "in several steps"
        assert await left(kept) == []
        assert await left(kept, "novos") == [new]
        entries = await kept.store.audit.page(AuditFilter(action="retention.forget"), None, 50)
        assert sum(int(one.detail["count"]) for one in entries if one.object == "contacts") == 120
        assert {one.actor for one in entries} == {"system:retention"}
        await sweep(kept, LATER)
        assert await left(kept, "novos") == [new]

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_one_step_looks_at_so_many_only_however_many_were_erased_before(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept) -> None:
        ids = await people(kept, 8)
        for one in ids[:7]:
            await kept.store.contacts.erase(one, NOW)
        found, onward = await kept.store.retention.contacts(0, 3_000_000_000, 5)
        assert found == [ids[7]]
        assert onward is not None
        assert onward < 3_000_000_000
        assert await kept.store.retention.contacts(int(ids[6]), int(ids[7]), 5) == ([ids[7]], None)
        assert await kept.store.retention.contacts(int(ids[7]), int(ids[7]), 5) == ([], None)
        again = await people(kept, 7)
        first, onward = await kept.store.retention.contacts(0, int(again[-1]), 3)
        assert [*first] == [ids[7], *again[:2]]
        assert onward == int(again[1])

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_without_a_time_everything_stays(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept) -> None:
        await people(kept, 3)
        await sweep(kept, NOW)
        assert await sweep(kept, NOW + 9_000 * DAY, RetentionTerms()) == 1
        assert len(await left(kept)) == 3

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_whoever_something_is_under_way_with_stays(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept) -> None:
        campaigned = await people(kept, 2, "campanha")
        heard, met, quiet = await people(kept, 3)
        await start(kept.store, "promo", "campanha")
        await sweep(kept, NOW)
        told = Heard("w:1", Channel.EMAIL, "email", "p0@x.com", heard, None, "oi", "other", NOW)
        await kept.store.inbox.keep(told, NOW)
        meeting = meeting_of(met)
        slot = Slot(("ana",), LATER + DAY, LATER + DAY + timedelta(hours=1))
        await kept.store.meetings.add(replace(meeting, state=MeetingState.CONFIRMED, slot=slot), _free(), NOW)
        await sweep(kept, LATER)
        assert await left(kept, "campanha") == campaigned, "their campaign goes on"
        assert await left(kept) == [heard, met], "one waits for an answer, one has a meeting to come"
        assert quiet not in await left(kept)

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_whoever_a_person_has_written_to_stays(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept) -> None:
        waiting, lately, long_ago = await people(kept, 3)
        await sweep(kept, NOW)
        await by_hand(kept, lately, LATER - DAY, MessageState.CANCELLED)
        await by_hand(kept, long_ago, NOW - DAY, MessageState.CANCELLED)
        await by_hand(kept, waiting, NOW - DAY, MessageState.DUE)
        await sweep(kept, LATER)
        assert await left(kept) == [waiting, lately]

    play(family, tmp_path, story)


async def by_hand(kept: Kept, contact_id: str, at: datetime, state: MessageState) -> None:
    """A text to a contact that still waits for its hours, or whose row has ended."""
    place = Place("America/Sao_Paulo")
    step = Step(Channel.EMAIL, Template("à mão", "{{ texto }}", "{{ assunto }}"), Wait(0, WaitUnit.MINUTES))
    draft = Campaign("", "avulsas-email", NOBODY, (step,), ALWAYS, place, NOW, kind=CampaignKind.HAND)
    campaign = await standing(kept.store.campaigns, draft, NOW)
    row = NewMessage(contact_id, KINDS_WIDTH + BY_HAND, Channel.EMAIL, place, MessageState.DUE, 0, at)
    await kept.store.ledger.enter(campaign, [row], at)
    if state is MessageState.CANCELLED:
        cancel = Settlement(MessageId(campaign.id, row.step, contact_id), MessageEvent.CANCEL, reason="text_gone")
        assert await kept.store.ledger.settle([cancel], at) == [True]


def _free() -> dict[str, HostBounds]:
    return {"ana": HostBounds(DayLimits(), "America/Sao_Paulo")}


@pytest.mark.parametrize("family", FAMILIES)
def test_histories_of_campaigns_that_ended_lose_what_providers_said_and_keep_their_counts(
    family: str, tmp_path: Path
) -> None:
    async def story(kept: Kept) -> None:
        one, _ = await people(kept, 2)
        campaign = await start(kept.store, "promo")
        message = MessageId(campaign.id, 1, one)
        said = Settlement(message, MessageEvent.ACCEPT, detail="sent to p0@x.com", provider_id="wamid.p0")
        assert await kept.store.ledger.settle([said], NOW) == [True]
        await kept.store.campaigns.apply(campaign.id, CampaignEvent.CANCEL, NOW)
        await kept.store.ledger.sweep(campaign, MessageEvent.CANCEL, "campaign_cancelled", NOW, 100)
        await kept.store.campaigns.conclude(campaign.id, NOW)
        before = await kept.store.campaigns.tally(campaign.id)
        terms = RetentionTerms(messages=30 * DAY)
        await sweep(kept, NOW + 29 * DAY, terms)
        assert (await kept.store.ledger.get(message)).provider_id == "wamid.p0"
        await sweep(kept, LATER, terms)
        assert (await kept.store.ledger.get(message)).provider_id is None
        assert [(line.event, line.detail) for line in await kept.store.ledger.journal(message)] == [("accept", "")]
        assert await kept.store.campaigns.tally(campaign.id) == before

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_conversations_go_once_they_are_dealt_with_and_silent(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept) -> None:
        done, waits, fresh = await people(kept, 3)
        for contact, at in ((done, NOW), (waits, NOW), (fresh, LATER - DAY)):
            key = f"p{int(contact) - int(done)}@x.com"
            told = Heard(f"e:{contact}", Channel.EMAIL, "email", key, contact, None, "oi", "other", at)
            await kept.store.inbox.keep(told, at)
        for contact in (done, fresh):
            [entry] = await kept.store.inbox.page(None, 5, contact_id=contact)
            await kept.store.inbox.handle(entry.id, NOW)
        await sweep(kept, LATER, RetentionTerms(inbox=30 * DAY))
        said = [len(await kept.store.inbox.page(None, 5, contact_id=one)) for one in (done, waits, fresh)]
        assert said == [0, 1, 1]

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_somebody_wrote_before_they_were_a_contact_waits_for_an_answer_all_the_same(
    family: str, tmp_path: Path
) -> None:
    async def story(kept: Kept) -> None:
        inbox = kept.store.inbox
        [contact] = await people(kept, 1)
        first = Heard("e:1", Channel.EMAIL, "email", "p0@x.com", None, None, "quem é?", "other", NOW)
        then = Heard("e:2", Channel.EMAIL, "email", "p0@x.com", contact, None, "oi", "other", NOW)
        for told in (first, then):
            await inbox.keep(told, NOW)
        [entry] = await inbox.page(None, 5, contact_id=contact)
        await inbox.handle(entry.id, NOW)
        await sweep(kept, LATER, RetentionTerms(inbox=30 * DAY))
        assert [one.owner for one in await inbox.conversations(None, 5)] == ["p0@x.com"]
        assert (await inbox.conversation("p0@x.com")) is not None

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_who_wrote_lately_from_another_list_may_still_be_answered_freely(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept) -> None:
        inbox = kept.store.inbox
        [here], [there] = await people(kept, 1), await people(kept, 1, "outra")
        for number, contact, at in ((1, here, NOW), (2, there, LATER - DAY)):
            told = Heard(f"e:{number}", Channel.EMAIL, "email", "p0@x.com", contact, None, "oi", "other", at)
            await inbox.keep(told, at)
            [entry] = await inbox.page(None, 5, contact_id=contact)
            await inbox.handle(entry.id, at)
        await sweep(kept, LATER, RetentionTerms(inbox=30 * DAY))
        assert [one.owner for one in await inbox.conversations(None, 5)] == [there]
        assert await inbox.last_heard(Channel.EMAIL, "email", ["p0@x.com"]) == LATER - DAY

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_old_contact_stays_while_the_same_person_talks_from_elsewhere(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept) -> None:
        inbox = kept.store.inbox
        talks, wrote, quiet = await people(kept, 3)
        await sweep(kept, NOW)
        [there] = await people(kept, 1, "outra")
        lately = Heard("e:1", Channel.EMAIL, "email", "p0@x.com", there, None, "oi", "other", LATER - DAY)
        unknown = Heard("e:2", Channel.EMAIL, "email", "p1@x.com", None, None, "quem é?", "other", NOW)
        for told in (lately, unknown):
            await inbox.keep(told, told.at)
        await sweep(kept, LATER)
        assert await left(kept) == [talks, wrote], f"not {quiet}"
        assert await inbox.last_heard(Channel.EMAIL, "email", ["p0@x.com"]) == LATER - DAY
        assert [one.owner for one in await inbox.conversations(None, 5)] == [there, "p1@x.com"]

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_files_and_reports_go_after_their_time_and_the_counts_stay(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept) -> None:
        await plant(kept)
        await sweep(kept, NOW + 29 * DAY, RetentionTerms(files=30 * DAY))
        files = [path for path in kept.folder.joinpath("files").rglob("*") if path.is_file()]
        assert len(files) == 4
        await sweep(kept, LATER, RetentionTerms(files=30 * DAY))
        assert not [path for path in kept.folder.joinpath("files").rglob("*") if path.is_file()]
        records = await kept.imports.page(None, 5)
        assert [(one.discarded, one.reports, one.counts.rows) for one in records] == [(True, (), 4)] * 2

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_draft_that_nobody_went_on_with_fails_after_a_day(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept) -> None:
        record = await usecase.announce(kept.imports, ImportOrder("a.csv", "l", draft=True), NOW, "t")

        async def chunks() -> AsyncIterator[bytes]:
            yield b"Nome;Celular\n"

        await kept.files.take(record.key, chunks())
        await sweep(kept, NOW + 2 * DAY, RetentionTerms(files=30 * DAY))
        assert (await kept.imports.get(record.id)).state is ImportState.FAILED
        assert not await kept.files.arrived(record.key)

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_old_contact_goes_with_everything(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept) -> None:
        one, _ = await plant(kept)
        [entry] = await kept.store.inbox.page(None, 5, contact_id=one)
        await kept.store.inbox.handle(entry.id, NOW)
        await kept.store.campaigns.apply("1", CampaignEvent.CANCEL, NOW)
        campaign = await kept.store.campaigns.get("1")
        await kept.store.ledger.sweep(campaign, MessageEvent.CANCEL, "campaign_cancelled", NOW, 100)
        await kept.store.campaigns.conclude("1", NOW)
        [meeting] = await kept.store.meetings.of_contacts([one])
        await kept.store.meetings.replace(replace(meeting, state=MeetingState.DECLINED), {}, NOW)
        await sweep(kept, NOW)
        await sweep(kept, LATER)
        assert not await kept.store.contacts.find(PHONE, 5)
        assert not await kept.store.contacts.find(EMAIL, 5)
        assert marks_of(await kept.everything()) == []

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_was_done_long_ago_is_forgotten_and_that_is_written_down(family: str, tmp_path: Path) -> None:
    """SQLite's table keeps what is younger than a year by the real clock, so this plays long ago."""
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)

    async def story(kept: Kept) -> None:
        for number in range(700):
            at = long_ago + number * timedelta(minutes=1)
            await kept.store.audit.append(AuditEntry(at, "user:1", "Ana", "campaigns.start", f"name=c{number}"))
        now, terms = long_ago + 366 * DAY, RetentionTerms(audit=365 * DAY)
        newer = await kept.store.audit.append(AuditEntry(now - DAY, "user:1", "Ana", "campaigns.pause", "name=c"))
        assert await sweep(kept, now, RetentionTerms()) == 1
        assert len(await kept.store.audit.page(AuditFilter(), None, 1_000)) == 701
        assert await sweep(kept, now, terms) == 2
        left_over = await kept.store.audit.page(AuditFilter(), None, 1_000)
        assert [one.action for one in left_over if one.actor == "user:1"] == [newer.action]
        assert sorted(one.detail["count"] for one in left_over if one.object == "audit") == ["200", "500"]

    play(family, tmp_path, story)
