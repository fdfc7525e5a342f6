"""What the functions share: one installation and one event loop for each process, and how an invocation is run."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache, wraps
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from disparo.entrypoints.lambdas.log import FunctionLog
from disparo.entrypoints.lambdas.opening import open_installation
from disparo.entrypoints.log_lines import mask_logs

if TYPE_CHECKING:
    from disparo.bootstrap import App

T = TypeVar("T")

Event = dict[str, Any]
Work = Callable[[Event, "Context"], Awaitable[Any]]


class Context(Protocol):
    """The part of Lambda's context object that is used."""

    @property
    def aws_request_id(self) -> str:
        """Of this invocation; the same when Lambda repeats it."""
        ...

    def get_remaining_time_in_millis(self) -> int:
        """Until the function is killed."""
        ...


class Channels(Protocol):
    """What has connections of its own to providers."""

    async def close_channels(self) -> None:
        """End them."""
        ...


class InvocationFailedError(Exception):
    """An invocation failed. The runtime writes this into the log, so it names the cause's class and repeats none of
    its words, which may hold personal data; what is known of it stands in the log line before."""


@cache
def installed() -> App:
    """This process's installation, opened with the first call; InputError when its environment is wrong.

    It lives on over freezes. It holds threads and pooled connections, which botocore opens anew when they went stale,
    and nothing else that a freeze could break: see `closing_channels`.
    """
    return open_installation()


@cache
def log() -> FunctionLog:
    """This process's log; what others log in it goes out masked as well."""
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        mask_logs()
    return FunctionLog()


@cache
def _runner() -> asyncio.Runner:
    return asyncio.Runner()


def run(work: Awaitable[T]) -> T:
    """Run to the end on this process's event loop; nothing of it goes on afterwards.

    One loop for the whole life of the process, as locks and caches of the stores belong to it. Between two calls it
    stands still, frozen or not: whatever a call has started and left behind is cancelled before it answers, lest it
    go on in the middle of the next one, minutes later.
    """
    return _runner().run(_to_the_end(work))


async def _to_the_end(work: Awaitable[T]) -> T:
    try:
        return await work
    finally:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def time_left(context: Context) -> timedelta:
    """Until the function is killed."""
    return timedelta(milliseconds=context.get_remaining_time_in_millis())


def function(work: Work) -> Callable[[Event, Context], Any]:
    """A Lambda handler that does this work, with its failures in the log and the request's id on each line."""

    @wraps(work)
    def handler(event: Event, context: Context) -> Any:
        log().begin(context.aws_request_id)
        try:
            return run(work(event, context))
        except Exception as error:
            log().fail("invocation_failed", error)
            raise InvocationFailedError(type(error).__name__) from None

    return _traced(handler)


def _traced(handler: Callable[[Event, Context], Any]) -> Callable[[Event, Context], Any]:
    """Also annotate Lambda's own trace, where the bundle has the X-Ray SDK.

    It is not in ours: its import takes 0.4 s of each cold start, and active tracing shows every invocation without it.
    Neither answers nor errors are written into the trace, as they may hold personal data.
    """
    if "LAMBDA_TASK_ROOT" not in os.environ or find_spec("aws_xray_sdk") is None:
        return handler
    from aws_lambda_powertools.tracing import Tracer

    return Tracer(auto_patch=False).capture_lambda_handler(handler, capture_response=False, capture_error=False)


@asynccontextmanager
async def closing_channels(app: Channels) -> AsyncIterator[None]:
    """What an invocation does with providers: behind it no connection to one is left open, however it ends.

    Frozen for minutes, a connection goes stale, and the next message on it would be in doubt for nothing. One that
    cannot be closed is logged and fails nothing: what was done is done.
    """
    try:
        yield
    finally:
        try:
            await app.close_channels()
        except Exception as error:
            log().fail("channels_not_closed", error)


def warm_up(*prepare: Callable[[], object]) -> None:
    """Do these while Lambda starts the process, when it has more processor than later; elsewhere not at all."""
    if "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ:
        first: list[Callable[[], object]] = [installed, log, _runner]
        for one in (*first, *prepare):
            one()
