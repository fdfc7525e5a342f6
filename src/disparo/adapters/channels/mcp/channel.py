"""Messages through a tool of an MCP server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime

from disparo.adapters.channels.mcp.credentials import McpCredentials
from disparo.adapters.channels.mcp.payload import fields
from disparo.adapters.credentials import Credentials
from disparo.adapters.mcp.answers import as_repeated
from disparo.adapters.mcp.arguments import filled
from disparo.adapters.mcp.connection import ToolAnswer
from disparo.adapters.mcp.desk import Desk, Desks
from disparo.adapters.outside_world import OutsideWorld
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.ports.channel import Outgoing


class McpChannel:
    """`SendChannel` and `Closes` by an MCP server.

    MCP has no idempotency: a call that may have arrived and was not answered is UNKNOWN. Where the tool takes a key of
    its own, such a call is made once more at once, and `repeats_safely` says so; it is known with the first message.
    A tool that is not there, or whose schema refuses the arguments as the secret has them, is AUTH: messages wait until
    the secret is right. `timeout_s` is for a whole send: at most half of it to get a connection and a place at it.
    """

    repeats_safely: bool = False

    def __init__(
        self,
        credentials: Credentials[McpCredentials],
        *,
        timeout_s: float,
        connections: int = 100,
        outside: OutsideWorld | None = None,
    ) -> None:
        self._credentials, self._timeout_s = credentials, timeout_s
        self._desks: Desks[McpCredentials] = Desks(connections, outside)

    async def send(self, message: Outgoing, now: datetime) -> Outcome:  # noqa: ARG002  # it has a clock of its own
        """See `SendChannel.send`."""
        until = asyncio.get_running_loop().time() + self._timeout_s
        return await self._credentials.use(lambda account: self._attempt(message, account, until))

    async def close(self) -> None:
        """See `Closes.close`: programs that were started are gone afterwards."""
        await self._desks.close()

    async def _attempt(self, message: Outgoing, account: McpCredentials, until: float) -> Outcome:
        self.repeats_safely = account.profile.repeats_safely
        desk = self._desks.of(account)
        preparing_until = until - self._timeout_s / 2
        async with desk.place(preparing_until) as full:
            if full is not None:
                return full
            call = _Call(message, desk, preparing_until, until)
            outcome = await call.outcome()
            repeats = outcome.failure is FailureClass.UNKNOWN and account.profile.repeats_safely
            if repeats and desk.time_left(preparing_until, until):
                again = await call.outcome()
                # Only a yes settles it: a refusal may have come before the key was looked at.
                return again if again.accepted else outcome
            return outcome


class _Call:
    """One message's way through a tool."""

    def __init__(self, message: Outgoing, desk: Desk[McpCredentials], preparing_until: float, until: float) -> None:
        self._desk, self._preparing_until, self._until = desk, preparing_until, until
        account = desk.account
        self._arguments = filled(account.profile.arguments, fields(message, account.extras))
        self._hidden = (*account.hidden, *_said(message))

    async def outcome(self) -> Outcome:
        """Make the call; once more on a new connection when the old one was found broken before it was made."""
        profile = self._desk.account.profile
        result = await self._desk.call(profile.tool, self._arguments, self._preparing_until, self._until)
        if isinstance(result, Outcome):
            return result
        if isinstance(result, ToolAnswer):
            return profile.judge(result, self._hidden)
        return profile.judge_fault(result, self._hidden)


def _said(message: Outgoing) -> Iterator[str]:
    """What the message says and to whom."""
    content = message.content
    texts = (message.address, message.address.removeprefix("+"), content.text, content.subject, content.html)
    return as_repeated(texts)
