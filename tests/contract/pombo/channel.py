"""Messages by Pombo, and what its errors mean."""

from __future__ import annotations

import json
from datetime import datetime

from disparo.adapters.credentials import Credentials
from disparo.adapters.http_exchange import Answer, HttpExchange
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.ports.channel import Outgoing
from tests.contract.pombo.credentials import PomboCredentials

ERRORS = {
    "no_such_roof": (FailureClass.RECIPIENT, "address_refused"),
    "too_heavy": (FailureClass.PERMANENT, "message_refused"),
    "tired": (FailureClass.THROTTLED, "provider_throttled"),
    "who_are_you": (FailureClass.AUTH, "credentials_refused"),
    "all_asleep": (FailureClass.TRANSIENT, "provider_unavailable"),
}


class PomboChannel:
    """`SendChannel` and `Closes`."""

    def __init__(self, credentials: Credentials[PomboCredentials], *, timeout_s: float) -> None:
        self._credentials, self._http = credentials, HttpExchange(timeout_s=timeout_s)

    async def send(self, message: Outgoing, now: datetime) -> Outcome:
        """See `SendChannel.send`."""
        body = json.dumps({"ref": str(message.id), "to": message.address, "text": message.content.text}).encode()
        return await self._credentials.use(lambda account: self._attempt(account, body))

    async def close(self) -> None:
        """See `Closes.close`."""
        await self._http.close()

    async def _attempt(self, account: PomboCredentials, body: bytes) -> Outcome:
        headers = {"authorization": f"Pombo {account.key}", "content-type": "application/json"}
        answer = await self._http.request("POST", f"{account.endpoint}/flights", headers=headers, data=body)
        if not isinstance(answer, Answer):
            return answer
        told = answer.json() or {}
        if answer.status == 202:
            return Outcome(True, str(told.get("flight")))
        failure, reason = ERRORS.get(str(told.get("error")), (FailureClass.UNKNOWN, "unexpected_answer"))
        return Outcome(False, None, failure, reason, f"HTTP {answer.status}")
