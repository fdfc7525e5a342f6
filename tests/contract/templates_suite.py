"""What every family's library and sketches do; each check gets one empty store as two processes have it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from disparo.domain.campaign_sketch import KEPT_FOR, CampaignSketch
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError, NotFoundError, RevisionError
from disparo.domain.library_template import LibraryTemplate
from disparo.domain.template import SOURCE_LIMIT_BYTES, Template
from disparo.domain.whatsapp_content import Approved, Choice, Choices
from disparo.ports.store import Store

Check = Callable[[Store, Store], Awaitable[None]]
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HELLO = LibraryTemplate(Channel.SMS, Template("ola", "Oi, {{ nome }}! ção 🙂"), updated_at=NOW)
FULL = LibraryTemplate(
    Channel.WHATSAPP,
    Template(
        "boas-vindas",
        "Oi, {{ nome }}",
        approved=Approved("boas_vindas", "pt_BR", body=("{{ nome }}",)),
        choices=Choices((Choice("sim", "Sim"), Choice("nao", "Não"))),
    ),
    language="en",
    updated_at=NOW,
)


async def check_a_template_is_kept_as_told_with_a_revision_that_rises(store: Store, other: Store) -> None:
    assert await store.templates.put(FULL) == replace(FULL, revision=1)
    assert await other.templates.get("boas-vindas") == replace(FULL, revision=1)
    changed = replace(FULL, template=replace(FULL.template, text="Olá"), revision=1, updated_at=NOW + timedelta(days=1))
    assert await other.templates.put(changed) == replace(changed, revision=2)
    assert await store.templates.get("boas-vindas") == replace(changed, revision=2)


async def check_a_template_as_long_as_one_may_be_is_kept_whole(store: Store, other: Store) -> None:
    longest = Template("longo", "x" * SOURCE_LIMIT_BYTES, "assunto", "<p>" + "y" * (SOURCE_LIMIT_BYTES - 3))
    await store.templates.put(LibraryTemplate(Channel.EMAIL, longest, updated_at=NOW))
    assert (await other.templates.get("longo")).template == longest


async def check_of_two_who_change_one_template_the_later_is_told(store: Store, other: Store) -> None:
    await store.templates.put(HELLO)
    with pytest.raises(InputError):
        await other.templates.put(HELLO)  # new to both
    first = replace(HELLO, revision=1)
    await store.templates.put(first)
    with pytest.raises(RevisionError):
        await other.templates.put(replace(first, language="en"))
    assert (await store.templates.get("ola")).language == "pt-BR"
    await store.templates.remove("ola")
    with pytest.raises(RevisionError):
        await other.templates.put(replace(first, revision=2))


async def check_templates_come_page_by_page_in_the_order_of_their_names(store: Store, other: Store) -> None:
    names = ["a", "a-b", "a.b", "a0", "ab", "b"]
    for name in reversed(names):
        await store.templates.put(replace(HELLO, template=replace(HELLO.template, name=name)))
    found, after = [], None
    while page := await other.templates.page(after, 2):
        assert len(page) <= 2
        found += [one.name for one in page]
        after = found[-1]
    assert found == names


async def check_a_template_that_is_not_there_is_not_found(store: Store, other: Store) -> None:
    for name in ("nenhum", "", "é"):
        with pytest.raises(NotFoundError):
            await store.templates.get(name)
    with pytest.raises(NotFoundError):
        await other.templates.remove("nenhum")


async def check_a_sketch_is_kept_however_unfinished(store: Store, other: Store) -> None:
    sketch = CampaignSketch("s1", {"name": "", "steps": [{"text": "{{ aberto"}]}, "Ana")
    kept = await store.sketches.put(sketch, NOW)
    assert kept == replace(sketch, updated_at=NOW, revision=1)
    assert await other.sketches.get("s1") == kept
    with pytest.raises(RevisionError):
        await other.sketches.put(sketch, NOW)
    again = await other.sketches.put(replace(kept, document={}, by=""), NOW + timedelta(hours=1))
    assert await store.sketches.get("s1") == again
    assert (again.revision, again.document, again.by) == (2, {}, "")


async def check_the_sketch_that_was_touched_last_comes_first(store: Store, other: Store) -> None:
    for number in (2, 3, 1):
        await store.sketches.put(CampaignSketch(f"s{number}"), NOW + timedelta(minutes=number))
    assert [one.id for one in await other.sketches.latest(2, NOW)] == ["s3", "s2"]


async def check_a_sketch_that_is_removed_is_gone_and_stays_so(store: Store, other: Store) -> None:
    await store.sketches.put(CampaignSketch("s1"), NOW)
    await other.sketches.remove("s1")
    await store.sketches.remove("s1")
    with pytest.raises(NotFoundError):
        await store.sketches.get("s1")
    with pytest.raises(NotFoundError):
        await store.sketches.get("")


async def check_a_sketch_that_nobody_touches_is_forgotten(store: Store, other: Store) -> None:
    await store.sketches.put(CampaignSketch("old"), NOW)
    await store.sketches.put(CampaignSketch("kept"), NOW + timedelta(days=1))
    await store.sketches.put(CampaignSketch("new"), NOW + KEPT_FOR + timedelta(hours=1))
    assert [one.id for one in await other.sketches.latest(10, NOW + KEPT_FOR + timedelta(hours=1))] == ["new", "kept"]


SUITE: tuple[Check, ...] = tuple(check for name, check in globals().items() if name.startswith("check_"))
