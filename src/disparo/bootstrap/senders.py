"""Senders, and the sandbox's ways, as the settings want them."""

from __future__ import annotations

from datetime import timedelta

from disparo.adapters.channels.sandbox.callback import SandboxCallback
from disparo.adapters.channels.sandbox.script import Rates, Script
from disparo.domain.contact import Channel
from disparo.domain.policies.rate_limit import Pace
from disparo.domain.sender import DoubtPolicy, Sender
from disparo.ports.callback import Callback
from disparo.settings import Settings


def sender_of(settings: Settings, channel: Channel) -> Sender:
    """The channel's one sender, as the settings want it."""
    return Sender(
        name=channel,
        channel=channel,
        limits=settings.limits(channel),
        retry=settings.retry_policy(),
        breaker=settings.breaker_policy(),
        doubt_policy=DoubtPolicy(settings.doubt_policy(channel)),
        doubt_wait=timedelta(hours=settings.doubt_hold_hours),
        lease=timedelta(seconds=settings.lease_s),
    )


_GROUPS_PER_SECOND = 5


def pace_of(settings: Settings) -> Pace:
    """How moments that are claimed ahead are spread: a fifth of a second's messages every fifth of a second."""
    group = -(-settings.send_pace_per_second // _GROUPS_PER_SECOND)
    return Pace(group, timedelta(seconds=1) / _GROUPS_PER_SECOND)


def callbacks(settings: Settings) -> dict[str, Callback]:
    """The providers that may call us, by the name of their door: the sandbox, when it has a secret."""
    secret = settings.sandbox_webhook_secret
    return {} if secret is None else {"sandbox": SandboxCallback(secret)}


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
