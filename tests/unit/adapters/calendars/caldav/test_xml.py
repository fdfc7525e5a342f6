from __future__ import annotations

import pytest

from disparo.adapters.calendars.caldav.xml import XmlError, dav, multistatus, read

URL = "https://dav.example.com/dav/"
GOOD = b"""<?xml version="1.0"?><d:multistatus xmlns:d="DAV:"><d:response><d:href>/dav/a%20b/</d:href>
<d:propstat><d:prop><d:displayname>Trabalho</d:displayname></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>
<d:propstat><d:prop><d:getetag/></d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat></d:response>
<d:response><d:href>b</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response>
<d:sync-token>t</d:sync-token></d:multistatus>"""


def test_a_multistatus_says_what_was_found_and_what_was_not() -> None:
    found = multistatus(GOOD, URL)
    first, second = found.responses
    assert (first.url, first.path, first.segment) == ("https://dav.example.com/dav/a%20b/", "/dav/a b", "a b")
    assert (first.text(dav("displayname")), dav("getetag") in first.found) == ("Trabalho", False)
    assert (second.url, second.status, found.sync_token) == ("https://dav.example.com/dav/b", 404, "t")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"<a/>",
        b'<!DOCTYPE a SYSTEM "http://example.com/a.dtd"><a/>',
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        b"\xff\xfe\x00",
        b"<a>" * 100,
        b'<multistatus xmlns="DAV:"><response/></multistatus>',
    ],
)
def test_what_is_no_multistatus_is_refused(body: bytes) -> None:
    with pytest.raises(XmlError):
        multistatus(body, URL)


def test_depth_is_bounded() -> None:
    assert read(b"<a>" * 50 + b"</a>" * 50).tag == "a"
    with pytest.raises(XmlError, match="deep"):
        read(b"<a>" * 70 + b"</a>" * 70)
