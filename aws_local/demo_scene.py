"""The demo campaign as it is played here and, for comparison, on one machine: real time has to be enough for it.

The messages, their order and the sandbox's temper are those of `disparo demo`. Its hours, waits and limits would take
two weeks of real time: here it is always open, waits are a minute, and limits let it through. What depends on the
instant of an attempt may differ between two runs and ends the same (retries, doubts); answers of people depend on
nothing but their address, so that both runs hear the same.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

from aws_local.server import ROOT
from disparo.adapters.channels.sandbox.outbox import Entry, Outbox
from disparo.domain.message import MessageId
from disparo.domain.receipt import Receipt, ReceiptKind, Reply
from disparo.ports.callback import Told

LIST = "contatos"
SECRET = "only-between-this-machine-and-itself"
ANSWERED_STEP = 1
MANY = 100_000

ALWAYS_OPEN = {
    "timezone": "America/Sao_Paulo",
    "workingDays": [1, 2, 3, 4, 5, 6, 7],
    "startTime": "00:00",
    "endTime": "24:00",
    "publicHolidays": False,
}
WAITS = {"novo-valor": "1m", "despedida": "0m"}
"""For people to answer between the first message and the second; the last one follows at once."""

ANSWERS = {0: "SAIR", 1: "Sim, tenho interesse."}
"""What one address in `OF` each says: the first asks for no more, the second stops the sequence."""

OF = 8

SETTINGS = {
    "sandbox_seed": "7",
    "sandbox_recipient_failure_rate": "0.08",
    "sandbox_transient_rate": "0.03",
    "sandbox_throttled_rate": "0.01",
    "sandbox_lost_answer_rate": "0.02",
    "sandbox_lost_request_rate": "0.01",
    "sandbox_undelivered_rate": "0",
    "sandbox_read_rate": "0",
    "sandbox_reply_rate": "0",
    "sandbox_opt_out_rate": "0",
    "send_timeout_s": "3",
    "lease_s": "15",
    "rate_limit_whatsapp_burst": "60",
    "rate_limit_whatsapp_hourly": "1000",
    "rate_limit_email_burst": "60",
    "rate_limit_email_hourly": "1000",
    "rate_limit_sms_burst": "60",
    "rate_limit_sms_hourly": "1000",
}


def environment() -> dict[str, str]:
    """The settings as functions are told them."""
    told = {**SETTINGS, "sandbox_webhook_secret": SECRET, "public_url": "https://disparo.example.com"}
    told["business_hours"] = json.dumps(ALWAYS_OPEN)  # notices keep the installation's hours, not a campaign's
    return {f"DISPARO_{name.upper()}": value for name, value in told.items()}


def campaign_document() -> dict[str, Any]:
    """`examples/campanha.toml` as a document, always open and quick."""
    from disparo.adapters.files.campaign_file import read_campaign_file

    document = {**read_campaign_file(ROOT / "examples" / "campanha.toml")}
    for name in ("audience", "deadline", "limits"):
        document.pop(name, None)
    steps: Any = document["steps"]
    quick = [{**step, "wait": WAITS[step["name"]]} if "wait" in step else step for step in steps]
    return {**document, "list": LIST, "hours": ALWAYS_OPEN, "steps": quick}


def contact_file(folder: Path, contacts: int) -> Path:
    """The first rows of `examples/contatos.csv`; all of them for 0."""
    lines = (ROOT / "examples" / "contatos.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    file = folder / "contatos.csv"
    file.write_text("".join(lines[: contacts + 1] if contacts else lines), encoding="utf-8")
    return file


@dataclass(slots=True)
class People:
    """Those who are written to: each message is answered once, if at all, and answers say so to their provider."""

    outbox: Outbox
    position: int = 0

    async def answers(self) -> list[Told]:
        """What those answer whose messages the sandbox took since the last call."""
        entries, self.position = await self.outbox.read(self.position, MANY)
        return [told for entry in entries if (told := answer_to(entry))]


def answer_to(entry: Entry) -> Told | None:
    """What comes back of a message, beside its delivery: an answer and that it was read, of some."""
    draw = blake2b(entry.address.encode(), digest_size=2).digest()
    text = ANSWERS.get(int.from_bytes(draw, "big") % OF)
    if text is None or MessageId.parse(entry.id).step != ANSWERED_STEP:
        return None
    at = datetime.fromtimestamp(entry.at_ms / 1000, UTC) + timedelta(milliseconds=1)
    provider_id = entry.provider_id
    read = Receipt("sandbox", f"{provider_id}:read", entry.id, ReceiptKind.READ, at, provider_id)
    return Told([read], [Reply("sandbox", f"{provider_id}:reply", entry.id, text, at)])


def webhook_body(told: Told) -> bytes:
    """What comes back, as the sandbox's own call says it."""
    document = {"receipts": [asdict(one) for one in told.receipts], "replies": [asdict(one) for one in told.replies]}
    return json.dumps(document, default=lambda at: at.isoformat()).encode()
