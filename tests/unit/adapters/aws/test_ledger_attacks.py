"""Others who act at the worst instant, claims that meet, and wrong clocks: each promise of the ledger holds."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from disparo.adapters.aws.store import open_store
from disparo.adapters.aws.tables import LEDGER
from disparo.domain.campaign import CampaignEvent
from disparo.domain.errors import StoreError
from disparo.domain.message import Claimed, MessageEvent, MessageState
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.settlement import FollowUp
from disparo.domain.suppression import Suppression
from disparo.domain.ticket import Ticket
from tests.contract.scene import HOUR, MINUTE, NOW, SECOND, WHATSAPP, later_word, phone_of, speaks_of
from tests.unit.adapters.aws.attack_stage import Stage, ahead, told

# Sweeps and leases


def test_a_sweep_leaves_alone_what_begins_meanwhile() -> None:
    async def story(stage: Stage) -> None:
        [message] = await ahead(stage)
        campaign = await stage.store.campaigns.apply(message.id.campaign_id, CampaignEvent.CANCEL, NOW)
        stage.before("Put ledger", lambda: stage.other.ledger.begin(message, NOW))
        await stage.store.ledger.sweep(campaign, MessageEvent.CANCEL, "campaign_cancelled", NOW, 10)
        assert await stage.states(campaign) == ["sending"], "its outcome is what happened"
        assert await stage.settle(speaks_of(message, MessageEvent.ACCEPT)) == [True]

    told(story)


@pytest.mark.parametrize("horizon", [0 * SECOND, MINUTE])
def test_a_lease_that_runs_out_puts_nothing_in_doubt_that_a_newer_claim_has_begun(horizon: object) -> None:
    """A ticket was lost: its message is claimed again before its lease is over, and has the same fence."""

    async def story(stage: Stage) -> None:
        [lost] = await ahead(stage)
        later = lost.lease_until - 2 * SECOND
        [message] = (await stage.claim(1, later, horizon=horizon, store=stage.other)).messages  # type: ignore[arg-type]
        assert (message.id, message.fence) == (lost.id, lost.fence)
        assert message.begun or await stage.other.ledger.begin(message, later)
        assert await stage.store.ledger.lapse(lost.lease_until, 10) == 0
        assert (await stage.store.ledger.get(message.id)).state is MessageState.SENDING
        assert not await stage.store.ledger.begin(lost, later)
        assert await stage.store.ledger.lapse(message.lease_until, 10) == 1
        assert await stage.leases() == []

    told(story)


def test_a_claim_that_goes_on_while_its_lease_is_forgotten_is_a_doubt_in_the_end() -> None:
    """It begins its message between the look at its lease, which ran out long ago, and the end of that."""

    async def story(stage: Stage) -> None:
        await stage.begin(1)
        lapsing, goes_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def stall() -> None:
            lapsing.set()
            await goes_on.wait()

        async def let_go(side: str, what: str) -> None:
            if side == "before" and "ledger" in what and not done.is_set():
                goes_on.set()
                await done.wait()

        async def claim() -> None:
            stage.before("Put ledger", stall)
            [message] = (await stage.claim(1)).messages
            assert message.begun
            done.set()

        claiming = asyncio.create_task(claim())
        await lapsing.wait()
        over = NOW + WHATSAPP.lease
        await open_store(stage.tables.sibling(let_go)).ledger.lapse(over, 10)
        await claiming
        assert await stage.other.ledger.lapse(over, 10) == 1
        assert [one.record.state for one in await stage.other.ledger.doubts(over, 10)] == ["in_doubt"]

    told(story)


# Histories


def test_two_who_turn_a_page_at_once_lose_and_repeat_no_line() -> None:
    async def story(stage: Stage) -> None:
        campaign = await stage.begin(1)
        [row] = await stage.rows(campaign)
        written: list[str] = []

        async def write(*lengths: int) -> None:
            for length in lengths:
                written.append(f"{len(written)} " + "x" * length)
                assert await stage.other.ledger.note(row.id, "replied", written[-1], f"p:{len(written)}", NOW)

        for number in range(12):
            mine = f"eu {number} " + "y" * 900
            stage.before("ledger", lambda number=number: write(*(20, 200, 20, 900, 20)[: number % 6]))  # type: ignore[misc]
            assert await stage.store.ledger.note(row.id, "replied", mine, f"eu:{number}", NOW)
            written.append(mine)
        told_lines = [line.detail for line in await stage.other.ledger.journal(row.id)]
        assert told_lines == written

    told(story)


def test_a_reply_as_long_as_a_book_is_cut_and_not_refused_for_ever() -> None:
    async def story(stage: Stage) -> None:
        await stage.begin(1)
        message = await stage.one()
        for number in range(4):
            assert await stage.store.ledger.note(message.id, "replied", "Ã" * 300_000, f"p:{number}", NOW)
        assert await stage.settle(speaks_of(message, MessageEvent.ACCEPT, detail="x" * 500_000)) == [True]
        details = [line.detail for line in await stage.store.ledger.journal(message.id)]
        assert [len(detail) for detail in details] == [8_192] * 5

    told(story)


def test_a_page_turned_while_a_person_is_erased_holds_no_word_of_theirs() -> None:
    async def story(stage: Stage) -> None:
        campaign = await stage.begin(1)
        message = await stage.one()
        for number in range(3):
            words = "meu e-mail é p0@example.com " * 20
            assert await stage.store.ledger.note(message.id, "replied", words, f"p:{number}", NOW)

        async def turn() -> None:
            await stage.other.ledger.note(message.id, "replied", "p0@example.com " * 20, "p:9", NOW)
            for number in range(8):
                await stage.other.ledger.settle([speaks_of(message, MessageEvent.BEGIN, detail="x" * 400)], NOW)
                assert number >= 0

        stage.before("ledger", turn)
        await stage.store.contacts.erase(message.id.contact_id, NOW)
        assert [item for item in await stage.tables.scan(LEDGER) if "p0@example.com" in str(item)] == []
        assert await stage.states(campaign) == ["sending"]

    told(story)


# Claims that meet


async def begun_of(stage: Stage, messages: list[Claimed], at: datetime = NOW) -> list[Claimed]:
    """Which of these begin, each tried in both processes and twice."""
    begun = []
    for message in [*messages, *messages]:
        for store in (stage.store, stage.other):
            found = await store.ledger.pick_up(Ticket.of(message), at)
            if found is not None and await store.ledger.begin(found, at):
                begun.append(message)
    return begun


def test_two_senders_of_one_channel_share_its_messages() -> None:
    async def story(stage: Stage) -> None:
        await stage.begin(6)
        senders = (WHATSAPP, replace(WHATSAPP, name="outro"))
        stores = (stage.store, stage.other)
        asked = [
            stage.claim(6, sender=sender, store=store, horizon=MINUTE)
            for sender, store in zip(senders, stores, strict=True)
        ]
        tickets = [message for claim in await asyncio.gather(*asked) for message in claim.messages]
        assert Counter(one.id for one in await begun_of(stage, tickets)) == {one.id: 1 for one in tickets}
        assert len({one.id for one in tickets}) == 6

    told(story)


@pytest.mark.parametrize("horizon", [0 * SECOND, MINUTE])
def test_claims_at_once_in_one_process_share_what_there_is(horizon: timedelta) -> None:
    async def story(stage: Stage) -> None:
        sender = replace(WHATSAPP, limits=Limits(burst=8))
        await stage.begin(12)
        asked = [stage.claim(3, sender=sender, horizon=horizon) for _ in range(6)]
        claimed = [message for claim in await asyncio.gather(*asked) for message in claim.messages]
        at_once = [one for one in claimed if one.permit_at == NOW]
        assert len(at_once) <= 8 and len({one.id for one in claimed}) == len(claimed)
        assert (await stage.store.ledger.book("whatsapp", 1, sender)).given >= len(claimed)

    told(story)


@pytest.mark.parametrize("horizon", [0 * SECOND, MINUTE])
def test_a_claim_whose_answer_was_lost_costs_its_permits_and_nothing_else(horizon: timedelta) -> None:
    async def story(stage: Stage) -> None:
        await stage.begin(2)

        async def lose_the_answer() -> None:
            raise StoreError("a resposta se perdeu")

        stage.before("Transaction", lose_the_answer, side="after")
        with pytest.raises(StoreError):
            await stage.claim(2, horizon=horizon)
        assert (await stage.store.ledger.book("whatsapp", 1, WHATSAPP)).given == 2
        later = NOW + 6 * SECOND
        again = [*(await stage.claim(2, later, store=stage.other)).messages]
        assert len(again) == 2
        assert await stage.store.ledger.lapse(NOW + MINUTE, 10) == 0, "the lease of the answer that was lost"
        assert await stage.settle(*(speaks_of(one, MessageEvent.ACCEPT) for one in again)) == [True, True]
        assert await stage.store.ledger.lapse(NOW + HOUR, 10) == 0
        assert await stage.leases() == []

    told(story)


def test_what_was_picked_up_and_begun_by_another_since_is_not_begun_from_memory() -> None:
    async def story(stage: Stage) -> None:
        [first] = await ahead(stage)
        held = await stage.store.ledger.pick_up(Ticket.of(first), NOW)
        assert held is not None
        await stage.other.ledger.lapse(first.lease_until, 10)
        [second] = (await stage.claim(1, first.lease_until, store=stage.other)).messages
        assert second.fence > first.fence
        assert not await stage.store.ledger.begin(held, NOW)
        assert await stage.other.ledger.clear_to_send(second, WHATSAPP, first.lease_until) is None

    told(story)


def test_a_memory_of_an_older_claim_does_not_keep_a_newer_one_from_beginning() -> None:
    async def story(stage: Stage) -> None:
        [first] = await ahead(stage)
        await stage.store.ledger.pick_up(Ticket.of(first), NOW)
        over = first.lease_until
        await stage.other.ledger.lapse(over, 10)
        [second] = (await stage.claim(1, over, horizon=MINUTE, store=stage.other)).messages
        assert await stage.store.ledger.begin(second, over)

    told(story)


def test_a_clock_set_back_between_claim_and_begin_changes_nothing() -> None:
    async def story(stage: Stage) -> None:
        messages = await ahead(stage, 2)
        assert await begun_of(stage, messages[:1], NOW - HOUR) == messages[:1]
        assert not (await stage.claim(9, NOW - HOUR)).messages
        assert await stage.store.ledger.lapse(NOW - HOUR, 10) == 0
        assert await stage.store.ledger.lapse(messages[0].lease_until, 10) == 1
        assert [one.id for one in (await stage.claim(9, messages[0].lease_until)).messages] == [messages[1].id]

    told(story)


# People


def test_who_is_erased_while_a_ticket_waits_is_not_messaged() -> None:
    async def story(stage: Stage) -> None:
        before, behind, begun = await ahead(stage, 3)
        held = await stage.store.ledger.pick_up(Ticket.of(before), NOW)
        assert held is not None and held.address is not None
        assert await stage.store.ledger.begin(begun, NOW)
        for message in (before, behind, begun):
            await stage.other.contacts.erase(message.id.contact_id, NOW)
        assert not await stage.store.ledger.begin(held, NOW)
        assert await stage.store.ledger.pick_up(Ticket.of(behind), NOW) is None
        states = [(await stage.store.ledger.get(one.id)).state for one in (before, behind, begun)]
        assert states == ["cancelled", "cancelled", "sending"]

    told(story)


def test_an_opt_out_and_an_outcome_at_once_both_count() -> None:
    async def story(stage: Stage) -> None:
        campaign = await stage.begin(1, steps=3)
        message = await stage.one()
        third = FollowUp(3, MessageEvent.PROMOTE, due_at=NOW)
        accepted = speaks_of(message, MessageEvent.ACCEPT, follow_ups=[third])
        stop = Suppression(phone_of(0), None, "opted_out", "reply", NOW)
        await asyncio.gather(stage.other.suppressions.add([stop]), stage.settle(accepted))
        for last in (await stage.claim(9)).messages:
            assert await stage.store.ledger.clear_to_send(last, WHATSAPP, NOW) == "opted_out"
        assert (await stage.states(campaign))[0] == "accepted"

    told(story)


def test_replies_and_receipts_at_once_are_all_written_down() -> None:
    async def story(stage: Stage) -> None:
        campaign = await stage.begin(1)
        message = await stage.one()
        notes = [
            store.ledger.note(message.id, "replied", f"Oi {number}", f"p:{number}", NOW)
            for number in range(8)
            for store in (stage.store, stage.other)
        ]
        told_twice = [
            store.ledger.settle([later_word(message.id, event, f"e:{event}")], NOW)
            for event in (MessageEvent.ACCEPT, MessageEvent.DELIVER, MessageEvent.READ)
            for store in (stage.store, stage.other)
        ]
        noted, settled = await asyncio.gather(asyncio.gather(*notes), asyncio.gather(*told_twice))
        assert sum(noted) == 8 and sum(sum(one) for one in settled) <= 3
        lines = Counter(line.event for line in await stage.store.ledger.journal(message.id))
        assert lines == {"replied": 8, "accept": 1, "deliver": 1, "read": 1}
        assert await stage.states(campaign) == ["read"]

    told(story)
