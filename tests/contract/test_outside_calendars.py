"""Addresses of MCP servers and calendars that secrets name: nothing goes into a private network that is not allowed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from disparo.adapters.calendars.caldav.calendar import CaldavCalendar
from disparo.adapters.calendars.caldav.credentials import parse as parse_caldav
from disparo.adapters.credentials import Credentials
from disparo.adapters.mcp.connection import REFUSED, CallFault, Connection, HttpServer, Line
from disparo.adapters.outside_world import OutsideWorld
from disparo.domain.agenda.host import CalendarKind, CalendarRef
from tests.agenda_scene import host
from tests.contract.mcp_servers import KNOWN, Faked
from tests.contract.mcp_stage import Given, served

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)


def test_a_caldav_server_in_a_private_network_is_not_read_and_says_what_to_do() -> None:
    async def story() -> None:
        secret = Given({"url": "https://192.168.1.20/dav/", "username": "ana", "password": "segredo"})
        credentials = Credentials(secret, "caldav", parse_caldav)
        calendar = CaldavCalendar(credentials, timeout_s=5, clock=lambda: NOW, outside=OutsideWorld())
        ana = replace(host("ana"), calendar=CalendarRef(CalendarKind.CALDAV, "caldav"))
        found = await calendar.busy(ana, NOW, NOW + timedelta(days=1))
        await calendar.close()
        assert not found.readable
        assert found.fault == "endpoint_refused"
        assert "outside_private_networks_allowed" in found.detail
        assert "segredo" not in found.detail

    asyncio.run(story())


def test_an_mcp_server_on_this_machine_is_reached_only_where_it_is_allowed() -> None:
    async def story() -> None:
        async with served(Faked(KNOWN["lharries/whatsapp-mcp"])) as (url, _):
            refused = Connection(HttpServer(url), OutsideWorld())
            fault = await refused.opened
            await refused.close()
            assert fault is not None
            assert fault.message.startswith(f"{REFUSED}: 127.0.0.1")
            assert "outside_private_networks_allowed" in fault.message
            line = Line(HttpServer(url), OutsideWorld(["127.0.0.1"]))
            connection = await line.ready(asyncio.get_running_loop().time() + 20)
            assert not isinstance(connection, CallFault)
            assert connection.tools
            named = Line(HttpServer(url.replace("127.0.0.1", "localhost")), OutsideWorld(["127.0.0.1"]))
            assert not isinstance(await named.ready(asyncio.get_running_loop().time() + 20), CallFault)
            await line.close()
            await named.close()

    asyncio.run(story())
