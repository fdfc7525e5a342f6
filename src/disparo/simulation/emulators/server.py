"""The emulators as one HTTP server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from disparo.domain.errors import InputError
from disparo.simulation.emulators.accounts import Accounts
from disparo.simulation.emulators.control import Control
from disparo.simulation.emulators.faults import Fault, FaultOrders
from disparo.simulation.emulators.google_calendar import SECRET_NAME, GoogleCalendarEmulator
from disparo.simulation.emulators.intake import Intake
from disparo.simulation.emulators.plan import Plan
from disparo.simulation.emulators.posting import Tally
from disparo.simulation.emulators.sendgrid import SendgridEmulator
from disparo.simulation.emulators.sendgrid_requests import MOST_BYTES
from disparo.simulation.emulators.taken import Taken, TakenLog
from disparo.simulation.emulators.twilio import TwilioEmulator
from disparo.simulation.emulators.whatsapp import WhatsappEmulator
from disparo.simulation.emulators.wire import Emulated

if TYPE_CHECKING:
    import aiohttp
    from aiohttp import web

POST_TIMEOUT_S = 15.0
EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104  # nosec B104


@dataclass(frozen=True)
class Running:
    """Emulators that answer at `origin` until their block ends."""

    port: int
    accounts: Accounts
    log: TakenLog
    faults: FaultOrders
    whatsapp: WhatsappEmulator
    sendgrid: SendgridEmulator
    twilio: TwilioEmulator
    intake: Intake
    webhooks: str | None
    session: aiohttp.ClientSession
    calendar: GoogleCalendarEmulator
    host: str = "127.0.0.1"

    @property
    def origin(self) -> str:
        """Where they answer those on this machine."""
        return f"http://{'127.0.0.1' if self.host in EVERYWHERE else self.host}:{self.port}"

    @property
    def secrets(self) -> dict[str, dict[str, str]]:
        """The secrets by which they are used: `mcp-whatsapp`, `mcp-email`, `mcp-sms`, `mcp-calendar`."""
        return {**self.accounts.secrets(self.origin), SECRET_NAME: self.calendar.secret(self.origin)}

    @property
    def taken(self) -> list[Taken]:
        """Every message that was taken."""
        return self.log.everything

    def order(self, *faults: Fault) -> None:
        """Ask for faults."""
        self.faults.order(*faults)

    def tallies(self) -> dict[str, Tally]:
        """What became of the webhooks, by provider."""
        return {one.name: one.postman.tally for one in (self.whatsapp, self.sendgrid, self.twilio)}

    async def quiet(self) -> None:
        """Wait until no webhook is on its way."""
        for postman in (self.whatsapp.postman, self.sendgrid.postman, self.sendgrid.mailboxes, self.twilio.postman):
            await postman.quiet()

    async def greet(self) -> None:
        """Ask the WhatsApp door whether it is the sender's, as Meta does at set-up; InputError when it is not."""
        import aiohttp

        challenge, token = token_hex(8), quote(self.accounts.verify_token, safe="")
        query = f"hub.mode=subscribe&hub.challenge={challenge}&hub.verify_token={token}"
        try:
            async with self.session.get(f"{self.webhooks}/webhooks/whatsapp?{query}") as response:
                echoed = (await response.content.read(100)).decode("utf-8", "replace")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise InputError(f"{self.webhooks}: nobody answers ({type(error).__name__})") from error
        if response.status != 200 or echoed != challenge:
            raise InputError(f"{self.webhooks}/webhooks/whatsapp: answered {response.status}, not the challenge")


@asynccontextmanager
async def emulators(
    plan: Plan | None = None,
    *,
    webhook_base_url: str | None = None,
    public_url: str | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    record: Path | None = None,
    accounts: Accounts | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncIterator[Running]:
    """Emulators that answer on this machine until the block ends; on a free port when `port` is 0.

    Webhooks are posted to `webhook_base_url` and its `/webhooks/…`, whatever host a StatusCallback names; without it
    none are. `public_url` is the address under which the sender believes to be called, where that is another. `record`
    is a file of JSON lines to which every message taken is added. OSError when the port is taken.
    """
    import aiohttp
    from aiohttp import web

    plan, accounts, log, faults = plan or Plan(), accounts or Accounts(), TakenLog(record), FaultOrders()
    base = None if webhook_base_url is None else webhook_base_url.rstrip("/")
    seen = (public_url or base or "").rstrip("/")
    origin = None if base is None else _origin(base)
    shared = (plan, accounts, faults, log, clock)
    whatsapp = WhatsappEmulator(*shared, f"{seen}/webhooks/whatsapp", origin)
    sendgrid = SendgridEmulator(*shared, f"{seen}/webhooks/sendgrid", origin)
    twilio = TwilioEmulator(*shared, f"{seen}/webhooks/twilio", origin)
    calendar = GoogleCalendarEmulator(clock)
    calendar.book.conferences_pending = False
    intake = Intake(plan, faults)
    async with AsyncExitStack() as stack:
        stack.callback(log.close)
        timeout = aiohttp.ClientTimeout(total=POST_TIMEOUT_S)
        connector = aiohttp.TCPConnector(limit=0)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(timeout=timeout, connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        )
        application = _application(intake, whatsapp, sendgrid, twilio, Control(faults, log, whatsapp, twilio))
        application.add_routes(calendar.routes())
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, host, port, backlog=1024)
        await site.start()
        posting = [
            asyncio.create_task(postman.run(session))
            for postman in (whatsapp.postman, sendgrid.postman, sendgrid.mailboxes, twilio.postman)
        ]
        stack.push_async_callback(_stop, posting)
        port = runner.addresses[0][1]
        yield Running(port, accounts, log, faults, whatsapp, sendgrid, twilio, intake, base, session, calendar, host)


async def _stop(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise InputError(f"{url}: escreva um endereço como http://127.0.0.1:8080")
    return f"{parts.scheme}://{parts.netloc}"


def _application(
    intake: Intake, whatsapp: WhatsappEmulator, sendgrid: SendgridEmulator, twilio: TwilioEmulator, control: Control
) -> web.Application:
    from aiohttp import web

    def served(provider: Emulated) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            return await intake.serve(provider, request)

        return serve

    application = web.Application(client_max_size=MOST_BYTES + 1024)
    application.add_routes(
        [
            web.post(r"/whatsapp/{version:v\d+\.\d+}/{number}/messages", served(whatsapp)),
            web.post("/sendgrid/v3/mail/send", served(sendgrid)),
            web.post("/twilio/2010-04-01/Accounts/{account}/Messages.json", served(twilio)),
            *control.routes(),
        ]
    )
    return application
