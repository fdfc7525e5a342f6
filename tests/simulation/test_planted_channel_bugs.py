"""Bugs to plant where several senders share a channel, in batches and in answers, and who has to notice them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from disparo.adapters.embedded import claiming, ledger, settling
from disparo.adapters.embedded.inbox import SqliteInbox
from disparo.domain.campaign import Campaign
from disparo.domain.policies import sender_shares
from disparo.domain.receipt import ReceiptKind
from disparo.engine import answers
from disparo.engine.dispatch import Dispatch
from disparo.engine.inbound import Inbound
from disparo.engine.reconcile import Reconcile
from disparo.simulation.scenario import Scenario
from disparo.simulation.world import play
from disparo.worker.carriage import Carriage
from disparo.worker.tick import Tick
from tests.simulation.focused_worlds import batches, chatty, crowded, talkative

Patch = pytest.MonkeyPatch


@dataclass(frozen=True, slots=True)
class Planted:
    """A bug, how to plant it, in which worlds, and who notices: any of these, as a bug may show at several places."""

    name: str
    invariants: tuple[str, ...]
    plant: Callable[[Patch], None]
    world: Callable[[int], Scenario] = crowded
    family: str = "embedded"


def a_campaigns_senders_are_ignored(patch: Patch) -> None:
    patch.setattr(Campaign, "goes_by", lambda *_: True)


def senders_of_a_channel_share_a_permit_book(patch: Patch) -> None:
    real = claiming.load_book

    def load_book(connection: Any, name: str, *rest: Any) -> Any:
        return real(connection, name if "/" in name else name.partition("-")[0], *rest)

    patch.setattr(claiming, "load_book", load_book)


def senders_of_a_channel_share_a_breaker(patch: Patch) -> None:
    load, save = claiming.load_breaker, claiming.save_breaker
    for module in (claiming, settling):
        patch.setattr(module, "load_breaker", lambda connection, name: load(connection, name.partition("-")[0]))
        patch.setattr(
            module, "save_breaker", lambda connection, name, one: save(connection, name.partition("-")[0], one)
        )


def other_of(routes: Any, name: str) -> str:
    """Another sender of the same channel, if there is one."""
    channel = routes[name].sender.channel
    return next((one for one in routes if one != name and routes[one].sender.channel is channel), name)


def a_senders_faults_are_counted_for_another(patch: Patch) -> None:
    real = Dispatch.conclude

    async def conclude(self: Any, message: Any, *args: Any, **named: Any) -> Any:
        settlement = await real(self, message, *args, **named)
        return replace(settlement, sender=self._routes[other_of(self._routes, message.sender)].sender)

    patch.setattr(Dispatch, "conclude", conclude)


def any_failure_told_later_goes_again_by_template(patch: Patch) -> None:
    real = Inbound._settlements

    async def settlements(self: Any, receipt: Any, *rest: Any) -> Any:
        failed = receipt.kind is ReceiptKind.FAILED
        return await real(self, replace(receipt, reason="window_closed") if failed else receipt, *rest)

    patch.setattr(Inbound, "_settlements", settlements)


def a_closed_window_is_forgotten(patch: Patch) -> None:
    async def shut(*_: Any) -> None: ...

    patch.setattr(SqliteInbox, "shut", shut)


def each_opt_out_gets_a_campaign_of_answers(patch: Patch) -> None:
    real = answers.Answers._campaign

    async def campaign(self: Any, channel: Any, sender: str, now: Any) -> Any:
        patch.setattr(answers, "ANSWERS_PREFIX", f"respostas-{now.timestamp()}-")
        return await real(self, channel, sender, now)

    patch.setattr(answers.Answers, "_campaign", campaign)


def answers_go_by_whichever_sender_is_free(patch: Patch) -> None:
    real = answers.Answers._draft
    patch.setattr(answers.Answers, "_draft", lambda *args: replace(real(*args), senders=()))


def of_a_batch_only_the_first_outcome_is_recorded(patch: Patch) -> None:
    real = Carriage._deliver_many

    async def deliver_many(self: Any, batch: Any) -> Any:
        return (await real(self, batch))[:1]

    patch.setattr(Carriage, "_deliver_many", deliver_many)


def each_message_of_a_batch_is_a_sign_of_a_sick_provider(patch: Patch) -> None:
    async def conclude_many(self: Any, concluded: Any, now: Any) -> Any:
        return [await self.conclude(message, outcome, now) for message, outcome in concluded]

    patch.setattr(Dispatch, "conclude_many", conclude_many)


def outcomes_of_a_batch_are_mixed_up(patch: Patch) -> None:
    real = Dispatch.hand_over_many

    async def hand_over_many(self: Any, *args: Any) -> Any:
        return [*reversed(await real(self, *args))]

    patch.setattr(Dispatch, "hand_over_many", hand_over_many)


def the_last_look_at_a_batch_refuses_nothing(patch: Patch) -> None:
    async def clear_many(self: Any, messages: Any, *_: Any) -> Any:
        return [None for _ in messages]

    patch.setattr(ledger.SqliteLedger, "clear_many", clear_many)


def a_doubt_is_put_to_another_provider(patch: Patch) -> None:
    real = Reconcile._look_into

    async def look_into(self: Any, doubt: Any, now: Any) -> None:
        await real(self, replace(doubt, sender=other_of(self._routes, doubt.sender)), now)

    patch.setattr(Reconcile, "_look_into", look_into)


def who_asked_once_is_waited_for_all_day(patch: Patch) -> None:
    patch.setattr(sender_shares, "WAITED_FOR", timedelta(days=1))
    patch.setattr(sender_shares.SenderShares, "found_less", lambda *_: None)
    patch.setattr(sender_shares.SenderShares, "away", lambda *_, **__: None)


def bounces_and_complaints_suppress_nobody(patch: Patch) -> None:
    async def about_the_person(*_: Any) -> None: ...

    patch.setattr(Inbound, "_about_the_person", about_the_person)


def a_tick_drops_who_is_to_wait_for_its_turn(patch: Patch) -> None:
    real = Tick._claim

    async def claim(self: Any, sender: str, done: Any) -> bool:
        before = done.tickets.get(sender, 0)
        return await real(self, sender, done) and bool(done.tickets.get(sender, 0) > before)

    patch.setattr(Tick, "_claim", claim)


PLANTED = (
    Planted("a campaign's senders ignored", ("senders",), a_campaigns_senders_are_ignored),
    Planted("one permit book for a channel", ("failover",), senders_of_a_channel_share_a_permit_book),
    Planted("one breaker for a channel", ("failover", "I7"), senders_of_a_channel_share_a_breaker),
    Planted("faults counted for another", ("failover", "I7"), a_senders_faults_are_counted_for_another),
    Planted("by template without its failure", ("I2",), any_failure_told_later_goes_again_by_template),
    Planted("a closed window forgotten", ("receipts",), a_closed_window_is_forgotten, chatty),
    Planted("answers sent twice", ("I2",), each_opt_out_gets_a_campaign_of_answers, talkative),
    Planted("answers by any sender", ("senders",), answers_go_by_whichever_sender_is_free, talkative),
    Planted("first of a batch recorded", ("worker",), of_a_batch_only_the_first_outcome_is_recorded, batches),
    Planted("a batch heard as many", ("I7",), each_message_of_a_batch_is_a_sign_of_a_sick_provider, batches),
    Planted("outcomes of a batch mixed up", ("I1", "I2", "I7"), outcomes_of_a_batch_are_mixed_up, batches),
    Planted("last look at a batch", ("I5", "I2", "I7"), the_last_look_at_a_batch_refuses_nothing, batches),
    Planted("a doubt put to another", ("I2",), a_doubt_is_put_to_another_provider),
    Planted("waiting all day for others", ("failover",), who_asked_once_is_waited_for_all_day),
    Planted("bounces suppress nobody", ("I5",), bounces_and_complaints_suppress_nobody),
    Planted(
        "a tick drops who waits", ("failover",), a_tick_drops_who_is_to_wait_for_its_turn, crowded, family="lambda"
    ),
)

MOST_SEEDS = 60


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.name)
def test_a_planted_bug_breaks_its_invariant(bug: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    bug.plant(monkeypatch)
    broken: Counter[str] = Counter()
    for seed in range(MOST_SEEDS):
        violation = play(bug.world(seed), bug.family).violation
        broken[violation.invariant if violation else "nothing"] += 1
        if violation and violation.invariant in bug.invariants:
            return
    pytest.fail(f"{MOST_SEEDS} seeds broke {dict(broken)}, but never {bug.invariants}")
