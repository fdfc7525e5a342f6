"""Whether a contact may get messages of a channel at all: an address to send to, and nothing that forbids it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from disparo.domain.contact import Channel
from disparo.domain.suppression import Suppression

_GRAVEST_FIRST = ("opted_out", "complained", "bounced", "do_not_call", "by_hand")


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether a message may be sent, and why: `eligible`, `no_phone`, `no_email` or a suppression's own reason."""

    ok: bool
    reason: str


def eligible(
    channel: Channel,
    *,
    phone: str | None,
    email: str | None,
    keys: Collection[str],
    suppressions: Iterable[Suppression],
) -> Eligibility:
    """Whether a contact with these addresses may get messages of this channel.

    E-mail needs `email`, WhatsApp and SMS need `phone`; an address that is missing is named before a suppression.
    `keys` are all keys of the contact: a suppression of any of them stops its own channel, and every channel when
    it names none. Suppressions of other keys are ignored. Of several the gravest is named, whatever their order:
    opted out, complained, bounced, on a list of those not to be called, by hand.
    """
    if not (email if channel is Channel.EMAIL else phone):
        return Eligibility(False, "no_email" if channel is Channel.EMAIL else "no_phone")
    reasons = {one.reason for one in suppressions if one.key in keys and one.channel in (None, channel)}
    if reasons:
        return Eligibility(False, min(reasons, key=_gravity))
    return Eligibility(True, "eligible")


def _gravity(reason: str) -> tuple[int, str]:
    known = _GRAVEST_FIRST.index(reason) if reason in _GRAVEST_FIRST else len(_GRAVEST_FIRST)
    return known, reason
