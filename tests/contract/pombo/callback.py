"""What Pombo tells us."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime

from disparo.adapters.credentials import Credentials
from disparo.domain.receipt import Receipt, ReceiptKind, Reply
from disparo.ports.callback import Call, CallbackRefusedError, Told
from tests.contract.pombo.credentials import PomboCredentials

KINDS = {"landed": ReceiptKind.DELIVERED, "lost": ReceiptKind.FAILED}


class PomboCallback:
    """`Callback` of signed events."""

    def __init__(self, credentials: Credentials[PomboCredentials]) -> None:
        self._credentials = credentials

    async def read(self, call: Call, now: datetime) -> Told:
        """See `Callback.read`."""
        key = (await self._credentials.current()).key.encode()
        signature = hmac.digest(key, call.body, hashlib.sha256).hex()
        if not hmac.compare_digest(call.headers.get("x-pombo-signature", "").encode(), signature.encode()):
            raise CallbackRefusedError("a assinatura não confere")
        receipts, replies = [], []
        for event in json.loads(call.body)["events"]:
            what = ("pombo", event["id"], event["ref"])
            if event["kind"] in KINDS:
                receipts.append(Receipt(*what, KINDS[event["kind"]], now))
            else:
                replies.append(Reply(*what, event["text"], now))
        return Told(receipts, replies)

    async def greet(self, call: Call) -> str:
        """See `Callback.greet`."""
        raise CallbackRefusedError("este provedor não pergunta")
