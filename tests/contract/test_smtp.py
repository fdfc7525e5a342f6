"""Mail handed to real SMTP servers on this machine."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from disparo.adapters.channels.smtp.channel import SmtpChannel
from disparo.adapters.channels.smtp.connections import LONGEST_IDLE_S, MOST_MAILS
from disparo.adapters.channels.smtp.credentials import SmtpCredentials, parse
from disparo.adapters.credentials import Credentials
from disparo.domain.message import MessageId, Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.template import Content
from disparo.ports.channel import Closes, HasAccount, Outgoing
from tests.contract.mail_certificate import certificates
from tests.contract.smtp_stage import DROP, PASSWORD, USERNAME, Postmaster, ScriptedServer, real_server

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)


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
        "host": "localhost",
        "port": str(port),
        "security": "none",
        "from_email": "noreply@alquimista.ai",
        "from_name": "Alquimista",
        "helo_name": "envio.alquimista.ai",
        **more,
    }


def channel(*secrets: Mapping[str, str], timeout_s: float = 5.0, connections: int = 4) -> SmtpChannel:
    credentials: Credentials[SmtpCredentials] = Credentials(Kept(*secrets), "mcp-smtp", parse)
    return SmtpChannel(credentials, timeout_s=timeout_s, connections=connections)


def outgoing(contact: int = 1, address: str | None = None, text: str = "Olá!\n.ponto\n..dois\nfim") -> Outgoing:
    address = address or f"pessoa{contact}@exemplo.com.br"
    return Outgoing(MessageId("3", 1, str(contact)), address, Content(text, "Promoção", "<p>Olá!</p>"))


def login(port: int, **more: str) -> dict[str, str]:
    return secret(port, username=USERNAME, password=PASSWORD, ca_certificate=certificates().authority, **more)


def test_it_closes_and_knows_where_people_answer() -> None:
    smtp = channel(secret(1, reply_to="contato@alquimista.ai"))
    assert isinstance(smtp, Closes)
    assert isinstance(smtp, HasAccount)
    assert asyncio.run(smtp.account()) == "contato@alquimista.ai"
    assert asyncio.run(channel(secret(1)).account()) == "noreply@alquimista.ai"
    assert asyncio.run(channel({}).account()) is None


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_goes_over_tls_with_a_login(security: str, tmp_path: Path) -> None:
    async def story() -> None:
        postmaster = Postmaster()
        async with real_server(
            postmaster, tls=certificates().context(tmp_path), implicit=security == "tls", login=security == "starttls"
        ) as port:
            plain = login(port, security=security)
            if security == "tls":  # aiosmtpd offers no login over implicit TLS
                plain = {key: one for key, one in plain.items() if key not in ("username", "password")}
            smtp = channel(plain)
            outcome = await smtp.send(outgoing(), NOW)
            await smtp.close()
        assert outcome == Outcome(True, "FILA1")
        [mail] = postmaster.taken
        assert (mail.sender, mail.recipient) == ("noreply@alquimista.ai", "pessoa1@exemplo.com.br")
        read = email.message_from_bytes(mail.content, policy=email.policy.default)
        assert read["Message-ID"] == "<disparo.3.1.1@alquimista.ai>"
        text = read.get_body(("plain",))
        assert text is not None
        assert text.get_content().splitlines() == ["Olá!", ".ponto", "..dois", "fim"]
        assert postmaster.sessions[0].host_name == "envio.alquimista.ai"

    asyncio.run(story())


def test_a_certificate_of_another_authority_is_refused_before_anything_is_told(tmp_path: Path) -> None:
    async def story() -> None:
        postmaster = Postmaster()
        async with real_server(postmaster, tls=certificates().context(tmp_path)) as port:
            other = login(port, security="starttls") | {"ca_certificate": certificates("outro.test").authority}
            outcome = await channel(other).send(outgoing(), NOW)
        assert (outcome.failure, outcome.reason) == (FailureClass.AUTH, "certificate_refused")
        assert postmaster.logins == 0
        assert not postmaster.taken

    asyncio.run(story())


def test_a_server_without_starttls_gets_no_password() -> None:
    async def story() -> None:
        postmaster = Postmaster()
        async with real_server(postmaster, login=False) as port:
            outcome = await channel(login(port, security="starttls")).send(outgoing(), NOW)
        assert (outcome.failure, outcome.reason, postmaster.logins) == (FailureClass.AUTH, "starttls_missing", 0)

    asyncio.run(story())


def test_a_new_password_is_read_once_when_the_old_one_is_refused(tmp_path: Path) -> None:
    async def story() -> None:
        postmaster = Postmaster()
        async with real_server(postmaster, tls=certificates().context(tmp_path)) as port:
            old = login(port, security="starttls") | {"password": "velha"}
            refused = await channel(old).send(outgoing(), NOW)
            smtp = channel(old, login(port, security="starttls"))
            outcome = await smtp.send(outgoing(), NOW)
            await smtp.close()
        assert (refused.failure, refused.reason) == (FailureClass.AUTH, "login_refused")
        assert "velha" not in refused.detail
        assert outcome.accepted
        assert len(postmaster.taken) == 1

    asyncio.run(story())


def test_connections_are_kept_and_at_most_as_many_as_allowed() -> None:
    async def story() -> None:
        postmaster = Postmaster()
        async with real_server(postmaster, login=False) as port:
            smtp = channel(secret(port, connections="3"), connections=50)
            outcomes = await asyncio.gather(*(smtp.send(outgoing(one), NOW) for one in range(40)))
            await smtp.close()
        assert all(outcome.accepted for outcome in outcomes)
        assert len({outcome.provider_id for outcome in outcomes}) == 40
        assert {mail.recipient for mail in postmaster.taken} == {f"pessoa{one}@exemplo.com.br" for one in range(40)}
        assert len(postmaster.sessions) == 3

    asyncio.run(story())


def test_a_refused_recipient_costs_no_connection_and_concerns_nobody_else() -> None:
    async def story() -> None:
        postmaster = Postmaster(
            at_recipient={"pessoa1@exemplo.com.br": "550 5.1.1 <pessoa1@exemplo.com.br>: pessoa1 unknown"},
            at_content={"pessoa2@exemplo.com.br": "451 4.7.1 Greylisted, try again in 90 seconds"},
        )
        async with real_server(postmaster, login=False) as port:
            smtp = channel(secret(port), connections=1)
            outcomes = [await smtp.send(outgoing(one), NOW) for one in (1, 2, 3)]
            await smtp.close()
        assert outcomes[0] == Outcome(
            False, None, FailureClass.RECIPIENT, "mailbox_unknown", "550 5.1.1 <<…>>: <…> unknown"
        )
        assert (outcomes[1].failure, outcomes[1].reason, outcomes[1].retry_after_s) == (
            FailureClass.PACED,
            "greylisted",
            90.0,
        )
        assert outcomes[2].accepted
        assert len(postmaster.sessions) == 1

    asyncio.run(story())


def test_an_address_beyond_ascii_goes_where_the_server_takes_it() -> None:
    async def story() -> None:
        postmaster = Postmaster()
        async with real_server(postmaster, login=False) as port:
            smtp = channel(secret(port))
            taken = await smtp.send(outgoing(1, "joão@exemplo.com.br"), NOW)
            domain = await smtp.send(outgoing(2, "joao@ação.com.br"), NOW)
            await smtp.close()
        assert taken.accepted
        assert domain.accepted
        assert [mail.recipient for mail in postmaster.taken] == ["joão@exemplo.com.br", "joao@xn--ao-siap.com.br"]
        assert ["SMTPUTF8" in mail.mail_options for mail in postmaster.taken] == [True, False]
        async with ScriptedServer({}).listening() as port:
            smtp = channel(secret(port))
            refused = await smtp.send(outgoing(1, "joão@exemplo.com.br"), NOW)
            await smtp.close()
        assert (refused.failure, refused.reason) == (FailureClass.RECIPIENT, "address_not_supported")

    asyncio.run(story())


def test_our_id_travels_in_the_envelope_where_the_server_reports_deliveries() -> None:
    async def story() -> None:
        server = ScriptedServer({"EHLO": b"250-mail.test\r\n250-SIZE 100000\r\n250 DSN"})
        async with server.listening() as port:
            smtp = channel(secret(port))
            await smtp.send(outgoing(7), NOW)
            await smtp.close()
        _, mail, recipient, *_ = server.lines
        assert re.fullmatch("MAIL FROM:<noreply@alquimista.ai> SIZE=[0-9]+ RET=HDRS ENVID=3.1.7", mail)
        assert recipient == "RCPT TO:<pessoa7@exemplo.com.br> NOTIFY=FAILURE,DELAY"

    asyncio.run(story())


@pytest.mark.parametrize(
    ("step", "failure", "reason"),
    [
        ("GREETING", FailureClass.TRANSIENT, "not_connected"),
        ("EHLO", FailureClass.TRANSIENT, "not_connected"),
        ("MAIL", FailureClass.TRANSIENT, "connection_lost"),
        ("RCPT", FailureClass.TRANSIENT, "connection_lost"),
        ("DATA", FailureClass.TRANSIENT, "connection_lost"),
        ("DOT", FailureClass.UNKNOWN, "no_answer"),
    ],
)
def test_a_line_that_breaks_is_only_a_doubt_after_the_dot(step: str, failure: FailureClass, reason: str) -> None:
    async def story() -> None:
        async with ScriptedServer({step: DROP}).listening() as port:
            outcome = await channel(secret(port)).send(outgoing(), NOW)
        assert (outcome.accepted, outcome.failure, outcome.reason) == (False, failure, reason)

    asyncio.run(story())


def test_a_line_that_breaks_within_a_large_mail_leaves_no_doubt() -> None:
    async def story() -> None:
        large = outgoing(text="linha comprida de texto\n" * 400_000)
        async with ScriptedServer({"BODY": DROP}).listening() as port:
            outcome = await channel(secret(port)).send(large, NOW)
        assert (outcome.failure, outcome.reason) == (FailureClass.TRANSIENT, "connection_lost")

    asyncio.run(story())


@pytest.mark.parametrize(
    ("answer", "failure", "reason"),
    [
        (b"what?", FailureClass.UNKNOWN, "answer_not_understood"),
        (b"354 go on", FailureClass.UNKNOWN, "answer_not_understood"),
        (b"421 4.3.2 shutting down", FailureClass.TRANSIENT, "server_closing"),
        (b"554 5.7.1 looks like spam", FailureClass.PERMANENT, "policy_refused"),
        (b"452 4.3.1 disk full", FailureClass.TRANSIENT, "server_failed"),
    ],
)
def test_what_the_server_says_to_the_dot_decides(answer: bytes, failure: FailureClass, reason: str) -> None:
    async def story() -> None:
        async with ScriptedServer({"DOT": answer}).listening() as port:
            smtp = channel(secret(port))
            outcome = await smtp.send(outgoing(), NOW)
            await smtp.close()
        assert (outcome.accepted, outcome.failure, outcome.reason) == (False, failure, reason)

    asyncio.run(story())


def test_silence_ends_at_the_time_limit() -> None:
    async def story() -> None:
        for step, failure in (("RCPT", FailureClass.TRANSIENT), ("DOT", FailureClass.UNKNOWN)):
            async with ScriptedServer({step: b"250-and so on"}).listening() as port:
                smtp = channel(secret(port), timeout_s=0.2)
                outcome = await smtp.send(outgoing(), NOW)
                assert (step, outcome.failure) == (step, failure)
                assert not smtp._connections._idle, "such a connection is not used again"

    asyncio.run(story())


@pytest.mark.parametrize("answer", [DROP, b"421 4.4.2 idle for too long"])
def test_a_connection_that_the_server_ended_is_opened_anew(answer: bytes) -> None:
    async def story() -> None:
        mails = 0

        def script(connection: int, step: str) -> bytes | None:
            nonlocal mails
            mails += step == "MAIL"
            return answer if step == "MAIL" and mails == 2 else None

        server = ScriptedServer(script)
        async with server.listening() as port:
            smtp = channel(secret(port), connections=1)
            outcomes = [await smtp.send(outgoing(one), NOW) for one in (1, 2, 3)]
            await smtp.close()
        assert [outcome.accepted for outcome in outcomes] == [True, True, True]
        assert server.connections == 2
        assert server.heard.count("2 DOT") == 2

    asyncio.run(story())


def test_a_mail_that_was_not_ended_is_reset_before_the_next() -> None:
    async def story() -> None:
        refused = iter([b"550 5.1.1 unknown", None, None])
        server = ScriptedServer(lambda _, step: next(refused) if step == "RCPT" else None)
        async with server.listening() as port:
            smtp = channel(secret(port), connections=1)
            outcomes = [await smtp.send(outgoing(one), NOW) for one in (1, 2, 3)]
            await smtp.close()
        assert [outcome.accepted for outcome in outcomes] == [False, True, True]
        assert [step for step in server.heard if step.endswith(("RSET", "QUIT"))] == ["1 RSET", "1 QUIT"]

    asyncio.run(story())


def test_a_connection_is_left_politely_when_it_has_done_its_part() -> None:
    async def story() -> None:
        server = ScriptedServer({})
        async with server.listening() as port:
            smtp = channel(secret(port), connections=1)
            outcomes = [await smtp.send(outgoing(one), NOW) for one in range(MOST_MAILS + 1)]
            assert server.connections == 2
            assert "1 QUIT" in server.heard
            await smtp.close()
        assert all(outcome.accepted for outcome in outcomes)

    asyncio.run(story())


def test_a_connection_that_rested_long_is_not_trusted() -> None:
    async def story() -> None:
        server = ScriptedServer({})
        async with server.listening() as port:
            smtp = channel(secret(port), connections=1)
            await smtp.send(outgoing(1), NOW)
            smtp._connections._idle[0].idle_since_s -= LONGEST_IDLE_S + 1
            assert (await smtp.send(outgoing(2), NOW)).accepted
            await smtp.close()
        assert server.connections == 2

    asyncio.run(story())


def test_nobody_at_the_port_is_no_connection() -> None:
    async def story() -> None:
        async with ScriptedServer({}).listening() as port:
            pass
        outcome = await channel(secret(port)).send(outgoing(), NOW)
        assert (outcome.failure, outcome.reason) == (FailureClass.TRANSIENT, "not_connected")

    asyncio.run(story())


def test_a_cancelled_send_leaves_no_connection_behind() -> None:
    async def story() -> None:
        server = ScriptedServer({"RCPT": b"250-and so on"})
        async with server.listening() as port:
            smtp = channel(secret(port))
            sending = asyncio.create_task(smtp.send(outgoing(), NOW))
            while "1 RCPT" not in server.heard:
                await asyncio.sleep(0)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
            assert not smtp._connections._idle

    asyncio.run(story())
