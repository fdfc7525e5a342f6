"""Calls to a door in numbers, from a process of its own: PORT, SECONDS, FORGED, VALID (a second), SECRET, MARKER.

Forged calls carry a marker and a signature by somebody else's key, valid ones tell of messages that exist. Each
connection keeps to its pace whatever it is answered; what it could not send in time is left out. The answers by status
are written as JSON.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sys
from collections import Counter

A_SECOND_PER_CONNECTION = 10


def call(key: str, text: str, number: int) -> bytes:
    """A signed request: a text that no contact of ours wrote, or (without text) a status of a message of ours."""
    value: dict[str, object] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "551140000000", "phone_number_id": "106540352242922"},
    }
    stamp = {"id": f"wamid.flood{number}", "timestamp": "1795376486"}
    if text:
        value["messages"] = [{**stamp, "from": "5541999999999", "type": "text", "text": {"body": f"SAIR {text}"}}]
    else:
        ours = f"1.1.{1 + number % 100}"
        value["statuses"] = [
            {**stamp, "status": "delivered", "recipient_id": "5541980000000", "biz_opaque_callback_data": ours}
        ]
    changes = [{"field": "messages", "value": value}]
    document = {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": changes}]}
    body = json.dumps(document).encode()
    signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    head = (
        "POST /webhooks/whatsapp HTTP/1.1\r\nHost: door\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nX-Hub-Signature-256: sha256={signature}\r\n\r\n"
    )
    return head.encode() + body


async def answered(reader: asyncio.StreamReader) -> int:
    """Read one answer whole; its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    for line in head.split("\r\n"):
        if line.startswith("content-length:"):
            await reader.readexactly(int(line.partition(":")[2]))
        elif line.startswith("transfer-encoding:"):
            await reader.readuntil(b"0\r\n\r\n")
    return int(head.split(" ", 2)[1])


async def stream(port: int, seconds: float, key: str, text: str, first: int, counted: Counter[str]) -> None:
    """One connection's calls, opened again when it is closed."""
    loop, kind = asyncio.get_running_loop(), "forged" if text else "valid"
    begun, number, writer = loop.time(), 0, None
    while (now := loop.time()) < begun + seconds:
        number = max(number + 1, int((now - begun) * A_SECOND_PER_CONNECTION))
        await asyncio.sleep(begun + number / A_SECOND_PER_CONNECTION + first % 97 / 970 - now)
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(call(key, text, first + number))
            counted[f"{kind} {await answered(reader)}"] += 1
        except (OSError, asyncio.IncompleteReadError, ValueError):
            counted[f"{kind} cut"] += 1
            if writer is not None:
                writer.close()
            writer = None


async def flood(port: int, seconds: float, forged: int, valid: int, key: str, marker: str) -> Counter[str]:
    """All connections at once."""
    counted: Counter[str] = Counter()
    wrong = "0" * len(key)
    async with asyncio.TaskGroup() as group:
        for number in range(forged // A_SECOND_PER_CONNECTION):
            group.create_task(stream(port, seconds, wrong, marker, number * 100_000, counted))
        for number in range(valid // A_SECOND_PER_CONNECTION):
            group.create_task(stream(port, seconds, key, "", (5000 + number) * 100_000, counted))
    return counted


if __name__ == "__main__":
    port, seconds, forged, valid, key, marker = sys.argv[1:]
    print(json.dumps(asyncio.run(flood(int(port), float(seconds), int(forged), int(valid), key, marker))))  # noqa: T201
