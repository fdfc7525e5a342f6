"""SendGrid as a channel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from secrets import token_hex

from disparo.adapters.channels.sendgrid.credentials import SendGridCredentials
from disparo.adapters.channels.sendgrid.errors import Verdict, judge
from disparo.adapters.channels.sendgrid.payload import MOST_RECIPIENTS, Mailing, Numbered, mailings
from disparo.adapters.credentials import Credentials
from disparo.adapters.http_exchange import HttpExchange
from disparo.adapters.mail_server import ascii_address
from disparo.domain.errors import DisparoError
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.ports.channel import Outgoing

ROUNDS = 4
"""How often a refused request is sent again without those whom its answers name, before it is halved."""
_UNSUPPORTED = Outcome(False, None, FailureClass.RECIPIENT, "address_unsupported", "antes da @ há letras fora do ASCII")
_NO_ANSWER = Outcome(False, None, FailureClass.UNKNOWN, "no_answer", "TimeoutError")
_TOO_LATE = Outcome(False, None, FailureClass.TRANSIENT, "not_in_time", "o tempo do lote acabou antes de sua vez")


class SendGridChannel:
    """`SendChannel`, `SendsMany`, `HasAccount` and `Closes` by v3 Mail Send.

    A request that is refused for some of its recipients was not taken for any: the others go again at once. A call
    ends within `timeout_s`; it begins no request in the second half of that time, and whoever's turn did not come is
    TRANSIENT.
    """

    most_at_once = MOST_RECIPIENTS

    def __init__(
        self,
        credentials: Credentials[SendGridCredentials],
        *,
        timeout_s: float,
        connections: int,
        stem: Callable[[], str] = lambda: token_hex(8),
    ) -> None:
        self._credentials, self._timeout_s, self._connections = credentials, timeout_s, connections
        self._stem = stem
        self._http = HttpExchange(timeout_s=timeout_s, connections=connections)

    async def send(self, message: Outgoing, now: datetime) -> Outcome:
        """See `SendChannel.send`."""
        return (await self.send_many([message], now))[0]

    async def send_many(self, messages: Sequence[Outgoing], now: datetime) -> Sequence[Outcome]:
        """See `SendsMany.send_many`."""
        outcomes: dict[int, Outcome] = {}
        delivery = _Delivery(self._http, self._connections, self._timeout_s, now)

        async def attempt(secret: SendGridCredentials) -> Outcome:
            left = [(number, one) for number, one in enumerate(messages) if _is_open(outcomes.get(number))]
            outcomes.update(await delivery.deliver(left, secret, self._stem()))
            return next((one for one in outcomes.values() if one.failure is FailureClass.AUTH), Outcome(True))

        unasked = await self._credentials.use(attempt)
        return [outcomes.get(number, unasked) for number in range(len(messages))]

    async def account(self) -> str | None:
        """See `HasAccount.account`: the sender's address, in lower case."""
        try:
            return (await self._credentials.current()).from_email.lower()
        except DisparoError:
            return None

    async def close(self) -> None:
        """See `Closes.close`."""
        await self._http.close()


def _is_open(outcome: Outcome | None) -> bool:
    """Whether a message was not tried yet, or refused for its secret only."""
    return outcome is None or outcome.failure is FailureClass.AUTH


class _Delivery:
    """The requests of one call."""

    def __init__(self, http: HttpExchange, connections: int, timeout_s: float, now: datetime) -> None:
        self._http, self._now = http, now
        begun = asyncio.get_running_loop().time()
        self._last_begin, self._end = begun + timeout_s / 2, begun + timeout_s
        # Requests wait here and not in the pool of connections, where a long wait counts as a provider's fault.
        self._free = asyncio.Semaphore(connections)

    async def deliver(self, messages: Sequence[Numbered], secret: SendGridCredentials, stem: str) -> dict[int, Outcome]:
        """What became of each of these messages, by its number."""
        outcomes = dict.fromkeys((number for number, one in messages if not ascii_address(one.address)), _UNSUPPORTED)
        reachable = [(number, one) for number, one in messages if number not in outcomes]
        found = await asyncio.gather(
            *(self._settle(mailing, secret, ROUNDS) for mailing in mailings(reachable, secret, stem))
        )
        for some in found:
            outcomes.update(some)
        return outcomes

    async def _settle(self, mailing: Mailing, secret: SendGridCredentials, rounds: int) -> dict[int, Outcome]:
        verdict = await self._ask(mailing, secret)
        envelopes, faults = mailing.envelopes, verdict.faults
        if not verdict.divisible or len(envelopes) == 1:
            return {one.number: faults.get(place, verdict.outcome) for place, one in enumerate(envelopes)}
        outcomes = {one.number: faults[place] for place, one in enumerate(envelopes) if place in faults}
        left = [one for one in envelopes if one.number not in outcomes]
        again = bool(outcomes) and rounds > 0
        parts = [left] if again else [left[: len(left) // 2], left[len(left) // 2 :]]
        found = await asyncio.gather(
            *(self._settle(mailing.to(part), secret, rounds - 1 if again else ROUNDS) for part in parts if part)
        )
        for some in found:
            outcomes.update(some)
        return outcomes

    async def _ask(self, mailing: Mailing, secret: SendGridCredentials) -> Verdict:
        headers = {"Authorization": f"Bearer {secret.api_key}", "Content-Type": "application/json"}
        url = f"{secret.endpoint}/mail/send"
        async with self._free:
            if asyncio.get_running_loop().time() > self._last_begin:
                return Verdict(_TOO_LATE)
            try:
                async with asyncio.timeout_at(self._end):
                    answer = await self._http.request("POST", url, headers=headers, data=mailing.body)
            except TimeoutError:
                return Verdict(_NO_ANSWER)
        return Verdict(answer) if isinstance(answer, Outcome) else judge(answer, self._now)
