"""A test that is not about real programs reaches nobody, and asyncio works all the same."""

from __future__ import annotations

import asyncio
import socket

import pytest
from pytest_socket import SocketBlockedError


def test_the_network_is_out_of_reach() -> None:
    with pytest.raises((SocketBlockedError, UserWarning), match="tried to use socket"):
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    with pytest.raises((SocketBlockedError, UserWarning), match="tried to use socket"):
        socket.getaddrinfo("example.com", 443)


def test_an_event_loop_runs_without_it() -> None:
    async def answer() -> int:
        await asyncio.sleep(0)
        return 42

    assert asyncio.run(answer()) == 42
