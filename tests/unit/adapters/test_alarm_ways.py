"""Telling of alarms: by webhook, by e-mail, and as an event."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from disparo.adapters.alarm_events import AlarmEvents
from disparo.adapters.alarm_mail import NO_SENDER, AlarmMail
from disparo.adapters.alarm_webhook import AlarmWebhook
from disparo.domain.alarm import AlarmChange, AlarmName, AlarmStanding, AlarmState, Unit
from disparo.domain.contact import Channel
from disparo.domain.errors import StoreError
from disparo.domain.message import MessageId, Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.template import check_size
from disparo.domain.webhook import Event, EventType
from disparo.ports.channel import Outgoing
from disparo.ports.webhooks import Posted

NOW = datetime(2026, 3, 2, 12, 0, 0, 250_000, tzinfo=UTC)
CHANGE = AlarmChange(
    AlarmState.OK,
    AlarmStanding(AlarmName.BREAKER_OPEN, AlarmState.ALARM, NOW, NOW, 1.0, 0.0, Unit.COUNT, ("principal",)),
)


@dataclass
class Receiver:
    """Remembers what it was sent, and answers as it is told."""

    answer: Posted
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    async def post(self, url, headers, body) -> Posted:
        self.got.append((url, dict(headers), body))
        return self.answer

    async def refusal(self, url) -> str | None:
        return None

    async def close(self) -> None: ...


def told_by_webhook(answer: Posted) -> tuple[str | None, Receiver]:
    receiver = Receiver(answer)
    return asyncio.run(AlarmWebhook("https://exemplo.com.br/a", receiver).tell(CHANGE, NOW)), receiver


def test_a_webhook_is_told_in_json_with_an_id_that_stays() -> None:
    reason, receiver = told_by_webhook(Posted(204, timedelta(0)))
    assert reason is None
    [(url, headers, body)] = receiver.got
    assert url == "https://exemplo.com.br/a"
    assert headers == {
        "content-type": "application/json",
        "webhook-id": CHANGE.id,
        "webhook-timestamp": str(int(NOW.timestamp())),
    }
    event = json.loads(body)
    assert (event["type"], event["timestamp"]) == ("alarm.changed", "2026-03-02T12:00:00.250Z")
    assert event["text"].startswith("Remetente parado: em alarme (remetentes cujo provedor")
    data = event["data"]
    assert (data["id"], data["alarm"], data["state"], data["was"]) == (CHANGE.id, "breaker_open", "alarm", "ok")
    assert (data["value"], data["threshold"], data["unit"], data["about"]) == (1.0, 0.0, "count", ["principal"])
    assert data["words"]["en"]["title"] == "Sender left alone"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Posted(200, timedelta(0)), None),
        (Posted(302, timedelta(0)), "answered_302"),
        (Posted(500, timedelta(0)), "answered_500"),
        (Posted(None, timedelta(0), "address_refused"), "address_refused"),
        (Posted(None, timedelta(0), "timed_out"), "timed_out"),
    ],
)
def test_a_webhook_is_told_when_it_says_so_itself(answer, reason) -> None:
    assert told_by_webhook(answer)[0] == reason


@dataclass
class Mailer:
    """An e-mail sender that answers as it is told."""

    outcome: Outcome
    sent: list[Outgoing] = field(default_factory=list)

    async def send(self, message: Outgoing, now: datetime) -> Outcome:
        self.sent.append(message)
        return self.outcome


def told_by_mail(*mailers: Mailer, page: str | None = None) -> str | None:
    def senders() -> Sequence[Mailer]:
        return mailers

    return asyncio.run(AlarmMail("plantao@exemplo.com.br", senders, page=page).tell(CHANGE, NOW))


def test_a_mail_says_in_both_languages_what_is_wrong_and_where_to_look() -> None:
    mailer = Mailer(Outcome(True))
    assert told_by_mail(mailer, page="https://disparo.exemplo.com.br/console") is None
    [mail] = mailer.sent
    assert mail.address == "plantao@exemplo.com.br"
    assert mail.content.subject == "[ALARME] Remetente parado: em alarme"
    assert "https://disparo.exemplo.com.br/console" in mail.content.text
    assert "Senders whose provider keeps failing, and whose messages wait: 1 (principal)" in mail.content.text
    assert check_size(mail.content, Channel.EMAIL) is None


def test_a_mails_id_is_of_no_message_and_of_no_other_change() -> None:
    mailer, ids = Mailer(Outcome(True)), set()
    for name in AlarmName:
        change = replace(CHANGE, standing=replace(CHANGE.standing, name=name))
        asyncio.run(AlarmMail("plantao@exemplo.com.br", lambda: [mailer]).tell(change, NOW))
        found = MessageId.parse(str(mailer.sent[-1].id))
        assert found.campaign_id == "0"
        assert found.contact_id.isdecimal()
        ids.add(found)
    assert len(ids) == len(AlarmName)


def test_a_sender_that_fails_is_followed_by_the_next() -> None:
    sick, well = Mailer(Outcome(False, failure=FailureClass.TRANSIENT, reason="http_503")), Mailer(Outcome(True))
    assert told_by_mail(sick, well) is None
    assert (len(sick.sent), len(well.sent)) == (1, 1)
    assert told_by_mail(sick) == "http_503"


def test_without_an_email_sender_nobody_is_told() -> None:
    assert told_by_mail() == NO_SENDER


@dataclass
class Taker:
    """Takes events, or cannot."""

    broken: bool = False
    published: list[Event] = field(default_factory=list)

    async def publish(self, events, now) -> None:
        if self.broken:
            raise StoreError("gone")
        self.published += events


def test_endpoints_get_the_same_event_each_time_it_is_told() -> None:
    taker = Taker()
    for _ in range(2):
        assert asyncio.run(AlarmEvents(taker).tell(CHANGE, NOW)) is None
    first, second = taker.published
    assert first == second
    assert (first.type, first.at, first.data["alarm"]) == (EventType.ALARM_CHANGED, NOW, "breaker_open")
    other = replace(CHANGE, standing=replace(CHANGE.standing, since=NOW + timedelta(seconds=1)))
    asyncio.run(AlarmEvents(taker).tell(other, NOW))
    assert taker.published[-1].id != first.id


def test_events_that_cannot_be_kept_are_told_later() -> None:
    assert asyncio.run(AlarmEvents(Taker(broken=True)).tell(CHANGE, NOW)) == "store_unreachable"
