from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from disparo.adapters.signed_links import SignedLinks, file_key
from disparo.domain.errors import InputError, NotFoundError
from disparo.domain.message import MessageId

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


def test_a_short_key_is_refused() -> None:
    with pytest.raises(InputError):
        SignedLinks("https://casa.com.br", lambda: b"short").unsubscribe_url(MESSAGE)


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
