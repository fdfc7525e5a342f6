"""Answers to invitations in the forms of common calendar programs; the people in them do not exist."""

from __future__ import annotations

from base64 import b64encode

from tests.unit.adapters.channels.mailbox.mails import mail

UID = "m12@alquimista.ai"


def calendar(status: str, product: str, *, attendee: str = "ana.silva@exemplo.com.br", more: str = "") -> str:
    """The answer itself; `more` is lines of its event."""
    return f"""BEGIN:VCALENDAR
PRODID:{product}
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:REPLY
BEGIN:VEVENT
DTSTART:20261125T170000Z
DTEND:20261125T173000Z
DTSTAMP:20261123T142959Z
ORGANIZER;CN=Bia Rocha:mailto:contato@alquimista.ai
UID:{UID}
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={status};CN=Ana Silv
 a;X-NUM-GUESTS=0:mailto:{attendee}
SEQUENCE:3
STATUS:CONFIRMED
SUMMARY:Demonstração
DESCRIPTION:Para não receber mais, responda SAIR.
{more}END:VEVENT
END:VCALENDAR
"""


def gmail(status: str = "ACCEPTED", *, sender: str = "Ana Silva <ana.silva@exemplo.com.br>", more: str = "") -> bytes:
    """Google Calendar: a text that repeats the event, the answer as an alternative and once more as a file."""
    body = calendar(status, "-//Google Inc//Google Calendar 70.9054//EN", more=more)
    encoded = b64encode(body.replace("\n", "\r\n").encode()).decode()
    return mail(
        f"""MIME-Version: 1.0
Reply-To: Ana Silva <ana.silva@exemplo.com.br>
Sender: Google Calendar <calendar-notification@google.com>
Auto-Submitted: auto-generated
Message-ID: <calendar-5b0c@google.com>
Date: Mon, 23 Nov 2026 14:30:00 +0000
Subject: =?UTF-8?B?QWNlaXRvOiBEZW1vbnN0cmHDp8Ojbw==?=
From: {sender}
To: contato@alquimista.ai
Content-Type: multipart/mixed; boundary="fora\"""",
        f"""--fora
Content-Type: multipart/alternative; boundary="dentro"

--dentro
Content-Type: text/plain; charset="UTF-8"; format=flowed; delsp=yes
Content-Transfer-Encoding: 8bit

Ana Silva aceitou este convite.

Demonstração
Para não receber mais, responda SAIR.

--dentro
Content-Type: text/html; charset="UTF-8"

<p>Ana Silva aceitou este convite. Para n&atilde;o receber mais, responda SAIR.</p>

--dentro
Content-Type: text/calendar; charset="UTF-8"; method=REPLY
Content-Transfer-Encoding: 8bit

{body}
--dentro--

--fora
Content-Type: application/ics; name="invite.ics"
Content-Disposition: attachment; filename="invite.ics"
Content-Transfer-Encoding: base64

{encoded}
--fora--
""",
    )


def outlook(status: str, words: str = "", *, method: str = "REPLY") -> bytes:
    """Exchange: what the person wrote, and the answer in base64 with Windows' own zone names."""
    body = f"""BEGIN:VCALENDAR
METHOD:{method}
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
BEGIN:VTIMEZONE
TZID:E. South America Standard Time
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:-0300
TZOFFSETTO:-0300
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
ATTENDEE;PARTSTAT={status};CN="Silva, Ana":mailto:Ana.Silva@exemplo.com.br
COMMENT;LANGUAGE=pt-BR:{words or chr(92) + "n"}
UID:{UID}
SUMMARY;LANGUAGE=pt-BR:Recusado: Demonstração
DTSTART;TZID=E. South America Standard Time:20261125T140000
DTEND;TZID=E. South America Standard Time:20261125T143000
CLASS:PUBLIC
PRIORITY:5
DTSTAMP:20261123T143000Z
TRANSP:OPAQUE
STATUS:CONFIRMED
SEQUENCE:3
LOCATION;LANGUAGE=pt-BR:
X-MICROSOFT-CDO-APPT-SEQUENCE:3
X-MICROSOFT-CDO-BUSYSTATUS:FREE
END:VEVENT
END:VCALENDAR
"""
    encoded = b64encode(body.replace("\n", "\r\n").encode()).decode()
    return mail(
        """From: "Silva, Ana" <Ana.Silva@exemplo.com.br>
To: Contato <contato@alquimista.ai>
Subject: Recusado: =?utf-8?Q?Demonstra=C3=A7=C3=A3o?=
Thread-Topic: Demonstracao
Date: Mon, 23 Nov 2026 14:30:00 +0000
Message-ID: <CP6P284MB@CP6P284MB.BRAP284.PROD.OUTLOOK.COM>
In-Reply-To: <disparo.3.1.57@alquimista.ai>
X-MS-Exchange-CalendarSeriesInstance: no
X-Auto-Response-Suppress: All
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="_000_CP6P\"""",
        f"""--_000_CP6P
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 8bit

{words}

--_000_CP6P
Content-Type: text/calendar; charset="utf-8"; method={method}
Content-Transfer-Encoding: base64

{encoded}
--_000_CP6P--
""",
    )


def apple(status: str, *, from_apple: bool = False) -> bytes:
    """Apple's calendar: the answer as a file, its lines as the text of the mail; iCloud mails in its own name."""
    own = "Ana Silva <noreply@insideicloud.icloud.com>\nReply-To: Ana Silva <ana.silva@exemplo.com.br>"
    sender = own if from_apple else "Ana Silva <ana.silva@exemplo.com.br>"
    body = calendar(status, "-//Apple Inc.//macOS 15.1//EN")
    return mail(
        f"""From: {sender}
Content-Type: multipart/mixed; boundary="Apple-Mail=_1"
Mime-Version: 1.0 (Mac OS X Mail 16.0)
Subject: Ana Silva accepted the event: Demonstracao
Message-Id: <1C8B0E4A@exemplo.com.br>
Date: Mon, 23 Nov 2026 11:30:00 -0300
To: contato@alquimista.ai""",
        f"""--Apple-Mail=_1
Content-Transfer-Encoding: 7bit
Content-Type: text/plain; charset=us-ascii

Ana Silva has accepted the event "Demonstracao"

--Apple-Mail=_1
Content-Disposition: attachment; filename=iCal-20261123.ics
Content-Type: text/calendar; x-unix-mode=0644; name="iCal-20261123.ics"; method=REPLY
Content-Transfer-Encoding: 8bit

{body}
--Apple-Mail=_1--
""",
    )
