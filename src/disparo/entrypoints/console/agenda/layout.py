"""A board laid out: as columns by the hour where there is room for that, as a table of days for several hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from starlette.requests import Request

from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import MeetingState
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.intervals import Interval, subtract
from disparo.entrypoints.console.agenda.when import midnight, written, zone_of
from disparo.entrypoints.console.calendar_grid import SLOT_MIN, DayColumn, Grid, Occasion, Shade, grid
from disparo.entrypoints.console.own_path import link
from disparo.entrypoints.console.shell import Console
from disparo.ports.contacts import name_of
from disparo.usecases.agenda.board import Board, HostBoard, Kept

USUAL_HOURS = (8, 18)
_CELL = timedelta(minutes=30)
_ROWS_OF_CELL = 30 // SLOT_MIN
TONES: Mapping[MeetingState, str] = {MeetingState.HELD: "good", MeetingState.NO_SHOW: "warn"}
"""Of meetings that are over; those to come have the console's own colour."""

Translate = Callable[..., str]


@dataclass(frozen=True, slots=True)
class FreeCell:
    """Half an hour that is free and still to come: a click on it begins a new meeting."""

    row: int
    rows: int
    at: datetime
    href: str


@dataclass(frozen=True, slots=True)
class Column:
    """One day of one host by the hour; `host` is None where all columns are of the same one."""

    host: Host | None
    column: DayColumn
    free: Sequence[FreeCell]


@dataclass(frozen=True, slots=True)
class Line:
    """What a list says of a day: an occasion, and whose."""

    what: Occasion
    host: Host


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of a host in the table of days: `label` says what the whole day is, where it is something."""

    day: date
    lines: Sequence[Line]
    label: str
    closed: bool
    href: str


@dataclass(frozen=True, slots=True)
class Row:
    """A host in the table of days."""

    host: Host
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Layout:
    """A board on its page. `columns` by the hour or `rows` by the day, one of them empty; `lists` of each day for
    phones; `unreadable` are hosts whose calendar did not answer.
    """

    days: Sequence[date]
    hours: range
    columns: Sequence[Column]
    rows: Sequence[Row]
    lists: Sequence[tuple[date, Sequence[Line]]]
    unreadable: Sequence[HostBoard]
    meetings: int
    held: int

    @property
    def grid_rows(self) -> int:
        """Rows of a quarter of an hour."""
        return len(self.hours) * 60 // SLOT_MIN


def laid_out(console: Console, request: Request, found: Board, days: list[date], *, team: bool, table: bool) -> Layout:
    """A board of some days, as a `table` of days or in columns by the hour; those of a `team` say whose they are."""
    desk = _Desk(console.words(request).gettext, found, zone_of(console), console.house.clock.now())
    hours = desk.hours(days)
    lists = [(day, desk.lines(day)) for day in days]
    kept = {(one.meeting.id, one.held) for host in found.hosts for one in host.kept}
    return Layout(
        days,
        range(*hours),
        () if table else list(desk.columns(days, hours, team)),
        [desk.row(host, days) for host in found.hosts] if table else (),
        lists,
        [one for one in found.hosts if not one.busy.readable],
        sum(not held for _, held in kept),
        sum(held for _, held in kept),
    )


@dataclass(frozen=True, slots=True)
class _Desk:
    """What laying out needs at every step."""

    _: Translate
    board: Board
    zone: ZoneInfo
    now: datetime

    def hours(self, days: list[date]) -> tuple[int, int]:
        """From the first to the last hour in which anybody works or meets."""
        spans = [
            span
            for host in self.board.hosts
            for day in days
            for span in [*self._open(host, day), *(one.slot.span for one in host.kept)]
        ]
        first, last = USUAL_HOURS
        for start_ms, end_ms in spans:
            start, end = from_ms(start_ms).astimezone(self.zone), from_ms(end_ms).astimezone(self.zone)
            first = min(first, start.hour)
            last = max(last, 24 if end.date() > start.date() else end.hour + (end.minute > 0))
        return first, last

    def columns(self, days: list[date], hours: tuple[int, int], team: bool) -> Iterator[Column]:
        for host in self.board.hosts:
            for day in days:
                whole = grid([day], self.occasions(host, day, hours), self.shades(host), self.zone, self.now, hours)
                yield Column(host.host if team else None, whole.days[0], list(self.free(host, day, whole)))

    def occasions(self, host: HostBoard, day: date, hours: tuple[int, int] | None = None) -> list[Occasion]:
        """What takes a host's time on a day; what is no meeting is cut to these hours."""
        whole = self._within(day, (0, 24))
        shown = whole if hours is None else self._within(day, hours)
        found = [self._meeting(one) for one in host.kept if _overlap(one.slot.span, whole)]
        blocked = [(span, label or self._("Bloqueado"), "violet", "") for span, label in host.blocked]
        busy = [(span, self._("Ocupado"), "neutral", "") for span in host.taken if host.busy.readable]
        for span, title, tone, detail in [*blocked, *busy]:
            if (cut := _overlap(span, shown)) is not None:
                found.append(Occasion(from_ms(cut[0]), from_ms(cut[1]), title, detail, "", tone))
        return sorted(found, key=lambda one: (one.start_at, one.end_at))

    def shades(self, host: HostBoard) -> list[Shade]:
        """When a host does not work, and a calendar that nobody could read."""
        unread = [] if host.busy.readable else [(span, self._("O calendário não pôde ser lido")) for span in host.taken]
        closed = [(span, self._("Fechado")) for span in host.closed]
        return [Shade(from_ms(start), from_ms(end), title) for (start, end), title in [*unread, *closed]]

    def free(self, host: HostBoard, day: date, whole: Grid) -> Iterator[FreeCell]:
        """The free half hours of a day that are still to come."""
        begin = datetime.combine(day, time(whole.first_hour), self.zone)
        for number in range((whole.last_hour - whole.first_hour) * 2):
            at = (begin + number * _CELL).astimezone(self.zone)
            start_ms, end_ms = to_ms(at), to_ms(at + _CELL)
            if at > self.now and any(one[0] <= start_ms and end_ms <= one[1] for one in host.free):
                yield FreeCell(number * _ROWS_OF_CELL + 1, _ROWS_OF_CELL, at, self._new(host.host, at))

    def row(self, host: HostBoard, days: list[date]) -> Row:
        return Row(host.host, [self._cell(host, day) for day in days])

    def _cell(self, host: HostBoard, day: date) -> Cell:
        occasions = [one for one in self.occasions(host, day) if one.href]
        whole = self._within(day, (0, 24))
        label = next((label or self._("Bloqueado") for span, label in host.blocked if _overlap(span, whole)), "")
        opened = self._open(host, day)
        ahead = any(_overlap(span, whole) for span in host.free) and day >= self.now.astimezone(self.zone).date()
        href = self._new(host.host, max(self.now, midnight(day, self.zone))) if ahead else ""
        return Cell(day, [Line(one, host.host) for one in occasions], label, not opened, href)

    def lines(self, day: date) -> Sequence[Line]:
        """A day as a list, for where there is no room for hours."""
        found = [Line(one, host.host) for host in self.board.hosts for one in self.occasions(host, day)]
        return sorted(found, key=lambda line: line.what.start_at)

    def _meeting(self, one: Kept) -> Occasion:
        meeting, slot = one.meeting, one.slot
        kind = self.board.types.get(meeting.type_id)
        contact = self.board.contacts.get(meeting.contact_id)
        detail = kind.title if kind is not None else meeting.type_id
        return Occasion(
            slot.start_at,
            slot.end_at,
            name_of(contact) or self._("alguém"),
            self._detail(one, detail),
            f"/console/meetings/{meeting.id}",
            "info" if one.held else TONES.get(meeting.state, "accent"),
            one.held,
        )

    def _detail(self, one: Kept, kind: str) -> str:
        """What for, and what else is to be known: colours alone do not say it."""
        if one.held:
            return self._("oferecido · %(type)s", type=kind)
        if one.meeting.state is MeetingState.HELD:
            return self._("realizada · %(type)s", type=kind)
        return self._("faltou · %(type)s", type=kind) if one.meeting.state is MeetingState.NO_SHOW else kind

    def _open(self, host: HostBoard, day: date) -> Sequence[Interval]:
        return subtract([self._within(day, (0, 24))], host.closed)

    def _within(self, day: date, hours: tuple[int, int]) -> Interval:
        start = midnight(day, self.zone) if hours[0] == 0 else datetime.combine(day, time(hours[0]), self.zone)
        end = midnight(day + timedelta(days=1), self.zone)
        if hours[1] < 24:
            end = datetime.combine(day, time(hours[1]), self.zone)
        return Interval(to_ms(start), to_ms(end))

    def _new(self, host: Host, at: datetime) -> str:
        return link("/console/agenda/new", {"host": host.id, "at": written(at)})


def _overlap(span: Interval, whole: Interval) -> Interval | None:
    start_ms, end_ms = max(span[0], whole[0]), min(span[1], whole[1])
    return Interval(start_ms, end_ms) if start_ms < end_ms else None
