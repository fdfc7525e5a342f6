"""What each refusal of a mail server means."""

from __future__ import annotations

import pytest

from disparo.adapters.channels.smtp.errors import BUSY_S, GREYLISTED_S, QUOTA_S, TOO_FAST_S, Stage, refusal
from disparo.adapters.mail_status import LONGEST_DETAIL
from disparo.domain.policies.retry import FailureClass as Failure

ADDRESS = "ana.silva@exemplo.com.br"

# Replies as servers of these names word them; what they should mean is ours (see docs/channels/smtp.md).
REFUSALS = [
    (Stage.RECIPIENT, 550, "5.1.1 That email account does not exist", Failure.RECIPIENT, "mailbox_unknown"),
    (Stage.RECIPIENT, 550, "5.1.10 RESOLVER.ADR.RecipientNotFound", Failure.RECIPIENT, "address_refused"),
    (Stage.RECIPIENT, 550, "5.2.1 The email account is disabled", Failure.RECIPIENT, "mailbox_disabled"),
    (Stage.RECIPIENT, 552, "5.2.2 The recipient's inbox is out of storage space", Failure.RECIPIENT, "mailbox_full"),
    (Stage.RECIPIENT, 552, "storage allocation", Failure.RECIPIENT, "mailbox_full"),
    (Stage.RECIPIENT, 550, "No such user here", Failure.RECIPIENT, "address_refused"),
    (Stage.RECIPIENT, 551, "user not local", Failure.RECIPIENT, "address_refused"),
    (Stage.RECIPIENT, 553, "mailbox name not allowed", Failure.RECIPIENT, "address_refused"),
    (Stage.RECIPIENT, 556, "domain does not accept mail", Failure.RECIPIENT, "domain_takes_no_mail"),
    (Stage.RECIPIENT, 554, "5.7.1 <x>: Relay access denied", Failure.AUTH, "relay_denied"),
    (Stage.RECIPIENT, 550, "relay not permitted", Failure.AUTH, "relay_denied"),
    (Stage.RECIPIENT, 550, "5.7.54 SMTP; Unable to relay recipient", Failure.AUTH, "relay_denied"),
    (Stage.RECIPIENT, 550, "5.7.1 Service unavailable; client host blocked", Failure.PERMANENT, "policy_refused"),
    (Stage.RECIPIENT, 554, "transaction failed", Failure.PERMANENT, "policy_refused"),
    (Stage.RECIPIENT, 530, "5.7.57 Client not authenticated to send mail", Failure.AUTH, "login_needed"),
    (Stage.RECIPIENT, 550, "5.4.5 Daily user sending quota exceeded", Failure.THROTTLED, "quota_reached"),
    (Stage.SENDER, 550, "5.7.60 Client may not send as this sender", Failure.AUTH, "sender_refused"),
    (Stage.SENDER, 550, "5.1.1 sender unknown", Failure.AUTH, "sender_refused"),
    (Stage.SENDER, 553, "5.1.8 sender domain not found", Failure.AUTH, "sender_refused"),
    (Stage.SENDER, 550, "5.7.1 not allowed", Failure.AUTH, "sender_refused"),
    (Stage.SENDER, 552, "5.3.4 Message size exceeds fixed limit", Failure.PERMANENT, "message_too_big"),
    (Stage.SENDER, 555, "parameters not recognised", Failure.PERMANENT, "command_refused"),
    (Stage.CONTENT, 552, "too big", Failure.PERMANENT, "message_too_big"),
    (Stage.CONTENT, 550, "5.7.1 likely unsolicited mail", Failure.PERMANENT, "policy_refused"),
    (Stage.CONTENT, 550, "5.7.26 unauthenticated mail is not accepted", Failure.AUTH, "sender_not_trusted"),
    (Stage.CONTENT, 550, "5.1.1 unknown after all", Failure.RECIPIENT, "mailbox_unknown"),
    (Stage.CONTENT, 554, "no", Failure.PERMANENT, "message_refused"),
    (Stage.LOGIN, 535, "5.7.8 Username and Password not accepted", Failure.AUTH, "login_refused"),
    (Stage.LOGIN, 534, "5.7.14 sign in with your browser", Failure.AUTH, "login_refused"),
    (Stage.LOGIN, 538, "encryption required", Failure.AUTH, "encryption_needed"),
    (Stage.LOGIN, 432, "4.7.12 a password transition is needed", Failure.AUTH, "login_refused"),
    (Stage.LOGIN, 554, "no", Failure.AUTH, "login_refused"),
    (Stage.LOGIN, 454, "4.7.0 Temporary authentication failure", Failure.TRANSIENT, "login_unavailable"),
    (Stage.CONNECT, 554, "no SMTP service here", Failure.AUTH, "server_refuses_us"),
    (Stage.CONNECT, 421, "4.3.2 Service not available", Failure.TRANSIENT, "server_closing"),
    (Stage.CONNECT, 421, "4.7.0 Too many concurrent connections", Failure.THROTTLED, "too_many_messages"),
    (Stage.CONTENT, 421, "4.7.0 unusual rate of unsolicited mail", Failure.THROTTLED, "held_back"),
    (Stage.RECIPIENT, 450, "4.7.1 <x>: Recipient address rejected: Greylisted", Failure.PACED, "greylisted"),
    (Stage.RECIPIENT, 451, "4.7.1 please try again later", Failure.PACED, "greylisted"),
    (Stage.RECIPIENT, 451, "Greylisting in action", Failure.PACED, "greylisted"),
    (Stage.RECIPIENT, 450, "4.2.1 at a rate that exceeds its limit", Failure.PACED, "mailbox_busy"),
    (Stage.RECIPIENT, 450, "mailbox busy", Failure.TRANSIENT, "mailbox_busy"),
    (Stage.RECIPIENT, 452, "4.2.2 mailbox full", Failure.TRANSIENT, "mailbox_busy"),
    (Stage.RECIPIENT, 452, "4.5.3 recipients", Failure.THROTTLED, "too_many_messages"),
    (Stage.RECIPIENT, 451, "local error", Failure.TRANSIENT, "server_failed"),
    (Stage.CONTENT, 452, "4.3.1 insufficient storage", Failure.TRANSIENT, "server_failed"),
    (Stage.RECIPIENT, 250, "that is no refusal", Failure.TRANSIENT, "answer_not_understood"),
    (Stage.RECIPIENT, -1, "Malformed", Failure.TRANSIENT, "answer_not_understood"),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "code", "text", "failure", "reason"), REFUSALS)
def test_a_refusal_is_understood(stage: Stage, code: int, text: str, failure: Failure, reason: str) -> None:
    outcome = refusal(stage, code, text, ADDRESS)
    assert (outcome.accepted, outcome.failure, outcome.reason) == (False, failure, reason)
    assert outcome.detail.startswith(str(code))


@pytest.mark.parametrize(
    ("code", "text", "wait_s"),
    [
        (450, "4.7.1 greylisted", GREYLISTED_S),
        (451, "4.7.1 greylisted for 5 minutes", 300.0),
        (451, "4.7.1 greylisted, retry in 120 seconds", 120.0),
        (451, "4.7.1 greylisted for 9999 minutes", 3600.0),
        (451, "too many messages", TOO_FAST_S),
        (550, "5.4.5 daily quota exceeded", QUOTA_S),
        (450, "4.2.1 busy", BUSY_S),
        (451, "local error", None),
        (550, "5.1.1 unknown, retry in 5 minutes", None),
    ],
)
def test_how_long_to_wait_is_what_the_server_says_or_usual(code: int, text: str, wait_s: float | None) -> None:
    assert refusal(Stage.RECIPIENT, code, text).retry_after_s == wait_s


def test_no_detail_says_whose_mailbox_it_is() -> None:
    text = (
        f'5.1.1 <{ADDRESS}>: user ANA.SILVA, {ADDRESS.upper()} or "ana"@x.com (bia@y.com.br)\r\nunknown \x00 '
        + "y" * 999
    )
    detail = refusal(Stage.RECIPIENT, 550, text, ADDRESS).detail
    assert "@" not in detail
    assert "silva" not in detail.lower()
    assert len(detail) == LONGEST_DETAIL
    assert detail.isprintable()
