"""Our own channels and doors against the emulators: neither was written for the other, and each checks the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from disparo.bootstrap.providers import PROVIDERS, account_of
from disparo.domain.contact import Channel
from disparo.domain.message import MessageId, Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import Receipt, ReceiptKind, SuppressionCause
from disparo.domain.template import Content
from disparo.domain.whatsapp_content import Approved, Choice, Choices
from disparo.ports.callback import Callback, CallbackRefusedError, Told
from disparo.ports.channel import Closes, Outgoing, SendChannel, SendsMany
from disparo.settings import Settings
from disparo.simulation.emulators.faults import Fault, FaultKind
from disparo.simulation.emulators.plan import Plan
from tests.contract.emulator_stage import AT_ONCE, Stage, rated, stage

CARRIED = {"whatsapp": Channel.WHATSAPP, "sendgrid": Channel.EMAIL, "twilio": Channel.SMS}
EVERYONE = pytest.mark.parametrize("provider", list(CARRIED))
OFFER = Content(
    "Olá, Ana: amanhã às 10h?",
    subject="Amanhã às 10h?",
    html="<p>Olá, Ana: amanhã às 10h?</p>",
    approved=Approved("oferta", "pt_BR", body=("Ana", "amanhã às 10h")),
)


class Given:
    """The emulators' secrets, as a secret store hands them out."""

    def __init__(self, secrets: Mapping[str, Mapping[str, str]]) -> None:
        self.secrets = secrets

    async def get(self, name: str) -> Mapping[str, str]:
        """See `Secrets.get`."""
        return self.secrets[name]

    refresh = get


@dataclass(frozen=True)
class Ours:
    """One provider's channel and callback, with the emulators that they talk to."""

    on: Stage
    channel: SendChannel
    callback: Callback

    async def send(self, message: Outgoing) -> Outcome:
        """Hand over one message."""
        return await self.channel.send(message, datetime.now(UTC))

    async def told(self) -> Told:
        """All that the door was told, once everything has come."""
        await self.on.running.quiet()
        read = [await self.callback.read(call, datetime.now(UTC)) for call in self.on.door.calls]
        return Told(
            [one for told in read for one in told.receipts],
            [one for told in read for one in told.replies],
            [one for told in read for one in told.notices],
        )


@asynccontextmanager
async def ours(provider: str, plan: Plan = AT_ONCE, **more: Any) -> AsyncIterator[Ours]:
    async with stage(plan, **more) as on:
        made, carried = PROVIDERS[provider], CARRIED[provider]
        settings = Settings.model_validate({"public_url": on.door.url, "send_timeout_s": 5})
        account = account_of(provider, carried, made.secret[carried], Given(on.running.secrets), settings)
        assert made.callback is not None
        channel = made.channel(account)
        yield Ours(on, channel, made.callback(account))
        if isinstance(channel, Closes):
            await channel.close()


def to(provider: str, number: int = 1, content: Content = OFFER, **more: Any) -> Outgoing:
    address = f"p{number}@example.com" if provider == "sendgrid" else f"+55419{88880000 + number}"
    return Outgoing(MessageId("3", 1, str(number)), address, content, **more)


def kinds(receipts: Sequence[Receipt]) -> set[tuple[str, ReceiptKind]]:
    return {(receipt.message_id, receipt.kind) for receipt in receipts}


@EVERYONE
def test_what_is_sent_arrives_and_is_told(provider: str) -> None:
    async def story() -> None:
        async with ours(provider) as mine:
            outcome = await mine.send(to(provider))
            told = await mine.told()
            [taken] = mine.on.running.taken
            assert outcome.accepted
            assert taken.id.startswith(outcome.provider_id or "none")
            assert "3.1.1" in taken.references
            assert "amanhã às 10h" in taken.text
            assert kinds(told.receipts) >= {("3.1.1", ReceiptKind.ACCEPTED), ("3.1.1", ReceiptKind.DELIVERED)}
            assert {receipt.message_id for receipt in told.receipts} == {"3.1.1"}
            assert told.notices == []

    asyncio.run(story())


@EVERYONE
def test_a_connection_that_ends_after_taking_is_settled_by_what_comes_back(provider: str) -> None:
    async def story() -> None:
        async with ours(provider) as mine:
            mine.on.running.order(Fault(FaultKind.DROP_AFTER), Fault(FaultKind.DROP_BEFORE))
            taken, lost = await mine.send(to(provider, 1)), await mine.send(to(provider, 2))
            told = await mine.told()
            assert [one.failure for one in (taken, lost)] == [FailureClass.UNKNOWN] * 2
            assert [one.references[0] for one in mine.on.running.taken] == ["3.1.1"]
            assert ("3.1.1", ReceiptKind.DELIVERED) in kinds(told.receipts)
            assert {receipt.message_id for receipt in told.receipts} == {"3.1.1"}

    asyncio.run(story())


@EVERYONE
def test_webhooks_that_come_twice_are_the_same_events(provider: str) -> None:
    async def story() -> None:
        async with ours(provider) as mine:
            mine.on.running.order(Fault(FaultKind.WEBHOOKS_TWICE))
            await mine.send(to(provider))
            told = await mine.told()
            assert len({receipt.event_id for receipt in told.receipts}) * 2 == len(told.receipts) > 0

    asyncio.run(story())


@EVERYONE
def test_a_webhook_that_was_touched_is_refused(provider: str) -> None:
    async def story() -> None:
        async with ours(provider) as mine:
            await mine.send(to(provider))
            await mine.on.running.quiet()
            for call in mine.on.door.calls:
                touched = replace(call, body=call.body.replace(b"elivered", b"eliverex").replace(b"ent", b"enx"))
                for forged in (touched, replace(call, headers={})):
                    with pytest.raises(CallbackRefusedError):
                        await mine.callback.read(forged, datetime.now(UTC))

    asyncio.run(story())


@pytest.mark.parametrize(
    ("provider", "code", "failure"),
    [
        ("whatsapp", "130429", FailureClass.THROTTLED),
        ("whatsapp", "131016", FailureClass.TRANSIENT),
        ("whatsapp", "131000", FailureClass.UNKNOWN),
        ("whatsapp", "190", FailureClass.AUTH),
        ("whatsapp", "132001", FailureClass.PERMANENT),
        ("whatsapp", "131026", FailureClass.RECIPIENT),
        ("sendgrid", "429", FailureClass.THROTTLED),
        ("sendgrid", "503", FailureClass.UNKNOWN),
        ("sendgrid", "401", FailureClass.AUTH),
        ("sendgrid", "413", FailureClass.PERMANENT),
        ("twilio", "20429", FailureClass.THROTTLED),
        ("twilio", "20500", FailureClass.UNKNOWN),
        ("twilio", "20003", FailureClass.AUTH),
        ("twilio", "21617", FailureClass.PERMANENT),
        ("twilio", "21610", FailureClass.RECIPIENT),
    ],
)
def test_the_providers_errors_are_understood(provider: str, code: str, failure: FailureClass) -> None:
    async def story() -> None:
        async with ours(provider) as mine:
            mine.on.running.order(Fault(FaultKind.ERROR, provider, code=code, times=0))
            outcome = await mine.send(to(provider))
            assert (outcome.accepted, outcome.failure) == (False, failure)
            assert mine.on.running.taken == []

    asyncio.run(story())


@EVERYONE
def test_what_fails_later_is_told(provider: str) -> None:
    async def story() -> None:
        async with ours(provider) as mine:
            mine.on.running.order(Fault(FaultKind.UNDELIVERED))
            assert (await mine.send(to(provider))).accepted
            told = await mine.told()
            assert ("3.1.1", ReceiptKind.FAILED) in kinds(told.receipts)

    asyncio.run(story())


@pytest.mark.parametrize("provider", ["whatsapp", "twilio"])
def test_an_opt_out_by_answer_is_heard(provider: str) -> None:
    async def story() -> None:
        async with ours(provider) as mine:
            mine.on.running.order(Fault(FaultKind.OPT_OUT))
            outcome = await mine.send(to(provider))
            [reply] = (await mine.told()).replies
            assert (reply.text, reply.address) == ("SAIR" if provider == "whatsapp" else "STOP", "+5541988880001")
            assert reply.opted_out is (provider == "twilio")
            if provider == "whatsapp":
                assert reply.answers == outcome.provider_id
            else:
                assert (await mine.send(to(provider))).failure is FailureClass.RECIPIENT

    asyncio.run(story())


@pytest.mark.parametrize(
    ("kind", "cause"),
    [(FaultKind.OPT_OUT, SuppressionCause.OPTED_OUT), (FaultKind.COMPLAINT, SuppressionCause.COMPLAINED)],
)
def test_an_opt_out_by_mail_suppresses(kind: FaultKind, cause: SuppressionCause) -> None:
    async def story() -> None:
        async with ours("sendgrid") as mine:
            mine.on.running.order(Fault(kind))
            await mine.send(to("sendgrid"))
            assert cause in {receipt.suppress for receipt in (await mine.told()).receipts}

    asyncio.run(story())


def test_a_batch_of_mails_is_one_request_and_each_has_its_own_words() -> None:
    async def story() -> None:
        async with ours("sendgrid") as mine:
            assert isinstance(mine.channel, SendsMany)
            messages = [
                to("sendgrid", number, Content(f"Olá, pessoa {number}!", "Oi", f"<p>Olá, pessoa {number}!</p>"))
                for number in range(1000)
            ]
            outcomes = await mine.channel.send_many(messages, datetime.now(UTC))
            taken = {one.to: (one.text, one.html) for one in mine.on.running.taken}
            assert all(outcome.accepted for outcome in outcomes)
            assert len({one.id.partition(".")[0] for one in mine.on.running.taken}) == 1
            assert taken == {
                f"p{number}@example.com": (f"Olá, pessoa {number}!", f"<p>Olá, pessoa {number}!</p>")
                for number in range(1000)
            }
            told = await mine.told()
            assert len({one.message_id for one in told.receipts if one.kind is ReceiptKind.DELIVERED}) == 1000

    asyncio.run(story())


def test_a_closed_window_is_answered_with_the_template() -> None:
    async def story() -> None:
        async with ours("whatsapp", replace(AT_ONCE, window=True)) as mine:
            outcome = await mine.send(to("whatsapp", window_open=True))
            assert outcome.accepted
            assert [one.kind for one in mine.on.running.taken] == ["template"]

    asyncio.run(story())


def test_a_choice_that_is_tapped_comes_back() -> None:
    choices = Choices((Choice("slot-1", "Terça 10h"), Choice("slot-2", "Quarta 15h")))

    async def story() -> None:
        async with ours("whatsapp") as mine:
            mine.on.running.order(Fault(FaultKind.REPLY, text="slot-2"))
            await mine.send(to("whatsapp", content=replace(OFFER, choices=choices), window_open=True))
            [reply] = (await mine.told()).replies
            assert (reply.choice, reply.text) == ("slot-2", "Quarta 15h")

    asyncio.run(story())


def test_people_without_a_number_are_known_by_their_id() -> None:
    async def story() -> None:
        async with ours("whatsapp", replace(rated(reply=1.0), withheld=1.0)) as mine:
            await mine.send(to("whatsapp"))
            told = await mine.told()
            [reply] = told.replies
            assert reply.address is None
            assert {receipt.user_id for receipt in told.receipts} == {reply.user_id}

    asyncio.run(story())


def test_meta_is_greeted_by_our_door() -> None:
    async def story() -> None:
        async with ours("whatsapp") as mine:
            mine.on.door.greeting = mine.callback.greet
            await mine.on.running.greet()

    asyncio.run(story())
