"""What every store of suppressions does; each check gets empty stores of one family."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from disparo.domain.campaign import Campaign, CampaignEvent
from disparo.domain.campaign_document import parse_campaign
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.message import MessageState
from disparo.domain.place import Place
from disparo.domain.suppression import Suppression, hashed_key
from disparo.ports.ledger import NewMessage
from disparo.ports.store import Store

Check = Callable[[Store], Awaitable[None]]

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ANA, ANA_MAIL = "+5511987654321", "ana@x.com"
BIA, BIA_MAIL = "+5541988887777", "bia@x.com"
PLACE = Place("America/Sao_Paulo", "BR-SP")
STEPS = [
    {"channel": "whatsapp", "text": "Oi"},
    {"channel": "email", "wait": "1d", "subject": "Oi", "text": "Oi"},
    {"channel": "whatsapp", "wait": "1d", "text": "Oi de novo"},
]
GONE, WAITS, DUE = "cancelled", "waiting", "due"


def suppression(key: str, channel: Channel | None = None, reason: str = "opted_out") -> Suppression:
    return Suppression(key, channel, reason, "reply", NOW)


async def import_two(stores: Store, list_name: str = "clientes") -> list[str]:
    """Ana and Bia in a list; their ids."""
    drafts = [
        ContactDraft("a.csv:2", PLACE, "Ana", ANA, ANA, ANA_MAIL, ANA_MAIL),
        ContactDraft("a.csv:3", PLACE, "Bia", BIA, BIA, BIA_MAIL, BIA_MAIL),
    ]
    return [result.contact_id for result in await stores.contacts.fold(list_name, drafts)]


async def start(stores: Store, name: str, list_name: str = "clientes") -> Campaign:
    """A running campaign: the first step of each contact is due, the others wait."""
    document = {"name": name, "list": list_name, "steps": STEPS}
    draft = await stores.campaigns.add(parse_campaign(document, created_at=NOW))
    campaign = await stores.campaigns.apply(draft.id, CampaignEvent.START, NOW)
    page = await stores.ledger.launch_page(campaign, 100)
    rows = [
        NewMessage(
            contact_id=contact.id,
            step=number,
            channel=step.channel,
            place=PLACE,
            state=MessageState.DUE if number == 1 else MessageState.WAITING,
            priority=contact.priority,
            due_at=NOW if number == 1 else None,
        )
        for contact in page.contacts
        for number, step in enumerate(campaign.steps, 1)
    ]
    assert await stores.ledger.enroll(campaign, page, rows, NOW)
    return campaign


async def states(stores: Store, campaign: Campaign, contact_id: str) -> list[str]:
    return [row.state for row in await stores.ledger.rows_of(campaign.id, contact_id)]


async def counted(stores: Store, campaign: Campaign) -> dict[tuple[str, str], int]:
    totals: dict[tuple[str, str], int] = {}
    for one in await stores.campaigns.tally(campaign.id):
        totals[one.state, one.reason] = totals.get((one.state, one.reason), 0) + one.count
    return totals


async def check_a_suppression_is_kept_as_given(stores: Store) -> None:
    given = Suppression(ANA, Channel.SMS, "by_hand", "atendente Júlia", NOW + timedelta(milliseconds=7))
    await stores.suppressions.add([given])
    assert await stores.suppressions.matching([BIA, ANA]) == [given]


async def check_adding_what_is_there_changes_nothing(stores: Store) -> None:
    first = suppression(ANA)
    await stores.suppressions.add([first])
    again = Suppression(ANA, None, "bounced", "webhook", NOW + timedelta(days=1))
    assert await stores.suppressions.add([again, again]) == 0
    assert await stores.suppressions.matching([ANA]) == [first]


async def check_a_key_may_be_suppressed_on_several_channels(stores: Store) -> None:
    await stores.suppressions.add([suppression(ANA, Channel.SMS), suppression(ANA), suppression(ANA, Channel.WHATSAPP)])
    channels = {one.channel for one in await stores.suppressions.matching([ANA])}
    assert channels == {None, Channel.SMS, Channel.WHATSAPP}


async def check_removing_forgets_every_channel_of_the_key_only(stores: Store) -> None:
    await stores.suppressions.add([suppression(ANA, Channel.SMS), suppression(ANA), suppression(BIA)])
    assert await stores.suppressions.remove(ANA)
    assert not await stores.suppressions.remove(ANA)
    assert [one.key for one in await stores.suppressions.matching([ANA, BIA])] == [BIA]


async def check_matching_nothing_is_nothing(stores: Store) -> None:
    await stores.suppressions.add([suppression(ANA)])
    assert await stores.suppressions.matching([]) == []
    assert await stores.suppressions.matching([BIA, "", "'"]) == []


async def check_pages_hold_every_suppression_once_in_order(stores: Store) -> None:
    given = [suppression(f"p{number:02}@x.com", channel) for number in range(7) for channel in (None, Channel.EMAIL)]
    await stores.suppressions.add(given[::-1])
    seen: list[Suppression] = []
    while page := await stores.suppressions.page(seen[-1].key if seen else "", 3):
        seen += page
    assert [one.key for one in seen] == [one.key for one in given]
    assert set(seen) == set(given)


async def check_an_opt_out_cancels_all_that_has_not_begun_of_that_person_only(stores: Store) -> None:
    ana, bia = await import_two(stores)
    campaign = await start(stores, "promo")
    assert await stores.suppressions.add([suppression(ANA)]) == 3
    assert await states(stores, campaign, ana) == [GONE, GONE, GONE]
    assert await states(stores, campaign, bia) == [DUE, WAITS, WAITS]
    rows = await stores.ledger.rows_of(campaign.id, ana)
    assert {(row.reason, row.due_at, row.changed_at) for row in rows} == {("opted_out", None, NOW)}


async def check_cancelled_messages_are_counted_and_tell_why(stores: Store) -> None:
    ana, _ = await import_two(stores)
    campaign = await start(stores, "promo")
    await stores.suppressions.add([suppression(ANA, reason="complained")])
    assert await counted(stores, campaign) == {(GONE, "complained"): 3, (DUE, ""): 1, (WAITS, ""): 2}
    [row, *_] = await stores.ledger.rows_of(campaign.id, ana)
    last = (await stores.ledger.journal(row.id))[-1]
    assert (last.event, last.reason, last.detail) == ("cancel", "complained", "reply")


async def check_a_channel_suppression_leaves_the_other_channels(stores: Store) -> None:
    ana, _ = await import_two(stores)
    campaign = await start(stores, "promo")
    assert await stores.suppressions.add([suppression(ANA_MAIL, Channel.EMAIL, "bounced")]) == 1
    assert await states(stores, campaign, ana) == [DUE, GONE, WAITS]


async def check_an_email_key_stops_every_channel_when_none_is_named(stores: Store) -> None:
    ana, _ = await import_two(stores)
    campaign = await start(stores, "promo")
    assert await stores.suppressions.add([suppression(ANA_MAIL)]) == 3
    assert await states(stores, campaign, ana) == [GONE, GONE, GONE]


async def check_both_keys_of_one_person_cancel_each_message_once(stores: Store) -> None:
    ana, _ = await import_two(stores)
    campaign = await start(stores, "promo")
    both = [suppression(ANA_MAIL, Channel.EMAIL, "bounced"), suppression(ANA), suppression(ANA_MAIL)]
    assert await stores.suppressions.add(both) == 3
    rows = await stores.ledger.rows_of(campaign.id, ana)
    assert [row.reason for row in rows] == ["opted_out", "bounced", "opted_out"]
    for row in rows:
        history = [line.event for line in await stores.ledger.journal(row.id)]
        assert history.count("cancel") == 1


async def check_every_list_and_every_live_campaign_is_covered(stores: Store) -> None:
    ana_here, _ = await import_two(stores, "clientes")
    ana_there, _ = await import_two(stores, "leads")
    running, paused = await start(stores, "um"), await start(stores, "dois", "leads")
    await stores.campaigns.apply(paused.id, CampaignEvent.PAUSE, NOW)
    assert await stores.suppressions.add([suppression(ANA)]) == 6
    assert await states(stores, running, ana_here) == [GONE, GONE, GONE]
    assert await states(stores, paused, ana_there) == [GONE, GONE, GONE]


async def check_adding_again_cancels_nothing_again(stores: Store) -> None:
    await import_two(stores)
    campaign = await start(stores, "promo")
    await stores.suppressions.add([suppression(ANA)])
    before = await counted(stores, campaign)
    assert await stores.suppressions.add([suppression(ANA)]) == 0
    assert await counted(stores, campaign) == before


async def check_removing_a_suppression_revives_nothing(stores: Store) -> None:
    ana, _ = await import_two(stores)
    campaign = await start(stores, "promo")
    await stores.suppressions.add([suppression(ANA)])
    await stores.suppressions.remove(ANA)
    assert await states(stores, campaign, ana) == [GONE, GONE, GONE]


async def check_a_key_of_nobody_is_kept_for_later(stores: Store) -> None:
    assert await stores.suppressions.add([suppression(ANA)]) == 0
    ana, bia = await import_two(stores)
    draft = parse_campaign({"name": "promo", "list": "clientes", "steps": STEPS}, created_at=NOW)
    campaign = await stores.campaigns.apply((await stores.campaigns.add(draft)).id, CampaignEvent.START, NOW)
    page = await stores.ledger.launch_page(campaign, 10)
    found = {contact.id: [*each] for contact, each in zip(page.contacts, page.suppressions, strict=True)}
    assert found == {ana: [suppression(ANA)], bia: []}


async def check_an_erasure_cancels_what_was_not_sent_and_keeps_the_opt_out(stores: Store) -> None:
    ana, bia = await import_two(stores)
    campaign = await start(stores, "promo")
    await stores.suppressions.add([suppression(ANA, Channel.SMS)])
    await stores.contacts.erase(ana, NOW)
    assert await states(stores, campaign, ana) == [GONE, GONE, GONE]
    assert await states(stores, campaign, bia) == [DUE, WAITS, WAITS]
    assert await counted(stores, campaign) == {(GONE, "erased"): 3, (DUE, ""): 1, (WAITS, ""): 2}
    assert [one.key for one in await stores.suppressions.matching([ANA])] == [ANA]


async def check_a_hash_holds_for_whoever_has_its_key(stores: Store) -> None:
    await stores.suppressions.add([suppression(hashed_key(ANA), Channel.SMS, "do_not_call"), suppression(BIA)])
    told = suppression(ANA, Channel.SMS, "do_not_call")
    assert await stores.suppressions.matching([ANA_MAIL, ANA]) == [told]
    assert await stores.suppressions.matching([hashed_key(ANA)]) == [
        suppression(hashed_key(ANA), Channel.SMS, told.reason)
    ]
    assert [one.key for one in await stores.suppressions.page("", 5)] == [BIA, hashed_key(ANA)]


async def check_a_key_and_its_hash_are_both_told_and_lifted_together(stores: Store) -> None:
    await stores.suppressions.add([suppression(hashed_key(ANA), Channel.SMS, "do_not_call"), suppression(ANA)])
    found = await stores.suppressions.matching([ANA, BIA])
    assert [(one.key, one.channel) for one in found] == [(ANA, None), (ANA, Channel.SMS)]
    assert await stores.suppressions.remove(ANA)
    assert not await stores.suppressions.remove(ANA)
    assert await stores.suppressions.matching([ANA]) == []


async def check_a_hash_meets_contacts_that_are_entered_later(stores: Store) -> None:
    await stores.suppressions.add([suppression(hashed_key(ANA_MAIL), reason="do_not_call")])
    ana, bia = await import_two(stores)
    draft = parse_campaign({"name": "promo", "list": "clientes", "steps": STEPS}, created_at=NOW)
    campaign = await stores.campaigns.apply((await stores.campaigns.add(draft)).id, CampaignEvent.START, NOW)
    page = await stores.ledger.launch_page(campaign, 10)
    found = {contact.id: [*each] for contact, each in zip(page.contacts, page.suppressions, strict=True)}
    assert found == {ana: [suppression(ANA_MAIL, reason="do_not_call")], bia: []}


async def check_a_hash_cancels_what_waits_when_it_is_enforced(stores: Store) -> None:
    ana, bia = await import_two(stores)
    campaign = await start(stores, "promo")
    assert await stores.suppressions.add([suppression(hashed_key(ANA), reason="do_not_call")]) == 0
    assert await stores.suppressions.enforce([BIA, ANA_MAIL], NOW) == 0
    assert await stores.suppressions.enforce([BIA, ANA], NOW) == 3
    assert await stores.suppressions.enforce([BIA, ANA], NOW) == 0
    assert await states(stores, campaign, ana) == [GONE, GONE, GONE]
    assert await states(stores, campaign, bia) == [DUE, WAITS, WAITS]
    assert (await counted(stores, campaign))[GONE, "do_not_call"] == 3


async def check_the_same_act_for_many_keys(stores: Store) -> None:
    await import_two(stores)
    await start(stores, "promo")
    keys: Sequence[str] = [ANA, BIA, *(f"p{number}@x.com" for number in range(500))]
    assert await stores.suppressions.add([suppression(key) for key in keys]) == 6
    assert len(await stores.suppressions.matching(keys)) == len(keys)


async def check_a_suppression_that_cannot_be_written_leaves_nothing(stores: Store) -> None:
    await import_two(stores)
    campaign = await start(stores, "promo")
    with pytest.raises(TypeError):
        await stores.suppressions.add([suppression(ANA), suppression(BIA, reason=object())])  # type: ignore[arg-type]
    assert await stores.suppressions.page("", 5) == []
    assert await counted(stores, campaign) == {(DUE, ""): 2, (WAITS, ""): 4}


async def check_what_is_concealed_holds_and_tells_nobody_who_it_was(stores: Store) -> None:
    await stores.suppressions.add([suppression(ANA), suppression(ANA, Channel.SMS), suppression(BIA)])
    assert await stores.suppressions.conceal([ANA, ANA_MAIL, hashed_key(BIA), ""]) >= 1
    kept = await stores.suppressions.page("", 10)
    assert sorted({one.key for one in kept}) == sorted([BIA, hashed_key(ANA)])
    assert {one.source for one in kept if one.key == hashed_key(ANA)} == {"erased"}
    assert [(one.key, one.channel) for one in await stores.suppressions.matching([ANA])] == [
        (ANA, None),
        (ANA, Channel.SMS),
    ]
    assert await stores.suppressions.conceal([ANA]) == 0
    assert await stores.suppressions.remove(ANA)
    assert not await stores.suppressions.matching([ANA])


SUITE: tuple[Check, ...] = tuple(check for name, check in globals().items() if name.startswith("check_"))
