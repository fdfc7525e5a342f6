"""Whatever was under way when a person was erased and comes late brings nothing of them back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from disparo.adapters.files.open_table import open_table
from disparo.adapters.files.rejected_rows import RejectedRows
from disparo.adapters.outbox_events import OutboxEvents
from disparo.domain.contact import Channel
from disparo.domain.errors import NotFoundError
from disparo.domain.hand_message import HandMessage
from disparo.domain.inbox_entry import Heard
from disparo.domain.message import MessageEvent, MessageId
from disparo.domain.receipt import Receipt, ReceiptKind, Reply, SuppressionCause
from disparo.domain.settlement import Settlement
from disparo.domain.suppression import hashed_key
from disparo.domain.template import Template
from disparo.domain.webhook import Endpoint
from disparo.engine.answers import Answers
from disparo.engine.inbound import Inbound
from disparo.engine.lane_book import LaneBook
from disparo.engine.recognition import Recognition
from disparo.ports.idempotency import Begun, KeptAnswer
from disparo.ports.intents import RuleClassifier
from disparo.usecases import imports as usecase
from disparo.usecases.erasures import erase
from disparo.usecases.imports import ImportDesk, ImportOrder
from tests.contract.erasure_scene import EMAIL, NOW, PHONE, TABLE, Kept, marks_of, opened, plant

FAMILIES = ("embedded", "dynamo-memory")
BEFORE, LATER = NOW - timedelta(minutes=5), NOW + timedelta(minutes=5)
SAID = "Zebulon diz: palavra-rara"


def play(family: str, folder: Path, story: Callable[[Kept, MessageId], Awaitable[None]]) -> None:
    """A story that begins when the person was erased, of whom one message had been sent."""

    async def whole() -> None:
        with opened(family, folder) as kept:
            one, _ = await plant(kept)
            await erase(kept.archive, one, NOW, everywhere=True)
            await story(kept, MessageId("1", 1, one))

    asyncio.run(whole())


async def nothing_of_them(kept: Kept) -> None:
    assert marks_of(await kept.everything()) == []
    assert await kept.store.inbox.key_of("whatsapp", "BR.4711") is None


async def inbound_of(kept: Kept) -> Inbound:
    store = kept.store
    await store.webhooks.add(Endpoint("we_1", "https://x.example/h", "sealed", NOW, include_personal=True))
    recognition = Recognition(store.ledger, store.campaigns, store.contacts, store.inbox, {})
    answers, lanes = Answers(store.ledger, store.campaigns, "ok"), LaneBook(store.ledger, store.campaigns)
    return Inbound(store, lanes, recognition, answers, RuleClassifier(), None, OutboxEvents(store.webhooks))


def wrote(text: str, at: datetime, message: MessageId | None = None, event: str = "r1") -> Reply:
    told = None if message is None else str(message)
    return Reply("whatsapp", event, told, text, at, Channel.WHATSAPP, PHONE, "BR.4711", f"wamid.{PHONE}")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_late_receipt_moves_the_message_and_says_nothing_of_the_person(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept, message: MessageId) -> None:
        inbound = await inbound_of(kept)
        for number, kind in enumerate((ReceiptKind.NOTED, ReceiptKind.DELIVERED, ReceiptKind.READ, ReceiptKind.FAILED)):
            await inbound.take_receipts(
                [
                    Receipt(
                        *("whatsapp", f"wamid.{PHONE}:{number}", str(message), kind, LATER),
                        provider_id=f"wamid.{PHONE}",
                        detail=f"550 <{EMAIL}>: {SAID}",
                        suppress=SuppressionCause.BOUNCED,
                        user_id="BR.4711",
                    )
                ],
                LATER,
            )
        row = await kept.store.ledger.get(message)
        assert (row.state, row.provider_id) == ("read", None)
        lines = await kept.store.ledger.journal(message)
        assert {"deliver", "read"} <= {str(line.event) for line in lines}, "what happened is still told"
        assert {(line.detail, line.provider_id) for line in lines} == {("", None)}
        await nothing_of_them(kept)

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_outcome_of_what_was_being_sent_is_kept_without_the_providers_words(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept, message: MessageId) -> None:
        redriven = Settlement(message, MessageEvent.REDRIVE, due_at=LATER)
        taken = Settlement(message, MessageEvent.DELIVER, detail=SAID, provider_id=f"wamid.{PHONE}")
        await kept.store.ledger.settle([redriven, taken], LATER)
        assert (await kept.store.ledger.get(message)).provider_id is None
        await nothing_of_them(kept)

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("named", [True, False])
def test_a_reply_of_before_that_comes_late_is_kept_nowhere(family: str, named: bool, tmp_path: Path) -> None:
    async def story(kept: Kept, message: MessageId) -> None:
        inbound = await inbound_of(kept)
        for _ in range(2):
            assert not await inbound.take_reply(wrote(SAID, BEFORE, message if named else None), LATER)
        assert await kept.store.inbox.page(None, 5) == []
        assert await kept.store.webhooks.page("we_1", None, 5) == []
        await nothing_of_them(kept)

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_stop_of_before_that_comes_late_holds_as_a_hash(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept, _: MessageId) -> None:
        inbound = await inbound_of(kept)
        await inbound.take_reply(wrote("SAIR", BEFORE), LATER)
        found = await kept.store.suppressions.matching([PHONE])
        assert (None, "opted_out", "erased") in [(one.channel, one.reason, one.source) for one in found]
        assert {one.key for one in await kept.store.suppressions.page("", 9)} == {hashed_key(PHONE), hashed_key(EMAIL)}
        await nothing_of_them(kept)

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_who_writes_after_they_were_erased_is_somebody_new(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept, message: MessageId) -> None:
        inbound = await inbound_of(kept)
        assert await inbound.take_reply(wrote("oi", LATER, message), LATER)
        [entry] = await kept.store.inbox.page(None, 5)
        assert (entry.heard.key, entry.heard.contact_id, entry.heard.message_id) == (PHONE, None, None)
        assert "replied" not in {str(line.event) for line in await kept.store.ledger.journal(message)}

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_was_recognised_before_and_is_written_after_is_not_kept(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept, message: MessageId) -> None:
        store, contact = kept.store, message.contact_id
        await store.inbox.learn("whatsapp", "BR.4711", PHONE, contact)
        heard = Heard("w:9", Channel.WHATSAPP, "whatsapp", PHONE, contact, str(message), SAID, "other", LATER)
        assert not await store.inbox.keep(heard, LATER)
        assert await store.inbox.last_heard(Channel.WHATSAPP, "whatsapp", [PHONE]) is None
        assert await store.ledger.note(message, "replied", SAID, "w:9", LATER)
        text = Template("resposta", SAID)
        with pytest.raises(NotFoundError):
            await store.hand_messages.keep(HandMessage(contact, "k9", Channel.SMS, "sms", text, {}, "user:1", LATER))
        await kept.idempotency.begin("k9", "f", "t9", LATER)
        await kept.idempotency.finish("k9", "t9", KeptAnswer(200, SAID.encode(), {}, contact), LATER)
        assert await kept.idempotency.begin("k9", "f", "t10", LATER) == Begun("t10"), "the answer tells of them"
        await nothing_of_them(kept)

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_import_of_before_that_goes_on_does_not_bring_them_back(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept, _: MessageId) -> None:
        desk = ImportDesk(kept.imports, kept.store.contacts, kept.files, open_table, RejectedRows)
        record = await usecase.announce(kept.imports, ImportOrder("pessoas.csv", "novos"), BEFORE, "antes")

        async def chunks() -> object:
            yield TABLE.encode()

        await kept.files.take(record.key, chunks())  # type: ignore[arg-type]
        done = await usecase.work(desk, record.id, lambda: LATER)
        assert (done.counts.created, done.counts.rejected) == (1, 3)
        assert done.counts.by_reason["erased"] == 2
        assert [one.name for one in await kept.store.contacts.page("novos", None, 9)] == ["Bia"]
        await kept.files.discard(record.key)
        await nothing_of_them(kept)

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_file_that_came_after_the_erasure_is_a_new_word(family: str, tmp_path: Path) -> None:
    async def story(kept: Kept, _: MessageId) -> None:
        contacts = kept.store.contacts
        assert await contacts.forgotten(BEFORE) >= {
            hashed_key(PHONE),
            hashed_key(EMAIL),
            hashed_key("user:whatsapp:BR.4711"),
        }
        assert await contacts.forgotten(NOW) == frozenset()

    play(family, tmp_path, story)


@pytest.mark.parametrize("family", FAMILIES)
def test_who_is_still_in_another_list_is_heard_there(family: str, tmp_path: Path) -> None:
    async def whole() -> None:
        with opened(family, tmp_path) as kept:
            one, other = await plant(kept)
            await erase(kept.archive, one, NOW)
            assert hashed_key(PHONE) not in await kept.store.contacts.forgotten(BEFORE)
            inbound = await inbound_of(kept)
            assert await inbound.take_reply(wrote("oi", BEFORE, MessageId("1", 1, one)), LATER)
            [entry] = await kept.store.inbox.page(None, 5)
            assert (entry.heard.key, entry.heard.contact_id) == (PHONE, other)
            await erase(kept.archive, other, NOW)
            assert await kept.store.contacts.forgotten(BEFORE) >= {hashed_key(PHONE), hashed_key(EMAIL)}

    asyncio.run(whole())
