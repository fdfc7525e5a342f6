"""The providers: how each one's channel and callback are made. To add one is an entry in `PROVIDERS`.

Each provider's code is imported when it is first wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypedDict

from disparo.adapters.credentials import Credentials
from disparo.bootstrap.announcing import outside_world
from disparo.domain.contact import Channel
from disparo.ports.callback import Callback
from disparo.ports.channel import SendChannel
from disparo.ports.secrets import Secrets
from disparo.settings import Settings


@dataclass(frozen=True, slots=True)
class Account:
    """What a sender's channel is made of, and its provider's door."""

    channel: Channel
    credentials: Credentials[Any]
    settings: Settings


@dataclass(frozen=True, slots=True)
class Provider:
    """What a provider carries, how its secret is called unless a sender names another, and how it is made.

    `package` has a module `credentials` with `parse`. Without a `callback` it never calls us.
    """

    package: str
    channels: frozenset[Channel]
    secret: Mapping[Channel, str]
    channel: Callable[[Account], SendChannel]
    callback: Callable[[Account], Callback] | None = None


def account_of(name: str, channel: Channel, secret: str, secrets: Secrets, settings: Settings) -> Account:
    """An account at a provider; its `secret` is the name under which `secrets` know it, and is not read yet."""
    parse = import_module(f"{PROVIDERS[name].package}.credentials").parse
    return Account(channel, Credentials(secrets, secret, parse), settings)


class _Pool(TypedDict):
    timeout_s: float
    connections: int


def _pool(account: Account) -> _Pool:
    return {"timeout_s": account.settings.send_timeout_s, "connections": account.settings.send_concurrency}


def _whatsapp(account: Account) -> SendChannel:
    from disparo.adapters.channels.whatsapp.channel import WhatsAppChannel

    return WhatsAppChannel(account.credentials, **_pool(account))


def _whatsapp_callback(account: Account) -> Callback:
    from disparo.adapters.channels.whatsapp.callback import WhatsAppCallback

    return WhatsAppCallback(account.credentials)


def _sendgrid(account: Account) -> SendChannel:
    from disparo.adapters.channels.sendgrid.channel import SendGridChannel

    return SendGridChannel(account.credentials, **_pool(account))


def _sendgrid_callback(account: Account) -> Callback:
    from disparo.adapters.channels.sendgrid.callback import SendGridCallback

    return SendGridCallback(account.credentials)


def _smtp(account: Account) -> SendChannel:
    from disparo.adapters.channels.smtp.channel import SmtpChannel

    return SmtpChannel(account.credentials, **_pool(account))


def _twilio(account: Account) -> SendChannel:
    from disparo.adapters.channels.twilio.channel import TwilioChannel

    return TwilioChannel(account.credentials, public_url=account.settings.public_url, **_pool(account))


def _twilio_callback(account: Account) -> Callback:
    from disparo.adapters.channels.twilio.callback import TwilioCallback

    return TwilioCallback(account.credentials)


def _aws_sms(account: Account) -> SendChannel:
    from disparo.adapters.aws.sms.channel import AwsSmsChannel

    return AwsSmsChannel(account.credentials, **_pool(account))


def _aws_sms_callback(account: Account) -> Callback:
    from disparo.adapters.aws.sms.callback import AwsSmsCallback

    return AwsSmsCallback(account.credentials)


def _mcp(account: Account) -> SendChannel:
    from disparo.adapters.channels.mcp.channel import McpChannel

    return McpChannel(account.credentials, outside=outside_world(account.settings), **_pool(account))


_ADAPTERS = "disparo.adapters"
_WHATSAPP, _EMAIL, _SMS = frozenset({Channel.WHATSAPP}), frozenset({Channel.EMAIL}), frozenset({Channel.SMS})
_NAMED: Mapping[Channel, str] = {
    Channel.WHATSAPP: "mcp-whatsapp",
    Channel.EMAIL: "mcp-email",
    Channel.SMS: "mcp-sms",
}
"""The source document's names ("Secrets - Estrutura Recomendada"), and one of ours for what it leaves out."""

PROVIDERS: Mapping[str, Provider] = {
    "whatsapp": Provider(f"{_ADAPTERS}.channels.whatsapp", _WHATSAPP, _NAMED, _whatsapp, _whatsapp_callback),
    "sendgrid": Provider(f"{_ADAPTERS}.channels.sendgrid", _EMAIL, _NAMED, _sendgrid, _sendgrid_callback),
    "smtp": Provider(f"{_ADAPTERS}.channels.smtp", _EMAIL, {Channel.EMAIL: "mcp-email-smtp"}, _smtp),
    "twilio": Provider(f"{_ADAPTERS}.channels.twilio", _SMS, _NAMED, _twilio, _twilio_callback),
    "aws_sms": Provider(f"{_ADAPTERS}.aws.sms", _SMS, {Channel.SMS: "mcp-sms-aws"}, _aws_sms, _aws_sms_callback),
    "mcp": Provider(f"{_ADAPTERS}.channels.mcp", frozenset(Channel), _NAMED, _mcp),
}
"""By the name that settings and webhook addresses use."""

USUAL: Mapping[Channel, str] = {Channel.WHATSAPP: "whatsapp", Channel.EMAIL: "sendgrid", Channel.SMS: "twilio"}
"""Whose a channel's only sender is when the settings name none."""
