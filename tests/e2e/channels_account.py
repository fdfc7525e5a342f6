"""What is counted of a campaign over the emulators: by their own records, the door's, and the ledger."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs

from disparo.adapters.channels.sandbox.script import OPT_OUTS
from disparo.adapters.signed_links import SignedLinks, file_key
from tests.e2e.channels_door import Passed
from tests.e2e.channels_house import FINAL, SENT, House, Providers, most_in_a_minute, person_of

CONFIRMATIONS = "respostas-"


@dataclass
class Account:
    """Everything that is known at the end."""

    house: House
    rows: dict[str, dict[str, Any]]
    taken: list[dict[str, Any]]
    passed: list[Passed]

    @classmethod
    def of(cls, house: House, passed: list[Passed], *providers: Providers) -> Account:
        """Read it all."""
        return cls(house, house.rows(), [one for each in providers for one in each.taken()], passed)

    @cached_property
    def times(self) -> Counter[str]:
        """How often the providers took each message, by our id."""
        return Counter(one["references"][0] for one in self.taken)

    @cached_property
    def doubts(self) -> set[str]:
        """The messages that were ever in doubt."""
        return set(self._journal("event = 'doubt'"))

    @cached_property
    def orphans(self) -> set[str]:
        """The messages that a provider took, and whose process died before it wrote down any answer."""
        own = "event = 'accept' AND detail = '' OR event = 'doubt' AND reason <> 'lease_ran_out' OR event = 'retry'"
        return set(self.times) - set(self._journal(own))

    @cached_property
    def cut_off(self) -> set[str]:
        """The messages in doubt because nobody wrote down anything until their lease ran out."""
        return set(self._journal("event = 'doubt' AND reason = 'lease_ran_out'"))

    def _journal(self, which: str) -> list[str]:
        """The message of each such line of the histories."""
        found = self.house.ask(f"SELECT campaign_id, step, contact_id FROM journal WHERE {which}")
        return [f"{campaign}.{step}.{contact}" for campaign, step, contact in found]

    @cached_property
    def human(self) -> set[str]:
        """The messages that no receipt settled: after `doubt_hold_hours` they are dead, held for a person."""
        return {id_ for id_, row in self.rows.items() if row["state"] == "in_doubt" or row["reason"] == "held_in_doubt"}

    def of_campaigns(self) -> dict[str, dict[str, Any]]:
        """The rows without those of confirmations."""
        return {id_: row for id_, row in self.rows.items() if not row["campaign"].startswith(CONFIRMATIONS)}

    def summary(self) -> str:
        """The numbers, in one line."""
        states = dict(Counter(row["state"] for row in self.rows.values()))
        held, tried = len(self.human), len(set(self.times) | self.human)
        lost = len(self.human & set(self.times))
        return (
            f"{len(self.rows)} messages, {sum(self.times.values())} taken; {len(self.doubts | self.orphans)} doubtful "
            f"({len(self.orphans)} by a kill between accept and record), "
            f"{len((self.doubts | self.orphans) - self.human)} of them settled by receipts; "
            f"in a human's hands: {held} of {tried} ({held / max(1, tried):.2%}), "
            f"{lost} of which a provider had taken; {states}"
        )

    # --- the promises

    def check_all_ended(self) -> None:
        """I1: every message has its end, with a reason where it was not sent."""
        assert [row for row in self.rows.values() if row["state"] not in FINAL] == [], f"I1: no end; {self.summary()}"
        unsent = [row for row in self.rows.values() if row["state"] in FINAL - SENT]
        assert all(row["reason"] for row in unsent), "I1: an end without a reason"

    def check_nobody_twice(self) -> None:
        """I2, and the ledger and the providers tell the same story."""
        assert [id_ for id_, times in self.times.items() if times > 1] == [], "I2: messaged twice"
        assert set(self.times) <= set(self.rows)
        sent = {id_ for id_, row in self.rows.items() if row["state"] in SENT}
        assert sent <= set(self.times), "the ledger says sent, and no provider has taken it"
        unsent = {id_ for id_, row in self.rows.items() if row["state"] in {"cancelled", "expired", "due", "waiting"}}
        assert unsent & set(self.times) == set(), "a provider has taken it, and the ledger says that it was not sent"

    def check_limit(self, provider: str, most: int) -> int:
        """I4: never above the limit in any minute, by the providers' clock; how many there were at most."""
        found = most_in_a_minute([at_s(one["at"]) for one in self.taken if one["provider"] == provider])
        assert found <= most, f"I4: {provider}: {found} in a minute, of {most}"
        return found

    def check_opt_outs(self, grace_s: float) -> int:
        """I5: after the 204 to an opt-out nothing but one confirmation; how many opted out.

        What was on the wire by then may be taken up to `grace_s` later, as the emulators take their time.
        """
        since = self.opted_out
        for one in self.taken:
            row, person = self.rows[one["references"][0]], person_of(one["to"])
            late = person in since and at_s(one["at"]) > since[person] + grace_s
            assert not late or row["campaign"].startswith(CONFIRMATIONS), f"I5: after the opt-out: {row} {one}"
        confirmed = [row for row in self.rows.values() if row["campaign"].startswith(CONFIRMATIONS)]
        told = Counter((row["campaign"], row["contact_id"]) for row in confirmed)
        assert set(told.values()) <= {1}, f"I5: confirmed more than once by one sender: {told}"
        return len(since)

    @cached_property
    def opted_out(self) -> dict[int, float]:
        """When somebody's first opt-out was answered 204, by person."""
        found: dict[int, float] = {}
        for call in self.passed:
            if call.status in (200, 204):
                for person in self._leaving(call):
                    found.setdefault(person, call.at.timestamp())
        return found

    def _leaving(self, call: Passed) -> Iterator[int]:
        if call.path == "/webhooks/whatsapp":
            yield from self._leaving_whatsapp(json.loads(call.body))
        elif call.path == "/webhooks/twilio":
            form = parse_qs(call.body.decode())
            if form.get("OptOutType") == ["STOP"]:
                yield person_of(form["From"][0])
        elif call.path == "/webhooks/sendgrid":
            leaving = ("unsubscribe", "group_unsubscribe", "spamreport")
            yield from (person_of(one["email"]) for one in json.loads(call.body) if one["event"] in leaving)
        elif call.path.startswith("/u/") and call.body == b"List-Unsubscribe=One-Click":
            links = SignedLinks(self.house.public_url, file_key(self.house.data / "link-key"))
            if (message := links.message_of(call.path.removeprefix("/u/"))) is not None:
                yield person_of(self.rows[str(message)]["address"])

    def _leaving_whatsapp(self, document: Any) -> Iterator[int]:
        for entry in document["entry"]:
            for value in (change["value"] for change in entry["changes"]):
                for said in value.get("messages", ()):
                    if said.get("text", {}).get("body") in OPT_OUTS:
                        yield self._known(said.get("from"), said.get("from_user_id"))
                for told in value.get("user_preferences", ()):
                    if told["value"] == "stop":
                        yield self._known(told.get("wa_id"), told.get("user_id"))

    def _known(self, number: str | None, user_id: str | None) -> int:
        if number is not None:
            return person_of(number)
        return next(person for key, person in self._user_ids.items() if key == user_id)

    @cached_property
    def _user_ids(self) -> dict[str, int]:
        numbers = {one["to"].removeprefix("+") for one in self.taken if one["provider"] == "whatsapp"}
        return {f"BR.{int.from_bytes(one.encode(), 'big') % 10**20:020d}": person_of(one) for one in numbers}

    @cached_property
    def batches(self) -> Counter[str]:
        """How many messages each request to SendGrid took along, by its X-Message-Id."""
        return Counter(one["id"].partition(".")[0] for one in self.taken if one["provider"] == "sendgrid")

    def check_bounces(self, suppressed: str) -> None:
        """Whoever bounced hard is suppressed."""
        bounced = {one["email"] for one in self._mail_events() if one["event"] == "bounce" and one["type"] == "bounce"}
        assert bounced, "nothing bounced"
        assert [one for one in bounced if one not in suppressed] == []

    def _mail_events(self) -> Iterator[dict[str, Any]]:
        for call in self.passed:
            if call.path == "/webhooks/sendgrid" and call.status == 204:
                yield from json.loads(call.body)

    def check_replies(self, inbox: Sequence[dict[str, Any]]) -> None:
        """What people wrote is in the inbox, once."""
        said = {form["MessageSid"][0]: form["Body"][0] for form in self._forms() if "Body" in form}
        for call in self.passed:
            if call.path == "/webhooks/whatsapp" and call.status == 204:
                said |= {one["id"]: one["text"]["body"] for one in _said(json.loads(call.body))}
        assert said, "nobody answered"
        stand_ins = "["  # of what is no text, such as a preference
        kept = Counter(one["text"] for one in inbox if not one["text"].startswith(stand_ins))
        wanted = Counter(said.values())
        assert kept == wanted, f"more: {kept - wanted}, missing: {wanted - kept}"

    def _forms(self) -> Iterator[dict[str, list[str]]]:
        for call in self.passed:
            if call.path == "/webhooks/twilio" and call.status == 204:
                yield parse_qs(call.body.decode())

    def check_waiting_is_free(self) -> None:
        """I6: no more retries used than the provider had faults of its own, and nobody died of them."""
        faults = Counter(self._journal("event = 'retry' AND reason IN ('provider_down', 'not_connected')"))
        assert [row for id_, row in self.rows.items() if row["retries_used"] > faults[id_]] == [], "I6"
        assert [row for row in self.rows.values() if row["reason"] == "retries_used_up"] == [], "I6"


def _said(document: Any) -> Iterator[dict[str, Any]]:
    """The texts that people wrote."""
    for entry in document["entry"]:
        for change in entry["changes"]:
            yield from (one for one in change["value"].get("messages", ()) if "text" in one)


def at_s(text: str) -> float:
    """An instant as seconds."""
    return datetime.fromisoformat(text).timestamp()
