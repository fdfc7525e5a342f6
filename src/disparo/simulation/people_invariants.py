"""What is promised to people who write to us, and of the senders by which they are reached; see `invariants`."""

from __future__ import annotations

from collections import Counter

from disparo.domain.hand_message import hand_number
from disparo.domain.message import SENT, SETTLED
from disparo.simulation.books import Books
from disparo.simulation.facts import Call, Facts


def answers_go_once(facts: Facts, books: Books) -> str | None:
    """I2: whoever asked a sender for no more messages is told so once by it, whatever its campaigns are called."""
    told: Counter[tuple[str, str]] = Counter()
    for message_id in books.rows:
        if facts.campaigns[message_id.campaign_id].service:
            copies = facts.copies_of(message_id)
            own = len(copies) - facts.redriven[message_id] - sum(facts.may_repeat(one.sender.name) for one in copies)
            for sender in {call.sender.name for call in copies}:
                told[message_id.contact_id, sender] += min(1, own)
    twice = sorted(one for one, count in told.items() if count > 1)
    return f"told twice that they opted out: {twice[:3]}" if twice else None


def texts_are_one_row_each(facts: Facts, books: Books) -> str | None:
    """I1, I11: what was written by hand is one row, however often it was asked for."""
    rows = Counter(row.id.contact_id for row in books.rows.values() if hand_number(row.id.step) is not None)
    wanted = {contact: len(keys) for contact, keys in facts.texts.items()}
    wrong = sorted(one for one in rows.keys() | wanted.keys() if rows[one] != wanted.get(one, 0))
    return f"written by hand to {wrong[:3]}: {[rows[one] for one in wrong[:3]]} rows" if wrong else None


def senders_are_kept(facts: Facts, call: Call, _: Books) -> str | None:
    """Senders: a campaign goes by its own senders only, and an answer by the one that the person wrote to."""
    campaign = facts.campaigns[call.id.campaign_id]
    if campaign.plan.senders and call.sender.name not in campaign.plan.senders:
        return f"by {call.sender.name}, but its campaign goes by {', '.join(campaign.plan.senders)}"
    if campaign.service and (call.id.contact_id, call.sender.name) not in facts.said_to:
        return f"an answer by {call.sender.name}, to whom nobody opted out"
    return None


def answers_end(facts: Facts, books: Books) -> str | None:
    """I1, I5: whoever's opt-out was taken has an answer, and every answer ended with a reason or was sent."""
    campaigns = facts.campaigns
    answers = [row for row in books.rows.values() if campaigns[row.id.campaign_id].service]
    for row in answers:
        if row.state not in SETTLED and row.id not in facts.left_open:
            return f"the answer {row.id} is {row.state} for ever"
    answered = {(row.id.contact_id, name) for row in answers for name in campaigns[row.id.campaign_id].plan.senders}
    if missing := facts.told_so - answered:
        return f"opted out and was told nothing: {sorted(missing)[:3]}"
    return None


def who_is_gone_is_suppressed(facts: Facts, _: Books) -> str | None:
    """I5: a receipt that tells of a bounce or a complaint suppresses, on its channel or on all."""
    missing = sorted(str(one) for one in facts.told_gone - facts.suppressed.keys())
    return f"bounced or complained, and not suppressed: {missing[:3]}" if missing else None


def closed_windows_are_passed_by_template(facts: Facts, books: Books) -> str | None:
    """Receipts: what was refused as the window was closed and put back is claimed again before it counts as sent.

    What was claimed and given back may still be ended by late evidence of the first copy.
    """
    for message_id, times in facts.by_template.items():
        row = books.rows[message_id]
        if row.state in SENT and len(facts.claims_of[message_id]) <= times:
            return f"{message_id} is {row.state}, but was never sent by template"
    return None
