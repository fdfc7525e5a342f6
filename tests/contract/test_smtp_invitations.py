"""Invitations over a real SMTP server of this machine, as mail programs find them (RFC 6047 and what Google sends)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from email.message import EmailMessage

import pytest

from disparo.domain.template import Invitation
from disparo.ports.channel import Outgoing
from tests.contract.mail_invitation import event_in, invitation, only, read, structure
from tests.contract.smtp_stage import Postmaster, real_server
from tests.contract.test_smtp import NOW, channel, outgoing, secret

CALENDAR = "text/calendar"


def invited(given: Invitation, html: str | None = "<p>Olá!</p>") -> Outgoing:
    message = outgoing()
    return replace(message, content=replace(message.content, html=html, invitation=given))


def delivered(message: Outgoing) -> EmailMessage:
    async def story() -> bytes:
        postmaster = Postmaster()
        async with real_server(postmaster, login=False) as port:
            smtp = channel(secret(port))
            outcome = await smtp.send(message, NOW)
            await smtp.close()
        assert outcome.accepted
        [mail] = postmaster.taken
        return mail.content

    return read(asyncio.run(story()))


def test_the_invitation_is_the_last_alternative_and_a_file_beside_it() -> None:
    mail = delivered(invited(invitation()))
    alternatives = ["multipart/alternative", "text/plain", "text/html", CALENDAR]
    assert structure(mail) == ["multipart/mixed", alternatives, "application/ics"]
    without_html = ["multipart/alternative", "text/plain", CALENDAR]
    assert structure(delivered(invited(invitation(), None))) == ["multipart/mixed", without_html, "application/ics"]


@pytest.mark.parametrize("cancelled", [False, True])
def test_its_type_says_method_and_alphabet_as_the_calendar_does(cancelled: bool) -> None:
    part = only(delivered(invited(invitation(cancelled=cancelled))), CALENDAR)
    method = "CANCEL" if cancelled else "REQUEST"
    assert part.get_param("method") == method
    assert part.get_content_charset() == "utf-8"
    assert part.get_content_disposition() is None, "as an attachment it would be no invitation"
    assert f"\r\nMETHOD:{method}\r\n" in str(part.get_payload(decode=True), "utf-8")


def test_both_arrive_octet_by_octet() -> None:
    given = invitation()
    mail = delivered(invited(given))
    for content_type in (CALENDAR, "application/ics"):
        assert only(mail, content_type).get_payload(decode=True) == given.text.encode()
    assert only(mail, "application/ics").get_filename() == "invite.ics"
    event = event_in(given.text)
    assert str(event["SUMMARY"]) == "Demonstração: João & Ana"
    assert str(event["DESCRIPTION"]) == "Até lá! 🎉\n.\n--fim"


def test_whom_it_invites_is_whom_the_mail_goes_to() -> None:
    mail = delivered(invited(invitation()))
    assert str(event_in(mail_calendar(mail))["ATTENDEE"]) == f"mailto:{mail['To']}"


def mail_calendar(mail: EmailMessage) -> bytes:
    return bytes(only(mail, CALENDAR).get_payload(decode=True) or b"")
