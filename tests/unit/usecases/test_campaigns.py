from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from disparo.domain.campaign import CampaignState
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError, NotFoundError, TransitionError
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import ReceiptKind
from disparo.domain.template import TemplateError
from disparo.usecases import campaigns
from disparo.usecases.audience import list_name_for

House = Any

FALLBACK = [
    {"channel": "whatsapp", "text": "Oi {{ nome }}", "on_failure": "next"},
    {"channel": "email", "subject": "Oi", "text": "Oi {{ nome }}", "when": "previous_failed"},
]


def test_a_campaign_begins_as_a_draft_and_is_found_by_its_name(house: House) -> None:
    async def check() -> None:
        await house.people(1)
        made = await house.create()
        assert made.state is CampaignState.DRAFT
        assert made.created_at == house.now
        assert await house.store.campaigns.get("camp") == made

    asyncio.run(check())


def test_a_list_that_is_not_there_is_named_with_what_to_do(house: House) -> None:
    async def check() -> None:
        with pytest.raises(NotFoundError, match='a lista "lista" não existe; importe contatos: disparo import'):
            await house.create()
        assert not await house.store.campaigns.all()

    asyncio.run(check())


def test_a_list_whose_contacts_were_all_erased_is_empty(house: House) -> None:
    async def check() -> None:
        [contact] = await house.people(1)
        await house.store.contacts.erase(contact, house.now)
        with pytest.raises(InputError, match="está vazia"):
            await house.create()

    asyncio.run(check())


def test_every_template_is_compiled_before_anything_is_kept(house: House) -> None:
    async def check() -> None:
        await house.people(1)
        good, bad = {"channel": "sms", "text": "Oi"}, {"channel": "whatsapp", "text": "Oi {{ nome"}
        with pytest.raises(TemplateError):
            await house.create(steps=[good, bad])
        assert not await house.store.campaigns.all()

    asyncio.run(check())


def test_a_wrong_document_is_refused(house: House) -> None:
    async def check() -> None:
        await house.people(1)
        with pytest.raises(InputError, match=r"limits\.sms\.burst"):
            await house.create(limits={"sms": {"burst": 0}})

    asyncio.run(check())


def test_a_campaign_goes_through_its_life(house: House) -> None:
    async def check() -> None:
        await house.people(1)
        await house.create()
        states = [
            (await move(house.store, "camp", house.now)).state
            for move in (campaigns.start, campaigns.pause, campaigns.resume, campaigns.cancel)
        ]
        assert states == ["running", "paused", "running", "cancelled"]

    asyncio.run(check())


@pytest.mark.parametrize(
    ("move", "said"),
    [
        (campaigns.start, "está em andamento; para suspender: disparo campaign pause"),
        (campaigns.resume, "está em andamento"),
    ],
)
def test_a_move_that_makes_no_sense_says_how_the_campaign_stands(move: Any, said: str, house: House) -> None:
    async def check() -> None:
        await house.begin()
        with pytest.raises(TransitionError, match=said):
            await move(house.store, "camp", house.now)

    asyncio.run(check())


def test_a_list_emptied_after_creation_does_not_start(house: House) -> None:
    async def check() -> None:
        [contact] = await house.people(1)
        await house.create()
        await house.store.contacts.erase(contact, house.now)
        with pytest.raises(InputError, match="está vazia"):
            await campaigns.start(house.store, "camp", house.now)
        assert (await house.store.campaigns.get("camp")).state is CampaignState.DRAFT

    asyncio.run(check())


async def update(house: House, **keys: object) -> Any:
    return await campaigns.update(house.store, "camp", house.document(**keys), house.renderer, house.now)


def test_hours_limits_and_texts_change_while_it_runs(house: House) -> None:
    async def check() -> None:
        house.configure(limits=Limits(burst=50))
        await house.begin(4, limits={"whatsapp": {"daily": 1}})
        assert len(await house.send()) == 1
        await update(house, limits={"whatsapp": {"daily": 3}}, steps=[{"channel": "whatsapp", "text": "Olá!"}])
        assert len(await house.send()) == 2
        assert [one.content.text for one in house.provider.taken] == ["Oi Pessoa 0", "Olá!", "Olá!"]
        changed = await update(house, hours={"startTime": "13:00", "endTime": "18:00"})
        assert changed.state is CampaignState.RUNNING
        house.now += timedelta(days=1)
        assert not await house.send()

    asyncio.run(check())


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"name": "outra"}, "o nome não pode mudar"),
        ({"timezone": "America/Manaus"}, "já começou com America/Sao_Paulo"),
        ({"hours": {"regionalHolidays": True}}, "começou sem feriados estaduais"),
        ({"steps": [{"channel": "whatsapp", "text": "{% if"}]}, "modelo"),
    ],
)
def test_what_can_no_longer_change_is_refused_and_nothing_changes(
    keys: dict[str, object], said: str, house: House
) -> None:
    async def check() -> None:
        await house.begin(hours={"regionalHolidays": False})
        before = await house.store.campaigns.get("camp")
        with pytest.raises(InputError, match=said):
            await update(house, **{"hours": {"regionalHolidays": False}, **keys})
        assert await house.store.campaigns.get("camp") == before

    asyncio.run(check())


def test_steps_stay_once_it_has_started_and_a_cancelled_campaign_stays_as_it_is(house: House) -> None:
    async def check() -> None:
        await house.begin()
        with pytest.raises(InputError):
            await update(house, steps=FALLBACK)
        await campaigns.cancel(house.store, "camp", house.now)
        with pytest.raises(TransitionError, match="foi cancelada"):
            await update(house)

    asyncio.run(check())


def test_a_draft_may_change_entirely_but_not_to_a_list_that_is_not_there(house: House) -> None:
    async def check() -> None:
        await house.people(1)
        await house.create()
        assert len((await update(house, steps=FALLBACK, timezone="America/Manaus")).steps) == 2
        with pytest.raises(NotFoundError):
            await update(house, list="outra")

    asyncio.run(check())


def test_a_report_counts_every_message_once(house: House) -> None:
    async def check() -> None:
        house.configure(limits=Limits(burst=3))
        await house.begin(5, steps=FALLBACK)
        house.provider.failures.append(FailureClass.RECIPIENT)
        await house.send()
        await house.receipt("1.1.2", ReceiptKind.READ)
        await house.reply("1.1.2", "quero saber mais")
        await house.reply("1.1.3", "SAIR")
        found = await campaigns.report(house.store, "camp", house.now, [*house.senders.values()])
        assert (found.contacts, found.totals.messages) == (5, 10)
        first, second = found.steps
        assert dict(first.states) == {"failed": 1, "read": 1, "accepted": 1, "due": 2}
        assert [(one.state, one.reason, one.count) for one in first.ends] == [("failed", "recipient", 1)]
        assert (first.replied, first.opted_out, second.channel) == (1, 1, Channel.EMAIL)
        totals = found.totals
        ended = totals.sent + totals.failed + totals.dead + totals.cancelled + totals.expired
        assert totals.open + ended == totals.messages == sum(sum(step.states.values()) for step in found.steps)
        assert (totals.sent, totals.delivered, totals.read, totals.replied, totals.opted_out) == (2, 1, 1, 1, 1)
        assert found.done == ended / 10

    asyncio.run(check())


def test_a_report_tells_where_lanes_and_senders_stand_now(house: House) -> None:
    async def check() -> None:
        house.configure(limits=Limits(burst=2), threshold=1)
        await house.people(3, first=9, zone="America/Manaus")
        await house.begin(3)
        await house.send()
        house.now += timedelta(seconds=1)
        found = await campaigns.report(house.store, "camp", house.now, [*house.senders.values()])
        [sender] = found.senders
        assert (sender.limited_by, sender.breaker.reason) == ("whatsapp:burst", "closed")
        assert sender.next_permit_at == house.now + timedelta(seconds=60)
        house.now += timedelta(hours=2)
        found = await campaigns.report(house.store, "camp", house.now, [*house.senders.values()])
        hours = {lane.place.zone: (lane.hours.open, lane.hours.reason) for lane in found.lanes}
        assert hours == {"America/Sao_Paulo": (False, "lunch_break"), "America/Manaus": (True, "open")}
        assert (found.senders[0].limited_by, found.senders[0].next_permit_at) == ("", house.now)

    asyncio.run(check())


def test_a_report_of_a_draft_counts_its_list(house: House) -> None:
    async def check() -> None:
        await house.people(4)
        await house.create()
        found = await campaigns.report(house.store, "camp", house.now)
        assert (found.contacts, found.totals.messages, found.done) == (4, 0, 0.0)
        assert (list(found.lanes), list(found.senders)) == ([], [])

    asyncio.run(check())


def test_looking_at_a_report_takes_no_permit(house: House) -> None:
    async def check() -> None:
        house.configure(limits=Limits(burst=1))
        await house.begin(1)
        for _ in range(3):
            await campaigns.report(house.store, "camp", house.now, [*house.senders.values()])
        assert len(await house.send()) == 1

    asyncio.run(check())


def test_an_audience_file_is_imported_under_its_stem() -> None:
    assert list_name_for({"audience": "dados/contatos.csv"}) == "contatos"
    assert list_name_for({"list": "vendas"}) is None
