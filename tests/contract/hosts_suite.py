"""What every family's hosts do; each check gets one empty store as two processes have it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from disparo.domain.agenda.host import Block, CalendarKind, CalendarRef, DayLimits, Host
from disparo.domain.agenda.meeting_type import Assignment, MeetingType, OutsideHours
from disparo.domain.errors import NotFoundError, RevisionError
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from disparo.ports.store import Store

Check = Callable[[Store, Store], Awaitable[None]]
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

ANA = Host("ana", "Ana Souza", Place("America/Sao_Paulo", "BR-SP"), BusinessHours())
FULL = Host(
    id="zoe",
    name="Zoë Ção",
    place=Place("Europe/Lisbon"),
    hours=BusinessHours(),
    email="zoe@exemplo.com.br",
    phone="+5541988887777",
    calendar=CalendarRef(CalendarKind.GOOGLE, "google-zoe", "reunioes@exemplo.com.br"),
    limits=DayLimits(per_day=6, per_week=20),
    blocks=(Block(NOW, NOW + timedelta(days=10), "férias"),),
    active=False,
    language="en",
)
SHOWN = MeetingType("demonstracao", "Demonstração", ("ana",))
JOINT = MeetingType(
    id="conjunta",
    title="Conversa à três",
    hosts=("ana", "zoe"),
    assignment=Assignment.TOGETHER,
    duration=timedelta(minutes=50),
    buffer_before=timedelta(minutes=5),
    buffer_after=timedelta(minutes=15),
    reminders=(timedelta(hours=48),),
    reminder_outside=OutsideHours.EARLIER,
    public=True,
)


async def check_a_host_is_kept_as_told_with_a_revision_that_rises(store: Store, other: Store) -> None:
    assert await store.hosts.put_host(FULL) == replace(FULL, revision=1)
    assert await other.hosts.host("zoe") == replace(FULL, revision=1)
    changed = replace(FULL, name="Zoe", email=None, phone=None, blocks=(), limits=DayLimits(), active=True)
    assert await other.hosts.put_host(changed) == replace(changed, revision=2)
    assert await store.hosts.host("zoe") == replace(changed, revision=2)


async def check_hosts_come_in_the_order_of_their_ids(store: Store, other: Store) -> None:
    assert list(await store.hosts.hosts()) == []
    for host in (FULL, ANA, replace(ANA, id="bia")):
        await store.hosts.put_host(host)
    assert [host.id for host in await other.hosts.hosts()] == ["ana", "bia", "zoe"]
    assert (await other.hosts.hosts())[0] == replace(ANA, revision=1)


async def check_a_type_is_kept_as_told_with_a_revision_that_rises(store: Store, other: Store) -> None:
    assert await store.hosts.put_type(JOINT) == replace(JOINT, revision=1)
    assert await other.hosts.type("conjunta") == replace(JOINT, revision=1)
    changed = replace(JOINT, assignment=Assignment.ANY, public=False, reminders=())
    assert await other.hosts.put_type(changed) == replace(changed, revision=2)
    assert await store.hosts.type("conjunta") == replace(changed, revision=2)


async def check_types_come_in_the_order_of_their_ids(store: Store, other: Store) -> None:
    assert list(await store.hosts.types()) == []
    for one in (SHOWN, JOINT):
        await other.hosts.put_type(one)
    assert [one.id for one in await store.hosts.types()] == ["conjunta", "demonstracao"]


async def check_hosts_and_types_have_names_of_their_own(store: Store, _other: Store) -> None:
    await store.hosts.put_host(ANA)
    await store.hosts.put_type(replace(SHOWN, id="ana"))
    assert [host.id for host in await store.hosts.hosts()] == ["ana"]
    assert [one.id for one in await store.hosts.types()] == ["ana"]


async def check_what_is_not_there_is_said_so(store: Store, _other: Store) -> None:
    await store.hosts.put_host(ANA)
    for unknown in ("", "bia", "Ana"):
        with pytest.raises(NotFoundError):
            await store.hosts.host(unknown)
        with pytest.raises(NotFoundError):
            await store.hosts.type(unknown)
        assert await store.hosts.sync_token(unknown) is None


async def check_a_sync_token_is_remembered_until_it_is_to_begin_anew(store: Store, other: Store) -> None:
    await store.hosts.put_host(ANA)
    await store.hosts.put_host(FULL)
    assert await store.hosts.sync_token("ana") is None
    await store.hosts.keep_sync_token("ana", "token=1/é")
    assert await other.hosts.sync_token("ana") == "token=1/é"
    assert await other.hosts.sync_token("zoe") is None
    await other.hosts.put_host(replace(ANA, name="Ana S."))
    assert await store.hosts.sync_token("ana") == "token=1/é", "a change of the host is none of what was read"
    await store.hosts.keep_sync_token("ana", "2")
    assert await other.hosts.sync_token("ana") == "2"
    for _ in range(2):
        await store.hosts.keep_sync_token("ana", None)
        assert await other.hosts.sync_token("ana") is None
    assert (await store.hosts.host("ana")).revision == 2, "a token is no change of the host"


async def check_a_token_of_nobody_is_kept_by_nobody(store: Store, _other: Store) -> None:
    for token in ("1", None):
        with pytest.raises(NotFoundError):
            await store.hosts.keep_sync_token("ana", token)
    assert list(await store.hosts.hosts()) == []


async def check_what_others_changed_is_not_written_over(store: Store, other: Store) -> None:
    first = await store.hosts.put_host(ANA, over=0)
    for stale in (0, 2):
        with pytest.raises(RevisionError):
            await other.hosts.put_host(replace(ANA, name="outra"), over=stale)
    assert await other.hosts.put_host(replace(ANA, name="Ana S."), over=first.revision) == replace(
        ANA, name="Ana S.", revision=2
    )
    with pytest.raises(RevisionError):
        await store.hosts.put_host(ANA, over=first.revision)
    assert (await store.hosts.host("ana")).name == "Ana S."
    kept = await store.hosts.put_type(SHOWN, over=0)
    with pytest.raises(RevisionError):
        await other.hosts.put_type(SHOWN, over=0)
    assert (await other.hosts.put_type(SHOWN, over=kept.revision)).revision == 2


SUITE: tuple[Check, ...] = tuple(check for name, check in globals().items() if name.startswith("check_"))
