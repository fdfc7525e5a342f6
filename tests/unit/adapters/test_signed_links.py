from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from disparo.adapters.signed_links import SignedLinks, file_key
from disparo.domain.errors import InputError, NotFoundError
from disparo.domain.message import MessageId
from disparo.ports.links import AgendaLink, LinkExpiredError, LinkPurpose

KEY = b"0123456789abcdef0123456789abcdef"
MESSAGE = MessageId("3", 1, "57")
LINKS = SignedLinks("https://casa.com.br/", lambda: KEY)


def token(links: SignedLinks = LINKS) -> str:
    return (links.unsubscribe_url(MESSAGE) or "").rpartition("/")[2]


def test_a_link_leads_to_its_message_and_is_always_the_same() -> None:
    url = LINKS.unsubscribe_url(MESSAGE)
    assert url == LINKS.unsubscribe_url(MESSAGE)
    assert url is not None
    assert url.startswith("https://casa.com.br/u/3.1.57.")
    assert LINKS.message_of(token()) == MESSAGE


def test_a_link_of_years_ago_still_holds() -> None:
    """Made with this key on 22 November 2026: it must be read for ever."""
    assert LINKS.message_of("3.1.57.pGOzF8SnUlF3odw84OjoXXNHE7ex7noZ9xoihRfkRco") == MESSAGE


def test_the_longest_ids_of_a_store_make_a_link_of_one_line() -> None:
    long = MessageId("9" * 19, 10**17, "9" * 19)
    url = LINKS.unsubscribe_url(long) or ""
    assert len(url) < 200
    assert LINKS.message_of(url.rpartition("/")[2]) == long


def test_without_a_public_address_there_is_no_link() -> None:
    assert SignedLinks(None, lambda: KEY).unsubscribe_url(MESSAGE) is None
    assert SignedLinks(None, lambda: KEY).message_of(token()) == MESSAGE


@pytest.mark.parametrize(
    "forged",
    [
        "",
        ".",
        "3.1.57",
        "3.1.57.",
        "3.1.57.AAAA",
        token().replace("3.1.57", "3.1.58"),
        token()[:-2],
        token() + "x" * 1000,
        token(SignedLinks("https://casa.com.br", lambda: KEY[::-1])),
        "ç" * 50,
        "\ud800",
    ],
)
def test_what_we_did_not_sign_is_no_link(forged: str) -> None:
    with pytest.raises(NotFoundError):
        LINKS.message_of(forged)


NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
UNTIL = NOW + timedelta(days=2)
GUEST = AgendaLink(LinkPurpose.GUEST, "12")


def agenda_token(link: AgendaLink = GUEST, until: datetime | None = UNTIL, links: SignedLinks = LINKS) -> str:
    return (links.agenda_url(link, until) or "").rpartition("/")[2]


@pytest.mark.parametrize(
    "link", [GUEST, AgendaLink(LinkPurpose.HOST, "12"), AgendaLink(LinkPurpose.FEED, "ana.silva-2_x:9f~")]
)
def test_a_link_to_the_agenda_leads_to_what_it_names(link: AgendaLink) -> None:
    url = LINKS.agenda_url(link, UNTIL)
    assert url is not None
    assert url.startswith(f"https://casa.com.br/book/{link.purpose}.")
    assert url == LINKS.agenda_url(link, UNTIL)
    assert LINKS.agenda_link(agenda_token(link), NOW) == link


def test_it_holds_until_its_time_and_no_longer() -> None:
    assert LINKS.agenda_link(agenda_token(), UNTIL - timedelta(milliseconds=1)) == GUEST
    with pytest.raises(LinkExpiredError):
        LINKS.agenda_link(agenda_token(), UNTIL)


def test_one_without_an_end_holds_for_ever() -> None:
    assert LINKS.agenda_link(agenda_token(until=None), datetime(9999, 1, 1, tzinfo=UTC)) == GUEST
    assert LINKS.agenda_link("g.0.12.Sl3UgCdy05WGVutzebXjqA", NOW) == GUEST, "made with this key on 22 November 2026"


def test_a_time_long_ago_is_over_and_not_for_ever() -> None:
    for until in (datetime(1970, 1, 1, tzinfo=UTC), datetime(1950, 1, 1, tzinfo=UTC)):
        with pytest.raises(LinkExpiredError):
            LINKS.agenda_link(agenda_token(until=until), NOW)


def test_it_is_short_enough_for_an_sms() -> None:
    assert len(agenda_token()) == 36
    assert len(agenda_token(AgendaLink(LinkPurpose.GUEST, "9" * 19), datetime(9999, 12, 31, tzinfo=UTC))) < 60


def test_links_of_one_kind_are_none_of_another() -> None:
    with pytest.raises(NotFoundError):
        LINKS.agenda_link(token(), NOW)
    with pytest.raises(NotFoundError):
        LINKS.message_of(agenda_token())
    as_message = MessageId("g", 1, "57")
    signed = (LINKS.unsubscribe_url(as_message) or "").rpartition("/")[2]
    with pytest.raises(NotFoundError):
        LINKS.agenda_link(signed, NOW)


def test_who_has_a_link_that_is_over_cannot_tell_it_from_another() -> None:
    """A forged one is told to be none of ours, whatever time is written in it."""
    expired = agenda_token(until=NOW - timedelta(days=1))
    with pytest.raises(NotFoundError) as refused:
        LINKS.agenda_link(expired[:-1] + ("A" if expired[-1] != "A" else "Q"), NOW)
    assert not isinstance(refused.value, LinkExpiredError)


@pytest.mark.parametrize("name", ["", "a/b", "ana souza", "joão", "x" * 201, "a\nb", "12\n"])
def test_a_name_that_has_no_place_in_a_link_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no link"):
        LINKS.agenda_url(AgendaLink(LinkPurpose.FEED, name), None)


def test_a_type_has_a_page_of_its_own() -> None:
    assert LINKS.type_url("demonstracao") == "https://casa.com.br/agendar/demonstracao"
    assert LINKS.type_url("a/b?c") == "https://casa.com.br/agendar/a%2Fb%3Fc"


def test_without_a_public_address_the_agenda_has_no_links_but_reads_them() -> None:
    nowhere = SignedLinks(None, lambda: KEY)
    assert nowhere.agenda_url(GUEST, None) is None
    assert nowhere.type_url("demonstracao") is None
    assert nowhere.agenda_link(agenda_token(), NOW) == GUEST


def test_a_short_key_is_refused() -> None:
    with pytest.raises(InputError):
        SignedLinks("https://casa.com.br", lambda: b"short").unsubscribe_url(MESSAGE)
    with pytest.raises(InputError):
        SignedLinks("https://casa.com.br", lambda: b"short").agenda_url(GUEST, None)


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "link-key"
    ask = file_key(path)
    assert not path.exists()
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: ask(), range(50)))
    assert len(keys) == 1
    assert len(keys.pop()) == 64
    assert [one.name for one in tmp_path.iterdir()] == ["link-key"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert file_key(path)() == ask()
