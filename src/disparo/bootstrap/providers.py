"""The providers: how each one's channel and callback are made. To add one is an entry in `PROVIDERS`.

Each provider's code is imported when it is first wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypedDict

from disparo.adapters.credentials import Credentials
from disparo.domain.contact import Channel
from disparo.ports.callback import Callback
from disparo.ports.channel import SendChannel
from disparo.ports.secrets import Secrets
from disparo.settings import Settings


@dataclass(frozen=True, slots=True)
class Account:
    """What a sender's channel is made of: its `secret` is the name under which `secrets` know it."""

    channel: Channel
    secret: str
    secrets: Secrets
    settings: Settings


@dataclass(frozen=True, slots=True)
class Provider:
    """What a provider carries, how its secret is called unless a sender names another, and how it is made.

    Without a `callback` it never calls us.
    """

    channels: frozenset[Channel]
    secret: Mapping[Channel, str]
    channel: Callable[[Account], SendChannel]
    callback: Callable[[Account], Callback] | None = None


class _Pool(TypedDict):
    timeout_s: float
    connections: int


def _pool(account: Account) -> _Pool:
    return {"timeout_s": account.settings.send_timeout_s, "connections": account.settings.send_concurrency}


def _whatsapp(account: Account) -> SendChannel:
    from disparo.adapters.channels.whatsapp.channel import WhatsAppChannel
    from disparo.adapters.channels.whatsapp.credentials import parse

    return WhatsAppChannel(Credentials(account.secrets, account.secret, parse), **_pool(account))


def _whatsapp_callback(account: Account) -> Callback:
    from disparo.adapters.channels.whatsapp.callback import WhatsAppCallback
    from disparo.adapters.channels.whatsapp.credentials import parse

    return WhatsAppCallback(Credentials(account.secrets, account.secret, parse))


def _sendgrid(account: Account) -> SendChannel:
    from disparo.adapters.channels.sendgrid.channel import SendGridChannel
    from disparo.adapters.channels.sendgrid.credentials import parse

    return SendGridChannel(Credentials(account.secrets, account.secret, parse), **_pool(account))


def _sendgrid_callback(account: Account) -> Callback:
    from disparo.adapters.channels.sendgrid.callback import SendGridCallback
    from disparo.adapters.channels.sendgrid.credentials import parse

    return SendGridCallback(Credentials(account.secrets, account.secret, parse))


def _smtp(account: Account) -> SendChannel:
    from disparo.adapters.channels.smtp.channel import SmtpChannel
    from disparo.adapters.channels.smtp.credentials import parse

    return SmtpChannel(Credentials(account.secrets, account.secret, parse), **_pool(account))


def _twilio(account: Account) -> SendChannel:
    from disparo.adapters.channels.twilio.channel import TwilioChannel
    from disparo.adapters.channels.twilio.credentials import parse

    credentials = Credentials(account.secrets, account.secret, parse)
    return TwilioChannel(credentials, public_url=account.settings.public_url, **_pool(account))


def _twilio_callback(account: Account) -> Callback:
    from disparo.adapters.channels.twilio.callback import TwilioCallback
    from disparo.adapters.channels.twilio.credentials import parse

    return TwilioCallback(Credentials(account.secrets, account.secret, parse))


def _aws_sms(account: Account) -> SendChannel:
    from disparo.adapters.aws.sms.channel import AwsSmsChannel
    from disparo.adapters.aws.sms.credentials import parse

    return AwsSmsChannel(Credentials(account.secrets, account.secret, parse), **_pool(account))


def _aws_sms_callback(account: Account) -> Callback:
    from disparo.adapters.aws.sms.callback import AwsSmsCallback
    from disparo.adapters.aws.sms.credentials import parse

    return AwsSmsCallback(Credentials(account.secrets, account.secret, parse))


def _mcp(account: Account) -> SendChannel:
    from disparo.adapters.channels.mcp.channel import McpChannel
    from disparo.adapters.channels.mcp.credentials import parse

    return McpChannel(Credentials(account.secrets, account.secret, parse), **_pool(account))


_WHATSAPP, _EMAIL, _SMS = frozenset({Channel.WHATSAPP}), frozenset({Channel.EMAIL}), frozenset({Channel.SMS})
_NAMED: Mapping[Channel, str] = {
    Channel.WHATSAPP: "mcp-whatsapp",
    Channel.EMAIL: "mcp-email",
    Channel.SMS: "mcp-sms",
}
"""The source document's names ("Secrets - Estrutura Recomendada"), and one of ours for what it leaves out."""

PROVIDERS: Mapping[str, Provider] = {
    "whatsapp": Provider(_WHATSAPP, _NAMED, _whatsapp, _whatsapp_callback),
    "sendgrid": Provider(_EMAIL, _NAMED, _sendgrid, _sendgrid_callback),
    "smtp": Provider(_EMAIL, {Channel.EMAIL: "mcp-email-smtp"}, _smtp),
    "twilio": Provider(_SMS, _NAMED, _twilio, _twilio_callback),
    "aws_sms": Provider(_SMS, {Channel.SMS: "mcp-sms-aws"}, _aws_sms, _aws_sms_callback),
    "mcp": Provider(frozenset(Channel), _NAMED, _mcp),
}
"""By the name that settings and webhook addresses use."""

USUAL: Mapping[Channel, str] = {Channel.WHATSAPP: "whatsapp", Channel.EMAIL: "sendgrid", Channel.SMS: "twilio"}
"""Whose a channel's only sender is when the settings name none."""
