"""What single writes mean for the truth about a world whose store needs several of them for one call.

A row is in its new state as soon as it is written, whether or not its writer lives to hear of it. So claims, intents,
outcomes, orders and opt-outs are noted write by write. A breaker hears outcomes when it is written, or, where they
change nothing, when it was read.
"""

from __future__ import annotations

import json
from copy import copy
from datetime import datetime
from typing import TYPE_CHECKING, Any

from disparo.adapters.aws.attributes import instant
from disparo.adapters.aws.campaigns import campaign_of
from disparo.adapters.aws.enrolment import AwsRow, enrolment_of
from disparo.adapters.aws.leases import AHEAD, BEGUN, Held
from disparo.adapters.aws.ledger_keys import is_row
from disparo.adapters.aws.meetings import is_meeting, meeting_of
from disparo.adapters.aws.suppressions import suppressions_of
from disparo.adapters.aws.tables import AGENDA, CAMPAIGNS, CONTROL, LEDGER, Item, Key, Table
from disparo.domain.campaign import CampaignState
from disparo.domain.instants import from_ms
from disparo.domain.message import SENT, SETTLED, Claimed, MessageEvent, MessageId, MessageState
from disparo.domain.settlement import BY_TEMPLATE, EVIDENCE, Settlement
from disparo.simulation.facts import ClaimFact, Heard
from disparo.simulation.gate import CURRENT, PortCall
from disparo.simulation.observer import Observer

if TYPE_CHECKING:
    from disparo.ports.ledger import Claim, ClaimRequest

_NOBODY = PortCall("operator", "", "", ())
_REDRIVABLE = frozenset({MessageState.FAILED, MessageState.DEAD})
_QUEUED = frozenset({MessageState.DUE, MessageState.CLAIMED})
_UNDER_WAY = frozenset({MessageState.SENDING, MessageState.IN_DOUBT})


class DynamoObserver(Observer):
    """`Observer` that is told of each write as well."""

    # What was read and written

    def read(self, table: Table, key: Key) -> None:
        """An item was read, in the call that is under way here."""
        call = CURRENT.get()
        if table is CONTROL and key["pk"] == "breaker" and call is not None and call.method == "settle":
            self._breaker_read(call, key["sk"])

    def wrote(self, table: Table, before: Item | None, after: Item | None) -> None:
        """An item was written (None for one that is not there), in the call that is under way here."""
        call = CURRENT.get() or _NOBODY
        self._world.changes += call.method != "hold_role"
        if table is LEDGER:
            if after is not None and is_row(after):
                self._enrolment_written(call, before, after)
        elif table is CAMPAIGNS:
            if after is not None:
                self._campaign_written(call, before, after)
        elif table is AGENDA and after is not None and is_meeting(after):
            if self._world.agenda is not None:
                self._world.agenda.committed(call, meeting_of(after), _now_of(call))
        elif table is CONTROL and after is not None:
            self._control_written(call, before, after)

    def _control_written(self, call: PortCall, before: Item | None, after: Item) -> None:
        kind = str(after["pk"]).partition("#")[0]
        if kind in (BEGUN, AHEAD) and call.method == "claim":
            self._lease_written(call, after)
        elif kind == "breaker" and call.method == "settle":
            self._breaker_written(call, after)
        elif kind == "suppression":
            known = {one.channel for one in suppressions_of(before)} if before else set()
            for one in suppressions_of(after):
                if one.channel not in known:
                    self._suppressed(call.process, one)

    # Claims

    def _lease_written(self, call: PortCall, item: Item) -> None:
        facts, at_s, request = self._facts, self._world.elapsed_s(), call.args[0]
        until = from_ms(int(str(item["sk"]).partition("#")[0]))
        ahead = item["pk"] == AHEAD
        for one in json.loads(str(item["held"])):
            held = Held(*one)
            message_id = MessageId(str(held.campaign), held.step, str(held.contact))
            self._world.note(call.process, f"leases {message_id} ({held.fence}){' ahead' if ahead else ''}")
            sender = request.sender.name
            fact = ClaimFact(facts.next(), held.fence, at_s, request.now, until, at_s, sender, ahead=ahead)
            facts.claimed(message_id, fact)
            state = facts.campaigns[message_id.campaign_id].states[-1][-1]
            if state is not CampaignState.RUNNING:
                self._world.fail("orders", f"{message_id} is claimed while its campaign is {state}")

    def _on_ledger_claim(self, call: PortCall, claim: Claim, request: ClaimRequest) -> None:
        if claim.reason and not claim.messages:
            sender = request.sender.name
            self._world.note(call.process, f"claims nothing of {sender}: {claim.reason} until {claim.next_at}")

    def _begun(self, call: PortCall, message_id: MessageId, row: AwsRow) -> None:
        """A row says from now on that its message may have reached its provider."""
        self._world.note(call.process, f"begins {message_id} ({row.fence})")
        wanted = call.args[0]  # a request for messages, or one of them
        sender = wanted.sender if isinstance(wanted, Claimed) else wanted.sender.name
        fact = self._facts.unbegun.get((message_id, row.fence, sender))
        if fact is None:
            self._world.fail("I2", f"{message_id} begins ({row.fence}) without a claim")
            return
        if call.method == "begin":
            message, now = call.args
            fact = self._at_its_moment(fact, message, now)
        self._facts.begun(call.process, message_id, fact, self._world.elapsed_s())

    def _at_its_moment(self, fact: ClaimFact, message: Claimed, now: datetime) -> ClaimFact:
        since_start = message.permit_at - self._world.scenario.start_at
        return ClaimFact(
            fact.order,
            fact.fence,
            fact.at_s,
            now,
            message.lease_until,
            since_start.total_seconds(),
            fact.sender,
            ahead=True,
        )

    # Rows

    def _enrolment_written(self, call: PortCall, before: Item | None, after: Item) -> None:
        one = enrolment_of(after)
        rows = enrolment_of(before).rows if before is not None else {}
        for step, row in one.rows.items():
            old, message_id = rows.get(step), one.id_of(step)
            if old is None or (old.state, old.fence) == (row.state, row.fence):
                continue
            if row.state is MessageState.SENDING:
                self._begun(call, message_id, row)
            elif row.state in SENT and old.state not in SENT:
                self._facts.accepted.setdefault(message_id, self._facts.next())
            elif row.state is MessageState.DUE and _goes_again(old, row):
                self._redriven(message_id, row.reason)
            self._check_mover(call, message_id, old, row)

    def _check_mover(self, call: PortCall, message_id: MessageId, old: AwsRow, row: AwsRow) -> None:
        """I2: what is under way is moved by its own claim's outcome, by evidence, or by what is true of any claim.

        Only who began it may say that it was not sent, or whoever asked its provider.
        """
        if call.method != "settle" or old.state not in _UNDER_WAY:
            return
        said: list[Settlement] = [one for one in call.args[0] if one.id == message_id]
        if all(one.fence is not None and one.fence != old.fence and one.event not in EVIDENCE for one in said):
            fences = [one.fence for one in said]
            self._world.fail("I2", f"{message_id} is {row.state} by claim {fences}, but there is a newer one")
        given_back = [one for one in said if one.event is MessageEvent.RELEASE and one.sender is not None]
        own = self._facts.claims.get((call.process, message_id))
        if given_back and row.state is MessageState.DUE and (own is None or own.fence != old.fence):
            self._world.fail("I2", f"{message_id} is given back by somebody who had not begun it")

    def _settled(self, call: PortCall, one: Settlement, moved: bool, now: datetime) -> None:  # noqa: ARG002
        if one.sender is None or one.fence is None or not one.heard:
            self._recorded(call, one)
            return
        if one.sender.name not in call.untold:  # the breaker was not even asked, but must have heard it
            call.untold[one.sender.name] = self._outcomes(call, one.sender.name)
        self._tell(call, one.sender.name)
        self._recorded(call, one)

    # Breakers

    def _breaker_read(self, call: PortCall, sender: str) -> None:
        """What it says to these outcomes is decided now, and holds if nobody writes it in between."""
        outcomes = self._outcomes(call, sender)
        now: datetime = call.args[1]
        reference = self._facts.breakers[sender]
        trial = copy(reference)
        for heard in outcomes:
            trial.hear(heard.failure, now)
        call.untold[sender] = outcomes if trial != reference else []

    def _outcomes(self, call: PortCall, sender: str) -> list[Heard]:
        found = (
            self._facts.heard_under(call.process, one.id, one.fence, speaks=True)
            for one in call.args[0]
            if one.heard and one.sender is not None and one.sender.name == sender and one.fence is not None
        )
        return [heard for heard in found if heard is not None]

    def _breaker_written(self, call: PortCall, item: Item) -> None:
        """I7: it says what everything that was written down makes of it, whoever wrote at the same time."""
        sender, opened_at = str(item["sk"]), instant(item, "opened_at")
        self._tell(call, sender)
        if opened_at != (expected := self._facts.breakers[sender].opened_at):
            self._world.fail("I7", f"the breaker of {sender} is open since {opened_at}, not {expected}")

    def _tell(self, call: PortCall, sender: str) -> None:
        outcomes, call.untold[sender] = call.untold.get(sender, []), []
        for heard in outcomes:
            self._facts.breakers[sender].hear(heard.failure, call.args[1])

    # Orders

    def _campaign_written(self, call: PortCall, before: Item | None, after: Item) -> None:
        if before is None:
            super()._on_campaigns_add(call, campaign_of(after))
            return
        if (before["status"], "ended_at" in before) == (after["status"], "ended_at" in after):
            return
        campaign_id, ended = str(after["campaign_id"]), "ended_at" in after
        self._campaign_is(call.process, campaign_id, CampaignState(str(after["status"])), ended=ended)
        if ended:
            rows = self._world.data.all_books().rows.values()
            if left := [row.id for row in rows if row.id.campaign_id == campaign_id and row.state not in SETTLED]:
                self._world.fail("I1", f"campaign {campaign_id} has ended, but not {[str(one) for one in left][:3]}")

    def _on_campaigns_add(self, *_: Any) -> None: ...

    def _on_campaigns_apply(self, *_: Any) -> None: ...

    def _on_campaigns_conclude(self, *_: Any) -> None: ...

    def _on_suppressions_add(self, *_: Any) -> None: ...

    def _on_meetings_add(self, *_: Any) -> None: ...

    def _on_meetings_replace(self, *_: Any) -> None: ...


def _now_of(call: PortCall) -> datetime:
    now: datetime = call.args[2]  # of `add` and `replace`
    return now


def _goes_again(old: AwsRow, row: AwsRow) -> bool:
    """Whether it is sent once more: what was refused later may be refused and due again in one write."""
    by_template = row.reason == BY_TEMPLATE and old.state not in _QUEUED
    return old.state in _REDRIVABLE or by_template
