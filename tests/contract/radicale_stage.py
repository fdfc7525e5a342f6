"""A CalDAV server, Radicale, as a program of its own, and other hands in its calendars."""

from __future__ import annotations

import base64
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from icalendar import Calendar as ICalendar

from disparo.adapters.calendars.caldav.calendar import CaldavCalendar
from disparo.adapters.calendars.caldav.credentials import parse
from disparo.adapters.credentials import Credentials
from disparo.adapters.system_clock import SystemClock
from disparo.domain.agenda.host import CalendarKind, CalendarRef, Host
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from tests.contract.calendar_suite import SANTIAGO, AllDay, Daily, Kept, Timed

USER, PASSWORD = "ana@example.com", "a-password-ç"
TIMEZONES = {
    SANTIAGO: "BEGIN:VTIMEZONE\r\nTZID:America/Santiago\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    "TZOFFSETFROM:-0400\r\nTZOFFSETTO:-0400\r\nEND:STANDARD\r\nEND:VTIMEZONE"
}


class Radicale:
    """The server and its folder; it keeps its address when it is started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "users").write_text(f"{USER}:{PASSWORD}\nbia:other\n", encoding="utf-8")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._process: subprocess.Popen[str] | None = None
        self.start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Start it, and wait until it listens."""
        options = {
            "hosts": f"127.0.0.1:{self.port}",
            "storage-filesystem-folder": str(self._folder / "collections"),
            "auth-type": "htpasswd",
            "auth-htpasswd-filename": str(self._folder / "users"),
            "auth-htpasswd-encryption": "plain",
            "auth-delay": "0",
            "server-delay-on-error": "0",
        }
        given = [word for name, value in options.items() for word in (f"--{name}", value)]
        command = [sys.executable, "-m", "radicale", *given]
        log = (self._folder / "log").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, text=True)
        log.close()
        for _ in range(3000):
            if self._process.poll() is not None:
                raise AssertionError((self._folder / "log").read_text(encoding="utf-8"))
            with socket.socket() as knock:
                knock.settimeout(0.01)
                if knock.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
                try:
                    self._process.wait(0.01)
                except subprocess.TimeoutExpired:
                    continue
        raise AssertionError("it does not listen")

    def stop(self) -> None:
        """End it; what it has stays in its folder."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait(20)

    def ask(self, method: str, path: str, body: str = "", headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Another program's request as the same user; its status and body."""
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        whole = {"Authorization": f"Basic {login}", **(headers or {})}
        request = urllib.request.Request(self.url + path, body.encode() or None, whole, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def make_calendar(self, name: str, zone: str | None = None, shown: str = "") -> str:
        """A calendar of the user; its path."""
        path = f"{quote(USER)}/{name}/"
        timezone = "" if zone is None else f"BEGIN:VCALENDAR\r\n{TIMEZONES[zone]}\r\nEND:VCALENDAR\r\n"
        props = f"<D:displayname>{shown or name}</D:displayname>"
        if timezone:
            props += f"<C:calendar-timezone>{timezone}</C:calendar-timezone>"
        status, words = self.ask(
            "MKCALENDAR",
            path,
            '<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
            f"<D:set><D:prop>{props}</D:prop></D:set></C:mkcalendar>",
        )
        assert status == 201, words
        return path


class Given:
    """`Secrets` with one secret; `newer` is what a refresh brings."""

    def __init__(self, secret: Mapping[str, str], newer: Mapping[str, str] | None = None) -> None:
        self.secret, self.newer, self.refreshed = secret, newer, 0

    async def get(self, name: str) -> Mapping[str, str]:
        return self.secret

    async def refresh(self, name: str) -> Mapping[str, str]:
        self.refreshed += 1
        self.secret = self.newer or self.secret
        return self.secret


def a_host(name: str = "", zone: str = "America/Sao_Paulo") -> Host:
    ref = CalendarRef(CalendarKind.CALDAV, "caldav", name)
    return Host("ana", "Ana", Place(zone), BusinessHours(), email=USER, calendar=ref)


def secret(url: str, **fields: str) -> dict[str, str]:
    return {"url": url, "username": USER, "password": PASSWORD, **fields}


def a_calendar(given: Mapping[str, str] | Given, timeout_s: float = 20.0) -> CaldavCalendar:
    secrets = given if isinstance(given, Given) else Given(given)
    return CaldavCalendar(Credentials(secrets, "caldav", parse), timeout_s=timeout_s, clock=SystemClock().now)


class RadicaleStage:
    """`CalendarStage` on an empty calendar of its own."""

    def __init__(self, server: Radicale, name: str) -> None:
        self._server, self._number = server, 0
        self.zone = SANTIAGO
        self.path = server.make_calendar(name, self.zone)
        self.calendar, self.host = a_calendar(secret(server.url + self.path)), a_host()

    async def add(self, foreign: Timed | AllDay | Daily) -> None:
        self._number += 1
        lines = [f"UID:foreign-{self._number}", "DTSTAMP:20270101T000000Z", "SUMMARY:Outra", *_lines(foreign)]
        if not isinstance(foreign, Daily) and foreign.free:
            lines.append("TRANSP:TRANSPARENT")
        assert self.put(f"foreign-{self._number}.ics", lines) == 201

    def put(self, name: str, lines: list[str], *more: str) -> int:
        """Put a resource with an event of these lines there; its status."""
        whole = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//other//hands//EN", *more]
        body = "\r\n".join([*whole, "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""])
        return self.put_text(name, body)

    def put_text(self, name: str, body: str) -> int:
        return self._server.ask("PUT", self.path + name, body, {"Content-Type": "text/calendar"})[0]

    def get(self, name: str) -> str | None:
        status, body = self._server.ask("GET", self.path + name)
        return body if status == 200 else None

    async def move(self, key: str, start_at: datetime, end_at: datetime) -> None:
        self.edit(key, DTSTART=f"{start_at:%Y%m%dT%H%M%SZ}", DTEND=f"{end_at:%Y%m%dT%H%M%SZ}")

    def edit(self, key: str, **properties: str) -> None:
        """Write over properties of an event of ours, as another program does."""
        body = self.get(f"{key}.ics")
        assert body is not None
        for name, value in properties.items():
            body = re.sub(rf"^{name}[;:].*\r?\n(?: .*\r?\n)*", f"{name}:{value}\r\n", body, flags=re.M)
        assert self.put_text(f"{key}.ics", body) in (201, 204)

    async def take_away(self, key: str) -> None:
        assert self._server.ask("DELETE", f"{self.path}{key}.ics")[0] in (200, 204)

    async def kept(self, key: str) -> Kept | None:
        body = self.get(f"{key}.ics")
        if body is None:
            return None
        [event] = ICalendar.from_ical(body.encode()).walk("VEVENT")
        start, end = (event[name].dt.astimezone(UTC) for name in ("DTSTART", "DTEND"))
        return Kept(start, end, str(event["SUMMARY"]))

    async def break_off(self) -> None:
        self._server.stop()

    async def repair(self) -> None:
        self._server.start()


def _lines(foreign: Timed | AllDay | Daily) -> list[str]:
    if isinstance(foreign, Timed):
        return [f"DTSTART:{foreign.start_at:%Y%m%dT%H%M%SZ}", f"DTEND:{foreign.end_at:%Y%m%dT%H%M%SZ}"]
    if isinstance(foreign, AllDay):
        behind = foreign.first + timedelta(days=foreign.days)
        return [f"DTSTART;VALUE=DATE:{foreign.first:%Y%m%d}", f"DTEND;VALUE=DATE:{behind:%Y%m%d}"]
    minutes = foreign.length // timedelta(minutes=1)
    return [
        f"DTSTART;TZID={foreign.zone}:{foreign.first:%Y%m%dT%H%M%S}",
        f"DURATION:PT{minutes}M",
        f"RRULE:FREQ=DAILY;COUNT={foreign.times}",
    ]


def changed(found: Any) -> list[tuple[str, str]]:
    """What changes say, without times."""
    return [(one.key, one.kind.value) for one in found.changes]
