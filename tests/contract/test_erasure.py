"""A person who was erased is found nowhere: not in the file, not in its log, not in a table, not in a report."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from disparo.domain.contact import Channel
from disparo.usecases.erasures import erase
from tests.contract.erasure_scene import EMAIL, MARKS, NOW, PHONE, Kept, marks_of, opened, plant

FAMILIES = ("embedded", "dynamo-memory")


def play(family: str, folder: Path, story: Callable[[Kept], Awaitable[None]]) -> None:
    async def whole() -> None:
        with opened(family, folder) as kept:
            await story(kept)

    asyncio.run(whole())


@pytest.mark.parametrize("family", FAMILIES)
def test_what_was_planted_is_there_and_after_the_erasure_nowhere(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept) -> None:
        one, other = await plant(kept)
        assert marks_of(await kept.everything()) == list(MARKS)
        receipt = await erase(kept.archive, one, NOW, everywhere=True)
        assert marks_of(await kept.everything()) == []
        assert (receipt.contact_id, receipt.also_erased, receipt.same_person) == (one, [other], [])
        assert (receipt.kept, receipt.replies, receipt.meetings) == (3, 1, 1)
        assert receipt.elsewhere >= 3, "a text by hand, a kept answer, what the sandbox took"
        assert len(receipt.files.removed) == 2
        assert receipt.files.rows == 2, "the repeats of their row"

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_others_stays(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept) -> None:
        one, _ = await plant(kept)
        await erase(kept.archive, one, NOW, everywhere=True)
        assert [found.name for found in await kept.store.contacts.find("bia@x.com", 5)] == ["Bia", "Bia"]
        assert [found.contacts for found in await kept.store.contacts.lists()] == [1, 1]
        [record, _] = await kept.imports.page(None, 5)
        report = (await kept.files.report(record.id, record.reports[0])).decode("utf-8-sig").splitlines()
        assert [line.split(";")[0] for line in report] == ["linha", "5"]
        taken, _ = await kept.outbox.read(0, 10)
        assert [entry.text for entry in taken] == ["", "Olá, Bia"]
        assert sum(tally.count for tally in await kept.store.campaigns.tally("1")) == 6, "what was sent stays counted"

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_who_asked_for_no_more_messages_is_not_messaged_after_the_next_import(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept) -> None:
        one, _ = await plant(kept)
        await erase(kept.archive, one, NOW, everywhere=True)
        found = await kept.store.suppressions.matching([PHONE, EMAIL])
        assert [(block.key, block.channel, block.reason, block.source) for block in found] == [
            (PHONE, Channel.SMS, "opted_out", "erased"),
            (EMAIL, Channel.SMS, "opted_out", "erased"),
        ]

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_contact_of_another_list_stays_unless_it_is_to_go_too_and_is_told(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept) -> None:
        one, other = await plant(kept)
        receipt = await erase(kept.archive, one, NOW)
        assert (list(receipt.same_person), list(receipt.also_erased)) == ([other], [])
        assert (await kept.store.contacts.get(other)).name == "Zebulon"
        assert {block.source for block in await kept.store.suppressions.matching([PHONE])} == {f"Zebulon {PHONE}"}

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_erasure_is_once_however_often(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept) -> None:
        one, _ = await plant(kept)
        await erase(kept.archive, one, NOW, everywhere=True)
        again = await erase(kept.archive, one, NOW + timedelta(days=1), everywhere=True)
        assert (again.replies, again.elsewhere, again.files.removed, again.files.rows) == (0, 0, [], 0)
        assert marks_of(await kept.everything()) == []

    play(family, tmp_path, story)
