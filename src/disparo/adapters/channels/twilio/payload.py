"""Our message as Twilio's request (Twilio REST API 2010-04-01, Create a Message)."""

from __future__ import annotations

import base64
from urllib.parse import quote, urlencode

from disparo.adapters.channels.twilio.credentials import TwilioCredentials
from disparo.ports.channel import Outgoing

LONGEST_BODY = 1600
"""Characters (error 21617)."""
LONGEST_STATUS_CALLBACK = 4000
"""Characters (error 21609)."""
DOOR = "/webhooks/twilio"

Form = list[tuple[str, str]]


def messages_url(credentials: TwilioCredentials) -> str:
    """Where messages are created."""
    return f"{credentials.endpoint}/2010-04-01/Accounts/{credentials.account_sid}/Messages.json"


def headers(credentials: TwilioCredentials) -> dict[str, str]:
    """The headers of a request, which sign it in."""
    login = ":".join(credentials.login)
    return {
        "Authorization": f"Basic {base64.b64encode(login.encode()).decode()}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }


def form(message: Outgoing, credentials: TwilioCredentials, public_url: str | None) -> Form:
    """The fields of a request.

    Our id travels in the query of StatusCallback, which comes back unchanged and under Twilio's signature. Without a
    `public_url` there is none: nothing is heard of the message again.
    """
    fields = [("To", message.address), ("Body", message.content.text)]
    if credentials.messaging_service_sid is not None:
        fields.append(("MessagingServiceSid", credentials.messaging_service_sid))
    if credentials.from_number is not None:
        fields.append(("From", credentials.from_number))
    if public_url is not None:
        fields.append(("StatusCallback", status_callback(public_url, str(message.id))))
    fields.append(("ValidityPeriod", str(credentials.validity_period_s)))
    return fields


def status_callback(public_url: str, message_id: str) -> str:
    """Where Twilio tells what becomes of a message."""
    return f"{public_url.rstrip('/')}{DOOR}?{urlencode({'id': message_id}, quote_via=quote, safe='')}"


def encoded(fields: Form) -> bytes:
    """The body of a request; half a character (a lone surrogate) travels as a question mark."""
    return urlencode(fields, errors="replace").encode()
