"""What the sandbox does with each message, drawn from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from disparo.domain.policies.retry import FailureClass

ANSWERS = (
    "Oi! Pode me ligar amanhã?",
    "Sim, tenho interesse.",
    "Quanto custa?",
    "Agora não posso, me chama semana que vem.",
    "Quem é?",
)
OPT_OUTS = ("SAIR", "Parar", "não quero mais receber", "STOP")


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of 1: of addresses that do not exist, of attempts that fail, of messages that come back."""

    recipient: float = 0.0
    permanent: float = 0.0
    transient: float = 0.0
    throttled: float = 0.0
    auth: float = 0.0
    lost_answer: float = 0.0
    """Taken, but nobody hears of it."""
    lost_request: float = 0.0
    """Not taken, and nobody hears of that either."""
    undelivered: float = 0.0
    """Taken, and later reported as failed."""
    read: float = 0.6
    reply: float = 0.0
    opt_out: float = 0.0


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to one attempt: how long it takes, and what is answered (None: it was taken)."""

    latency_s: float
    failure: FailureClass | None = None
    taken: bool = True
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What comes back of a message that was taken: how long after, and what."""

    delivered_after: timedelta | None
    failed_after: timedelta | None = None
    read_after: timedelta | None = None
    reply_after: timedelta | None = None
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """The sandbox's whole behaviour; the same seed, message and instant always give the same.

    In an outage ([start, end)) every attempt fails as the provider's fault. A lost answer is noticed after
    `timeout_s`.
    """

    seed: int = 1
    rates: Rates = Rates()
    latency_s: tuple[float, float] = (0.02, 0.2)
    timeout_s: float = 30.0
    outages: Sequence[tuple[datetime, datetime]] = ()

    def fate(self, message_id: str, address: str, at: datetime) -> Fate:
        """What happens to an attempt that reaches the sandbox at `at`."""
        draw = self._draws(f"{message_id} {at.timestamp()}")
        low, high = self.latency_s
        latency = low + (high - low) * draw[0]
        if any(start <= at < end for start, end in self.outages):
            return Fate(latency, FailureClass.TRANSIENT, taken=False)
        rates = self.rates
        if self._draws(address)[0] < rates.recipient:
            return Fate(latency, FailureClass.RECIPIENT, taken=False)
        ladder = (
            (rates.permanent, Fate(latency, FailureClass.PERMANENT, taken=False)),
            (rates.transient, Fate(latency, FailureClass.TRANSIENT, taken=False)),
            (rates.throttled, Fate(latency, FailureClass.THROTTLED, taken=False, retry_after_s=5.0)),
            (rates.auth, Fate(latency, FailureClass.AUTH, taken=False)),
            (rates.lost_answer, Fate(self.timeout_s, FailureClass.UNKNOWN, taken=True)),
            (rates.lost_request, Fate(self.timeout_s, FailureClass.UNKNOWN, taken=False)),
        )
        reached = 0.0
        for share, fate in ladder:
            reached += share
            if draw[1] < reached:
                return fate
        return Fate(latency)

    def aftermath(self, message_id: str) -> Aftermath:
        """What comes back of a message, counted from when it was taken."""
        draw, rates = self._draws(message_id), self.rates
        delivered = timedelta(seconds=1 + 9 * draw[0])
        if draw[1] < rates.undelivered:
            return Aftermath(None, failed_after=delivered)
        read = delivered + timedelta(seconds=10 + 1800 * draw[2]) if draw[3] < rates.read else None
        answered = draw[4] < rates.reply + rates.opt_out
        if not answered:
            return Aftermath(delivered, read_after=read)
        texts = OPT_OUTS if draw[4] < rates.opt_out else ANSWERS
        reply_after = (read or delivered) + timedelta(seconds=30 + 7200 * draw[5])
        return Aftermath(delivered, None, read, reply_after, texts[int(draw[6] * len(texts))])

    def _draws(self, text: str) -> list[float]:
        digest = blake2b(text.encode(), digest_size=28, key=self.seed.to_bytes(8, "big")).digest()
        return [int.from_bytes(digest[at : at + 4], "big") / 2**32 for at in range(0, 28, 4)]
