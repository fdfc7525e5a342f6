"""What is promised (docs/guarantees.md), as functions that say what is wrong, or nothing.

`AT_CALL` is asked whenever a request is about to leave, `AT_REST` of the ledger as it stands, `AT_END` when everything
should have ended. None of them asks the engine: they look at `Facts` and at the rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from disparo.domain.agenda.notice import own_step
from disparo.domain.campaign import CampaignState, When
from disparo.domain.message import SENT, SETTLED, UNSENT_ENDS, MessageId, MessageState
from disparo.domain.policies.rate_limit import MOMENT_TOLERANCE, Limits
from disparo.domain.waiting import WaitUnit
from disparo.simulation.books import Books, Row
from disparo.simulation.facts import Call, Facts
from disparo.simulation.hour_invariants import hours_are_right
from disparo.simulation.people_invariants import (
    answers_end,
    answers_go_once,
    closed_windows_are_passed_by_template,
    senders_are_kept,
    texts_are_one_row_each,
    who_is_gone_is_suppressed,
)
from disparo.worker.courier import BEGIN_EARLY

T = TypeVar("T")

MOMENT_S = MOMENT_TOLERANCE.total_seconds()
BEGUN_S = MOMENT_S + BEGIN_EARLY.total_seconds()
"""How long before it leaves a message that was claimed ahead has begun at most."""
ROUNDING_S = 0.001
"""Stores keep whole milliseconds."""


AtCall = Callable[[Facts, Call, Books], str | None]
AtRest = Callable[[Facts, Books], str | None]


def intent_is_recorded(facts: Facts, call: Call, books: Books) -> str | None:
    """I2: each request was claimed for, and its row said `sending` when its process last looked."""
    if call.claim is None:
        return "a request without a claim"
    if call.frozen:  # its row may have moved on meanwhile
        return None
    if call.claim.sender != call.sender.name:
        return f"a request by {call.sender.name} of a message that {call.claim.sender} has claimed"
    calls = sum(not one.frozen for one in facts.calls_of[call.id])
    fence, state = (call.look.fence, call.look.state) if call.look else (books.rows[call.id].fence, "")
    if fence < calls:
        return f"request number {calls} of a message that was claimed {fence} times"
    if (state or books.rows[call.id].state) != MessageState.SENDING:
        return f"a request of a message whose row says {state or books.rows[call.id].state}"
    return None


def nothing_accepted_is_repeated(facts: Facts, call: Call, _: Books) -> str | None:
    """I2: no message that is on record as taken is claimed for another request, unless a person asked for it."""
    accepted = facts.accepted.get(call.id)
    if accepted is not None and call.claim is not None and accepted < call.claim.begun:
        return "a request of a message that is on record as taken"
    return None


def hours_are_kept(facts: Facts, call: Call, _: Books) -> str | None:
    """I3: the contact's clock shows an open time, by the hours in force at the claim.

    What was claimed ahead looks at them again when it begins. Where the machine's clock was set between claim and
    request, either reading will do.
    """
    if call.frozen or call.claim is None:
        return None
    campaign = facts.campaigns[call.id.campaign_id]
    specs = [[hours for order, _, hours in campaign.hours if order <= call.claim.order][-1]]
    if call.claim.ahead:
        specs = _since([(at_s, hours) for _, at_s, hours in campaign.hours], call.claim.begun_s)
    walls = [call.wall, call.claim.wall] if facts.clock_was_set(call.at_s) else [call.wall]
    place = facts.place_of(call.id)
    if not any(spec.open_at(place, wall) for spec in specs for wall in walls):
        return f"outside of the hours of {place} by its clock"
    if campaign.start_at is not None and not any(wall >= campaign.start_at for wall in walls):
        return f"before the campaign's start_at {campaign.start_at}"
    return None


def limits_are_kept(facts: Facts, call: Call, _: Books) -> str | None:
    """I4: with this request no rolling minute, hour or day that ends with it holds more than the limit.

    The limit is the highest in force within the last second, or since a claim ahead of its moment; each second that
    the clock was set forward since the older one was claimed counts.
    """
    if call.frozen or call.claim is None:
        return None
    calls = facts.calls_by[call.sender.name]
    since_s = min(call.at_s - MOMENT_S, call.claim.at_s)
    if problem := _above(calls, call, _since(facts.sender_limits[call.sender.name], since_s)):
        return f"sender {problem}"
    campaign = facts.campaigns[call.id.campaign_id]
    own = [one for one in calls if one.id.campaign_id == call.id.campaign_id]
    history = [(at_s, limits.get(call.channel, Limits())) for at_s, limits in campaign.limits]
    if problem := _above(own, call, _since(history, since_s)):
        return f"campaign {problem}"
    return None


def _since(history: Sequence[tuple[float, T]], at_s: float) -> list[T]:
    """What was in force at an instant, and everything since."""
    current = [value for since, value in history if since <= at_s][-1:]
    return current + [value for since, value in history if since > at_s]


def _above(calls: Sequence[Call], call: Call, in_force: Sequence[Limits]) -> str | None:
    for name, seconds in (("burst", 60.0), ("hourly", 3_600.0), ("daily", 86_400.0)):
        allowed = [getattr(limits, name) for limits in in_force]
        if None in allowed:
            continue
        since = call.at_s + call.ahead_s - seconds + ROUNDING_S
        count = sum(one is call or one.at_s + one.ahead_before_s > since for one in calls)
        if count > max(allowed):
            return f"{name}: {count} requests where {max(allowed)} are allowed"
    return None


def opt_outs_win(facts: Facts, call: Call, _: Books) -> str | None:
    """I5: no request leaves whose last look came after a suppression of its contact was written down.

    The answer that confirms an opt-out is the exception.
    """
    if call.frozen or facts.campaigns[call.id.campaign_id].service:
        return None
    looked = call.look.order if call.look else facts.order
    for key in facts.keys_of(call.id.contact_id):
        for channel in (None, call.channel):
            if facts.suppressed.get((key, channel), looked) < looked:
                return f"a request to {key}, which is suppressed"
    return None


def orders_are_obeyed(facts: Facts, call: Call, _: Books) -> str | None:
    """Orders: a message is claimed only while its campaign is running, and leaves within a second of its moment.

    That of a claim is the instant of the claim itself, unless it was made ahead: then the campaign must be running
    when the message begins as well, which is shortly before its moment.
    """
    if call.frozen or call.claim is None:
        return None
    states = facts.campaigns[call.id.campaign_id].states
    state = [state for order, _, state in states if order <= call.claim.order][-1]
    if state is not CampaignState.RUNNING:
        return f"claimed while its campaign was {state}"
    if not -ROUNDING_S <= call.at_s - call.claim.moment_s < MOMENT_S:
        return f"left {call.at_s - call.claim.moment_s:.3f} s after its moment"
    if not call.claim.ahead:
        return None
    if call.at_s - call.claim.begun_s >= BEGUN_S + ROUNDING_S:
        return f"left {call.at_s - call.claim.begun_s:.3f} s after it began"
    since = _since([(at_s, state) for _, at_s, state in states], call.claim.begun_s)
    return None if CampaignState.RUNNING in since else f"left while its campaign was {since[-1]}"


def sick_providers_rest(facts: Facts, call: Call, _: Books) -> str | None:
    """I7: no request whose last look found the breaker open; half-open, one at a time until its lease is over."""
    if call.frozen or call.look is None or call.claim is None:
        return None
    if call.look.shut:
        return "a request while the breaker is open"
    breaker = facts.breakers[call.sender.name]
    if not call.look.half_open or breaker.opened_at is None or facts.clock_was_set(call.at_s):
        return None
    probe, breaker.probe = breaker.probe, (str(call.id), call.claim.lease_until)
    if probe is not None and probe[0] != str(call.id) and call.wall < probe[1]:
        return f"a second probe while {probe[0]} is trying"
    return None


def sequences_are_kept(facts: Facts, call: Call, books: Books) -> str | None:
    """Order: a step begins when all before it have ended, and its wait after the one before was taken."""
    campaign, step, contact = call.id
    if facts.campaigns[campaign].standing:
        return None
    earlier = [MessageId(campaign, number, contact) for number in range(1, step)]
    if call.frozen or any(facts.redriven[one] for one in (*earlier, call.id)):
        return None
    for one in earlier:
        if (row := books.rows.get(one)) is not None and row.state not in SETTLED:
            return f"a request while step {one.step} of the same contact is {row.state}"
    return _wait_is_over(facts, call, earlier[-1]) if earlier else None


def _wait_is_over(facts: Facts, call: Call, before: MessageId) -> str | None:
    plan = facts.campaigns[call.id.campaign_id].plan.step(call.id.step)
    taken = [one.taken_at_s for one in facts.calls_of.get(before, ()) if one.taken_at_s is not None]
    if not taken or plan.when is When.PREVIOUS_FAILED or plan.wait.unit not in (WaitUnit.MINUTES, WaitUnit.HOURS):
        return None
    if not facts.exact_waits or before in facts.reported_failed:
        return None
    if len(facts.calls_of[before]) > 1 or facts.was_frozen(before):
        return None
    seconds = plan.wait.amount * (60 if plan.wait.unit is WaitUnit.MINUTES else 3_600)
    waited = call.at_s + facts.ahead_s - taken[0]
    return f"{waited:.1f} s after step {before.step}, not {seconds}" if waited < seconds - ROUNDING_S else None


def nothing_is_lost(facts: Facts, books: Books) -> str | None:
    """I1: rows never vanish, and a launched campaign has one for each step and contact of its audience."""
    if gone := facts.rows_seen - books.rows.keys():
        return f"rows vanished: {sorted(gone)[:3]}"
    facts.rows_seen.update(books.rows.keys() - books.unentered)
    for campaign_id in sorted(books.launched):
        campaign = facts.campaigns[campaign_id]
        if campaign.standing:
            continue
        steps = range(1, len(campaign.plan.steps) + 1)
        wanted = {MessageId(campaign_id, step, contact) for step in steps for contact in campaign.audience}
        if wanted != (found := {one for one in books.rows if one.campaign_id == campaign_id}):
            missing, unasked = sorted(wanted - found)[:3], sorted(found - wanted)[:3]
            return f"campaign {campaign_id}: missing {missing}, unasked for {unasked}"
    return None


def tallies_are_right(_: Facts, books: Books) -> str | None:
    """I1: the counters say what a recount of the rows says.

    But for a campaign that was paused, for good, while a page of it was being entered: its rows are counted when the
    page is entered again.
    """
    if books.tallies is None:
        return None
    half_entered = {one.campaign_id for one in books.unentered}
    recount = Counter(
        (row.id.campaign_id, own_step(row.id.step), str(row.state), row.reason if row.state in UNSENT_ENDS else "")
        for row in books.rows.values()
        if row.id.campaign_id not in half_entered
    )
    tallies = Counter({key: count for key, count in books.tallies.items() if key[0] not in half_entered})
    if books.sent_together:
        recount, tallies = _sent_together(recount), _sent_together(tallies)
    if recount != tallies:
        return f"rows {sorted((recount - tallies).items())[:3]} are not in the tallies"
    return None


def _sent_together(counted: Mapping[tuple[str, int, str, str], int]) -> Counter[tuple[str, int, str, str]]:
    together: Counter[tuple[str, int, str, str]] = Counter()
    for (campaign, step, state, reason), count in counted.items():
        together[campaign, step, "sent" if state in SENT else state, reason] += count
    return together


def nobody_gets_it_twice(facts: Facts, books: Books) -> str | None:
    """I2: all providers together took each message at most once, and once more for each time that it was sent again.

    A person sends it again, or its provider's word that the window was closed. A copy is let pass that a sender took
    whose policy is `resend` and whose provider cannot be asked: it says that it repeats. So are all of a message of
    a provider that can be asked, when a process stood still between its last look and its request.
    """
    for message_id in books.rows:
        copies = facts.copies_of(message_id)
        if len(copies) <= 1 + facts.redriven[message_id]:
            continue
        repeated = sum(facts.may_repeat(call.sender.name) for call in copies)
        asked = any(facts.providers[call.sender.name].asks for call in facts.calls_of[message_id])
        if len(copies) <= 1 + facts.redriven[message_id] + repeated or (asked and facts.was_frozen(message_id)):
            continue
        taken = [f"{call.taken_at_s:.1f} s by {call.sender.name}" for call in copies]
        return f"{message_id} was taken {len(copies)} times, at {taken}"
    return None


def waiting_is_free(facts: Facts, books: Books) -> str | None:
    """I6: a row has used no more retries than the provider failed it, and nothing dies of waiting."""
    for row in books.rows.values():
        transient = facts.answers[row.id, "transient"]
        if row.retries > transient:
            return f"{row.id} used {row.retries} retries after {transient} transient failures"
        if row.reason != "retries_used_up" or row.state is not MessageState.DEAD:
            continue
        least = min(_retries_of(call) for call in facts.calls_of[row.id]) if row.id in facts.calls_of else 0
        if transient <= least:
            return f"{row.id} died after {transient} transient failures of {least} retries"
    return None


def _retries_of(call: Call) -> int:
    return call.sender.retry.max_retries


def ends_are_true(facts: Facts, books: Books) -> str | None:
    """I1: what ended as sent was taken, what ended as cancelled or expired was not, and a failure was a refusal."""
    for row in books.rows.values():
        taken = sum(call.taken_at_s is not None for call in facts.calls_of.get(row.id, ()))
        if row.state in SENT and not taken:
            return f"{row.id} is {row.state}, but its provider never took it"
        unsure = facts.may_be_repeated(row.id) or facts.redriven[row.id] or facts.was_frozen(row.id)
        if row.state in (MessageState.CANCELLED, MessageState.EXPIRED) and taken and not unsure:
            return f"{row.id} is {row.state} ({row.reason}), but its provider took it"
        if row.state is MessageState.FAILED and not _refused(facts, row):
            return f"{row.id} failed ({row.reason}), but nobody refused it"
        if row.reason == "held_in_doubt" and row.state is MessageState.DEAD:
            sender = facts.claims_of[row.id][-1].sender
            if facts.providers[sender].asks:
                return f"{row.id} was held although the provider of {sender} can be asked"
    return None


def _refused(facts: Facts, row: Row) -> bool:
    if row.reason.startswith("missing_variable"):
        return "debt" not in facts.contacts[row.id.contact_id].variables
    if row.id in facts.reported_failed:
        return row.reason in facts.reported[row.id] or _refused_at_once(facts, row)
    return _refused_at_once(facts, row)


def _refused_at_once(facts: Facts, row: Row) -> bool:
    return bool(facts.answers[row.id, "recipient"] + facts.answers[row.id, "permanent"])


def everything_ends(facts: Facts, books: Books) -> str | None:
    """I1: with faults over, every campaign that is not paused ends, and each of its rows with a reason."""
    for campaign_id, campaign in sorted(facts.campaigns.items()):
        state = campaign.states[-1][-1]
        if campaign.started_s is None or state is CampaignState.PAUSED:
            continue
        if not campaign.ended and campaign.left_open:
            continue
        if not campaign.ended:
            waiting = Counter(str(row.state) for row in _rows_of(books, campaign_id) if row.state not in SETTLED)
            return f"campaign {campaign_id} is {state} for ever, with {dict(waiting)}"
        for row in _rows_of(books, campaign_id):
            if row.state not in SETTLED:
                return f"{row.id} is {row.state} in a campaign that has ended"
            if row.state in UNSENT_ENDS and not row.reason:
                return f"{row.id} is {row.state} without a reason"
    return None


def _rows_of(books: Books, campaign_id: str) -> Iterable[Row]:
    return (row for row in books.rows.values() if row.id.campaign_id == campaign_id)


AT_CALL: Mapping[str, tuple[AtCall, ...]] = {
    "I2": (intent_is_recorded, nothing_accepted_is_repeated),
    "I3": (hours_are_kept,),
    "I4": (limits_are_kept,),
    "I5": (opt_outs_win,),
    "I7": (sick_providers_rest,),
    "orders": (orders_are_obeyed,),
    "sequence": (sequences_are_kept,),
    "senders": (senders_are_kept,),
}
AT_REST: Mapping[str, tuple[AtRest, ...]] = {
    "I1": (nothing_is_lost, tallies_are_right, hours_are_right),
    "I2": (nobody_gets_it_twice, answers_go_once),
    "I6": (waiting_is_free,),
}
AT_END: Mapping[str, tuple[AtRest, ...]] = {
    "I1": (everything_ends, answers_end, texts_are_one_row_each, ends_are_true, tallies_are_right, hours_are_right),
    "I5": (who_is_gone_is_suppressed,),
    "receipts": (closed_windows_are_passed_by_template,),
}
