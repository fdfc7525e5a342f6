"""A mailbox on a real IMAP connection: what is given, what is marked when, and what a kill loses (nothing)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from disparo.adapters.channels.mailbox.credentials import MailboxCredentials, parse
from disparo.adapters.channels.mailbox.imap import AT_ONCE, ImapMailbox
from disparo.adapters.channels.mailbox.letter import READ_BYTES
from disparo.adapters.credentials import Credentials
from disparo.domain.receipt import ReceiptKind
from disparo.ports.channel import Collected, Collects
from tests.contract.imap_stage import PASSWORD, USERNAME, ImapStage
from tests.contract.mail_certificate import certificates
from tests.unit.adapters.channels.mailbox import mails
from tests.unit.adapters.channels.mailbox.mails import NOW, answer, report

MINUTE = timedelta(minutes=1)


class Kept:
    """`Secrets` of one secret, which changes when it is asked for anew."""

    def __init__(self, *values: Mapping[str, str]) -> None:
        self._values = list(values)

    async def get(self, name: str) -> Mapping[str, str]:
        return self._values[0]

    async def refresh(self, name: str) -> Mapping[str, str]:
        if len(self._values) > 1:
            self._values.pop(0)
        return self._values[0]


def secret(port: int, **more: str) -> dict[str, str]:
    return {
        "imap_host": "localhost",
        "imap_port": str(port),
        "imap_security": "none",
        "username": USERNAME,
        "password": PASSWORD,
        **more,
    }


def mailbox(*secrets: Mapping[str, str]) -> ImapMailbox:
    credentials: Credentials[MailboxCredentials] = Credentials(Kept(*secrets), "mcp-mailbox", parse)
    return ImapMailbox(credentials, timeout_s=5.0)


def texts(collected: Collected) -> list[str]:
    return [reply.text for reply in collected.replies]


def troubles(collected: Collected) -> list[str]:
    assert not collected.receipts
    assert not collected.replies
    return [notice.kind for notice in collected.notices]


def different(number: int) -> bytes:
    return answer(f"Resposta {number}").replace(b"<resposta1@", f"<resposta{number}@".encode())


def test_what_came_is_given_once_and_marked_when_it_is_asked_again() -> None:
    async def story() -> None:
        stage = ImapStage()
        stage.add(answer("Sim, quero"))
        stage.add(report(mails.POSTFIX_UNKNOWN))
        async with stage.listening() as port:
            box = mailbox(secret(port))
            assert isinstance(box, Collects)
            first = await box.collect(NOW)
            assert texts(first) == ["Sim, quero"]
            assert [receipt.kind for receipt in first.receipts] == [ReceiptKind.FAILED]
            assert first.next_at == NOW + MINUTE
            assert not any(one.flags for one in stage.stored), "a kill here loses nothing"
            second = await box.collect(NOW + MINUTE)
            assert (texts(second), list(second.receipts)) == ([], [])
            assert [one.flags for one in stage.stored] == [{"DisparoRead"}] * 2
            stage.add(different(2))
            assert texts(await box.collect(NOW + 2 * MINUTE)) == ["Resposta 2"]

    asyncio.run(story())


def test_a_process_that_begins_anew_is_given_what_was_not_marked() -> None:
    async def story() -> None:
        stage = ImapStage()
        stage.add(answer("Sim, quero"))
        async with stage.listening() as port:
            first = await mailbox(secret(port)).collect(NOW)
            again = await mailbox(secret(port)).collect(NOW)
            assert first.replies == again.replies
            assert first.replies[0].event_id == "<resposta1@exemplo.com.br>"

    asyncio.run(story())


def test_people_still_see_what_they_have_not_read() -> None:
    async def story() -> None:
        stage = ImapStage()
        stage.add(answer("Sim"))
        async with stage.listening() as port:
            box = mailbox(secret(port))
            await box.collect(NOW)
            await box.collect(NOW + MINUTE)
            assert r"\Seen" not in stage.stored[0].flags
            stage.keywords = False
            stage.add(different(2))
            await box.collect(NOW + 2 * MINUTE)
            await box.collect(NOW + 3 * MINUTE)
            assert stage.stored[1].flags == {r"\Seen"}, "where the server keeps no marks of ours"

    asyncio.run(story())


@pytest.mark.parametrize("moves", [True, False])
def test_what_was_read_goes_to_a_folder_of_its_own(moves: bool) -> None:
    async def story() -> None:
        stage = ImapStage(moves=moves)
        stage.add(answer("Sim"))
        async with stage.listening() as port:
            box = mailbox(secret(port, done_folder="disparo/lidos"))
            await box.collect(NOW)
            assert not stage.moved
            assert texts(await box.collect(NOW + MINUTE)) == []
        assert stage.moved == ({"disparo/lidos": [101]} if moves else {})
        assert [one.flags for one in stage.stored] == ([] if moves else [{"DisparoRead"}])

    asyncio.run(story())


def test_a_full_mailbox_is_read_in_portions() -> None:
    async def story() -> None:
        stage = ImapStage()
        for number in range(AT_ONCE + 5):
            stage.add(different(number))
        async with stage.listening() as port:
            box = mailbox(secret(port))
            first = await box.collect(NOW)
            assert (len(first.replies), first.next_at) == (AT_ONCE, NOW)
            second = await box.collect(NOW)
            assert (len(second.replies), second.next_at) == (5, NOW + MINUTE)
            assert len({one.event_id for one in (*first.replies, *second.replies)}) == AT_ONCE + 5
            assert any("SINCE 24-Oct-2026 UNKEYWORD DisparoRead" in command for command in stage.log)

    asyncio.run(story())


def test_it_is_not_asked_before_its_time() -> None:
    async def story() -> None:
        stage = ImapStage()
        async with stage.listening() as port:
            box = mailbox(secret(port, poll_s="300"))
            await box.collect(NOW)
            asked = len(stage.log)
            early = await box.collect(NOW + MINUTE)
            assert (len(stage.log), early.next_at) == (asked, NOW + 5 * MINUTE)
            await box.collect(NOW + 5 * MINUTE)
            assert len(stage.log) > asked

    asyncio.run(story())


def test_of_a_large_mail_only_the_beginning_is_read() -> None:
    async def story() -> None:
        stage = ImapStage()
        stage.add(answer("Sim\n> " + "x" * 100 + "\n" + "> cópia\n" * 400_000))
        async with stage.listening() as port:
            assert texts(await mailbox(secret(port)).collect(NOW)) == ["Sim"]
        assert any(f"BODY.PEEK[]<0.{READ_BYTES}>" in command for command in stage.log)

    asyncio.run(story())


def test_a_folder_that_cannot_be_marked_gives_nothing_twice() -> None:
    async def story() -> None:
        stage = ImapStage(refuse={"STORE"})
        stage.add(answer("Sim"))
        async with stage.listening() as port:
            box = mailbox(secret(port))
            assert texts(await box.collect(NOW)) == ["Sim"]
            for minute in (1, 2):
                assert troubles(await box.collect(NOW + minute * MINUTE)) == ["mails_not_marked"]
            stage.refuse.clear()
            assert troubles(await box.collect(NOW + 3 * MINUTE)) == []
            assert stage.stored[0].flags == {"DisparoRead"}

    asyncio.run(story())


def test_a_folder_that_was_made_anew_is_read_anew() -> None:
    async def story() -> None:
        stage = ImapStage()
        stage.add(answer("Sim"))
        async with stage.listening() as port:
            box = mailbox(secret(port))
            await box.collect(NOW)
            stage.validity += 1
            assert texts(await box.collect(NOW + MINUTE)) == ["Sim"]
            assert not stage.stored[0].flags, "its number may mean another mail now"

    asyncio.run(story())


def test_a_mail_that_cannot_be_read_is_told_and_left_behind() -> None:
    async def story() -> None:
        stage = ImapStage()
        stage.add(b"\r\n\r\nnada")
        stage.add(answer("Sim"))
        async with stage.listening() as port:
            box = mailbox(secret(port))
            collected = await box.collect(NOW)
            assert texts(collected) == ["Sim"]
            assert [notice.kind for notice in collected.notices] == ["mail_unreadable"]
            assert troubles(await box.collect(NOW + MINUTE)) == []

    asyncio.run(story())


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_the_line_is_protected_and_the_server_checked(security: str, tmp_path: Path) -> None:
    async def story() -> None:
        stage = ImapStage(tls=certificates().context(tmp_path), starttls=security == "starttls")
        stage.add(answer("Sim"))
        async with stage.listening() as port:
            safe = secret(port, imap_security=security, ca_certificate=certificates().authority)
            assert texts(await mailbox(safe).collect(NOW)) == ["Sim"]
            stage.log.clear()
            other = safe | {"ca_certificate": certificates("outro.test").authority}
            assert troubles(await mailbox(other).collect(NOW)) == ["certificate_refused"]
            assert "LOGIN" not in stage.log

    asyncio.run(story())


def test_a_server_without_starttls_gets_no_password() -> None:
    async def story() -> None:
        stage = ImapStage()
        async with stage.listening() as port:
            box = mailbox(secret(port, imap_security="starttls"))
            assert troubles(await box.collect(NOW)) == ["mailbox_not_reached"]
        assert "LOGIN" not in stage.log

    asyncio.run(story())


def test_a_new_password_is_read_once_when_the_old_one_is_refused() -> None:
    async def story() -> None:
        stage = ImapStage()
        stage.add(answer("Sim"))
        async with stage.listening() as port:
            old = secret(port) | {"password": "velha"}
            refused = await mailbox(old).collect(NOW)
            assert troubles(refused) == ["login_refused"]
            assert "velha" not in refused.notices[0].detail
            assert texts(await mailbox(old, secret(port)).collect(NOW)) == ["Sim"]

    asyncio.run(story())


@pytest.mark.parametrize("step", ["LOGIN", "SELECT", "SEARCH", "FETCH", "CAPABILITY"])
def test_a_line_that_breaks_is_a_notice_a_day_and_loses_nothing(step: str) -> None:
    async def story() -> None:
        stage = ImapStage(drop_at=step)
        stage.add(answer("Sim"))
        async with stage.listening() as port:
            box = mailbox(secret(port))
            first = await box.collect(NOW)
            assert troubles(first) == ["mailbox_not_reached"]
            assert first.next_at == NOW + 5 * MINUTE
            second = await box.collect(NOW + 5 * MINUTE)
            assert second.notices[0].event_id == first.notices[0].event_id
            stage.drop_at = None
            assert texts(await box.collect(NOW + 10 * MINUTE)) == ["Sim"]

    asyncio.run(story())


def test_a_break_while_marking_gives_nothing_twice() -> None:
    async def story() -> None:
        stage = ImapStage()
        stage.add(answer("Sim"))
        async with stage.listening() as port:
            box = mailbox(secret(port))
            await box.collect(NOW)
            stage.drop_at = "STORE"
            assert troubles(await box.collect(NOW + MINUTE)) == ["mailbox_not_reached"]
            stage.drop_at = None
            assert troubles(await box.collect(NOW + 6 * MINUTE)) == []
            assert stage.stored[0].flags == {"DisparoRead"}

    asyncio.run(story())


def test_what_is_wrong_is_told_in_a_notice() -> None:
    async def story() -> None:
        stage = ImapStage()
        async with stage.listening() as port:
            assert troubles(await mailbox(secret(port, folder="Nenhuma")).collect(NOW)) == ["folder_unusable"]
            wrong = await mailbox({"imap_host": "localhost"}).collect(NOW)
        assert troubles(wrong) == ["secret_unusable"]
        assert "username" in wrong.notices[0].detail
        assert troubles(await mailbox(secret(port)).collect(NOW)) == ["mailbox_not_reached"]

    asyncio.run(story())
