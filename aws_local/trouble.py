"""What goes wrong on purpose while the demo runs: functions die at work, DynamoDB and SQS refuse and lose answers."""

from __future__ import annotations

import json
import random
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aws_local.function import Function

KILLED = ("send", "schedule")
KILL_CHANCE = 0.3
FAULTS = {
    "dynamodb": {"skip": 5, "throttle": 3, "refuse": 1, "drop": 2},
    "sqs": {"drop": 1, "operations": ["SendMessageBatch", "SendMessage"]},
}
"""Ordered anew each second: some of everybody's calls are throttled, refused, or done without an answer."""


@dataclass(slots=True)
class Trouble:
    """`kills` functions are killed, at random instants; with `faulty`, the services at `url` misbehave all the time."""

    url: str
    kills: int = 0
    faulty: bool = False

    def make(self, functions: Mapping[str, Function], say: Callable[[str], None]) -> None:
        """Do harm for the next second."""
        if self.faulty:
            order_faults(self.url, FAULTS)
        short = random.choice(KILLED)
        if self.kills and random.random() < KILL_CHANCE and functions[short].strike():
            self.kills -= 1
            say(f"killed a sandbox of {short} at work")

    def end(self) -> None:
        """Let everything work again."""
        if self.faulty:
            order_faults(self.url, {})


def order_faults(url: str, orders: Mapping[str, object]) -> None:
    """Replace what the emulator was ordered to do wrong; see `aws_local.faults`."""
    request = urllib.request.Request(f"{url}/__disparo__/faults", json.dumps(orders).encode(), method="POST")
    urllib.request.urlopen(request).close()
