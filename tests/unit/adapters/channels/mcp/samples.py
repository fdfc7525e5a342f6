"""Secrets and channels for the tests of sending through MCP."""

from __future__ import annotations

from collections.abc import Mapping

from disparo.adapters.channels.mcp.channel import McpChannel
from disparo.adapters.channels.mcp.credentials import parse
from disparo.adapters.credentials import Credentials

SECRET = {
    "server": '{"command": "a-program", "args": ["--quiet"], "env": {"API_KEY": "very secret"}}',
    "tool": "send",
    "arguments": '{"to": "{to}", "text": "{text}"}',
}


class Given:
    """`Secrets` with one secret."""

    def __init__(self, secret: Mapping[str, str]) -> None:
        self._secret = secret

    async def get(self, name: str) -> Mapping[str, str]:
        return self._secret

    async def refresh(self, name: str) -> Mapping[str, str]:
        return self._secret


def a_channel(secret: Mapping[str, str] = SECRET) -> McpChannel:
    return McpChannel(Credentials(Given(secret), "mcp-sender", parse), timeout_s=5)
