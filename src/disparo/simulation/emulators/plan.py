"""How the emulated providers behave, drawn from a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from hashlib import blake2b

from disparo.adapters.channels.sandbox.script import OPT_OUTS, Aftermath, Rates, Script
from disparo.domain.policies.retry import FailureClass

DROPPED_SHARE = 0.7
"""Of the answers that get lost, how many end as a dropped connection; the others as a 5xx that proves nothing."""


@dataclass(frozen=True, slots=True)
class Posting:
    """How webhooks go wrong: shares of 1 that never come, come `late_s` later, come twice, or in the wrong order."""

    lost: float = 0.0
    late: float = 0.0
    late_s: float = 60.0
    twice: float = 0.0
    reversed: float = 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What each provider lets through; None is no limit.

    A WhatsApp number sends 80 messages a second, 1,000 once upgraded; to one person one every 6 seconds, and up to
    45 ahead of that. Twilio limits the requests under way of an account. Sources: Meta, Cloud API overview and
    rate limits; Twilio, error 20429.
    """

    whatsapp_per_s: int | None = 1000
    whatsapp_pair: bool = True
    sendgrid_per_minute: int | None = None
    twilio_at_once: int | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What becomes of one request: how long it takes, whether it is taken, and what the sender hears of it.

    `silent` drops the connection instead of an answer. `chance` in [0, 1) picks among the errors of a class. `late` is
    taken when half of the latency is over, else at once.
    """

    latency_s: float
    failure: FailureClass | None = None
    taken: bool = True
    silent: bool = False
    chance: float = 0.0
    late: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """The emulators' whole behaviour; the same seed and messages always give the same.

    `script` holds the sandbox's rates. What comes back is sped up by `pace` (0: at once). `slow` is the share of
    requests that take `slow_s` more, `taken_late` of those that are taken in the middle of their latency, the others at
    its beginning. `templates` are WhatsApp's approved ones: (name, language) and how many
    parameters the body takes (None: any number); None approves all. `window` refuses a free text to a person who
    did not write within 24 hours. `withheld` people have a user name and no number that is shown (business-scoped
    ids), `old_ids` of Brazilian numbers are known to WhatsApp without their ninth digit.
    """

    script: Script = field(default_factory=lambda: Script(latency_s=(0.0, 0.0)))
    pace: float = 1.0
    slow: float = 0.0
    slow_s: float = 5.0
    taken_late: float = 1.0
    posting: Posting = Posting()
    limits: Limits = Limits()
    templates: Mapping[tuple[str, str], int | None] | None = None
    window: bool = True
    withheld: float = 0.0
    old_ids: float = 0.0
    deferred: float = 0.05
    _quiet: bool = field(init=False, repr=False, default=False)

    def __post_init__(self) -> None:
        """Remember whether there is nothing to draw for an attempt: a bench sends thousands a second."""
        rates, (low, high) = self.script.rates, self.script.latency_s
        failing = (
            rates.recipient, rates.permanent, rates.transient, rates.throttled, rates.auth, rates.lost_answer,
            rates.lost_request, self.slow,
        )  # fmt: skip
        even = low == high and self.taken_late == 1
        object.__setattr__(self, "_quiet", not any(failing) and even and not self.script.outages)

    def attempt(self, key: str, address: str, number: int) -> Attempt:
        """What becomes of attempt `number` at the message `key`."""
        if self._quiet:
            return Attempt(self.script.latency_s[0])
        # The script asks for an instant to tell attempts apart; their number does so whenever they come.
        fate = self.script.fate(key, address, datetime.fromtimestamp(number, UTC))
        low, high = self.script.latency_s
        latency, chance = low + (high - low) * self.chance("latency", key, number), self.chance("answer", key, number)
        if self.slow and self.chance("slow", key, number) < self.slow:
            latency += self.slow_s
        unknown = fate.failure is FailureClass.UNKNOWN
        late = self.chance("late", key, number) < self.taken_late
        return Attempt(latency, fate.failure, fate.taken, unknown and chance < DROPPED_SHARE, chance, late)

    def aftermath(self, key: str) -> Aftermath:
        """What comes back of a message, `pace` applied."""
        after = self.script.aftermath(key)
        delays = (after.delivered_after, after.failed_after, after.read_after, after.reply_after)
        delivered, failed, read, reply = (None if delay is None else delay * self.pace for delay in delays)
        return Aftermath(delivered, failed, read, reply, after.reply)

    def absent(self, address: str) -> bool:
        """Whether nobody is at this address."""
        return self.script.fate("", address, datetime.fromtimestamp(0, UTC)).failure is FailureClass.RECIPIENT

    def opts_out(self, key: str) -> bool:
        """Whether what the person answers to the message `key` is that they want no more."""
        return self.script.aftermath(key).reply in OPT_OUTS

    def chance(self, *of: object) -> float:
        """A number in [0, 1) that belongs to these words and the seed."""
        words = " ".join(map(str, of)).encode()
        digest = blake2b(words, digest_size=4, key=self.script.seed.to_bytes(8, "big")).digest()
        return int.from_bytes(digest, "big") / 2**32


_POSTING = ("lost", "late", "twice", "reversed")
_USUAL = Plan()
_OWN = ("slow", "taken_late", "deferred", "withheld", "old_ids")


def shares() -> list[str]:
    """The names of everything that a share can be given of."""
    return [*(one.name for one in fields(Rates)), *_OWN, *(f"webhooks_{name}" for name in _POSTING)]


def plan_of(given: Mapping[str, float], *, seed: int, latency_s: float, pace: float, window: bool) -> Plan:
    """A plan with these shares, each from 0 to 1 and by one of `shares()`."""
    rates = {name: share for name, share in given.items() if name not in _OWN and not name.startswith("webhooks_")}
    posting = {name.removeprefix("webhooks_"): given[name] for name in given if name.startswith("webhooks_")}
    own = {name: given.get(name, getattr(_USUAL, name)) for name in _OWN}
    script = Script(seed, replace(Rates(), **rates), (latency_s, latency_s))
    mishaps = replace(Posting(), **posting)
    return Plan(script, pace, posting=mishaps, window=window, **own)
