"""What every ledger does: all checks of its parts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.contract import (
    ledger_ahead_suite,
    ledger_claiming_suite,
    ledger_enrolling_suite,
    ledger_notices_suite,
    ledger_refusing_suite,
    ledger_settling_suite,
    ledger_troubled_suite,
    ledger_watching_suite,
)
from tests.contract.scene import Scene

Check = Callable[[Scene], Awaitable[None]]

SUITE: tuple[Check, ...] = (
    *ledger_enrolling_suite.CHECKS,
    *ledger_notices_suite.CHECKS,
    *ledger_claiming_suite.CHECKS,
    *ledger_ahead_suite.CHECKS,
    *ledger_refusing_suite.CHECKS,
    *ledger_settling_suite.CHECKS,
    *ledger_troubled_suite.CHECKS,
    *ledger_watching_suite.CHECKS,
)
