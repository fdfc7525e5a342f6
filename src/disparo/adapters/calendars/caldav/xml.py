"""WebDAV's XML: requests, and answers from whoever is on the other side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element, SubElement, TreeBuilder, tostring
from xml.parsers import expat

DAV, CALDAV = "DAV:", "urn:ietf:params:xml:ns:caldav"
_DEEPEST = 60
"""Levels of elements; a multistatus has six."""


def dav(name: str) -> str:
    """The full name of an element of WebDAV."""
    return f"{{{DAV}}}{name}"


def cal(name: str) -> str:
    """The full name of an element of CalDAV."""
    return f"{{{CALDAV}}}{name}"


class XmlError(Exception):
    """What was read is no XML that we take."""


def read(body: bytes) -> Element:
    """The document's root; XmlError for what is not well formed, for any DTD (so for any entity of its own), and for
    what is nested too deeply.
    """
    builder, depth = TreeBuilder(), 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise XmlError("too deep")
        builder.start(_clark(name), attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_clark(name))

    def refuse(*_: object) -> None:
        raise XmlError("a DTD")

    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise XmlError(type(error).__name__) from None
    return builder.close()


def _clark(name: str) -> str:
    return "{" + name if "}" in name else name


@dataclass(frozen=True, slots=True)
class Response:
    """What a multistatus says of one resource: its properties that were found, or its own status when it is no 2xx.

    `url` is absolute, `href` what the server called it.
    """

    url: str
    href: str
    status: int = 200
    found: Mapping[str, Element] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The text of a property, "" when it is not there."""
        element = self.found.get(name)
        return "" if element is None or element.text is None else element.text

    @property
    def path(self) -> str:
        """Its path, unquoted and without a slash at its end: what says whether two addresses are one resource."""
        return path_of(self.url)

    @property
    def segment(self) -> str:
        """The last part of its path, unquoted."""
        return self.path.rpartition("/")[2]

    def hrefs(self, name: str) -> list[str]:
        """The addresses that a property holds."""
        element = self.found.get(name)
        found = [] if element is None else element.findall(dav("href"))
        return [urljoin(self.url, href.text.strip()) for href in found if href.text]


@dataclass(frozen=True, slots=True)
class Multistatus:
    """A 207 (RFC 4918, section 13); `sync_token` is that of RFC 6578."""

    responses: tuple[Response, ...]
    sync_token: str = ""


def multistatus(body: bytes, url: str) -> Multistatus:
    """Read the answer of `url`; XmlError when it is no multistatus."""
    root = read(body)
    if root.tag != dav("multistatus"):
        raise XmlError("no multistatus")
    responses = [_response(element, url) for element in root.findall(dav("response"))]
    return Multistatus(tuple(responses), (root.findtext(dav("sync-token")) or "").strip())


def _response(element: Element, url: str) -> Response:
    href = (element.findtext(dav("href")) or "").strip()
    if not href:
        raise XmlError("no href")
    own = element.findtext(dav("status"))
    found = {
        prop.tag: prop
        for propstat in element.findall(dav("propstat"))
        if _status(propstat.findtext(dav("status"))) == 200
        for props in propstat.findall(dav("prop"))
        for prop in props
    }
    return Response(urljoin(url, href), href, 200 if own is None else _status(own), found)


def _status(line: str | None) -> int:
    """The code of `HTTP/1.1 200 OK`; 0 when it is none."""
    words = (line or "").split()
    return int(words[1]) if len(words) > 1 and words[1].isascii() and words[1].isdecimal() else 0


def path_of(url: str) -> str:
    """The path of an address, unquoted, without a slash at its end."""
    return unquote(urlsplit(url).path).rstrip("/")


def propfind(*names: str) -> bytes:
    """A request for these properties."""
    root = Element(dav("propfind"))
    _props(root, names)
    return _bytes(root)


def calendar_query(start: str, end: str) -> bytes:
    """A request for every event that has an occurrence between two instants (`20261123T000000Z`), as it is stored.

    RFC 4791, section 7.8; no expansion by the server is asked for, as few do it right.
    """
    root = Element(cal("calendar-query"))
    _props(root, (dav("getetag"), cal("calendar-data")))
    within = SubElement(SubElement(root, cal("filter")), cal("comp-filter"), {"name": "VCALENDAR"})
    SubElement(
        SubElement(within, cal("comp-filter"), {"name": "VEVENT"}), cal("time-range"), {"start": start, "end": end}
    )
    return _bytes(root)


def sync_collection(token: str) -> bytes:
    """A request for what changed since a token (RFC 6578, section 3.2)."""
    root = Element(dav("sync-collection"))
    SubElement(root, dav("sync-token")).text = token
    SubElement(root, dav("sync-level")).text = "1"
    _props(root, (dav("getetag"),))
    return _bytes(root)


def calendar_multiget(hrefs: Iterable[str]) -> bytes:
    """A request for these resources (RFC 4791, section 7.9)."""
    root = Element(cal("calendar-multiget"))
    _props(root, (dav("getetag"), cal("calendar-data")))
    for href in hrefs:
        SubElement(root, dav("href")).text = href
    return _bytes(root)


def _bytes(root: Element) -> bytes:
    whole: bytes = tostring(root, "utf-8", xml_declaration=True)
    return whole


def _props(root: Element, names: tuple[str, ...]) -> None:
    prop = SubElement(root, dav("prop"))
    for name in names:
        SubElement(prop, name)
