"""The command line: `disparo`."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command that this process was started with, and end with its exit code."""
    from disparo.entrypoints.cli.app import run

    sys.exit(run(sys.argv[1:]))
