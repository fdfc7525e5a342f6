"""What every ledger does when workers ask for messages; each check gets an empty scene."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from disparo.domain.campaign import CampaignEvent
from disparo.domain.contact import Channel
from disparo.domain.message import Claimed, MessageEvent, MessageId, MessageState
from disparo.domain.place import Place
from disparo.domain.policies.rate_limit import HISTORY_KEPT, MOMENT_TOLERANCE, Limits
from disparo.ports.ledger import Claim, ClaimRequest, NewMessage
from tests.contract.scene import HOME, HOUR, MINUTE, MS, NOW, SECOND, WHATSAPP, Scene, speaks_of

STRETCHED = MINUTE + MOMENT_TOLERANCE


def ids(claim: Claim) -> list[str]:
    return [str(message.id) for message in claim.messages]


def by_campaign(claim: Claim) -> dict[str, int]:
    return Counter(message.id.campaign_id for message in claim.messages)


async def check_a_claim_brings_all_that_sending_needs(scene: Scene) -> None:
    [ana] = await scene.people(1, "promo")
    campaign = await scene.start()
    await scene.enter(campaign)
    closes_at = NOW + 3 * HOUR
    [got] = (await scene.claim(5, lanes=await scene.lanes(closes_at=closes_at))).messages
    contact = await scene.store.contacts.get(ana)
    assert got == Claimed(
        id=MessageId(campaign.id, 1, ana),
        channel=Channel.WHATSAPP,
        sender="whatsapp",
        place=HOME,
        fence=1,
        retries_used=0,
        permit_at=NOW,
        closes_at=closes_at,
        phone=contact.phone,
        email=contact.email,
        keys=contact.keys,
        variables={"numero": "0"},
        lease_until=NOW + WHATSAPP.lease,
    )
    assert len(got.keys) == 2


async def check_permits_rows_and_intent_are_one_act(scene: Scene) -> None:
    campaign = await scene.begin(3)
    claim = await scene.claim(2)
    first, second, third = await scene.rows(campaign)
    assert {first.id, second.id} == {message.id for message in claim.messages}
    for row in (first, second):
        assert (row.state, row.attempts, row.due_at) == (MessageState.SENDING, 1, NOW + WHATSAPP.lease)
    assert (third.state, third.attempts) == (MessageState.DUE, 0)
    assert (await scene.store.ledger.book("whatsapp", 1, WHATSAPP)).given == 2


async def check_what_one_worker_has_no_other_gets(scene: Scene) -> None:
    await scene.begin(5)
    mine = await scene.claim(3)
    theirs = await scene.claim(3, store=scene.other)
    assert (len(ids(mine)), len(ids(theirs))) == (3, 2)
    assert not set(ids(mine)) & set(ids(theirs))
    assert ids(await scene.claim(3)) == []


async def check_lanes_decided_before_a_change_take_nothing(scene: Scene) -> None:
    campaign = await scene.begin(3)
    lanes, revision = await scene.lanes(), await scene.store.ledger.revision()
    await scene.other.campaigns.apply(campaign.id, CampaignEvent.PAUSE, NOW)
    claim = await scene.store.ledger.claim(ClaimRequest(WHATSAPP, lanes, 3, NOW, revision))
    assert claim == Claim(stale=True)
    assert await scene.states(campaign) == ["due"] * 3
    assert (await scene.store.ledger.book("whatsapp", 1, WHATSAPP)).given == 0


async def check_only_the_given_lanes_are_served(scene: Scene) -> None:
    manaus = Place("America/Manaus")
    campaign = await scene.begin(4, places=(HOME, manaus))
    by_place = {lane.place: lane.id for lane in await scene.store.ledger.lanes()}
    lanes = [lane for lane in await scene.lanes() if lane.id == by_place[manaus]]
    claim = await scene.claim(10, lanes=lanes)
    assert [message.place for message in claim.messages] == [manaus, manaus]
    assert claim.next_at is None
    assert sorted(await scene.states(campaign)) == ["due", "due", "sending", "sending"]


async def check_urgent_ones_come_before_those_that_are_due_longer(scene: Scene) -> None:
    await scene.people(2, "promo", priority=5)
    urgent = await scene.people(1, "promo", priority=1)
    campaign = await scene.start()
    assert await scene.enter(campaign, limit=2, due_at=NOW - HOUR)
    assert await scene.enter(campaign, limit=2, due_at=NOW)
    claim = await scene.claim(2)
    first, _ = claim.messages
    assert first.id.contact_id == urgent[0]


async def check_of_equal_priority_the_longest_due_comes_first(scene: Scene) -> None:
    people = await scene.people(3, "promo")
    campaign = await scene.start()
    page = await scene.store.ledger.launch_page(campaign, 10)
    minutes = {people[0]: 2, people[1]: 3, people[2]: 1}
    rows = [
        NewMessage(one.id, 1, Channel.WHATSAPP, HOME, MessageState.DUE, 5, NOW - minutes[one.id] * MINUTE)
        for one in page.contacts
    ]
    await scene.store.ledger.enroll(campaign, page, rows, NOW)
    served = [(await scene.one()).id.contact_id for _ in range(3)]
    assert served == [people[1], people[0], people[2]]


async def check_lanes_are_served_in_the_order_in_which_they_are_given(scene: Scene) -> None:
    places = (HOME, Place("America/Manaus"), Place("America/Noronha"))
    await scene.begin(6, places=places)
    lanes = [*reversed(await scene.lanes())]
    claim = await scene.claim(4, lanes=lanes)
    assert [message.place for message in claim.messages] == [places[2], places[2], places[1], places[1]]


async def check_what_is_due_later_is_waited_for(scene: Scene) -> None:
    await scene.begin(2, "depois", due_at=NOW + HOUR)
    await scene.begin(2, "antes", due_at=NOW + MINUTE)
    claim = await scene.claim(10)
    assert (ids(claim), claim.next_at, claim.blocked) == ([], NOW + MINUTE, False)
    assert len(ids(await scene.claim(10, NOW + MINUTE - MS))) == 0
    later = await scene.claim(10, NOW + MINUTE)
    assert (len(later.messages), later.next_at) == (2, NOW + HOUR)


async def check_with_nothing_left_there_is_nothing_to_wait_for(scene: Scene) -> None:
    await scene.begin(2)
    claim = await scene.claim(10)
    assert (len(claim.messages), claim.next_at, claim.reason, claim.blocked) == (2, None, "", False)


async def check_a_full_claim_may_be_asked_again_at_once(scene: Scene) -> None:
    await scene.begin(3)
    claim = await scene.claim(2)
    assert (len(claim.messages), claim.next_at, claim.blocked) == (2, NOW, False)


async def check_the_senders_limit_stands_in_the_way_until_its_window_has_passed(scene: Scene) -> None:
    await scene.begin(12)
    sender = replace(WHATSAPP, limits=Limits(burst=4, hourly=8))
    first = await scene.claim(10, sender=sender)
    assert (len(first.messages), first.blocked, first.reason) == (4, True, "whatsapp:burst")
    assert first.next_at == NOW + STRETCHED
    early = await scene.claim(10, first.next_at - MS, sender=sender, store=scene.other)
    assert ([*early.messages], early.next_at, early.blocked) == ([], first.next_at, True)
    second = await scene.claim(10, first.next_at, sender=sender, store=scene.other)
    assert (len(second.messages), second.reason) == (4, "whatsapp:hourly")
    assert second.next_at == NOW + HOUR + MOMENT_TOLERANCE
    assert all(message.permit_at == first.next_at for message in second.messages)


async def check_permits_are_spent_on_messages_only(scene: Scene) -> None:
    campaign = await scene.begin(3)
    sender = replace(WHATSAPP, limits=Limits(burst=4))
    claim = await scene.claim(10, sender=sender)
    assert (len(claim.messages), claim.blocked) == (3, False)
    await scene.people(3, "dois")
    await scene.enter(await scene.start("dois"))
    assert len((await scene.claim(10, sender=sender)).messages) == 1
    assert await scene.states(campaign) == ["sending"] * 3


async def check_a_campaigns_own_limit_holds_back_that_campaign_only(scene: Scene) -> None:
    slow, free = await scene.begin(5, "lenta"), await scene.begin(5, "livre")
    lanes = await scene.lanes({slow.id: Limits(burst=2)})
    claim = await scene.claim(10, lanes=lanes)
    assert by_campaign(claim) == {slow.id: 2, free.id: 5}
    assert (claim.blocked, claim.reason) == (False, f"whatsapp/{slow.id}:burst")
    assert claim.next_at == NOW + STRETCHED
    assert by_campaign(await scene.claim(10, NOW + STRETCHED, lanes=lanes)) == {slow.id: 2}


async def check_limits_of_two_senders_are_apart(scene: Scene) -> None:
    await scene.begin(6)
    limits = Limits(burst=2)
    assert len((await scene.claim(9, sender=replace(WHATSAPP, limits=limits))).messages) == 2
    assert len((await scene.claim(9, sender=replace(WHATSAPP, name="outro", limits=limits))).messages) == 2


async def check_a_lower_limit_counts_what_was_sent_before_it(scene: Scene) -> None:
    await scene.begin(12)
    assert len((await scene.claim(6, sender=replace(WHATSAPP, limits=Limits(burst=6)))).messages) == 6
    lowered = replace(WHATSAPP, limits=Limits(burst=6, hourly=8))
    assert len((await scene.claim(6, NOW + STRETCHED, sender=lowered)).messages) == 2


async def check_a_clock_set_back_gets_no_second_helping(scene: Scene) -> None:
    await scene.begin(6)
    sender = replace(WHATSAPP, limits=Limits(burst=2))
    await scene.claim(2, sender=sender)
    back = await scene.claim(2, NOW - HOUR, sender=sender)
    assert ([*back.messages], back.next_at) == ([], NOW + STRETCHED)


async def check_a_horizon_gives_moments_ahead(scene: Scene) -> None:
    await scene.begin(6)
    sender = replace(WHATSAPP, limits=Limits(burst=2))
    claim = await scene.claim(6, sender=sender, horizon=2 * MINUTE)
    assert [message.permit_at - NOW for message in claim.messages] == [timedelta(0)] * 2 + [STRETCHED] * 2
    assert {message.lease_until for message in claim.messages} == {NOW + STRETCHED + sender.lease}, (
        "no lease runs out before the latest of them may leave"
    )


async def check_no_moment_lies_behind_a_closing(scene: Scene) -> None:
    await scene.begin(6)
    sender = replace(WHATSAPP, limits=Limits(burst=2))
    lanes = await scene.lanes(closes_at=NOW + STRETCHED)
    assert len((await scene.claim(6, sender=sender, horizon=5 * MINUTE, lanes=lanes)).messages) == 2


async def check_campaigns_with_backlog_get_equal_shares(scene: Scene) -> None:
    campaigns = [await scene.begin(20, f"c{number}") for number in range(3)]
    assert by_campaign(await scene.claim(12)) == {campaign.id: 4 for campaign in campaigns}


async def check_the_share_of_an_idle_campaign_goes_to_the_others(scene: Scene) -> None:
    idle, *busy = [await scene.begin(count, f"c{count}") for count in (2, 20, 21)]
    assert by_campaign(await scene.claim(12)) == {idle.id: 2, busy[0].id: 5, busy[1].id: 5}


async def check_campaigns_take_turns_when_permits_come_one_by_one(scene: Scene) -> None:
    campaigns = [await scene.begin(4, f"c{number}") for number in range(3)]
    sender = replace(WHATSAPP, limits=Limits(burst=1))
    at, served = NOW, []
    for turn in range(12):
        claim = await scene.claim(10, at, sender=sender, store=scene.other if turn % 2 else None)
        served += [message.id.campaign_id for message in claim.messages]
        at = claim.next_at or at
    assert sorted(served[:3]) == sorted(campaign.id for campaign in campaigns)
    assert served == served[:3] * 4


async def check_twenty_lanes_get_no_more_than_one(scene: Scene) -> None:
    places = tuple(Place(f"America/{name}", "BR") for name in ("Manaus", "Belem", "Cuiaba", "Recife"))
    places += tuple(replace(place, region=f"BR-{state}") for place in places for state in ("PR", "SP", "RJ", "AM"))
    many = await scene.begin(40, "muitas", places=places)
    single = await scene.begin(40, "uma")
    assert len([lane for lane in await scene.lanes() if lane.campaign_id == many.id]) == 20
    for _ in range(2):
        assert by_campaign(await scene.claim(10)) == {many.id: 5, single.id: 5}


async def check_an_odd_one_goes_to_whom_was_served_longest_ago(scene: Scene) -> None:
    await scene.begin(9, "um")
    await scene.begin(9, "dois")
    shares = [by_campaign(await scene.claim(3)) for _ in range(2)]
    assert sorted(shares[0].values()) == sorted(shares[1].values()) == [1, 2]
    assert shares[0] != shares[1]


async def check_pruning_forgets_only_what_no_window_can_look_at(scene: Scene) -> None:
    await scene.begin(9)
    sender = replace(WHATSAPP, limits=Limits(daily=3))
    await scene.claim(2, sender=sender)
    await scene.claim(1, NOW + HOUR, sender=sender)
    await scene.store.ledger.prune()
    daily = timedelta(days=1) + MOMENT_TOLERANCE
    blocked = await scene.claim(9, NOW + 2 * HOUR, sender=sender)
    assert ([*blocked.messages], blocked.next_at) == ([], NOW + daily)
    assert len((await scene.claim(9, NOW + daily, sender=sender)).messages) == 2
    await scene.store.ledger.prune()
    assert len((await scene.claim(9, NOW + HOUR + daily, sender=sender)).messages) == 1


async def check_a_clock_ahead_by_mistake_makes_pruning_forget_nothing(scene: Scene) -> None:
    """The clock stood a year ahead while the store was pruned, and is right again: today's permits still count."""
    await scene.begin(9)
    sender = replace(WHATSAPP, limits=Limits(daily=3))
    await scene.claim(3, sender=sender)
    assert await scene.store.ledger.lapse(NOW + timedelta(days=365), 10) == 3
    await scene.store.ledger.prune()
    again = await scene.claim(3, NOW + MINUTE, sender=sender)
    assert ([*again.messages], again.blocked) == ([], True)


async def check_looking_at_a_book_takes_nothing(scene: Scene) -> None:
    await scene.begin(9)
    sender = replace(WHATSAPP, limits=Limits(burst=3))
    assert (await scene.store.ledger.book("whatsapp", 5, sender)).given == 0
    await scene.claim(2, sender=sender)
    for _ in range(3):
        book = await scene.store.ledger.book("whatsapp", 5, sender)
        assert (book.given, book.limits) == (2, sender.limits)
    book.give(1, 0)
    assert len((await scene.claim(9, NOW + SECOND, sender=sender)).messages) == 1
    assert (await scene.store.ledger.book("whatsapp/1", 5, sender)).given == 3


async def check_what_was_given_since_is_counted(scene: Scene) -> None:
    """Below and above the limits, at one instant and at many, with a claim that gives several."""
    ledger, instants = scene.store.ledger, [NOW - SECOND, NOW, NOW + 3 * SECOND, NOW + 39 * SECOND, NOW + 40 * SECOND]
    assert [*await ledger.given_since("whatsapp", instants)] == [0] * 5
    await scene.begin(60)
    sender = replace(WHATSAPP, limits=Limits(burst=45, hourly=1000))
    claims = [len((await scene.claim(3, NOW, sender=sender)).messages) for _ in range(2)]
    claims += [len((await scene.claim(1, NOW + at * SECOND, sender=sender)).messages) for at in range(1, 40)]
    claims += [len((await scene.claim(3, NOW + 40 * SECOND, sender=sender)).messages)]
    assert claims == [3, 3, *[1] * 39, 0], "as many as a minute takes"
    assert [*await ledger.given_since("whatsapp", instants)] == [45, 39, 36, 0, 0]
    assert [*await ledger.given_since("whatsapp", [])] == []


async def check_old_permits_leave_the_book(scene: Scene) -> None:
    await scene.begin(9)
    sender = replace(WHATSAPP, limits=Limits(burst=3, daily=100))
    for number in range(3):
        await scene.claim(1, NOW + number * HOUR, sender=sender)
    await scene.claim(1, NOW + HISTORY_KEPT + 90 * MINUTE, sender=sender)
    await scene.store.ledger.prune()
    book = await scene.store.ledger.book("whatsapp", 100, sender)
    assert (book.given, len(book.firsts)) == (4, 2)


async def check_a_message_claimed_again_has_a_higher_fence(scene: Scene) -> None:
    await scene.begin(1)
    first = await scene.one()
    await scene.settle(speaks_of(first, MessageEvent.RETRY, due_at=NOW + MINUTE, uses_retry=True))
    second = await scene.one(NOW + MINUTE)
    assert (first.fence, first.retries_used) == (1, 0)
    assert (second.fence, second.retries_used) == (2, 1)


CHECKS = tuple(check for name, check in globals().items() if name.startswith("check_"))
