"""What every ledger does when a provider is sick or a person has had enough; each check gets an empty scene."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from disparo.domain.contact import Channel
from disparo.domain.message import Claimed, MessageEvent, MessageId
from disparo.domain.policies.circuit_breaker import CLOSED, BreakerPolicy
from disparo.domain.policies.retry import FailureClass
from disparo.domain.settlement import Settlement
from disparo.domain.suppression import Suppression, hashed_key
from tests.contract.scene import (
    MINUTE,
    MS,
    NOW,
    SECOND,
    WHATSAPP,
    Scene,
    later_word,
    mail_of,
    phone_of,
    speaks_of,
)

FRAIL = replace(WHATSAPP, breaker=BreakerPolicy(2, MINUTE), lease=10 * SECOND)
"""Its breaker opens at the second fault in a row, for a minute."""
HALF_OPEN = NOW + MINUTE


def fault(message: Claimed, failure: FailureClass = FailureClass.TRANSIENT) -> Settlement:
    return speaks_of(message, MessageEvent.RETRY, due_at=NOW, sender=FRAIL, heard=True, failure=failure)


def success(message: Claimed) -> Settlement:
    return speaks_of(message, MessageEvent.ACCEPT, sender=FRAIL, heard=True)


async def sick(scene: Scene, people: int = 5) -> None:
    """So many messages are due, and the breaker has opened at NOW."""
    await scene.begin(people)
    first, second = (await scene.claim(2, sender=FRAIL)).messages
    assert await scene.settle(fault(first), fault(second)) == [True, True]


async def check_consecutive_faults_open_the_breaker(scene: Scene) -> None:
    await sick(scene)
    for store in (scene.store, scene.other):
        assert (await store.ledger.breaker("whatsapp")).opened_at == NOW
        claim = await scene.claim(5, HALF_OPEN - MS, sender=FRAIL, store=store)
        assert ([*claim.messages], claim.next_at) == ([], HALF_OPEN)
        assert (claim.reason, claim.blocked) == ("breaker_open", True)


async def check_an_answer_in_between_starts_the_count_anew(scene: Scene) -> None:
    await scene.begin(4)
    one, two, three, _ = (await scene.claim(4, sender=FRAIL)).messages
    await scene.settle(fault(one), success(two), fault(three))
    assert (await scene.store.ledger.breaker("whatsapp")).opened_at is None


async def check_what_is_wrong_with_a_recipient_opens_nothing(scene: Scene) -> None:
    await scene.begin(3)
    claim = await scene.claim(3, sender=FRAIL)
    gone = FailureClass.RECIPIENT
    refused = [speaks_of(one, MessageEvent.REJECT, sender=FRAIL, heard=True, failure=gone) for one in claim.messages]
    await scene.settle(*refused)
    assert await scene.store.ledger.breaker("whatsapp") == CLOSED


async def check_settlements_that_heard_nothing_tell_the_breaker_nothing(scene: Scene) -> None:
    await scene.begin(3)
    one, two, three = (await scene.claim(3, sender=FRAIL)).messages
    await scene.settle(
        fault(one),
        speaks_of(two, MessageEvent.RELEASE, due_at=NOW, sender=FRAIL),
        later_word(three.id, MessageEvent.DELIVER),
    )
    assert (await scene.store.ledger.breaker("whatsapp")).faults == 1


async def check_a_late_outcome_of_an_old_claim_is_still_news_of_the_provider(scene: Scene) -> None:
    await scene.begin(1)
    first = await scene.one(sender=FRAIL)
    await scene.settle(speaks_of(first, MessageEvent.RELEASE, due_at=NOW))
    await scene.one(sender=FRAIL)
    assert await scene.settle(fault(first)) == [False]
    assert (await scene.store.ledger.breaker("whatsapp")).faults == 1


async def check_another_sender_goes_on(scene: Scene) -> None:
    await sick(scene)
    healthy = replace(FRAIL, name="outro")
    assert len((await scene.claim(5, sender=healthy)).messages) == 5


async def check_a_half_open_breaker_lets_exactly_one_through(scene: Scene) -> None:
    await sick(scene)
    probing = await scene.claim(5, HALF_OPEN, sender=FRAIL)
    assert [message.probe for message in probing.messages] == [True]
    for store in (scene.store, scene.other):
        claim = await scene.claim(5, HALF_OPEN + SECOND, sender=FRAIL, store=store)
        assert ([*claim.messages], claim.reason, claim.blocked) == ([], "breaker_probing", True)
        assert claim.next_at == HALF_OPEN + FRAIL.lease


async def check_no_probe_begins_without_a_message(scene: Scene) -> None:
    await scene.begin(2, due_at=NOW)
    first, second = (await scene.claim(2, sender=FRAIL)).messages
    await scene.settle(fault(first), fault(second))
    lanes = await scene.lanes()
    empty = await scene.claim(1, HALF_OPEN, sender=FRAIL, lanes=[replace(lanes[0], priorities=(0,))])
    assert not empty.messages
    assert len((await scene.claim(1, HALF_OPEN, sender=FRAIL)).messages) == 1


async def check_a_probe_that_is_taken_closes_the_breaker(scene: Scene) -> None:
    await sick(scene)
    probe = await scene.one(HALF_OPEN, FRAIL)
    await scene.settle(success(probe), at=HALF_OPEN + SECOND)
    assert await scene.store.ledger.breaker("whatsapp") == CLOSED
    rest = await scene.claim(9, HALF_OPEN + SECOND, sender=FRAIL)
    assert [message.probe for message in rest.messages] == [False] * 4


async def check_a_probe_that_fails_opens_it_again(scene: Scene) -> None:
    await sick(scene)
    probe = await scene.one(HALF_OPEN, FRAIL)
    await scene.settle(fault(probe), at=HALF_OPEN + SECOND)
    claim = await scene.claim(9, HALF_OPEN + 2 * SECOND, sender=FRAIL)
    assert ([*claim.messages], claim.next_at) == ([], HALF_OPEN + SECOND + MINUTE)


async def check_of_a_lost_probe_another_takes_the_place(scene: Scene) -> None:
    await sick(scene)
    first = await scene.one(HALF_OPEN, FRAIL)
    second = await scene.one(HALF_OPEN + FRAIL.lease, FRAIL)
    assert second.probe
    assert second.id != first.id


async def check_a_probe_that_never_left_makes_room_at_once(scene: Scene) -> None:
    await sick(scene)
    probe = await scene.one(HALF_OPEN, FRAIL)
    back = speaks_of(probe, MessageEvent.RELEASE, due_at=HALF_OPEN, sender=FRAIL, probe_until=probe.lease_until)
    assert await scene.settle(back, at=HALF_OPEN + SECOND) == [True]
    assert (await scene.one(HALF_OPEN + SECOND, FRAIL)).probe


async def check_an_older_probe_that_comes_back_makes_no_room_beside_the_newer(scene: Scene) -> None:
    await sick(scene)
    lost = await scene.one(HALF_OPEN, FRAIL)
    await scene.one(HALF_OPEN + FRAIL.lease, FRAIL)
    back = speaks_of(lost, MessageEvent.RELEASE, due_at=HALF_OPEN, sender=FRAIL, probe_until=lost.lease_until)
    await scene.settle(back, at=HALF_OPEN + FRAIL.lease)
    claim = await scene.claim(9, HALF_OPEN + FRAIL.lease + SECOND, sender=FRAIL)
    assert ([*claim.messages], claim.reason) == ([], "breaker_probing")


async def check_the_last_look_clears_what_nothing_forbids(scene: Scene) -> None:
    await scene.begin(1)
    message = await scene.one()
    for store in (scene.store, scene.other):
        assert await store.ledger.clear_to_send(message, WHATSAPP, NOW) is None


async def check_the_last_look_tells_a_claim_that_was_lost(scene: Scene) -> None:
    await scene.begin(1)
    first = await scene.one()
    await scene.settle(speaks_of(first, MessageEvent.RELEASE, due_at=NOW))
    assert await scene.store.ledger.clear_to_send(first, WHATSAPP, NOW) == "lost"
    second = await scene.one()
    assert await scene.store.ledger.clear_to_send(first, WHATSAPP, NOW) == "lost"
    assert await scene.store.ledger.clear_to_send(second, WHATSAPP, NOW) is None
    await scene.store.ledger.lapse(NOW + MINUTE, 10)
    assert await scene.store.ledger.clear_to_send(second, WHATSAPP, NOW) == "lost"


async def check_the_last_look_sees_an_opt_out_by_either_key(scene: Scene) -> None:
    await scene.begin(3)
    by_phone, by_mail, neither = (await scene.claim(3)).messages
    await scene.other.suppressions.add([Suppression(phone_of(0), None, "opted_out", "test", NOW)])
    await scene.other.suppressions.add([Suppression(mail_of(1), None, "opted_out", "test", NOW)])
    looks = [await scene.store.ledger.clear_to_send(one, WHATSAPP, NOW) for one in (by_phone, by_mail, neither)]
    assert looks == ["opted_out", "opted_out", None]


async def check_the_last_look_heeds_the_channel_of_a_suppression(scene: Scene) -> None:
    await scene.begin(2)
    other_channel, this_channel = (await scene.claim(2)).messages
    await scene.store.suppressions.add(
        [
            Suppression(phone_of(0), Channel.SMS, "by_hand", "test", NOW),
            Suppression(mail_of(0), Channel.EMAIL, "bounced", "test", NOW),
            Suppression(phone_of(1), Channel.WHATSAPP, "by_hand", "test", NOW),
        ]
    )
    assert await scene.store.ledger.clear_to_send(other_channel, WHATSAPP, NOW) is None
    assert await scene.store.ledger.clear_to_send(this_channel, WHATSAPP, NOW) == "by_hand"


async def check_the_last_look_sees_a_hash_of_either_key(scene: Scene) -> None:
    await scene.begin(3)
    by_phone, by_mail, neither = (await scene.claim(3)).messages
    hashes = [hashed_key(phone_of(0)), hashed_key(mail_of(1))]
    await scene.other.suppressions.add([Suppression(key, None, "do_not_call", "lista:1", NOW) for key in hashes])
    wrong_channel = Suppression(hashed_key(phone_of(2)), Channel.SMS, "do_not_call", "lista:2", NOW)
    await scene.other.suppressions.add([wrong_channel])
    looks = await scene.store.ledger.clear_many([by_phone, by_mail, neither], WHATSAPP, NOW)
    assert [*looks] == ["do_not_call", "do_not_call", None]
    one_key = replace(by_phone, keys=(phone_of(0),))
    assert await scene.store.ledger.clear_to_send(one_key, WHATSAPP, NOW) == "do_not_call"


async def check_the_last_look_at_many_is_that_at_each(scene: Scene) -> None:
    await scene.begin(6)
    lost, by_phone, by_mail, keyless, clear, nobody = (await scene.claim(6)).messages
    await scene.settle(speaks_of(lost, MessageEvent.RELEASE, due_at=NOW))
    for key in (phone_of(1), mail_of(2), phone_of(3)):
        await scene.other.suppressions.add([Suppression(key, None, "opted_out", "test", NOW)])
    keyless, nobody = replace(keyless, keys=()), replace(nobody, id=MessageId("nobody", 1, "nobody"))
    asked = [clear, nobody, by_mail, lost, keyless, by_phone, clear]
    looks = await scene.store.ledger.clear_many(asked, WHATSAPP, NOW)
    assert list(looks) == [None, "lost", "opted_out", "lost", None, "opted_out", None]
    assert list(await scene.store.ledger.clear_many([], WHATSAPP, NOW)) == []


async def check_the_last_look_at_many_stops_at_a_breaker_that_opened_meanwhile(scene: Scene) -> None:
    await scene.begin(4)
    one, two, three, four = (await scene.claim(4, sender=FRAIL)).messages
    await scene.settle(fault(one), fault(two))
    looks = await scene.store.ledger.clear_many([three, four], FRAIL, NOW + SECOND)
    assert list(looks) == ["breaker_open", "breaker_open"]
    probe = await scene.one(HALF_OPEN, FRAIL)
    looks = await scene.store.ledger.clear_many([three, probe, four], FRAIL, HALF_OPEN + SECOND)
    assert list(looks) == ["breaker_open", None, "breaker_open"], "only the probe"


async def check_the_last_look_at_somebody_with_one_key(scene: Scene) -> None:
    await scene.begin(1)
    message = replace(await scene.one(), keys=(phone_of(0),))
    assert await scene.store.ledger.clear_to_send(message, WHATSAPP, NOW) is None
    await scene.store.suppressions.add([Suppression(phone_of(0), None, "opted_out", "test", NOW)])
    assert await scene.store.ledger.clear_to_send(message, WHATSAPP, NOW) == "opted_out"
    assert await scene.store.ledger.clear_to_send(replace(message, keys=()), WHATSAPP, NOW) is None


async def check_the_last_look_stops_at_a_breaker_that_opened_meanwhile(scene: Scene) -> None:
    await scene.begin(3)
    one, two, three = (await scene.claim(3, sender=FRAIL)).messages
    await scene.settle(fault(one), fault(two))
    assert await scene.store.ledger.clear_to_send(three, FRAIL, NOW + SECOND) == "breaker_open"
    # Half-open, one tries; not everything that had been claimed before as well.
    assert await scene.store.ledger.clear_to_send(three, FRAIL, HALF_OPEN) == "breaker_open"


async def check_the_probe_itself_is_cleared(scene: Scene) -> None:
    await sick(scene)
    probe = await scene.one(HALF_OPEN, FRAIL)
    assert await scene.store.ledger.clear_to_send(probe, FRAIL, HALF_OPEN + timedelta(seconds=1)) is None


CHECKS = tuple(check for name, check in globals().items() if name.startswith("check_"))
