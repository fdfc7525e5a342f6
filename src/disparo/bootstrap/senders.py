"""Senders, what carries their messages, and the providers' doors, as the settings want them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from disparo.adapters.channels.sandbox.callback import SandboxCallback
from disparo.adapters.channels.sandbox.script import Rates, Script
from disparo.bootstrap.doors import EitherCallback
from disparo.bootstrap.mail import DOOR, mail_callback
from disparo.bootstrap.providers import PROVIDERS, USUAL, Provider, account_of
from disparo.domain.contact import Channel
from disparo.domain.errors import DisparoError, InputError
from disparo.domain.policies.rate_limit import Pace
from disparo.domain.sender import DoubtPolicy, Sender
from disparo.engine.dispatch import Route
from disparo.ports.callback import Callback
from disparo.ports.channel import SendChannel
from disparo.ports.secrets import Secrets
from disparo.settings import Settings
from disparo.settings.channels import SenderSettings

SANDBOX = "sandbox"
"""The provider that takes everything and sends nothing."""


@dataclass(frozen=True, slots=True)
class Appointed:
    """A sender, its provider (`sandbox` when nothing real is to be sent) and the name of its secret."""

    sender: Sender
    provider: str
    secret: str = ""


def appointed(settings: Settings, has_secret: Callable[[str], bool]) -> list[Appointed]:
    """Every sender: those that the settings name, and for a channel that has none one that is called as it is.

    Without `live` the sandbox stands in for every provider; so it does for the usual one while its secret is not
    there. InputError for a provider that does not exist or does not carry the channel, and for a sender that is called
    like another channel.
    """
    found = [_named(settings, name, one) for name, one in settings.senders.items()]
    taken = {one.sender.channel for one in found}
    return found + [_usual(settings, channel, has_secret) for channel in Channel if channel not in taken]


def sender_of(settings: Settings, channel: Channel) -> Sender:
    """A channel's only sender where the settings name none."""
    return Sender(
        name=channel,
        channel=channel,
        limits=settings.limits(channel),
        retry=settings.retry_policy(),
        breaker=settings.breaker_policy(),
        doubt_policy=DoubtPolicy(settings.doubt_policy(channel)),
        doubt_wait=timedelta(hours=settings.doubt_hold_hours),
        lease=timedelta(seconds=settings.lease_s),
        recovery=timedelta(minutes=settings.sender_recovery_minutes),
    )


def senders_of(settings: Settings) -> list[Sender]:
    """Every sender, whatever carries its messages."""
    return [one.sender for one in appointed(settings, lambda _: False)]


def _usual(settings: Settings, channel: Channel, has_secret: Callable[[str], bool]) -> Appointed:
    secret = PROVIDERS[USUAL[channel]].secret[channel]
    real = settings.live and has_secret(secret)
    return Appointed(sender_of(settings, channel), USUAL[channel] if real else SANDBOX, secret)


def _named(settings: Settings, name: str, one: SenderSettings) -> Appointed:
    if name in frozenset(Channel) and name != one.channel:
        raise InputError(
            f"senders.{name}: é o nome de um canal, e este remetente é de {one.channel}; dê-lhe outro nome"
        )
    usual = sender_of(settings, one.channel)
    policy = usual.doubt_policy if one.doubt_policy is None else DoubtPolicy(one.doubt_policy)
    limits = settings.limits_of(one)
    sender = replace(usual, name=name, limits=limits, weight=one.weight, doubt_policy=policy)
    if one.provider == SANDBOX:
        return Appointed(sender, SANDBOX)
    secret = one.secret or _provider(name, one).secret[one.channel]
    return Appointed(sender, one.provider if settings.live else SANDBOX, secret)


def _provider(name: str, one: SenderSettings) -> Provider:
    carrying = [known for known, provider in PROVIDERS.items() if one.channel in provider.channels]
    if one.provider not in carrying:
        known = ", ".join([*carrying, SANDBOX])
        raise InputError(f'senders.{name}.provider: "{one.provider}" não leva {one.channel}; escreva um de: {known}')
    return PROVIDERS[one.provider]


def routes(
    settings: Settings, senders: Sequence[Appointed], secrets: Secrets, sandbox: Callable[[Channel], SendChannel]
) -> dict[str, Route]:
    """How each sender's messages travel; nothing is reached and no secret is read yet."""
    return {one.sender.name: Route(one.sender, _channel(settings, one, secrets, sandbox)) for one in senders}


def _channel(
    settings: Settings, one: Appointed, secrets: Secrets, sandbox: Callable[[Channel], SendChannel]
) -> SendChannel:
    channel = one.sender.channel
    if one.provider == SANDBOX:
        return sandbox(channel)
    return PROVIDERS[one.provider].channel(account_of(one.provider, channel, one.secret, secrets, settings))


def callbacks(settings: Settings, senders: Sequence[Appointed], secrets: Secrets) -> dict[str, Callback]:
    """The providers that may call us, by the name of their door; the sandbox when it has a secret."""
    accounts: dict[str, dict[str, Callback]] = {}
    for one in senders:
        provider = PROVIDERS.get(one.provider)
        if provider is not None and provider.callback is not None:
            account = account_of(one.provider, one.sender.channel, one.secret, secrets, settings)
            accounts.setdefault(one.provider, {}).setdefault(one.secret, provider.callback(account))
    doors: dict[str, Callback] = {name: EitherCallback([*own.values()]) for name, own in accounts.items()}
    if settings.mail_webhook_secret is not None:
        doors[DOOR] = EitherCallback([mail_callback(secrets, settings.mail_webhook_secret)])
    if settings.sandbox_webhook_secret is not None:
        doors[SANDBOX] = SandboxCallback(settings.sandbox_webhook_secret)
    return doors


async def secret_fault(settings: Settings, one: Appointed, secrets: Secrets) -> str | None:
    """What is wrong with a sender's secret, in words that hold nothing of it; None when it can be used."""
    if one.provider == SANDBOX:
        return None
    try:
        await account_of(one.provider, one.sender.channel, one.secret, secrets, settings).credentials.current()
    except DisparoError as error:
        return str(error)
    return None


_GROUPS_PER_SECOND = 5


def pace_of(settings: Settings) -> Pace:
    """How moments that are claimed ahead are spread: a fifth of a second's messages every fifth of a second."""
    group = -(-settings.send_pace_per_second // _GROUPS_PER_SECOND)
    return Pace(group, timedelta(seconds=1) / _GROUPS_PER_SECOND)


def sandbox_script(settings: Settings) -> Script:
    """How the sandbox behaves."""
    rates = Rates(
        recipient=settings.sandbox_recipient_failure_rate,
        transient=settings.sandbox_transient_rate,
        throttled=settings.sandbox_throttled_rate,
        lost_answer=settings.sandbox_lost_answer_rate,
        lost_request=settings.sandbox_lost_request_rate,
        permanent=settings.sandbox_permanent_rate,
        auth=settings.sandbox_auth_rate,
        undelivered=settings.sandbox_undelivered_rate,
        read=settings.sandbox_read_rate,
        reply=settings.sandbox_reply_rate,
        opt_out=settings.sandbox_opt_out_rate,
    )
    latency = (settings.sandbox_latency_ms_min / 1000, settings.sandbox_latency_ms_max / 1000)
    return Script(settings.sandbox_seed, rates, latency, settings.send_timeout_s)
