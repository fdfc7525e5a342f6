"""Mails as they come back, in the words of common servers and mail programs; the people in them do not exist."""

from __future__ import annotations

from datetime import UTC, datetime

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
OURS = "<disparo.3.1.57@alquimista.ai>"


def mail(headers: str, body: str = "") -> bytes:
    """A mail with CRLF line ends."""
    return (headers.strip() + "\n\n" + body).replace("\n", "\r\n").encode()


def answer(text: str, more: str = "", subject: str = "Re: Promoção") -> bytes:
    """What a person answers."""
    return mail(
        f"From: Ana Silva <Ana.Silva@exemplo.com.br>\nTo: Contato <Contato@Alquimista.ai>\nSubject: {subject}\n"
        f"Date: Mon, 23 Nov 2026 11:30:00 -0300\nMessage-ID: <resposta1@exemplo.com.br>\nIn-Reply-To: {OURS}\n"
        f"References: <outra@x.com> {OURS}\nContent-Type: text/plain; charset=utf-8\n"
        f"Content-Transfer-Encoding: 8bit\n{more}",
        text,
    )


def report(
    recipient_fields: str, *, report_fields: str = "", returned: str = "message/rfc822", id_header: str = OURS
) -> bytes:
    """A delivery report as RFC 3464 has it."""
    return mail(
        "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.exemplo.com.br>\nTo: devolucoes@alquimista.ai\n"
        "Subject: Undelivered Mail Returned to Sender\nDate: Mon, 23 Nov 2026 14:00:00 +0000\n"
        "Message-ID: <relatorio1@mx.exemplo.com.br>\nAuto-Submitted: auto-replied\n"
        'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="limite"',
        f"""--limite
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.exemplo.com.br.

--limite
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.exemplo.com.br
{report_fields}Arrival-Date: Mon, 23 Nov 2026 13:59:00 +0000

{recipient_fields.strip()}

--limite
Content-Type: {returned}

From: noreply@alquimista.ai
To: ana.silva@exemplo.com.br
Message-ID: {id_header}
Subject: Oi

--limite--
""",
    )


POSTFIX_UNKNOWN = """Final-Recipient: rfc822; ana.silva@exemplo.com.br
Original-Recipient: rfc822;ana.silva@exemplo.com.br
Action: failed
Status: 5.1.1
Remote-MTA: dns; mail.exemplo.com.br
Diagnostic-Code: smtp; 550 5.1.1 <ana.silva@exemplo.com.br>: Recipient address
    rejected: User ana.silva unknown in virtual mailbox table"""

EXCHANGE_UNKNOWN = """Final-Recipient: rfc822;ana.silva@exemplo.com.br
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"""

GENERAL_CODE = """Final-Recipient: rfc822; ana.silva@exemplo.com.br
Action: failed
Status: 5.0.0
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist."""

FULL = """Final-Recipient: rfc822; ana.silva@exemplo.com.br
Action: failed
Status: 5.2.2
Diagnostic-Code: smtp; 552 5.2.2 The recipient's inbox is out of storage space"""

SPAM = """Final-Recipient: rfc822; ana.silva@exemplo.com.br
Action: failed
Status: 5.7.1
Diagnostic-Code: smtp; 550 5.7.1 Our system has detected that this message is likely unsolicited mail"""

SPAM_WITHOUT_CODE = """Final-Recipient: rfc822; ana.silva@exemplo.com.br
Action: failed
Status: 5.0.0
Diagnostic-Code: smtp; 554 Message refused, your host is listed in a blocklist"""

EXPIRED = """Final-Recipient: rfc822; ana.silva@exemplo.com.br
Action: failed
Status: 4.4.1
Diagnostic-Code: X-Postfix; connect to mail.exemplo.com.br[192.0.2.1]:25: Connection timed out"""

DELAYED = """Final-Recipient: rfc822; ana.silva@exemplo.com.br
Action: delayed
Status: 4.4.1
Will-Retry-Until: Sat, 28 Nov 2026 14:00:00 +0000"""

DELIVERED = """Final-Recipient: rfc822; ana.silva@exemplo.com.br
Action: delivered (to mailbox)
Status: 2.0.0
Diagnostic-Code: smtp; 250 2.0.0 Ok"""

RELAYED = """Final-Recipient: rfc822; ana.silva@exemplo.com.br
Action: relayed
Status: 2.1.9"""

EXIM = mail(
    """Return-path: <>
X-Failed-Recipients: ana.silva@exemplo.com.br
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@exim.exemplo.net>
To: devolucoes@alquimista.ai
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1qAbCd-0001ab-2C@exim.exemplo.net>
Date: Mon, 23 Nov 2026 14:00:00 +0000""",
    f"""This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ana.silva@exemplo.com.br
    host mail.exemplo.com.br [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<ana.silva@exemplo.com.br>:
    550 No such user here

------ This is a copy of the message, including all the headers. ------

From: noreply@alquimista.ai
To: ana.silva@exemplo.com.br
Message-ID: {OURS}
""",
)

QMAIL = mail(
    """Return-Path: <>
From: MAILER-DAEMON@qmail.exemplo.net
To: devolucoes@alquimista.ai
Subject: failure notice
Date: 23 Nov 2026 14:00:00 -0000""",
    f"""Hi. This is the qmail-send program at qmail.exemplo.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ana.silva@exemplo.com.br>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.2.1 Mailbox unavailable
Giving up on 192.0.2.1.

--- Below this line is a copy of the message.

Message-ID: {OURS}
""",
)

WARNING = mail(
    """Return-Path: <>
From: postmaster@exim.exemplo.net
Subject: Warning: message delayed 24 hours
Message-Id: <aviso@exim.exemplo.net>""",
    f"The message has not been delivered, and we will keep trying.\n\nMessage-ID: {OURS}\n",
)


def complaint(kind: str = "abuse") -> bytes:
    """An abuse report as RFC 5965 has it."""
    return mail(
        "From: <fbl@provedor.com.br>\nTo: <abuso@alquimista.ai>\nSubject: FW: Promoção\n"
        "Message-ID: <queixa1@provedor.com.br>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="limite"',
        f"""--limite
Content-Type: text/plain

This is an email abuse report.

--limite
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1

--limite
Content-Type: message/rfc822

From: <noreply@alquimista.ai>
Message-ID: {OURS}
Subject: Promoção

Oi
--limite--
""",
    )


def opened(disposition: str = "manual-action/MDN-sent-manually; displayed") -> bytes:
    """What a mail program says it did with the mail (RFC 8098)."""
    return mail(
        "From: Ana <ana@exemplo.com.br>\nSubject: Lida: Promoção\nMessage-ID: <lida1@exemplo.com.br>\n"
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="limite"',
        f"""--limite
Content-Type: text/plain

Lida.

--limite
Content-Type: message/disposition-notification

Final-Recipient: rfc822;ana@exemplo.com.br
Original-Message-ID: {OURS}
Disposition: {disposition}

--limite--
""",
    )
