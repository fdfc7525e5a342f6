"""A process that claims all it can get from one SQLite file; `python -m tests.contract.claiming_process FILE SEED`.

Its clock jumps to the next instant worth asking at, so that hours of limits pass in a second, and no two processes
agree about the time. It says `ready`, waits for a line, says `claimed` once it has got something, waits for another
line, and in the end prints `<message id> <instant of its permit in ms>` of all it got.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.domain.contact import Channel
from disparo.domain.instants import to_ms
from disparo.domain.lane import OpenLane
from disparo.domain.message import Claimed
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.sender import Sender
from disparo.ports.ledger import ClaimRequest
from disparo.ports.store import Store
from tests.contract.scene import NOW

SENDER = Sender("whatsapp", Channel.WHATSAPP, Limits(burst=40, hourly=300), lease=timedelta(days=30))
OWN = Limits(burst=25)
"""Each campaign's own limit."""


async def claim_everything(store: Store, dice: random.Random) -> list[Claimed]:
    """Claim until nothing is due any more."""
    revision = await store.ledger.revision()
    lanes = [OpenLane(lane.id, lane.campaign_id, None, lane.priorities, OWN) for lane in await store.ledger.lanes()]
    got: list[Claimed] = []
    now = NOW
    while True:
        claim = await store.ledger.claim(ClaimRequest(SENDER, lanes, dice.randint(1, 20), now, revision))
        if claim.messages and not got:
            # Or the first to come may be through before the others had a core.
            sys.stdout.write("claimed\n")
            sys.stdout.flush()
            sys.stdin.readline()
        got += claim.messages
        if claim.next_at is None:
            return got
        now = max(now, claim.next_at) + timedelta(milliseconds=dice.choice((0, 0, 1, 250)))


def main(path: Path, seed: int) -> Iterator[str]:
    """What is printed, line by line."""
    database = Database(path)
    yield "ready"
    sys.stdin.readline()
    for message in asyncio.run(claim_everything(open_store(database), random.Random(seed))):
        yield f"{message.id} {to_ms(message.permit_at)}"
    database.close()


if __name__ == "__main__":
    for line in main(Path(sys.argv[1]), int(sys.argv[2])):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
