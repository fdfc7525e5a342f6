"""What every ledger does with a campaign's audience, and how it shows its rows; each check gets an empty scene."""

from __future__ import annotations

import pytest

from disparo.domain.campaign import CampaignEvent
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.errors import NotFoundError
from disparo.domain.message import MessageEvent, MessageId, MessageRecord, MessageState
from disparo.domain.place import Place
from disparo.domain.settlement import Settlement
from disparo.domain.suppression import Suppression
from disparo.ports.ledger import MessageFilter, NewMessage
from tests.contract.scene import HOME, NOW, Scene, later_word, mail_of, phone_of, speaks_of


async def check_pages_enter_everybody_once_in_the_order_of_the_list(scene: Scene) -> None:
    people = await scene.people(7, "promo")
    campaign = await scene.start()
    pages = []
    while not (page := await scene.store.ledger.launch_page(campaign, 3)).last:
        pages.append([contact.id for contact in page.contacts])
        assert await scene.enter(campaign, limit=3)
    assert await scene.enter(campaign, limit=3)
    assert pages == [people[:3], people[3:6]]
    assert [row.id.contact_id for row in await scene.rows(campaign)] == people
    assert (await scene.store.campaigns.get("promo")).launched


async def check_a_page_entered_by_two_workers_is_entered_once(scene: Scene) -> None:
    await scene.people(3, "promo")
    campaign = await scene.start()
    page = await scene.store.ledger.launch_page(campaign, 2)
    rows = [NewMessage(contact.id, 1, Channel.WHATSAPP, HOME, MessageState.DUE, 5, NOW) for contact in page.contacts]
    assert await scene.store.ledger.enroll(campaign, page, rows, NOW)
    assert not await scene.other.ledger.enroll(campaign, page, rows, NOW)
    assert not await scene.store.ledger.enroll(campaign, page, rows, NOW)
    assert len(await scene.rows(campaign)) == 2


async def check_contacts_imported_after_the_start_are_left_out(scene: Scene) -> None:
    early = await scene.people(3, "promo")
    campaign = await scene.start()
    assert await scene.enter(campaign, limit=2)
    await scene.people(2, "promo")
    assert await scene.enter(campaign, limit=2)
    assert (await scene.store.campaigns.get("promo")).launched
    assert [row.id.contact_id for row in await scene.rows(campaign)] == early


async def check_people_of_other_lists_are_left_out(scene: Scene) -> None:
    await scene.people(2, "outros")
    mine = await scene.people(2, "promo")
    campaign = await scene.start()
    assert [contact.id for contact in (await scene.store.ledger.launch_page(campaign, 9)).contacts] == mine


async def check_an_empty_audience_is_entered_at_once(scene: Scene) -> None:
    campaign = await scene.start()
    page = await scene.store.ledger.launch_page(campaign, 10)
    assert (page.contacts, page.last) == ([], True)
    assert await scene.store.ledger.enroll(campaign, page, [], NOW)
    assert (await scene.store.campaigns.get("promo")).launched


async def check_erased_people_are_not_entered(scene: Scene) -> None:
    gone, stays = await scene.people(2, "promo")
    await scene.store.contacts.erase(gone, NOW)
    campaign = await scene.start()
    assert [contact.id for contact in (await scene.store.ledger.launch_page(campaign, 9)).contacts] == [stays]


async def check_a_page_says_what_is_suppressed_of_each_contact(scene: Scene) -> None:
    await scene.people(4, "promo")
    given = [
        Suppression(phone_of(0), None, "opted_out", "test", NOW),
        Suppression(phone_of(1), Channel.SMS, "by_hand", "test", NOW),
        Suppression(mail_of(1), Channel.EMAIL, "bounced", "test", NOW),
        Suppression(mail_of(2), None, "opted_out", "test", NOW),
    ]
    await scene.store.suppressions.add(given)
    page = await scene.store.ledger.launch_page(await scene.start(), 10)
    assert [sorted(one.reason for one in each) for each in page.suppressions] == [
        ["opted_out"],
        ["bounced", "by_hand"],
        ["opted_out"],
        [],
    ]
    assert {one for each in page.suppressions for one in each} == set(given)


async def check_a_campaign_that_was_stopped_meanwhile_enters_nobody(scene: Scene) -> None:
    """A worker that read the page before would otherwise leave rows that nothing ends any more."""
    await scene.people(3, "promo")
    campaign = await scene.start()
    page = await scene.store.ledger.launch_page(campaign, 10)
    await scene.other.campaigns.apply(campaign.id, CampaignEvent.CANCEL, NOW)
    assert await scene.other.campaigns.conclude(campaign.id, NOW)
    rows = [NewMessage(one.id, 1, Channel.WHATSAPP, HOME, MessageState.DUE, 5, NOW) for one in page.contacts]
    assert not await scene.store.ledger.enroll(campaign, page, rows, NOW)
    assert await scene.rows(campaign) == []


async def check_a_row_comes_back_as_it_was_entered(scene: Scene) -> None:
    [ana] = await scene.people(1, "promo", priority=2)
    campaign = await scene.start(steps=3)
    page = await scene.store.ledger.launch_page(campaign, 10)
    place = Place("America/Manaus")
    rows = [
        NewMessage(ana, 1, Channel.WHATSAPP, place, MessageState.CANCELLED, 2, None, "opted_out"),
        NewMessage(ana, 2, Channel.EMAIL, HOME, MessageState.DUE, 2, NOW),
        NewMessage(ana, 3, Channel.WHATSAPP, place, MessageState.WAITING, 2),
    ]
    assert await scene.store.ledger.enroll(campaign, page, rows, NOW)
    first, second, third = await scene.store.ledger.rows_of(campaign.id, ana)
    assert first == MessageRecord(
        *(MessageId(campaign.id, 1, ana), Channel.WHATSAPP, place, MessageState.CANCELLED, "opted_out", 2),
        *(None, 0, 0, NOW),
    )
    assert (second.channel, second.place, second.state, second.due_at) == (Channel.EMAIL, HOME, MessageState.DUE, NOW)
    assert (third.state, third.reason, third.due_at) == (MessageState.WAITING, "", None)
    assert await scene.store.ledger.get(second.id) == second


async def check_lanes_are_those_of_running_campaigns(scene: Scene) -> None:
    manaus = Place("America/Manaus")
    await scene.people(1, "promo", priority=1)
    await scene.people(2, "promo", priority=7, places=(manaus,))
    campaign = await scene.start(steps=2)
    assert await scene.enter(campaign)
    found = {(lane.campaign_id, lane.channel, lane.place, lane.priorities) for lane in await scene.store.ledger.lanes()}
    assert found == {
        (campaign.id, Channel.WHATSAPP, HOME, (1,)),
        (campaign.id, Channel.EMAIL, HOME, (1,)),
        (campaign.id, Channel.WHATSAPP, manaus, (7,)),
        (campaign.id, Channel.EMAIL, manaus, (7,)),
    }
    await scene.store.campaigns.apply(campaign.id, CampaignEvent.PAUSE, NOW)
    assert await scene.store.ledger.lanes() == []


async def check_a_lane_of_several_pages_is_one_lane(scene: Scene) -> None:
    await scene.people(2, "promo", priority=3)
    await scene.people(2, "promo", priority=0)
    campaign = await scene.start()
    while not (await scene.store.campaigns.get("promo")).launched:
        assert await scene.enter(campaign, limit=1)
    [lane] = await scene.store.ledger.lanes()
    assert lane.priorities == (0, 3)


async def check_the_revision_rises_when_campaigns_or_their_lanes_change(scene: Scene) -> None:
    ledger, campaigns = scene.other.ledger, scene.store.campaigns
    await scene.people(2, "promo", priority=5)
    await scene.people(1, "promo", priority=1)
    await scene.people(1, "promo", places=(Place("America/Manaus"),))
    campaign = await scene.draft()
    reached = await ledger.revision()

    async def rose() -> bool:
        nonlocal reached
        before, reached = reached, await ledger.revision()
        return reached > before

    await campaigns.apply(campaign.id, CampaignEvent.START, NOW)
    assert await rose()
    for new_lane_or_priority in (True, False, True, True):
        assert await scene.enter(campaign, limit=1)
        assert await rose() is new_lane_or_priority
    assert await scene.enter(campaign, limit=1)  # the empty page behind the last one
    assert await rose(), "that all are entered lets the campaign end"
    for event in (CampaignEvent.PAUSE, CampaignEvent.RESUME):
        await campaigns.apply(campaign.id, event, NOW)
        assert await rose()
    await campaigns.replace(campaign)
    assert await rose()
    await campaigns.apply(campaign.id, CampaignEvent.CANCEL, NOW)
    assert await rose()


async def check_the_revision_rests_while_messages_are_sent(scene: Scene) -> None:
    await scene.begin(2)
    before = await scene.store.ledger.revision()
    first, second = (await scene.claim()).messages
    await scene.settle(speaks_of(first, MessageEvent.ACCEPT), speaks_of(second, MessageEvent.DOUBT, due_at=NOW))
    assert await scene.store.ledger.revision() == before


async def check_filters_of_a_listing(scene: Scene) -> None:
    one, two = await scene.begin(2, "um", steps=2), await scene.begin(2, "dois", steps=2)
    ana = (await scene.rows(one))[0].id.contact_id
    rejected = MessageId(two.id, 1, (await scene.rows(two))[0].id.contact_id)
    await scene.settle(Settlement(rejected, MessageEvent.CANCEL, reason="by_hand"))

    async def listed(**keys: object) -> int:
        return len(await scene.store.ledger.page(MessageFilter(**keys), None, 100))  # type: ignore[arg-type]

    assert await listed() == 8
    assert await listed(campaign_id=one.id) == 4
    assert await listed(contact_id=ana) == 2
    assert await listed(step=2) == 4
    assert await listed(campaign_id=one.id, step=2, contact_id=ana) == 1
    assert await listed(states=frozenset({MessageState.WAITING, MessageState.CANCELLED})) == 5
    assert await listed(reason="by_hand") == 1
    assert await listed(campaign_id=one.id, reason="by_hand") == 0
    assert await listed(states=frozenset()) == 0
    assert await listed(campaign_id="999") == 0


async def check_a_listing_goes_on_behind_its_cursor(scene: Scene) -> None:
    one, two = await scene.begin(3, "um", steps=3), await scene.begin(3, "dois", steps=3)
    everything = await scene.store.ledger.page(MessageFilter(), None, 100)
    assert [row.id for row in everything] == [row.id for row in [*await scene.rows(one), *await scene.rows(two)]]
    keys = [(int(row.id.campaign_id), int(row.id.contact_id), row.id.step) for row in everything]
    assert keys == sorted(keys)
    for wanted, expected in (
        (MessageFilter(), everything),
        (MessageFilter(two.id), [row for row in everything if row.id.campaign_id == two.id]),
        (MessageFilter(step=2), [row for row in everything if row.id.step == 2]),
    ):
        seen: list[MessageRecord] = []
        while page := await scene.store.ledger.page(wanted, seen[-1].id if seen else None, 4):
            assert len(page) <= 4
            seen += page
        assert seen == [*expected]


async def check_a_cursor_of_another_campaign_is_no_obstacle(scene: Scene) -> None:
    one, two = await scene.begin(2, "um"), await scene.begin(2, "dois")
    last_of_one, first_of_two = (await scene.rows(one))[-1].id, (await scene.rows(two))[0].id
    assert await scene.store.ledger.page(MessageFilter(two.id), last_of_one, 10) == await scene.rows(two)
    assert await scene.store.ledger.page(MessageFilter(one.id), first_of_two, 10) == []


async def check_a_message_that_is_not_there_is_not_found(scene: Scene) -> None:
    campaign = await scene.begin(1)
    for message_id in (MessageId(campaign.id, 2, "1"), MessageId("999", 1, "1"), MessageId("x", 1, "ana")):
        with pytest.raises(NotFoundError):
            await scene.store.ledger.get(message_id)
    assert await scene.store.ledger.rows_of("x", "y") == []
    assert await scene.store.ledger.journal(MessageId("x", 1, "y")) == []


async def check_a_person_in_two_lists_has_a_row_in_each_campaign(scene: Scene) -> None:
    draft = ContactDraft("a.csv:2", HOME, phone=phone_of(0), phone_key=phone_of(0))
    for name in ("um", "dois"):
        await scene.store.contacts.fold(name, [draft])
        assert await scene.enter(await scene.start(name))
    assert len((await scene.claim()).messages) == 2


async def check_the_other_process_sees_what_this_one_wrote(scene: Scene) -> None:
    campaign = await scene.begin(2)
    message = await scene.one()
    await scene.settle(later_word(message.id, MessageEvent.ACCEPT))
    wanted = MessageFilter(campaign.id)
    assert await scene.other.ledger.page(wanted, None, 9) == await scene.store.ledger.page(wanted, None, 9)
    assert await scene.other.ledger.journal(message.id) == await scene.store.ledger.journal(message.id)


CHECKS = tuple(check for name, check in globals().items() if name.startswith("check_"))
