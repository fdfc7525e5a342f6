"""How often somebody may ask: so many at once, and so many more as time goes by."""

from __future__ import annotations

import math
from collections import OrderedDict
from datetime import datetime, timedelta
from ipaddress import AddressValueError, IPv6Address

MOST_NAMES = 20_000
"""How many are remembered; beyond, those are forgotten first who have not asked for the longest time."""


class Rate:
    """Lets each name ask `most` times within `within`: all of them at once, then again as they come back evenly.

    Of one process: where several answer, each has its own count.
    """

    def __init__(self, most: int, within: timedelta) -> None:
        self._most, self._each = most, within / most
        self._full_at: OrderedDict[str, datetime] = OrderedDict()

    def wait_s(self, name: str, now: datetime) -> int | None:
        """Count one; None when it may pass, else after how many seconds it may (and it is not counted)."""
        full_at = max(self._full_at.get(name, now), now)
        full_after = full_at + self._each
        if (over := full_after - now - self._each * self._most) > timedelta(0):
            return math.ceil(over.total_seconds())
        self._full_at[name] = full_after
        self._full_at.move_to_end(name)
        if len(self._full_at) > MOST_NAMES:
            self._full_at.popitem(last=False)
        return None


def network_of(address: str) -> str:
    """Whom an address is counted as: an IPv6 customer has a whole /64 (RFC 6177), so that counts as one."""
    try:
        return str(IPv6Address(int(IPv6Address(address.partition("%")[0])) >> 64 << 64))
    except AddressValueError:
        return address
