"""Sending any number of bodies to a queue of SQS."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

BATCH = 10
"""Entries of one SendMessageBatch (Amazon SQS API reference)."""
SIDE_BY_SIDE = 8
TRIES = 4
FIRST_PAUSE_S = 0.1

Body = tuple[str, int]
"""What to send, and after how many seconds it may be taken."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """What SQS did not take after several tries, and the code of the last refusal."""

    count: int = 0
    reason: str = ""


class SqsBatches:
    """Sends bodies in batches of ten, some side by side; `client` gives boto3's, made when first needed.

    Each body is sent at least once: an answer that is lost is asked for again. What SQS refuses for a fault of its own
    is tried again, up to `TRIES` times in all with growing random pauses; what it calls the sender's fault is not.
    """

    def __init__(self, client: Callable[[], Any], url: str) -> None:
        self._client, self._url = client, url

    async def send(self, bodies: Sequence[Body]) -> Unsent:
        """Send all; what could not be sent."""
        side_by_side = asyncio.Semaphore(SIDE_BY_SIDE)

        async def one(batch: Sequence[Body]) -> Unsent:
            async with side_by_side:
                return await self._send_batch(batch)

        batches = [bodies[at : at + BATCH] for at in range(0, len(bodies), BATCH)]
        unsent = await asyncio.gather(*(one(batch) for batch in batches))
        reasons = [one.reason for one in unsent if one.count]
        return Unsent(sum(one.count for one in unsent), reasons[-1] if reasons else "")

    async def _send_batch(self, batch: Sequence[Body]) -> Unsent:
        hopeless, reason = 0, ""
        for tried in range(TRIES):
            refused = await self._try(batch)
            if not refused:
                break
            reason = next(iter(refused.values()))[0]
            hopeless += sum(fault for _, fault in refused.values())
            batch = [batch[at] for at, (_, fault) in refused.items() if not fault]
            if not batch or tried == TRIES - 1:
                return Unsent(hopeless + len(batch), reason)
            await asyncio.sleep(random.uniform(0, FIRST_PAUSE_S * 2**tried))  # noqa: S311
        return Unsent(hopeless, reason)

    async def _try(self, batch: Sequence[Body]) -> dict[int, tuple[str, bool]]:
        """Send once; by its place in the batch what was refused: the code, and whether it was the sender's fault."""
        entries = [
            {"Id": str(at), "MessageBody": body, "DelaySeconds": delay_s} for at, (body, delay_s) in enumerate(batch)
        ]
        try:
            answer = await asyncio.to_thread(
                lambda: self._client().send_message_batch(QueueUrl=self._url, Entries=entries)
            )
        except Exception as error:
            return dict.fromkeys(range(len(batch)), (refusal_code(error), False))
        return {int(one["Id"]): (one.get("Code", ""), bool(one["SenderFault"])) for one in answer.get("Failed", ())}


def refusal_code(error: Exception) -> str:
    """The code of a failed call to AWS, such as `AccessDenied`; raises what is no such failure."""
    from botocore.exceptions import BotoCoreError, ClientError

    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "?"))
    if isinstance(error, BotoCoreError):
        return type(error).__name__
    raise error
