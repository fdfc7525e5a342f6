"""Webhooks on their way: when they are due, in batches, signed, posted again when nobody took them."""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import urlsplit

from disparo.simulation.emulators.faults import Fault, FaultKind
from disparo.simulation.emulators.plan import Plan
from disparo.simulation.emulators.wire import faults_of_kind

if TYPE_CHECKING:
    import aiohttp

E = TypeVar("E")

CONNECTIONS = 20


@dataclass(frozen=True, slots=True)
class Post:
    """One request to the sender. `url` is what it was promised to be called at, and what signatures cover."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Manner:
    """How a provider posts: how many events in one request, gathered for how long, and when it tries again.

    `again` is how often it repeats a request that was not answered, and `refused_too` whether also one that was
    answered with anything but 2xx.
    """

    most: int = 1
    gather_s: float = 0.0
    again: int = 4
    refused_too: bool = True


@dataclass
class Tally:
    """What became of the requests: how many were taken, refused (by status), or found nobody."""

    taken: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    unreachable: int = 0
    given_up: int = 0


class Postman(Generic[E]):
    """Posts one provider's events to `origin`, wherever their address says that they should go.

    So nothing leaves for another machine than the one that was named, while addresses and signatures are those of the
    public one. Without an origin nothing is posted.
    """

    def __init__(
        self, plan: Plan, pack: Callable[[Sequence[E]], Post], manner: Manner, origin: str | None, pause_s: float = 1.0
    ) -> None:
        self._plan, self._pack, self._manner, self._origin, self._pause_s = plan, pack, manner, origin, pause_s
        self._coming: list[tuple[float, int, E]] = []
        self._pushed = asyncio.Event()
        self._count = 0
        self._pending = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.tally = Tally()

    @property
    def posts(self) -> bool:
        """Whether it posts at all."""
        return self._origin is not None

    @property
    def pending(self) -> int:
        """How many events have not been posted or given up."""
        return self._pending

    def push(self, event: E, after_s: float = 0.0) -> None:
        """Post an event, `after_s` from now."""
        if self._origin is None:
            return
        self._count += 1
        self._pending += 1
        self._idle.clear()
        heapq.heappush(self._coming, (asyncio.get_running_loop().time() + after_s, self._count, event))
        self._pushed.set()

    def push_all(self, key: str, events: Sequence[tuple[float, E]], faults: Sequence[Fault] = ()) -> None:
        """Post what comes back of the message `key`, each after its seconds, with what goes wrong on the way."""
        if self._origin is None:
            return
        for after_s, event in self._mishaps(key, events, faults):
            self.push(event, after_s)

    def _mishaps(self, key: str, events: Sequence[tuple[float, E]], faults: Sequence[Fault]) -> list[tuple[float, E]]:
        plan, posting = self._plan, self._plan.posting
        if faults_of_kind(faults, FaultKind.WEBHOOKS_LOST):
            return []
        if faults_of_kind(faults, FaultKind.WEBHOOKS_REVERSED) or plan.chance("reversed", key) < posting.reversed:
            delays = [after_s for after_s, _ in events]
            events = [(after_s, event) for after_s, (_, event) in zip(reversed(delays), events, strict=True)]
        late = faults_of_kind(faults, FaultKind.WEBHOOKS_LATE)
        twice = faults_of_kind(faults, FaultKind.WEBHOOKS_TWICE) is not None
        found: list[tuple[float, E]] = []
        for number, (after_s, event) in enumerate(events):
            if plan.chance("lost", key, number) < posting.lost:
                continue
            if late is not None:
                after_s += late.seconds
            elif plan.chance("late", key, number) < posting.late:
                after_s += posting.late_s
            again = twice or plan.chance("twice", key, number) < posting.twice
            found += [(after_s, event)] * (1 + again)
        return found

    async def quiet(self) -> None:
        """Wait until nothing is on its way."""
        await self._idle.wait()

    async def run(self, session: aiohttp.ClientSession) -> None:
        """Post for ever."""
        slots = asyncio.Semaphore(CONNECTIONS)
        async with asyncio.TaskGroup() as group:
            while True:
                await self._until_due()
                if self._manner.gather_s:
                    await asyncio.sleep(self._manner.gather_s)
                while due := self._due():
                    group.create_task(self._deliver(session, self._pack(due), len(due), slots))

    async def _until_due(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._coming or self._coming[0][0] > loop.time():
            self._pushed.clear()
            wait_s = self._coming[0][0] - loop.time() if self._coming else None
            try:
                async with asyncio.timeout(wait_s):
                    await self._pushed.wait()
            except TimeoutError:
                pass

    def _due(self) -> list[E]:
        now, due = asyncio.get_running_loop().time(), list[E]()
        while self._coming and self._coming[0][0] <= now and len(due) < self._manner.most:
            due.append(heapq.heappop(self._coming)[2])
        return due

    async def _deliver(self, session: aiohttp.ClientSession, post: Post, events: int, slots: asyncio.Semaphore) -> None:
        for number in range(1 + self._manner.again):
            if number:
                await asyncio.sleep(self._pause_s * 2 ** (number - 1))
            async with slots:
                status = await self._post(session, post)
            if status is not None and (200 <= status < 300 or not self._manner.refused_too):
                break
        else:
            self.tally.given_up += 1
        self._pending -= events
        if not self._pending:
            self._idle.set()

    async def _post(self, session: aiohttp.ClientSession, post: Post) -> int | None:
        import aiohttp
        from yarl import URL

        public = urlsplit(post.url)
        path = public.path + (f"?{public.query}" if public.query else "")
        headers = {**post.headers, "Host": public.netloc}
        url = URL(f"{self._origin}{path}", encoded=True)  # as it was written: the signature covers every byte
        try:
            async with session.post(url, data=post.body, headers=headers, allow_redirects=False) as response:
                await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError):
            self.tally.unreachable += 1
            return None
        if 200 <= response.status < 300:
            self.tally.taken += 1
        else:
            self.tally.refused[response.status] += 1
        return response.status


def later(after_s: float, act: Callable[[], object]) -> None:
    """Do it with the event that is posted after so many seconds."""
    if after_s:
        asyncio.get_running_loop().call_later(after_s, act)
    else:
        act()
