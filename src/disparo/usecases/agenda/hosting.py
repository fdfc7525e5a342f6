"""Hosts and types of meetings, one at a time: kept from a document; blocked times, the link of a feed.

What changes a part of a host reads it, changes it and puts it back only where nobody else changed it meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from disparo.domain.agenda.host import Block, Host
from disparo.domain.agenda.host_document import MOST_FEED_LINKS, host_document, parse_block, parse_host
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.type_document import parse_type, type_document
from disparo.domain.errors import InputError, NotFoundError, RevisionError
from disparo.domain.intervals import zone_named
from disparo.domain.written_moment import parse_moment
from disparo.ports.agenda import Hosts, MeetingFilter, Meetings, hosts_by_id
from disparo.ports.renderer import Renderer

LOOKED_AHEAD = timedelta(days=7)
"""How much of a calendar is asked for to know whether it can be read."""

MOST_INSIDE = 20
"""Meetings inside of a time that is blocked that are told."""

_TRIES = 5


async def keep_host(
    hosts: Hosts, document: Mapping[str, object], usual_hours: Mapping[str, object], over: int | None = None
) -> tuple[Host, bool]:
    """Keep a host as a document tells it, as `Hosts.put_host`; the host, and whether it is a new one.

    Without `hours` it has those of the settings. What the document does not tell of blocks and of the feed's link
    stays. The same again is no change. InputError with a line for each fault.
    """
    host = parse_host({"hours": usual_hours, **document})
    known = await _known_host(hosts, host.id)
    if known is not None:
        host = told_of(host, document, known)
    if known is not None and over in (None, known.revision) and host_document(known) == host_document(host):
        return known, False
    return await put_host(hosts, host, known, over), known is None


def told_of(host: Host, document: Mapping[str, object], known: Host) -> Host:
    """A host of a document with what the document leaves as it is: blocks, the link of the feed."""
    blocks = host.blocks if "blocks" in document else known.blocks
    return replace(host, blocks=blocks, feed_link=host.feed_link if "feed_link" in document else known.feed_link)


async def put_host(hosts: Hosts, host: Host, known: Host | None, over: int | None = None) -> Host:
    """Keep a host; what was read of another calendar before is forgotten."""
    kept = await hosts.put_host(host, over=over)
    if known is not None and known.calendar != host.calendar:
        await hosts.keep_sync_token(host.id, None)
    return kept


async def keep_type(
    hosts: Hosts, document: Mapping[str, object], renderer: Renderer, over: int | None = None
) -> tuple[MeetingType, bool]:
    """Keep a type as a document tells it, as `Hosts.put_type`; the type, and whether it is a new one.

    The same again is no change. InputError with a line for each fault, also of its texts and of hosts that do not
    exist.
    """
    wanted = parse_type(document)
    faults = [f"hosts: {one} não existe; crie esse anfitrião primeiro" for one in await _strangers(hosts, wanted)]
    faults += text_faults(wanted, renderer)
    if faults:
        raise InputError("\n".join(faults))
    try:
        known = await hosts.type(wanted.id)
    except NotFoundError:
        known = None
    if known is not None and over in (None, known.revision) and type_document(known) == type_document(wanted):
        return known, False
    return await hosts.put_type(wanted, over=over), known is None


def text_faults(meeting_type: MeetingType, renderer: Renderer) -> list[str]:
    """What is wrong in the texts of a type, a line each."""
    faults = []
    for kind, template in meeting_type.messages.items():
        try:
            renderer.compile(template)
        except InputError as error:
            faults.append(f"messages.{kind}: {error}")
    return faults


async def _strangers(hosts: Hosts, wanted: MeetingType) -> list[str]:
    known = await hosts_by_id(hosts)
    return [one for one in wanted.hosts if one not in known]


async def _known_host(hosts: Hosts, host_id: str) -> Host | None:
    try:
        return await hosts.host(host_id)
    except NotFoundError:
        return None


@dataclass(frozen=True, slots=True)
class Blocked:
    """A time that is blocked: whether it was so before (`known`), and meetings that stay agreed inside of it."""

    host: Host
    block: Block
    known: bool
    meetings: Sequence[Meeting]


async def block(hosts: Hosts, meetings: Meetings, host_id: str, start: object, end: object, label: str) -> Blocked:
    """Take a time out of a host's agenda, from dates or instants of the host's zone (see `parse_block`).

    What is agreed in it stands. The same block again is no change. InputError, NotFoundError.
    """
    host = await hosts.host(host_id)
    wanted = parse_block(start, end, host.place.zone, label.strip())
    known = wanted in host.blocks
    host = await _changed(hosts, host, lambda one: _with_block(one, wanted))
    agreed = frozenset({MeetingState.CONFIRMED})
    inside = MeetingFilter(agreed, host_id, from_at=wanted.start_at, to_at=wanted.end_at)
    return Blocked(host, wanted, known, await meetings.page(inside, None, MOST_INSIDE))


def _with_block(host: Host, wanted: Block) -> Host:
    blocks = sorted({*host.blocks, wanted}, key=lambda one: (one.start_at, one.end_at, one.label))
    return replace(host, blocks=tuple(blocks))


async def unblock(hosts: Hosts, host_id: str, start: object) -> tuple[Host, Sequence[Block]]:
    """Give back what is blocked from this date or instant of the host's zone on; InputError when nothing is."""
    host = await hosts.host(host_id)
    start_at = parse_moment(start, host.place.zone)
    gone = [one for one in host.blocks if one.start_at == start_at]
    if not gone:
        clock = zone_named(host.place.zone)
        begins = [f"{one.start_at.astimezone(clock):%d/%m/%Y %H:%M}" for one in host.blocks]
        known = f"os que há começam em: {', '.join(begins)}" if begins else "não tem nenhum"
        raise InputError(f"{host.name} não tem bloqueio que comece em {start}; {known}")

    def without(one: Host) -> Host:
        return replace(one, blocks=tuple(block for block in one.blocks if block.start_at != start_at))

    return await _changed(hosts, host, without), gone


async def renew_feed(hosts: Hosts, host_id: str) -> Host:
    """Give the feed of a host's meetings another link; the earlier ones are worth nothing from now on."""

    def renewed(one: Host) -> Host:
        if one.feed_link >= MOST_FEED_LINKS:
            raise InputError("este link já foi renovado vezes demais")
        return replace(one, feed_link=one.feed_link + 1)

    return await _changed(hosts, await hosts.host(host_id), renewed)


async def _changed(hosts: Hosts, host: Host, change: Callable[[Host], Host]) -> Host:
    for _ in range(_TRIES):
        if (wanted := change(host)) == host:
            return host
        try:
            return await hosts.put_host(wanted, over=host.revision)
        except RevisionError:
            host = await hosts.host(host.id)
    raise RevisionError(f"{host.id} está sendo mudado por outros; tente de novo")
